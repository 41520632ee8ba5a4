#include "graph/entropy.h"

#include "base/hash.h"
#include "base/sort.h"
#include "graph/entropy_bound.h"
#include "graph/order.h"
#include "graph/weigh.h"

#include <math.h>

/* How evenly the weight is spread over these edges and the node itself, in bits. */
static double spread(const struct graph *g, const uint32_t *edges, uint32_t n, int64_t self) {
    int64_t total = self;
    for (uint32_t i = 0; i < n; i++) {
        const struct graph_edge *e = &g->edges[edges[i]];
        if (!e->dropped && e->weight > 0) total = num_add(total, num_abs(e->weight));
    }
    if (total == 0) return 0;
    double bits = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct graph_edge *e = &g->edges[edges[i]];
        if (e->dropped) continue;
        double part = (double)num_abs(e->weight) / (double)total;
        bits += -part * log2(part);
    }
    if (self > 0) {
        double part = (double)num_abs(self) / (double)total;
        bits += -part * log2(part);
    }
    return bits;
}

static bool any_left(const struct graph *g, const uint32_t *edges, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!g->edges[edges[i]].dropped) return true;
    return false;
}

/* Entries and leaves are worth showing; a node that only passes its weight on is not. */
int64_t entropy_score(const struct graph *g, uint32_t node) {
    const struct graph_node *n = &g->nodes[node];
    const uint32_t *in = g->in_edges + g->first_in[node], *out = g->out_edges + g->first_out[node];
    uint32_t n_in = g->first_in[node + 1] - g->first_in[node];
    uint32_t n_out = g->first_out[node + 1] - g->first_out[node];
    double score = 0;
    score += any_left(g, in, n_in) ? spread(g, in, n_in, 0) : 1;
    score += any_left(g, out, n_out) ? spread(g, out, n_out, n->flat) : 1;
    return num_add(num_from_double(score * (double)n->cum), n->flat);
}

/* ---- the first ones ---- */

enum {
    LEAST_SAVED = 4,      /* one of so many nodes may have its edges summed */
    MANY_EDGES = 1 << 19, /* fewer are near at hand */
    CALLS_TRIED = 1 << 13,
    CALLS_BITS = 18 /* of a table of those that were met */
};

/* The last score that counts is likely more than so much of the last bound. */
static const double LIKELY = 0.995;

/* Beyond, scores do not fit into their integers. */
static const double MOST = 0x1p62;

/* Bounds are of sums of positive weights. */
static bool may_be_bounded(const struct graph *g, const struct weights *w) {
    for (uint32_t i = 0; i < g->p->n_stacks; i++)
        if (w->used[i] && w->weight[i] <= 0) return false;
    return !w->may_cancel;
}

/* Whether most calls between locations are other ones, by some stacks. */
static bool do_calls_differ(const struct pp_profile *p) {
    struct pp_arena scratch = {0};
    bool *met = PP_NEW(&scratch, bool, 1 << CALLS_BITS);
    uint32_t n = 0, n_new = 0, step = (uint32_t)(p->n_frames / CALLS_TRIED) + 1;
    for (uint32_t i = 0; i < p->n_stacks; i += step)
        for (uint32_t j = 1; j < p->stacks[i].len; j++, n++) {
            uint32_t first = p->stacks[i].first;
            uint64_t call = (uint64_t)pp_frame(p, first + j) << 32 | pp_frame(p, first + j - 1);
            bool *at = &met[hash_word(hash_seed(), call) >> (64 - CALLS_BITS)];
            n_new += !*at;
            *at = true;
        }
    pp_arena_done(&scratch);
    return n_new > n / 2;
}

/* Whether there may be so many edges, between nodes that most frames are of, that two more walks
 * over the stacks take less than a look at each edge. */
static bool is_worth_bounds(const struct graph *g, const struct weights *w) {
    double total = 0, cums = 0;
    for (uint32_t i = 0; i < g->p->n_stacks; i++)
        total += (double)w->weight[i];
    for (uint32_t i = 0; i < g->n_selected; i++)
        cums += (double)g->nodes[g->selected[i]].cum;
    double kept_frames = cums / total * g->p->n_stacks;
    return (double)g->n_selected * g->n_selected >= MANY_EDGES &&
           kept_frames >= (double)g->p->n_frames / 2 && do_calls_differ(g->p);
}

static int by_bound(const void *left, const void *right, void *user) {
    const double *bounds = user;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    if (bounds[a] != bounds[b]) return bounds[a] > bounds[b] ? -1 : 1;
    return (a > b) - (a < b);
}

/* Goes on from `n` to the end of the nodes that may score so much. */
static uint32_t end_of(const struct graph *g, const double *bounds, double score, uint32_t n) {
    while (n < g->n_selected && bounds[g->selected[n]] >= score)
        n++;
    return n;
}

/* Brings the first n into the order of their scores. */
static void sort_exactly(struct graph *g, uint32_t n) {
    struct pp_arena scratch = {0};
    bool *some = PP_NEW(&scratch, bool, g->n_nodes);
    for (uint32_t i = 0; i < n; i++)
        some[g->selected[i]] = true;
    g->edges_of = some;
    graph_sum_edges(g, 0);
    g->edges_of = NULL;
    graph_link(g);
    uint32_t n_selected = g->n_selected;
    g->n_selected = n;
    graph_sort(g, GRAPH_BY_ENTROPY);
    g->n_selected = n_selected;
    pp_arena_done(&scratch);
}

static bool select_by(struct graph *g, uint32_t n, double *bounds) {
    sort_stable(g->selected, g->n_selected, sizeof *g->selected, by_bound, bounds);
    if (bounds[g->selected[0]] >= MOST) return false;
    uint32_t done = 0, wanted = end_of(g, bounds, LIKELY * bounds[g->selected[n - 1]], n);
    while (done < wanted) {
        if (wanted > g->n_selected / LEAST_SAVED) return false;
        sort_exactly(g, wanted);
        done = wanted;
        wanted = end_of(g, bounds, (double)entropy_score(g, g->selected[n - 1]), done);
    }
    return true;
}

bool entropy_select(struct graph *g, uint32_t n) {
    const struct weights *weights = weigh_graph(g);
    if (n > g->n_selected / LEAST_SAVED || !may_be_bounded(g, weights)) return false;
    if (!is_worth_bounds(g, weights)) return false;
    struct pp_arena scratch = {0};
    bool done = select_by(g, n, entropy_bounds(g, weights, &scratch));
    pp_arena_done(&scratch);
    return done;
}
