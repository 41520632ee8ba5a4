/* Edges that are the same only make a node's weight less evenly spread. So a walk that tells none
 * apart, and adds up for each location what passes through it, knows what is more than any score:
 * of w1, w2 ... that come to t in all, the spread in bits is log t - (w1 log w1 + w2 log w2 ...) /
 * t.
 *
 * A stack has an edge once, even if it has the call twice. So what was added may be too much, at
 * most by what passes through the node again. If C was added to an edge of the weight C - D, its
 * (C - D) log (C - D) is at least C log C - D (log C + 1 / ln 2), since x log x is convex. As D
 * grows the spread falls and then rises, so it is largest where D is nothing, or all that it may
 * be. */
#include "graph/entropy_bound.h"

#include "base/parallel.h"
#include "graph/inner_calls.h"
#include "graph/weigh.h"

#include <math.h>

/* Weights, and each times its logarithm. */
struct event_sum {
    double total, logs;
};

static inline void add_event(struct event_sum *s, struct event_sum event) {
    s->total += event.total;
    s->logs += event.logs;
}

static struct event_sum event_of(double weight) {
    return (struct event_sum){weight, weight > 0 ? weight * log2(weight) : 0};
}

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const struct crossings *crossings;
    uint32_t first_stack, end_stack;
    struct event_sum *visits;       /* by what node_of has for a location */
    struct event_sum *first, *last; /* of stacks, by kept node */
};

/* The nodes that a stack comes in by, and ends in, are called by none and call none. */
static void add_ends(struct walk *w, struct pp_stack stack, struct event_sum event) {
    const struct pp_profile *p = w->g->p;
    uint32_t i = stack.first, end = stack.first + stack.len;
    while (i < end && crossing_of(w->crossings, w->g, pp_frame(p, i))->entry == PP_NONE)
        i++;
    if (i == end) return;
    add_event(&w->last[crossing_of(w->crossings, w->g, pp_frame(p, i))->exit], event);
    while (crossing_of(w->crossings, w->g, pp_frame(p, end - 1))->entry == PP_NONE)
        end--;
    add_event(&w->first[crossing_of(w->crossings, w->g, pp_frame(p, end - 1))->entry], event);
}

static inline __attribute__((always_inline)) void
add_frames(struct walk *w, struct pp_frames frames, uint32_t n, struct event_sum event) {
    const uint32_t *node_of = w->g->node_of;
    struct event_sum *visits = w->visits;
    for (uint32_t i = 0; i < n; i++)
        add_event(&visits[node_of[pp_frame_in(frames, i)]], event);
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    const struct pp_profile *p = w->g->p;
    for (uint32_t i = w->first_stack; i < w->end_stack; i++) {
        if (!w->weights->used[i]) continue;
        struct event_sum event = event_of((double)w->weights->weight[i]);
        struct pp_stack s = p->stacks[i];
        add_ends(w, s, event);
        PP_WITH_FRAMES(p->frames, s.first, frames, add_frames(w, frames, s.len, event));
    }
}

static void add_all(struct event_sum *to, const struct event_sum *more, size_t n) {
    for (size_t i = 0; i < n; i++)
        add_event(&to[i], more[i]);
}

/* What all stacks do together. */
static struct walk walk_all(const struct graph *g, const struct weights *weights,
                            const struct crossings *crossings, struct pp_arena *scratch) {
    struct walk walks[MAX_SHARES];
    unsigned n = weigh_shares(g);
    size_t n_visits = (size_t)g->n_nodes + g->n_several;
    for (unsigned s = 0; s < n; s++)
        walks[s] = (struct walk){.g = g,
                                 .weights = weights,
                                 .crossings = crossings,
                                 .first_stack = weigh_first_stack(g, s, n),
                                 .end_stack = weigh_first_stack(g, s + 1, n),
                                 .visits = PP_NEW(scratch, struct event_sum, n_visits),
                                 .first = PP_NEW(scratch, struct event_sum, crossings->n_kept),
                                 .last = PP_NEW(scratch, struct event_sum, crossings->n_kept)};
    parallel_run(n, n, walk_share, walks);
    for (unsigned s = 1; s < n; s++) {
        add_all(walks[0].visits, walks[s].visits, n_visits);
        add_all(walks[0].first, walks[s].first, crossings->n_kept);
        add_all(walks[0].last, walks[s].last, crossings->n_kept);
    }
    return walks[0];
}

/* One side of a node: what comes in, or goes out. */
struct side {
    struct event_sum calls; /* between locations */
    struct event_sum inner; /* inside them */
    double largest;         /* of these, one that several locations have */
    double visits;          /* of the node; only where it is said what comes in */
};

/* Without the calls that stacks would begin and end with. */
static void add_calls(const struct walk *w, struct side *in, struct side *out) {
    const struct crossing *c = w->crossings->at;
    size_t n = (size_t)w->g->n_nodes + w->g->n_several;
    for (size_t i = 0; i < n; i++) {
        if (c[i].entry == PP_NONE) continue;
        add_event(&in[c[i].entry].calls, w->visits[i]);
        in[c[i].entry].visits += w->visits[i].total;
        add_event(&out[c[i].exit].calls, w->visits[i]);
    }
    for (uint32_t i = 0; i < w->crossings->n_kept; i++) {
        add_event(&in[i].calls, (struct event_sum){-w->first[i].total, -w->first[i].logs});
        add_event(&out[i].calls, (struct event_sum){-w->last[i].total, -w->last[i].logs});
    }
}

static void add_inner(struct side *s, struct event_sum call, bool may_be_less) {
    add_event(&s->inner, call);
    if (may_be_less) s->largest = fmax(s->largest, call.total);
}

/* Which of these are the same is known. */
static void add_inner_calls(const struct walk *w, struct side *in, struct side *out) {
    const struct graph *g = w->g;
    const struct crossings *c = w->crossings;
    struct pp_arena scratch = {0};
    struct inner_calls calls;
    inner_calls_build(c, g->n_several, &calls, &scratch);
    const struct crossing *several = &c->at[c->n_single];
    for (uint32_t i = 0; i < g->n_several; i++) {
        const double visits = w->visits[c->n_single + i].total;
        for (uint32_t j = several[i].first_call; j < several[i + 1].first_call; j++) {
            calls.edges[calls.edge_of[j]].magnitude += (double)g->passed[i];
            in[c->calls[j].callee].visits += visits;
        }
    }
    for (uint32_t i = 0; i < calls.n_edges; i++) {
        const struct event_sum call = event_of(calls.edges[i].magnitude);
        add_inner(&in[calls.edges[i].callee], call, calls.edges[i].n_locations > 1);
        add_inner(&out[calls.edges[i].caller], call, calls.edges[i].n_locations > 1);
    }
    inner_calls_done(&calls);
    pp_arena_done(&scratch);
}

/* With up to `too_much` of it too much, in edges of up to `largest`. */
static double spread_of(struct event_sum s, double too_much, double largest) {
    double least = s.total - too_much, each = log2(largest) + M_LOG2E;
    if (!(least > 0)) return INFINITY;
    return fmax(log2(s.total) - s.logs / s.total, log2(least) - (s.logs - too_much * each) / least);
}

/* Calls between locations are all different, or as evenly spread as that can be over the nodes. */
static double most_bits(const struct side *s, double self, double too_much, double n_nodes) {
    struct event_sum rest = event_of(self), all = s->calls, even = s->calls;
    add_event(&rest, s->inner);
    add_event(&all, rest);
    even.logs = even.total > 0 ? even.total * log2(even.total / n_nodes) : 0;
    add_event(&even, rest);
    double largest = fmax(s->largest, fmax(s->calls.total, 1)),
           largest_even = fmax(s->largest, fmax(s->calls.total / n_nodes, 1));
    double bits = fmin(spread_of(all, too_much, largest), spread_of(even, too_much, largest_even));
    return fmax(1, fmin(bits, log2(n_nodes))); /* without any edge it is 1 */
}

/* Sums of so many products are rounded. */
static const double ROUNDING = 1e-9;

double *entropy_bounds(const struct graph *g, const struct weights *weights,
                       struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct crossings crossings;
    crossings_build(g, &crossings, &scratch);
    double *bounds = PP_NEW(arena, double, g->n_nodes);
    const struct walk w = walk_all(g, weights, &crossings, &scratch);
    struct side *in = PP_NEW(&scratch, struct side, crossings.n_kept);
    struct side *out = PP_NEW(&scratch, struct side, crossings.n_kept);
    add_calls(&w, in, out);
    add_inner_calls(&w, in, out);
    for (uint32_t i = 0; i < crossings.n_kept; i++) {
        const struct graph_node *n = &g->nodes[crossings.kept[i]];
        double again = in[i].visits * (1 + ROUNDING) - (double)n->cum;
        double bits = most_bits(&in[i], 0, again, crossings.n_kept) +
                      most_bits(&out[i], (double)n->flat, again, crossings.n_kept);
        bounds[crossings.kept[i]] = (bits * (double)n->cum + (double)n->flat) * (1 + ROUNDING) + 1;
    }
    pp_arena_done(&scratch);
    return bounds;
}
