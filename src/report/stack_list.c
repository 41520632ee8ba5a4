#include "report/stack_list.h"

#include "base/sort.h"
#include "profile/base_mark.h"
#include "report/labels.h"

#include <stdlib.h>

/* ---- the places of a stack, from the root ---- */

struct cursor {
    const struct graph *g;
    uint32_t base;        /* where the stack's frames begin */
    uint32_t left;        /* frames above the current location */
    uint32_t next, first; /* places of the current location that are left: [first, next) */
};

static struct cursor start(const struct graph *g, uint32_t stack) {
    struct pp_stack s = g->p->stacks[stack];
    return (struct cursor){.g = g, .base = s.first, .left = s.len};
}

/* PP_NONE at the end. A location has at least one place. */
static uint32_t next_place(struct cursor *c) {
    if (c->next == c->first) {
        if (!c->left) return PP_NONE;
        uint32_t location = pp_frame(c->g->p, c->base + --c->left);
        c->first = c->g->first_node[location];
        c->next = c->g->first_node[location + 1];
    }
    return c->g->location_nodes[--c->next];
}

static int compare_stacks(const void *a, const void *b, void *user) {
    const struct stack_list *l = user;
    struct cursor x = start(&l->g, *(const uint32_t *)a), y = start(&l->g, *(const uint32_t *)b);
    for (;;) {
        uint32_t p = next_place(&x), q = next_place(&y);
        if (p == q && p == PP_NONE) return 0;
        if (p == PP_NONE) return -1;
        if (q == PP_NONE) return 1;
        if (p != q) return l->rank[p] < l->rank[q] ? -1 : 1;
    }
}

/* ---- the list ---- */

static int compare_names(const void *a, const void *b, void *user) {
    struct graph *g = user;
    return pp_str_cmp(graph_printable_name(g, *(const uint32_t *)a),
                      graph_printable_name(g, *(const uint32_t *)b));
}

static void rank_places(struct stack_list *l, struct pp_arena *arena) {
    uint32_t *places = PP_NEW(arena, uint32_t, l->g.n_nodes);
    l->rank = PP_NEW(arena, uint32_t, l->g.n_nodes);
    for (uint32_t i = 0; i < l->g.n_nodes; i++)
        places[i] = i;
    sort_stable(places, l->g.n_nodes, sizeof *places, compare_names, &l->g);
    for (uint32_t i = 0; i < l->g.n_nodes; i++)
        l->rank[places[i]] = i;
}

static void add_values(struct stack_list *l, const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    struct pp_arena scratch = {0};
    bool *is_base = PP_NEW(&scratch, bool, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++) {
        is_base[i] = base_mark_in(p, i);
        l->has_base |= is_base[i];
    }
    l->values = PP_NEW(rc->arena, struct stack_value, p->n_stacks);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        struct stack_value *v = &l->values[p->sample_stack[i]];
        int64_t value = pp_value(p, i, rc->type);
        if (is_base[p->sample_labels[i]])
            v->base = num_add(v->base, num_neg(value));
        else
            v->value = num_add(v->value, value);
    }
    l->order = PP_NEW(rc->arena, uint32_t, p->n_stacks);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        if (l->values[i].value || l->values[i].base) l->order[l->n++] = i;
    pp_arena_done(&scratch);
}

bool stack_list_open(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err) {
    if (rc->mean)
        return pp_fail(err, PP_E_USAGE,
                       "-%s adds values up, which means don't allow; without -mean",
                       rc->format->name);
    *l = (struct stack_list){0};
    graph_init(&l->g, rc->profile, &rc->graph, rc->arena);
    add_values(l, rc);
    rank_places(l, rc->arena);
    sort_stable(l->order, l->n, sizeof *l->order, compare_stacks, l);
    return true;
}

void stack_list_close(struct stack_list *l) {
    graph_done(&l->g);
}

/* ---- walking ---- */

static void take_path(const struct stack_list *l, struct stack_walk *w) {
    struct cursor c = start(&l->g, l->order[w->at]);
    uint32_t before = w->len, n = 0, place;
    w->shared = 0;
    while ((place = next_place(&c)) != PP_NONE) {
        if (n == w->cap) {
            w->cap = w->cap ? w->cap * 2 : 64;
            w->path = pp_realloc(w->path, w->cap * sizeof *w->path);
        }
        w->shared += w->shared == n && n < before && w->path[n] == place;
        w->path[n++] = place;
    }
    w->len = n;
}

bool stack_next(const struct stack_list *l, struct stack_walk *w) {
    if (w->at == l->n) {
        stack_walk_done(w);
        return false;
    }
    take_path(l, w);
    w->sum = l->values[l->order[w->at]];
    while (++w->at < l->n &&
           compare_stacks(&l->order[w->at - 1], &l->order[w->at], (void *)(uintptr_t)l) == 0) {
        const struct stack_value *v = &l->values[l->order[w->at]];
        w->sum.value = num_add(w->sum.value, v->value);
        w->sum.base = num_add(w->sum.base, v->base);
    }
    return true;
}

void stack_walk_done(struct stack_walk *w) {
    pp_free(w->path);
    *w = (struct stack_walk){0};
}
