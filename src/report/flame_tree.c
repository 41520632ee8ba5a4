#include "report/flame_tree.h"

#include "base/sort.h"
#include "report/flame_grow.h"

#include <stdlib.h>

/* ---- the order ---- */

/* The larger side of a node. */
static uint64_t weight_of(const struct flame_tree *t, uint32_t node) {
    uint64_t w = (uint64_t)num_abs(t->value[node].total);
    uint64_t base = t->base ? (uint64_t)num_abs(t->base[node].total) : 0;
    return w > base ? w : base;
}

struct sorting {
    const struct flame_tree *t;
    const uint32_t *rank; /* by place */
};

static int by_weight(const void *a, const void *b, void *user) {
    const struct sorting *s = user;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    uint64_t x = weight_of(s->t, i), y = weight_of(s->t, j);
    if (x != y) return x < y ? 1 : -1;
    uint32_t p = s->rank[s->t->place[i]], q = s->rank[s->t->place[j]];
    return (p > q) - (p < q);
}

/* Of the places that nodes have. */
static uint32_t *rank_places(struct flame_tree *t, struct pp_arena *scratch) {
    bool *has = PP_NEW(scratch, bool, t->list.g.n_nodes);
    uint32_t *places = PP_NEW(scratch, uint32_t, t->list.g.n_nodes), n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        has[t->place[i]] = true;
    for (uint32_t place = 0; place < t->list.g.n_nodes; place++)
        if (has[place]) places[n++] = place;
    return stack_list_rank(&t->list, places, n, scratch);
}

static void order_children(struct flame_tree *t, struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct sorting sorting = {t, rank_places(t, &scratch)};
    uint32_t *first = t->first_child = PP_NEW(arena, uint32_t, (size_t)t->n + 3);
    t->children = PP_NEW(arena, uint32_t, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        first[t->caller[i] == PP_NONE ? 2 : t->caller[i] + 3]++;
    for (uint32_t i = 2; i < t->n + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < t->n; i++)
        t->children[first[t->caller[i] == PP_NONE ? 1 : t->caller[i] + 2]++] = i;
    for (uint32_t i = 0; i <= t->n; i++)
        if (first[i + 1] - first[i] > 1)
            sort_stable(t->children + first[i], first[i + 1] - first[i], sizeof *t->children,
                        by_weight, &sorting);
    pp_arena_done(&scratch);
}

static bool is_there(const struct stack_list *l, struct flame_spot spot) {
    if (spot.stack >= l->g.p->n_stacks) return false;
    const struct stack_value *v = &l->values[spot.stack];
    struct stack_cursor c = stack_start(&l->g, spot.stack);
    uint32_t level = 0;
    while (level < spot.level && stack_place(&l->g, &c) != PP_NONE)
        level++;
    return level == spot.level && (v->value || v->base);
}

bool flame_open(struct flame_tree *t, const struct report_ctx *rc, struct flame_cut cut,
                struct pp_error *err) {
    *t = (struct flame_tree){0};
    if (!stack_list_gather(&t->list, rc, err)) return false;
    if (t->list.has_base) {
        t->base = PP_NEW(rc->arena, struct flame_value, 1); /* there, even without nodes */
        t->node_of_stack = PP_NEW(rc->arena, uint32_t, rc->profile->n_stacks);
        for (uint32_t i = 0; i < rc->profile->n_stacks; i++)
            t->node_of_stack[i] = PP_NONE;
    }
    if (!is_there(&t->list, cut.under)) cut.under = (struct flame_spot){PP_NONE, 0};
    if (!flame_grow(t, rc, &cut, err)) {
        stack_list_close(&t->list);
        return false;
    }
    order_children(t, rc->arena);
    return true;
}

void flame_close(struct flame_tree *t) {
    stack_list_close(&t->list);
}

uint64_t flame_lightest(const struct flame_tree *t) {
    uint64_t lightest = t->n ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (weight_of(t, i) < lightest) lightest = weight_of(t, i);
    return lightest;
}

uint32_t flame_callees(const struct flame_tree *t, uint32_t node, uint32_t *ret_last) {
    uint32_t key = node == PP_NONE ? 0 : node + 1;
    uint32_t first = t->first_child[key], end = t->first_child[key + 1];
    *ret_last = end > first ? t->children[end - 1] : PP_NONE;
    return end - first;
}

/* ---- walking ---- */

struct flame_frame {
    uint32_t node, next, end; /* the callees that are still to come, in children */
};

static void push(const struct flame_tree *t, struct flame_walk *w, uint32_t node) {
    if (w->depth == w->cap) {
        w->cap = w->cap ? w->cap * 2 : 64;
        w->stack = pp_realloc(w->stack, w->cap * sizeof *w->stack);
    }
    uint32_t key = node == PP_NONE ? 0 : node + 1;
    w->stack[w->depth++] = (struct flame_frame){node, t->first_child[key], t->first_child[key + 1]};
}

bool flame_next(const struct flame_tree *t, struct flame_walk *w) {
    if (!w->depth) push(t, w, PP_NONE);
    while (w->depth) {
        struct flame_frame *f = &w->stack[w->depth - 1];
        if (f->next < f->end) {
            w->node = t->children[f->next++];
            w->level = (uint32_t)w->depth - 1;
            push(t, w, w->node);
            return true;
        }
        w->depth--;
    }
    flame_walk_done(w);
    return false;
}

uint32_t flame_at(const struct flame_walk *w, uint32_t level) {
    return w->stack[level + 1].node;
}

void flame_walk_done(struct flame_walk *w) {
    pp_free(w->stack);
    *w = (struct flame_walk){0};
}
