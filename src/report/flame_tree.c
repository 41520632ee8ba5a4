#include "report/flame_tree.h"

#include "base/sort.h"
#include "graph/tree.h"
#include "report/labels.h"

#include <stdlib.h>

/* ---- values ---- */

static bool *base_sets(const struct pp_profile *p, struct pp_arena *arena, bool *ret_any) {
    bool *is_base = PP_NEW(arena, bool, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++) {
        is_base[i] = label_is_base(p, i);
        *ret_any |= is_base[i];
    }
    return is_base;
}

/* From the leaves' own values; a node stands after its caller. */
static void sum_up(const struct graph *g, struct flame_value *v, struct flame_value *ret_sum) {
    for (uint32_t i = g->n_nodes; i-- > 0;) {
        v[i].total = num_add(v[i].total, v[i].self);
        uint32_t caller = g->nodes[i].caller;
        int64_t *above = caller == PP_NONE ? &ret_sum->total : &v[caller].total;
        *above = num_add(*above, v[i].total);
    }
}

static void add_values(struct flame_tree *t, const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    struct pp_arena scratch = {0};
    bool *is_base = base_sets(p, &scratch, &t->is_diff);
    t->value = PP_NEW(rc->arena, struct flame_value, t->g.n_nodes);
    if (t->is_diff) t->base = PP_NEW(rc->arena, struct flame_value, t->g.n_nodes);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        uint32_t leaf = t->g.stack_leaf[p->sample_stack[i]];
        bool of_base = is_base[p->sample_labels[i]];
        int64_t v = pp_value(p, i, rc->type);
        struct flame_value *sums = of_base ? t->base : t->value;
        struct flame_value *sum = leaf != PP_NONE ? &sums[leaf] : of_base ? &t->base_sum : &t->sum;
        sum->self = num_add(sum->self, of_base ? num_neg(v) : v);
    }
    sum_up(&t->g, t->value, &t->sum);
    if (t->base) sum_up(&t->g, t->base, &t->base_sum);
    t->sum.total = num_add(t->sum.total, t->sum.self);
    t->base_sum.total = num_add(t->base_sum.total, t->base_sum.self);
    pp_arena_done(&scratch);
}

/* ---- order ---- */

struct sorter {
    const struct flame_tree *t;
    uint32_t *rank; /* by place: its name among all */
    enum flame_order order;
};

static int by_name(const void *a, const void *b, void *user) {
    struct pp_str *names = user;
    return pp_str_cmp(names[*(const uint32_t *)a], names[*(const uint32_t *)b]);
}

/* Ranks by name; places of one name in the order of the profile. */
static uint32_t *rank_places(struct graph *g, struct pp_arena *scratch) {
    uint32_t *places = PP_NEW(scratch, uint32_t, g->n_places), n = 0;
    uint32_t *rank = PP_NEW(scratch, uint32_t, g->n_places);
    bool *seen = PP_NEW(scratch, bool, g->n_places);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        if (seen[g->place[i]]) continue;
        graph_printable_name(g, i);
        seen[g->place[i]] = true;
        places[n++] = g->place[i];
    }
    sort_stable(places, n, sizeof *places, by_name, g->printable);
    for (uint32_t i = 0; i < n; i++)
        rank[places[i]] = i;
    return rank;
}

static uint64_t weight(const struct flame_tree *t, uint32_t node) {
    uint64_t w = (uint64_t)num_abs(t->value[node].total) / 2;
    return t->base ? w + (uint64_t)num_abs(t->base[node].total) / 2 : w;
}

static int compare_nodes(const void *a, const void *b, void *user) {
    const struct sorter *s = user;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (s->order == FLAME_BY_WEIGHT) {
        uint64_t wx = weight(s->t, x), wy = weight(s->t, y);
        if (wx != wy) return wx > wy ? -1 : 1;
    }
    uint32_t rx = s->rank[s->t->g.place[x]], ry = s->rank[s->t->g.place[y]];
    return (rx > ry) - (rx < ry);
}

static void order_children(struct flame_tree *t, enum flame_order order, struct pp_arena *arena) {
    struct graph *g = &t->g;
    struct pp_arena scratch = {0};
    uint32_t *first = PP_NEW(arena, uint32_t, (size_t)g->n_nodes + 3);
    t->children = PP_NEW(arena, uint32_t, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        first[g->nodes[i].caller == PP_NONE ? 2 : g->nodes[i].caller + 3]++;
    for (uint32_t i = 2; i < g->n_nodes + 2; i++)
        first[i] += first[i - 1];
    for (uint32_t i = 0; i < g->n_nodes; i++)
        t->children[first[g->nodes[i].caller == PP_NONE ? 1 : g->nodes[i].caller + 2]++] = i;
    t->first_child = first;
    struct sorter s = {t, rank_places(g, &scratch), order};
    for (uint32_t i = 0; i <= g->n_nodes; i++)
        sort_stable(t->children + first[i], first[i + 1] - first[i], sizeof *t->children,
                    compare_nodes, &s);
    pp_arena_done(&scratch);
}

bool flame_open(struct flame_tree *t, const struct report_ctx *rc, enum flame_order order,
                struct pp_error *err) {
    if (rc->mean)
        return pp_fail(err, PP_E_USAGE,
                       "-%s adds values up, which means don't allow; without -mean",
                       rc->format->name);
    *t = (struct flame_tree){0};
    graph_init(&t->g, rc->profile, &rc->graph, rc->arena);
    tree_build(&t->g);
    add_values(t, rc);
    order_children(t, order, rc->arena);
    return true;
}

void flame_close(struct flame_tree *t) {
    graph_done(&t->g);
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
    if (w->skip_children) w->depth--;
    w->skip_children = false;
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
    free(w->stack);
    *w = (struct flame_walk){0};
}
