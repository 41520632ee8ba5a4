/* The sums of nodes. The stacks are split among threads, each with tables of its own, which are
 * added afterwards; sums wrap, so the result is the same for any number of threads. Edges are
 * summed when it is known between which nodes (sum_edges.c). */
#include "base/parallel.h"
#include "graph/sum_store.h"
#include "graph/weigh.h"

#include <math.h>

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
    uint32_t first_stack, end_stack;
    struct cum_sum *cums; /* by node, as all that follows, and one more for who is not asked */
    int64_t *flat;
    int64_t *cum_div, *flat_div; /* NULL without -mean */
    struct passed *passed;       /* as the graph's, and NULL where it needs none */
    double *magnitude;
    uint32_t several[MANY]; /* positions of those with inlined calls, of the frames at hand */
};

/* No branch depends on whether the stack has passed, and none can be made of this. */
static inline int64_t if_new(bool is_new, int64_t weight) {
    return weight & -(int64_t)is_new;
}

static inline void visit(struct walk *w, uint32_t node, uint32_t stamp, int64_t weight,
                         int64_t divisor) {
    struct cum_sum *t = &w->cums[node];
    bool is_new = t->stamp != stamp;
    t->cum = num_add(t->cum, if_new(is_new, weight));
    t->stamp = stamp;
    if (w->cum_div) w->cum_div[node] = num_add(w->cum_div[node], if_new(is_new, divisor));
}

static inline void pass(struct walk *w, uint32_t at, uint32_t stamp, int64_t weight) {
    struct passed *passed = &w->passed[at];
    bool is_new = passed->stamp != stamp;
    passed->weight = num_add(passed->weight, if_new(is_new, weight));
    if (w->magnitude) w->magnitude[at] += is_new ? fabs((double)weight) : 0;
    passed->stamp = stamp;
}

/* Which locations have inlined calls is a coin toss for the processor: those wait for a loop of
 * their own. */
static void visit_frames(struct walk *w, uint32_t first, uint32_t n, uint32_t stack) {
    const struct graph *g = w->g;
    uint32_t n_several = 0, stamp = stack - w->first_stack + 1;
    int64_t weight = w->weights->weight[stack];
    int64_t divisor = w->weights->divisor ? w->weights->divisor[stack] : 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t node = g->node_of[pp_frame(g->p, first + i)];
        w->several[n_several] = node & ~GRAPH_SEVERAL;
        n_several += node >> 31;
        visit(w, node < GRAPH_SEVERAL ? node : g->n_nodes, stamp, weight, divisor);
    }
    for (uint32_t i = 0; i < n_several; i++) {
        uint32_t at = w->several[i];
        if (w->passed) pass(w, at, stamp, weight);
        for (uint32_t j = g->first_several[at]; j < g->first_several[at + 1]; j++)
            visit(w, g->several[j], stamp, weight, divisor);
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
        uint32_t leaf = *graph_nodes_of(w->g, pp_frame(p, stack.first)).at;
        w->flat[leaf] = num_add(w->flat[leaf], w->weights->weight[n]);
        if (w->flat_div) w->flat_div[leaf] = num_add(w->flat_div[leaf], w->weights->divisor[n]);
    }
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

/* The first share's table becomes the graph's. */
static void put_passed(struct graph *g, const struct walk *w) {
    for (uint32_t i = 0; g->passed && i < g->n_several; i++)
        g->passed[i].weight = num_add(g->passed[i].weight, w->passed[i].weight);
    for (uint32_t i = 0; g->magnitude && i < g->n_several; i++)
        g->magnitude[i] += w->magnitude[i];
}

static void open_passed(struct walk *w, struct pp_arena *arena) {
    const struct graph *g = w->g;
    if (!g->opt.inlined_edges || g->n_nodes <= FEW_NODES) return;
    w->passed = PP_NEW(arena, struct passed, g->n_several);
    if (w->weights->may_cancel) w->magnitude = PP_NEW(arena, double, g->n_several);
}

static void walk_all(struct graph *g) {
    struct pp_arena scratch = {0};
    struct weights weights;
    struct walk walks[MAX_SHARES];
    unsigned n = weigh_shares(g);
    weigh_stacks(g, &weights, &scratch);
    size_t n_nodes = (size_t)g->n_nodes + 1;
    for (unsigned s = 0; s < n; s++) {
        walks[s] = (struct walk){.g = g,
                                 .weights = &weights,
                                 .first_stack = weigh_first_stack(g, s, n),
                                 .end_stack = weigh_first_stack(g, s + 1, n),
                                 .cums = PP_NEW(&scratch, struct cum_sum, n_nodes),
                                 .flat = PP_NEW(&scratch, int64_t, g->n_nodes)};
        open_passed(&walks[s], s ? &scratch : g->arena);
        if (!g->opt.mean) continue;
        walks[s].cum_div = PP_NEW(&scratch, int64_t, n_nodes);
        walks[s].flat_div = PP_NEW(&scratch, int64_t, g->n_nodes);
    }
    parallel_run(n, n, walk_share, walks);
    g->passed = walks[0].passed;
    g->magnitude = walks[0].magnitude;
    for (unsigned s = 0; s < n; s++)
        put_nodes(g, &walks[s]);
    for (unsigned s = 1; s < n; s++)
        put_passed(g, &walks[s]);
    pp_arena_done(&scratch);
}

static void sum_all(struct graph *g) {
    if (g->opt.mean) g->divisors = PP_NEW(g->arena, struct graph_divisor, g->n_nodes);
    struct sum_store *store = g->opt.sums;
    if (store && sum_store_get(store, g)) return;
    walk_all(g);
    if (store) sum_store_put(store, g);
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
