/* The sums of nodes. The stacks are split among threads, each with tables of its own, which are
 * added afterwards; sums wrap, so the result is the same for any number of threads. Edges are
 * summed when it is known between which nodes (sum_edges.c). */
#include "base/parallel.h"
#include "graph/sum_store.h"
#include "graph/weigh.h"

#include <math.h>

/* With the innermost node of a location: it has others. (So many nodes fit into no memory.) */
static const uint32_t HAS_MORE = UINT32_C(1) << 31;

enum {
    MANY = 128,    /* frames that are looked at together */
    FEW_NODES = 64 /* the edges between them are counted in cells, whatever they weigh */
};

struct cum_sum {
    int64_t cum;
    uint32_t stamp; /* the last stack that passed */
};

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const uint32_t *leaf_nodes; /* by location */
    uint32_t first_stack, end_stack;
    struct cum_sum *cums; /* by node, as all that follows */
    int64_t *flat;
    int64_t *cum_div, *flat_div; /* NULL without -mean */
    struct passed *passed;       /* as the graph's, and NULL where it needs none */
    double *magnitude;
    uint32_t several[MANY]; /* locations with inlined calls, of the frames at hand */
};

/* No branch depends on whether the stack has passed, and none can be made of this. */
static inline int64_t if_new(bool is_new, int64_t weight) {
    return weight & -(int64_t)is_new;
}

static inline void add_new(struct cum_sum *t, uint32_t stamp, int64_t weight) {
    t->cum = num_add(t->cum, if_new(t->stamp != stamp, weight));
    t->stamp = stamp;
}

static inline void visit(struct walk *w, uint32_t node, uint32_t stamp, int64_t weight,
                         int64_t divisor) {
    struct cum_sum *t = &w->cums[node];
    if (w->cum_div)
        w->cum_div[node] = num_add(w->cum_div[node], if_new(t->stamp != stamp, divisor));
    add_new(t, stamp, weight);
}

static inline void pass(struct walk *w, uint32_t location, uint32_t stamp, int64_t weight) {
    uint32_t at = passed_at(w->g, location);
    struct passed *passed = &w->passed[at];
    bool is_new = passed->stamp != stamp;
    passed->weight = num_add(passed->weight, if_new(is_new, weight));
    if (w->magnitude) w->magnitude[at] += is_new ? fabs((double)weight) : 0;
    passed->stamp = stamp;
}

/* The innermost nodes of frames; without -mean. Lists the locations with inlined calls and returns
 * how many they are. What stays the same is in variables: the sums might be anywhere. */
static inline __attribute__((always_inline)) uint32_t
visit_leaves(struct walk *w, struct pp_frames frames, uint32_t n, uint32_t stamp, int64_t weight) {
    const uint32_t *leaf_nodes = w->leaf_nodes;
    struct cum_sum *cums = w->cums;
    uint32_t n_several = 0, *several = w->several;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t location = frames.narrow ? frames.narrow[i] : frames.wide[i];
        uint32_t node = leaf_nodes[location];
        several[n_several] = location;
        n_several += node >> 31;
        add_new(&cums[node & ~HAS_MORE], stamp, weight);
    }
    return n_several;
}

/* Which locations have inlined calls is a coin toss for the processor: those wait for a loop of
 * their own. */
static void visit_frames(struct walk *w, uint32_t first, uint32_t n, uint32_t stack) {
    const struct graph *g = w->g;
    uint32_t n_several = 0, stamp = stack - w->first_stack + 1;
    int64_t weight = w->weights->weight[stack];
    int64_t divisor = w->weights->divisor ? w->weights->divisor[stack] : 0;
    if (!w->cum_div) {
        const struct pp_frames *f = &g->p->frames;
        n_several =
            f->narrow
                ? visit_leaves(w, (struct pp_frames){.narrow = f->narrow + first}, n, stamp, weight)
                : visit_leaves(w, (struct pp_frames){.wide = f->wide + first}, n, stamp, weight);
    }
    for (uint32_t i = 0; w->cum_div && i < n; i++) {
        uint32_t location = pp_frame(g->p, first + i), node = w->leaf_nodes[location];
        w->several[n_several] = location;
        n_several += node >> 31;
        visit(w, node & ~HAS_MORE, stamp, weight, divisor);
    }
    for (uint32_t i = 0; i < n_several; i++) {
        uint32_t location = w->several[i], end = g->first_node[location + 1];
        if (w->passed) pass(w, location, stamp, weight);
        for (uint32_t j = g->first_node[location] + 1; j < end; j++)
            visit(w, g->location_nodes[j], stamp, weight, divisor);
    }
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    const struct pp_profile *p = w->g->p;
    for (uint32_t n = w->first_stack; n < w->end_stack; n++) {
        struct pp_stack stack = p->stacks[n];
        if (!w->weights->used[n] || !stack.len) continue;
        for (uint32_t i = 0; i < stack.len; i += MANY)
            visit_frames(w, stack.first + i, stack.len - i < MANY ? stack.len - i : MANY, n);
        uint32_t leaf = w->leaf_nodes[pp_frame(p, stack.first)] & ~HAS_MORE;
        w->flat[leaf] = num_add(w->flat[leaf], w->weights->weight[n]);
        if (w->flat_div) w->flat_div[leaf] = num_add(w->flat_div[leaf], w->weights->divisor[n]);
    }
}

static uint32_t *find_leaf_nodes(const struct graph *g, struct pp_arena *scratch) {
    uint32_t *nodes = PP_NEW(scratch, uint32_t, g->p->n_locations);
    for (uint32_t i = 0; i < g->p->n_locations; i++) {
        uint32_t first = g->first_node[i];
        nodes[i] = g->location_nodes[first] | (g->first_node[i + 1] - first > 1 ? HAS_MORE : 0);
    }
    return nodes;
}

static void put_nodes(struct graph *g, const struct walk *w) {
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];
        node->flat = num_add(node->flat, w->flat[i]);
        node->cum = num_add(node->cum, w->cums[i].cum);
        if (!w->cum_div) continue;
        node->flat_div = num_add(node->flat_div, w->flat_div[i]);
        node->cum_div = num_add(node->cum_div, w->cum_div[i]);
    }
}

static void put_passed(struct graph *g, const struct walk *w) {
    uint32_t n = passed_at(g, g->p->n_locations);
    for (uint32_t i = 0; g->passed && i < n; i++)
        g->passed[i].weight = num_add(g->passed[i].weight, w->passed[i].weight);
    for (uint32_t i = 0; g->magnitude && i < n; i++)
        g->magnitude[i] += w->magnitude[i];
}

static void open_passed(struct walk *w, struct pp_arena *arena) {
    const struct graph *g = w->g;
    uint32_t n = passed_at(g, g->p->n_locations);
    if (!g->opt.inlined_edges || g->n_nodes <= FEW_NODES) return;
    w->passed = PP_NEW(arena, struct passed, n);
    if (w->weights->may_cancel) w->magnitude = PP_NEW(arena, double, n);
}

/* Adds to the sums that the graph has. */
static void walk_all(struct graph *g, const struct weights *weights) {
    struct pp_arena scratch = {0};
    struct walk walks[MAX_SHARES];
    unsigned n = weigh_shares(g);
    const bool has_passed = g->passed; /* if not, the first share's table becomes the graph's */
    const uint32_t *leaf_nodes = find_leaf_nodes(g, &scratch);
    for (unsigned s = 0; s < n; s++) {
        walks[s] = (struct walk){.g = g,
                                 .weights = weights,
                                 .leaf_nodes = leaf_nodes,
                                 .first_stack = weigh_first_stack(g, s, n),
                                 .end_stack = weigh_first_stack(g, s + 1, n),
                                 .cums = PP_NEW(&scratch, struct cum_sum, g->n_nodes),
                                 .flat = PP_NEW(&scratch, int64_t, g->n_nodes)};
        open_passed(&walks[s], s || has_passed ? &scratch : g->arena);
        if (!g->opt.mean) continue;
        walks[s].cum_div = PP_NEW(&scratch, int64_t, g->n_nodes);
        walks[s].flat_div = PP_NEW(&scratch, int64_t, g->n_nodes);
    }
    parallel_run(n, n, walk_share, walks);
    if (!has_passed) {
        g->passed = walks[0].passed;
        g->magnitude = walks[0].magnitude;
    }
    for (unsigned s = 0; s < n; s++)
        put_nodes(g, &walks[s]);
    for (unsigned s = has_passed ? 0 : 1; s < n; s++)
        put_passed(g, &walks[s]);
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
    if (is_less) {
        g->magnitude = NULL;
        walk_all(g, &rest);
    }
    pp_arena_done(&scratch);
    return is_less;
}

static void sum_all(struct graph *g) {
    struct sum_store *store = g->opt.sums;
    const struct pp_profile *loaded = store ? sum_store_loaded(store, g->p) : NULL;
    bool is_loaded = loaded && sum_store_same_samples(g->p, loaded);
    if (is_loaded && sum_store_get(store, g)) return;
    if (loaded && !is_loaded && sum_by_rest(g, loaded)) return;
    walk_all(g, weigh_graph(g));
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
        if (!kept[i])
            g->nodes[i].flat = g->nodes[i].flat_div = g->nodes[i].cum = g->nodes[i].cum_div = 0;
    graph_select(g);
}
