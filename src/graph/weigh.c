#include "graph/weigh.h"

#include "base/parallel.h"

/* Fewer frames are not worth a thread, and neither are few a node: its tables have an entry each.
 */
enum { FRAMES_A_THREAD = 1 << 15, FRAMES_A_NODE = 4 };

void weigh_stacks(const struct graph *g, struct weights *ret_weights, struct pp_arena *scratch) {
    const struct pp_profile *p = g->p;
    struct weights w = {.weight = PP_NEW(scratch, int64_t, p->n_stacks)};
    if (g->opt.mean) w.divisor = PP_NEW(scratch, int64_t, p->n_stacks);
    w.used = PP_NEW(scratch, bool, p->n_stacks);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t weight = pp_value(p, i, g->opt.type);
        int64_t divisor = g->opt.mean ? pp_value(p, i, 0) : 0;
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

unsigned weigh_shares(const struct graph *g) {
    if (g->opt.threads) return parallel_width(MAX_SHARES, g->opt.threads);
    uint64_t each = FRAMES_A_THREAD + (uint64_t)FRAMES_A_NODE * g->n_nodes;
    uint64_t worth = g->p->n_frames / each + 1;
    return worth == 1 ? 1 : parallel_width(worth < MAX_SHARES ? (size_t)worth : MAX_SHARES, 0);
}

uint32_t weigh_first_stack(const struct graph *g, unsigned share, unsigned n_shares) {
    return (uint32_t)((uint64_t)g->p->n_stacks * share / n_shares);
}
