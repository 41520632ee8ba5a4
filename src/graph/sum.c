/* The sums of nodes. The stacks are split among threads, each with tables of its own, which are
 * added afterwards; sums wrap, so the result is the same for any number of threads. Edges are
 * summed when it is known between which nodes (sum_edges.c). */
#include "base/parallel.h"
#include "graph/sum_store.h"
#include "graph/weigh.h"
#include "profile/marked_frames.h"

#include <math.h>

enum {
    MANY = 128,    /* frames that are looked at together */
    FEW_NODES = 64 /* the edges between them are counted in cells, whatever they weigh */
};

/* More of them stand in a cache line without padding. */
struct __attribute__((packed, aligned(4))) cum_sum {
    int64_t cum;
    uint32_t stamp; /* the last stack that passed */
};

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const bool *marked; /* by location: others have no part in it; NULL: all have */
    uint32_t first_stack, end_stack;
    struct cum_sum *cums; /* by node, and behind them by location that has several */
    int64_t *flat;
    int64_t *cum_div, *flat_div; /* NULL without -mean */
    double *magnitude;           /* as the graph's, and NULL where it needs none */
    uint32_t several[MANY];      /* those with inlined calls, of the frames at hand */
};

/* A stack of the walk, as its frames are visited. */
struct visitor {
    uint32_t stamp;
    int64_t weight, divisor;
};

/* No branch depends on whether the stack has passed, and none can be made of this. */
static inline int64_t if_new(bool is_new, int64_t weight) {
    return weight & -(int64_t)is_new;
}

/* Whether it is the stack's first visit. */
static inline bool add_new(struct cum_sum *t, const struct visitor *v) {
    bool is_new = t->stamp != v->stamp;
    t->cum = num_add(t->cum, if_new(is_new, v->weight));
    t->stamp = v->stamp;
    return is_new;
}

static inline bool visit(struct walk *w, uint32_t node, const struct visitor *v) {
    bool is_new = add_new(&w->cums[node], v);
    if (w->cum_div) w->cum_div[node] = num_add(w->cum_div[node], if_new(is_new, v->divisor));
    return is_new;
}

/* Lists frames with inlined calls, and those of a stack only once where that is asked for; returns
 * how many they are: which ones have them is a coin toss for the processor, so those wait for a
 * loop of their own. */
static uint32_t visit_fully(struct walk *w, uint32_t first, uint32_t n, const struct visitor *v) {
    const struct graph *g = w->g;
    uint32_t n_several = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = g->node_of[pp_frame(g->p, first + i)];
        w->several[n_several] = node;
        bool is_new = visit(w, node, v);
        n_several += is_new & (node >= g->n_places);
    }
    return n_several;
}

/* The same without divisors. What stays the same is in variables: the sums might be anywhere. */
static inline __attribute__((always_inline)) uint32_t
visit_simply(struct walk *w, struct pp_frames frames, uint32_t n, const struct visitor *v,
             bool once) {
    const uint32_t *node_of = w->g->node_of;
    const uint32_t n_places = w->g->n_places;
    struct cum_sum *cums = w->cums;
    const struct visitor visitor = *v;
    uint32_t n_several = 0, *several = w->several;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = node_of[pp_frame_in(frames, i)];
        several[n_several] = node;
        bool is_new = add_new(&cums[node], &visitor);
        n_several += (is_new | !once) & (node >= n_places);
    }
    return n_several;
}

static uint32_t visit_each(struct walk *w, uint32_t first, uint32_t n, const struct visitor *v) {
    const struct pp_frames all = w->g->p->frames;
    if (w->cum_div) return visit_fully(w, first, n, v);
    if (w->magnitude)
        PP_WITH_FRAMES(all, first, frames, return visit_simply(w, frames, n, v, true));
    PP_WITH_FRAMES(all, first, frames, return visit_simply(w, frames, n, v, false));
}

static void visit_frames(struct walk *w, uint32_t first, uint32_t n, const struct visitor *v) {
    const struct graph *g = w->g;
    uint32_t n_several = visit_each(w, first, n, v);
    for (uint32_t i = 0; i < n_several; i++) {
        uint32_t at = w->several[i] - g->n_places;
        const uint32_t *several = &g->first_several[at];
        if (w->magnitude) w->magnitude[at] += fabs((double)v->weight);
        for (uint32_t j = several[0]; j < several[1]; j++)
            visit(w, g->several[j], v);
    }
}

static struct visitor visitor_of(const struct walk *w, uint32_t stack) {
    return (struct visitor){.stamp = stack - w->first_stack + 1,
                            .weight = w->weights->weight[stack],
                            .divisor = w->weights->divisor ? w->weights->divisor[stack] : 0};
}

static void add_leaf(struct walk *w, uint32_t location, const struct visitor *v) {
    uint32_t leaf = *graph_nodes_of(w->g, location).at;
    w->flat[leaf] = num_add(w->flat[leaf], v->weight);
    if (w->flat_div) w->flat_div[leaf] = num_add(w->flat_div[leaf], v->divisor);
}

static void visit_marked(void *user, uint32_t stack, const uint32_t *at, uint32_t n) {
    struct walk *w = user;
    const struct pp_profile *p = w->g->p;
    const uint32_t first = p->stacks[stack].first;
    const struct visitor v = visitor_of(w, stack);
    if (!w->weights->used[stack]) return;
    for (uint32_t i = 0; i < n; i++)
        visit_frames(w, first + at[i], 1, &v);
    if (at[0] == 0) add_leaf(w, pp_frame(p, first), &v);
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    const struct pp_profile *p = w->g->p;
    const struct marked_frames some = {p, w->marked, w->first_stack, w->end_stack};
    if (w->marked) {
        marked_frames_walk(&some, visit_marked, w);
        return;
    }
    for (uint32_t n = w->first_stack; n < w->end_stack; n++) {
        struct pp_stack stack = p->stacks[n];
        if (!w->weights->used[n] || !stack.len) continue;
        const struct visitor v = visitor_of(w, n);
        for (uint32_t i = 0; i < stack.len; i += MANY)
            visit_frames(w, stack.first + i, stack.len - i < MANY ? stack.len - i : MANY, &v);
        add_leaf(w, pp_frame(p, stack.first), &v);
    }
}

static bool needs_passed(const struct graph *g) {
    return g->n_nodes > FEW_NODES;
}

static void put_nodes(struct graph *g, const struct walk *w) {
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];
        node->flat = num_add(node->flat, w->flat[i]);
        node->cum = num_add(node->cum, w->cums[i].cum);
        if (!w->cum_div) continue;
        struct graph_divisor *divisor = &g->divisors[i];
        divisor->flat = num_add(divisor->flat, w->flat_div[i]);
        divisor->cum = num_add(divisor->cum, w->cum_div[i]);
    }
}

/* The first share's magnitudes become the graph's. */
static void put_passed(struct graph *g, const struct walk *walks, unsigned n_shares) {
    if (!needs_passed(g)) return;
    if (!g->passed) g->passed = PP_NEW(g->arena, int64_t, g->n_several);
    g->magnitude = walks[0].magnitude;
    for (unsigned s = 0; s < n_shares; s++)
        for (uint32_t i = 0; i < g->n_several; i++) {
            g->passed[i] = num_add(g->passed[i], walks[s].cums[g->n_places + i].cum);
            if (s && g->magnitude) g->magnitude[i] += walks[s].magnitude[i];
        }
}

/* Adds to the sums that the graph has. `marked`: as in a walk. */
static void walk_all(struct graph *g, const struct weights *weights, const bool *marked) {
    struct pp_arena scratch = {0};
    struct walk walks[MAX_SHARES];
    unsigned n = weigh_shares(g);
    size_t n_cums = (size_t)g->n_places + g->n_several;
    for (unsigned s = 0; s < n; s++) {
        walks[s] = (struct walk){.g = g,
                                 .weights = weights,
                                 .marked = marked,
                                 .first_stack = weigh_first_stack(g, s, n),
                                 .end_stack = weigh_first_stack(g, s + 1, n),
                                 .cums = PP_NEW(&scratch, struct cum_sum, n_cums),
                                 .flat = PP_NEW(&scratch, int64_t, g->n_nodes)};
        if (weights->may_cancel && g->opt.inlined_edges && needs_passed(g))
            walks[s].magnitude = PP_NEW(s ? &scratch : g->arena, double, g->n_several);
        if (!g->opt.mean) continue;
        walks[s].cum_div = PP_NEW(&scratch, int64_t, n_cums);
        walks[s].flat_div = PP_NEW(&scratch, int64_t, g->n_nodes);
    }
    parallel_run(n, n, walk_share, walks);
    for (unsigned s = 0; s < n; s++)
        put_nodes(g, &walks[s]);
    if (!marked) put_passed(g, walks, n);
    pp_arena_done(&scratch);
}

/* From what is kept of all samples and what the view does not have of it, where that is less than
 * half. Sums wrap, so the result is the same; those without signs do not. */
static bool sum_by_rest(struct graph *g, const struct pp_profile *loaded) {
    const struct weights *weights = weigh_graph(g);
    if (weights->may_cancel || !sum_store_has(g->opt.sums, g)) return false;
    struct pp_arena scratch = {0};
    struct weights rest;
    weigh_stacks(loaded, &g->opt, &rest, &scratch);
    weigh_missing(&rest, weights, loaded->n_stacks);
    bool is_less =
        weigh_frames(&rest, loaded) < loaded->n_frames / 2 && sum_store_get(g->opt.sums, g);
    if (is_less) walk_all(g, &rest, NULL);
    pp_arena_done(&scratch);
    return is_less;
}

static void sum_all(struct graph *g) {
    if (g->opt.mean) g->divisors = PP_NEW(g->arena, struct graph_divisor, g->n_nodes);
    struct sum_store *store = g->opt.sums;
    const struct pp_profile *loaded = store ? sum_store_loaded(store, g->p) : NULL;
    bool is_loaded = sum_store_is_of(store, g->p);
    if (is_loaded && sum_store_get(store, g)) return;
    if (loaded && !is_loaded && sum_by_rest(g, loaded)) return;
    walk_all(g, weigh_graph(g), NULL);
    if (is_loaded) sum_store_put(store, g);
}

/* What a node sums up does not depend on others: only those that are not kept lose theirs. */
void graph_sum(struct graph *g, const bool *kept) {
    if (!g->is_summed) sum_all(g);
    g->is_summed = true;
    g->kept = kept;
    g->n_edges = 0;
    g->in_edges = g->out_edges = NULL;
    for (uint32_t i = 0; kept && i < g->n_nodes; i++)
        if (!kept[i]) {
            g->nodes[i].flat = g->nodes[i].cum = 0;
            if (g->divisors) g->divisors[i] = (struct graph_divisor){0};
        }
    graph_select(g);
}

void graph_sum_some(struct graph *g, const bool *nodes) {
    struct pp_arena scratch = {0};
    if (g->opt.mean) g->divisors = PP_NEW(g->arena, struct graph_divisor, g->n_nodes);
    if (!sum_store_is_of(g->opt.sums, g->p) || !sum_store_get(g->opt.sums, g))
        walk_all(g, weigh_graph(g), graph_locations_of(g, nodes, &scratch));
    g->is_summed = true;
    graph_select(g);
    pp_arena_done(&scratch);
}
