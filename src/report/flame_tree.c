#include "report/flame_tree.h"

#include "base/sort.h"

#include <stdlib.h>

/* ---- nodes: stacks come sorted, so each begins with what it shares with the one before ---- */

static uint32_t count_nodes(const struct stack_list *l) {
    struct stack_walk w = {0};
    uint64_t n = 0;
    while (stack_next(l, &w))
        n += w.len - w.shared;
    return n < PP_NONE ? (uint32_t)n : PP_NONE;
}

static int64_t of_sign(int64_t v, int sign) {
    if (sign < 0) return v < 0 ? num_neg(v) : 0;
    return sign > 0 && v < 0 ? 0 : v;
}

/* Stacks from `first` on up to where the walk is are alike. */
static void note_stacks(struct flame_tree *t, const struct stack_walk *w, uint32_t first,
                        uint32_t node) {
    for (uint32_t i = first; i < w->at; i++)
        t->node_of_stack[t->list.order[i]] = node;
}

struct maker {
    struct flame_tree *t;
    struct pp_arena *arena, scratch;
    size_t cap_place, cap_caller, cap_value;
    uint32_t *path; /* the nodes of the stack */
    size_t cap_path;
    uint64_t n; /* with those that were left out */
};

static void reserve(struct maker *m, uint32_t more) {
    struct flame_tree *t = m->t;
    PP_RESERVE(m->arena, t->place, t->n, m->cap_place, more);
    PP_RESERVE(m->arena, t->caller, t->n, m->cap_caller, more);
    PP_RESERVE(m->arena, t->value, t->n, m->cap_value, more);
}

/* Of the path, the nodes from `shared` on are complete. A light one goes with all below it, which
 * are those that stand after it: its callees have been judged, and none is heavier. */
static void leave(struct maker *m, uint32_t shared, uint32_t len) {
    struct flame_tree *t = m->t;
    for (uint32_t i = len; t->prunes && i-- > shared;) {
        struct flame_value *v = &t->value[m->path[i]];
        struct flame_value *above = i ? &t->value[m->path[i - 1]] : &t->sum;
        v->total = num_add(v->total, v->self);
        above->total = num_add(above->total, v->total);
        if ((uint64_t)v->total < t->cutoff) t->n = m->path[i];
    }
}

static void enter(struct maker *m, const struct stack_walk *w) {
    struct flame_tree *t = m->t;
    reserve(m, w->len - w->shared);
    PP_RESERVE(&m->scratch, m->path, w->shared, m->cap_path, w->len - w->shared);
    m->n += w->len - w->shared;
    for (uint32_t i = w->shared; i < w->len; i++) {
        t->place[t->n] = w->path[i];
        t->caller[t->n] = i ? m->path[i - 1] : PP_NONE;
        t->value[t->n] = (struct flame_value){0};
        m->path[i] = t->n++;
    }
}

static void add_nodes(struct maker *m, int sign) {
    struct flame_tree *t = m->t;
    struct stack_walk w = {0};
    uint32_t first = 0, len = 0;
    while (stack_next(&t->list, &w)) {
        leave(m, w.shared, len);
        enter(m, &w);
        len = w.len;
        struct flame_value *v = len ? &t->value[m->path[len - 1]] : &t->sum;
        v->self = num_add(v->self, of_sign(w.sum.value, sign));
        if (!t->base) continue;
        v = len ? &t->base[m->path[len - 1]] : &t->base_sum;
        v->self = num_add(v->self, w.sum.base);
        note_stacks(t, &w, first, len ? m->path[len - 1] : PP_NONE);
        first = w.at;
    }
    leave(m, 0, len);
    pp_arena_done(&m->scratch);
}

static void sum_up(const struct flame_tree *t, struct flame_value *v, struct flame_value *sum) {
    for (uint32_t i = t->n; i-- > 0;) {
        v[i].total = num_add(v[i].total, v[i].self);
        int64_t *above = t->caller[i] == PP_NONE ? &sum->total : &v[t->caller[i]].total;
        *above = num_add(*above, v[i].total);
    }
    sum->total = num_add(sum->total, sum->self);
}

/* ---- what is shown, and its order ---- */

/* The larger side of a node. */
static uint64_t weight_of(const struct flame_tree *t, uint32_t node) {
    uint64_t w = (uint64_t)num_abs(t->value[node].total);
    uint64_t base = t->base ? (uint64_t)num_abs(t->base[node].total) : 0;
    return w > base ? w : base;
}

static int by_weight(const void *a, const void *b, void *user) {
    uint64_t x = weight_of(user, *(const uint32_t *)a), y = weight_of(user, *(const uint32_t *)b);
    return (x < y) - (x > y);
}

/* By node: whether it is one of the heaviest, of equal ones of the first, which are the callers. */
static bool *heaviest(const struct flame_tree *t, uint32_t most, struct pp_arena *arena) {
    bool *is = PP_NEW(arena, bool, t->n);
    uint32_t *order = PP_NEW(arena, uint32_t, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        order[i] = i;
    if (most && most < t->n)
        sort_stable(order, t->n, sizeof *order, by_weight, (void *)(uintptr_t)t);
    for (uint32_t i = 0; i < t->n && (!most || i < most); i++)
        is[order[i]] = true;
    return is;
}

/* By node: whether it is shown, as far as `under` says: what calls it, and what it calls. */
static bool *nodes_under(const struct flame_tree *t, uint32_t under, struct pp_arena *arena) {
    bool *is = PP_NEW(arena, bool, t->n);
    for (uint32_t i = 0; i < t->n; i++)
        is[i] = !under || i + 1 == under || (t->caller[i] != PP_NONE && is[t->caller[i]]);
    for (uint32_t i = under ? under - 1 : PP_NONE; i != PP_NONE; i = t->caller[i])
        is[i] = true;
    return is;
}

static void order_children(struct flame_tree *t, const struct flame_cut *cut,
                           struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    uint32_t under = cut->under, *level = PP_NEW(&scratch, uint32_t, t->n);
    bool *shown = nodes_under(t, under, &scratch), *among = heaviest(t, cut->most, &scratch);
    uint64_t cutoff = t->cutoff;
    uint32_t *first = t->first_child = PP_NEW(arena, uint32_t, (size_t)t->n + 3), n = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t caller = t->caller[i];
        level[i] = caller == PP_NONE ? 1 : level[caller] + 1;
        bool near = !cut->levels || level[i] <= cut->levels;
        bool heavy = (weight_of(t, i) >= cutoff && among[i]) || i + 1 < under;
        shown[i] = shown[i] && near && heavy && (caller == PP_NONE || shown[caller]);
        if (shown[i]) first[caller == PP_NONE ? 2 : caller + 3]++;
        n += shown[i];
    }
    t->n_dropped += t->n - n;
    t->children = PP_NEW(arena, uint32_t, n);
    for (uint32_t i = 2; i < t->n + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < t->n; i++)
        if (shown[i]) t->children[first[t->caller[i] == PP_NONE ? 1 : t->caller[i] + 2]++] = i;
    for (uint32_t i = 0; i <= t->n; i++)
        if (first[i + 1] - first[i] > 1)
            sort_stable(t->children + first[i], first[i + 1] - first[i], sizeof *t->children,
                        by_weight, t);
    pp_arena_done(&scratch);
}

static void choose_cutoff(struct flame_tree *t, const struct flame_cut *cut) {
    uint64_t whole = cut->under ? weight_of(t, cut->under - 1) : t->whole;
    t->cutoff = (uint64_t)num_from_double((double)whole * cut->fraction);
}

/* The larger side, and what the report says is all. */
static void weigh_whole(struct flame_tree *t, const struct report_ctx *rc, int sign) {
    int64_t now = 0, base = 0;
    for (uint32_t i = 0; i < t->list.n; i++) {
        const struct stack_value *v = &t->list.values[t->list.order[i]];
        now = num_add(now, of_sign(v->value, sign));
        base = num_add(base, v->base);
    }
    t->whole = (uint64_t)num_abs(now);
    if ((uint64_t)num_abs(base) > t->whole) t->whole = (uint64_t)num_abs(base);
    if (rc->total > 0 && (uint64_t)rc->total > t->whole) t->whole = (uint64_t)rc->total;
}

static void open_base(struct flame_tree *t, const struct report_ctx *rc, uint32_t n) {
    t->base = PP_NEW(rc->arena, struct flame_value, n);
    t->node_of_stack = PP_NEW(rc->arena, uint32_t, rc->profile->n_stacks);
    for (uint32_t i = 0; i < rc->profile->n_stacks; i++)
        t->node_of_stack[i] = PP_NONE;
}

static bool make_nodes(struct flame_tree *t, const struct report_ctx *rc, int sign,
                       struct pp_error *err) {
    struct maker m = {.t = t, .arena = rc->arena};
    uint32_t n = t->prunes ? 0 : count_nodes(&t->list);
    if (n < PP_NONE - 3) {
        reserve(&m, n);
        if (t->list.has_base) open_base(t, rc, n);
        add_nodes(&m, sign);
    }
    if (n >= PP_NONE - 3 || m.n >= PP_NONE - 3)
        return pp_fail(err, PP_E_LIMIT, "the call tree has more than 2^32 nodes");
    t->n_dropped = (uint32_t)m.n - t->n;
    if (t->prunes)
        t->sum.total = num_add(t->sum.total, t->sum.self);
    else
        sum_up(t, t->value, &t->sum);
    if (t->base) sum_up(t, t->base, &t->base_sum);
    return true;
}

bool flame_open(struct flame_tree *t, const struct report_ctx *rc, struct flame_cut cut,
                struct pp_error *err) {
    *t = (struct flame_tree){0};
    if (!stack_list_open(&t->list, rc, err)) return false;
    weigh_whole(t, rc, cut.sign);
    t->prunes = !cut.under && !t->list.may_cancel && cut.fraction > 0;
    if (t->prunes) choose_cutoff(t, &cut);
    if (!make_nodes(t, rc, cut.sign, err)) {
        stack_list_close(&t->list);
        return false;
    }
    if (cut.under > t->n) cut.under = 0;
    choose_cutoff(t, &cut);
    order_children(t, &cut, rc->arena);
    return true;
}

void flame_close(struct flame_tree *t) {
    stack_list_close(&t->list);
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
