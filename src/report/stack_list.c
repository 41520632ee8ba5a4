#include "report/stack_list.h"

#include "base/sort.h"
#include "profile/base_mark.h"
#include "report/labels.h"

#include <stdlib.h>

static int compare_stacks(const void *a, const void *b, void *user) {
    const struct stack_list *l = user;
    struct stack_cursor x = stack_start(&l->g, *(const uint32_t *)a);
    struct stack_cursor y = stack_start(&l->g, *(const uint32_t *)b);
    for (;;) {
        uint32_t p = stack_place(&l->g, &x), q = stack_place(&l->g, &y);
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

uint32_t *stack_list_rank(struct stack_list *l, uint32_t *places, uint32_t n,
                          struct pp_arena *arena) {
    uint32_t *rank = PP_NEW(arena, uint32_t, l->g.n_nodes);
    sort_stable(places, n, sizeof *places, compare_names, &l->g);
    for (uint32_t i = 0; i < n; i++)
        rank[places[i]] = i;
    return rank;
}

static void rank_places(struct stack_list *l, struct pp_arena *arena) {
    uint32_t *places = PP_NEW(arena, uint32_t, l->g.n_nodes);
    for (uint32_t i = 0; i < l->g.n_nodes; i++)
        places[i] = i;
    l->rank = stack_list_rank(l, places, l->g.n_nodes, arena);
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

bool stack_list_gather(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err) {
    if (rc->mean)
        return pp_fail(err, PP_E_USAGE,
                       "-%s adds values up, which means don't allow; without -mean",
                       rc->format->name);
    *l = (struct stack_list){0};
    graph_init(&l->g, rc->profile, &rc->graph, rc->arena);
    add_values(l, rc);
    return true;
}

bool stack_list_open(struct stack_list *l, const struct report_ctx *rc, struct pp_error *err) {
    if (!stack_list_gather(l, rc, err)) return false;
    rank_places(l, rc->arena);
    sort_stable(l->order, l->n, sizeof *l->order, compare_stacks, l);
    return true;
}

void stack_list_close(struct stack_list *l) {
    graph_done(&l->g);
}

/* ---- walking ---- */

static void take_path(const struct stack_list *l, struct stack_walk *w) {
    struct stack_cursor c = stack_start(&l->g, l->order[w->at]);
    uint32_t before = w->len, n = 0, place;
    w->shared = 0;
    while ((place = stack_place(&l->g, &c)) != PP_NONE) {
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
