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
    bool may_cancel; /* stacks may weigh less together than one of them does; always with a base */
    struct stack_value *values; /* by the profile's stacks */
    uint32_t *rank;             /* by place */
    uint32_t *order, n;         /* the profile's stacks that have samples */
    bool *is_alike;             /* by place in the order: to the one before */
};

/* Fails where a mean is asked for: means can't be added up. stack_list_close frees. */
bool stack_list_open(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err);
void stack_list_close(struct stack_list *l);

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
