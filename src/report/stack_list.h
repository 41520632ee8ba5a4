/* The distinct stacks of a report, root first, in the order of their names: what is alike stands
 * together. Memory grows with the number of stacks, not with their frames. In a comparison with
 * -diff_base a stack has the values of both sides. */
#ifndef REPORT_STACK_LIST_H
#define REPORT_STACK_LIST_H

#include "report/report.h"

struct stack_value {
    int64_t value; /* in a comparison: of what is compared with the base */
    int64_t base;  /* as a positive number */
};

struct stack_list {
    struct graph g; /* its nodes are the places that frames lead to */
    bool has_base;
    struct stack_value *values; /* by the profile's stacks */
    uint32_t *rank;             /* by place */
    uint32_t *order, n;         /* the profile's stacks that have samples */
    bool *is_alike;             /* by place in the order: to the one before */
};

/* Fails where a mean is asked for: means can't be added up. stack_list_close frees. */
bool stack_list_open(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err);
void stack_list_close(struct stack_list *l);

/* Frees values and order before the rest: for who has taken over what they say. */
void stack_list_forget_values(struct stack_list *l);

/* The same with the stacks as the profile has them, without ranks: for who puts them in order. */
bool stack_list_gather(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err);

/* By place: which comes first of `n` of them, by their names; the others have no rank. The places
 * are put in that order. */
uint32_t *stack_list_rank(struct stack_list *l, uint32_t *places, uint32_t n,
                          struct pp_arena *arena);

/* The places of a stack, from the root. */
struct stack_cursor {
    uint32_t base; /* where the stack's frames begin */
    uint32_t left; /* frames above the current location */
    uint32_t more; /* places of the current location that are left */
};

static inline struct stack_cursor stack_start(const struct graph *g, uint32_t stack) {
    struct pp_stack s = g->p->stacks[stack];
    return (struct stack_cursor){.base = s.first, .left = s.len};
}

/* Begins to fetch what stack_place will look at: where stacks are far apart, some ahead. */
static inline void stack_fetch(const struct graph *g, const struct stack_cursor *c) {
    size_t at = (size_t)c->base + c->left - (c->left > 0);
    __builtin_prefetch(pp_frame_address(&g->p->frames, at));
}

/* PP_NONE at the end. A location has at least one place. */
static inline uint32_t stack_place(const struct graph *g, struct stack_cursor *c) {
    if (!c->more && !c->left) return PP_NONE;
    uint32_t location = pp_frame(g->p, c->base + (c->more ? c->left : --c->left));
    struct graph_nodes nodes = graph_nodes_of(g, location);
    if (!c->more) c->more = nodes.n;
    return nodes.at[--c->more];
}

/* ---- the same from the leaf: `base` is where the stack's frames end ---- */

static inline struct stack_cursor stack_start_at_leaf(const struct graph *g, uint32_t stack) {
    struct pp_stack s = g->p->stacks[stack];
    return (struct stack_cursor){.base = s.first + s.len, .left = s.len};
}

static inline void stack_fetch_from_leaf(const struct graph *g, const struct stack_cursor *c) {
    size_t at = (size_t)c->base - c->left - (c->left == 0 && c->base > 0);
    __builtin_prefetch(pp_frame_address(&g->p->frames, at));
}

static inline uint32_t stack_place_from_leaf(const struct graph *g, struct stack_cursor *c) {
    if (!c->more && !c->left) return PP_NONE;
    uint32_t location = pp_frame(g->p, c->base - (c->more ? c->left + 1 : c->left--));
    struct graph_nodes nodes = graph_nodes_of(g, location);
    if (!c->more) c->more = nodes.n;
    return nodes.at[nodes.n - c->more--];
}

/* Steps through the stacks; equal ones are one. Start with {0}; false at the end, after which the
 * walk starts anew. */
struct stack_walk {
    uint32_t *path;  /* places, root first; valid until the next step */
    uint32_t len;    /* 0: a sample without frames */
    uint32_t shared; /* how many it shares with the stack before */
    struct stack_value sum;
    uint32_t at;
    size_t cap;
};
bool stack_next(const struct stack_list *l, struct stack_walk *w);

/* Ends a walk before its end. */
void stack_walk_done(struct stack_walk *w);

#endif
