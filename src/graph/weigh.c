#include "graph/weigh.h"

#include "base/parallel.h"

/* Fewer frames are not worth a thread, and neither are few a node: its tables have an entry each.
 */
enum { FRAMES_A_THREAD = 1 << 15, FRAMES_A_NODE = 4 };

void weigh_stacks(const struct pp_profile *p, const struct graph_options *opt,
                  struct weights *ret_weights, struct pp_arena *scratch) {
    struct weights w = {.weight = PP_NEW(scratch, int64_t, p->n_stacks)};
    if (opt->mean) w.divisor = PP_NEW(scratch, int64_t, p->n_stacks);
    w.used = PP_NEW(scratch, bool, p->n_stacks);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t weight = pp_value(p, i, opt->type);
        int64_t divisor = opt->mean ? pp_value(p, i, 0) : 0;
        if (!weight && !divisor) continue;
        uint32_t stack = p->sample_stack[i];
        w.weight[stack] = num_add(w.weight[stack], weight);
        if (w.divisor) w.divisor[stack] = num_add(w.divisor[stack], divisor);
        w.used[stack] = true;
    }
    double total = 0;
    for (uint32_t i = 0; i < p->n_stacks; i++) {
        total += (double)w.weight[i];
        w.may_cancel |= w.weight[i] < 0;
    }
    w.may_cancel |= total > (double)(INT64_MAX / 2);
    *ret_weights = w;
}

const struct weights *weigh_graph(struct graph *g) {
    if (g->weights) return g->weights;
    struct weights *weights = PP_NEW(g->arena, struct weights, 1);
    weigh_stacks(g->p, &g->opt, weights, g->arena);
    return g->weights = weights;
}

static int64_t missing(int64_t some, int64_t all) {
    return num_add(some, num_neg(all));
}

void weigh_missing(struct weights *all, const struct weights *some, uint32_t n_stacks) {
    for (uint32_t i = 0; i < n_stacks; i++) {
        all->weight[i] = missing(some->weight[i], all->weight[i]);
        if (all->divisor) all->divisor[i] = missing(some->divisor[i], all->divisor[i]);
        all->used[i] = all->weight[i] || (all->divisor && all->divisor[i]);
    }
    all->may_cancel = some->may_cancel;
}

uint64_t weigh_frames(const struct weights *w, const struct pp_profile *p) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        n += w->used[i] ? p->stacks[i].len : 0;
    return n;
}

unsigned weigh_shares(const struct graph *g) {
    if (g->opt.threads) return parallel_width(MAX_SHARES, g->opt.threads);
    uint64_t each = FRAMES_A_THREAD + (uint64_t)FRAMES_A_NODE * g->n_nodes;
    uint64_t worth = g->p->n_frames / each + 1;
    return worth == 1 ? 1 : parallel_width(worth < MAX_SHARES ? (size_t)worth : MAX_SHARES, 0);
}

uint32_t weigh_first_stack(const struct graph *g, unsigned share, unsigned n_shares) {
    return (uint32_t)((uint64_t)g->p->n_stacks * share / n_shares);
}
