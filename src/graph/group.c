#include "graph/group.h"

static int64_t *weigh_stacks(const struct graph *g, struct pp_arena *arena) {
    int64_t *weights = PP_NEW(arena, int64_t, g->p->n_stacks);
    for (uint32_t i = 0; i < g->p->n_samples; i++) {
        int64_t *w = &weights[g->p->sample_stack[i]];
        *w = num_add(*w, pp_value(g->p, i, g->opt.type));
    }
    return weights;
}

void graph_group_cum(const struct graph *g, const uint32_t *group, uint32_t n_groups,
                     int64_t *ret_cum) {
    struct pp_arena scratch = {0};
    const int64_t *weights = weigh_stacks(g, &scratch);
    uint32_t *stamp = PP_NEW(&scratch, uint32_t, n_groups); /* one more than the last stack */
    memset(ret_cum, 0, n_groups * sizeof *ret_cum);
    for (uint32_t i = 0; i < g->p->n_stacks; i++) {
        struct pp_stack stack = g->p->stacks[i];
        if (!weights[i]) continue;
        for (uint32_t j = 0; j < stack.len; j++) {
            uint32_t location = pp_frame(g->p, stack.first + j);
            struct graph_nodes nodes = graph_nodes_of(g, location);
            for (uint32_t k = 0; k < nodes.n; k++) {
                uint32_t in = group[nodes.at[k]];
                if (in == PP_NONE || stamp[in] == i + 1) continue;
                stamp[in] = i + 1;
                ret_cum[in] = num_add(ret_cum[in], weights[i]);
            }
        }
    }
    pp_arena_done(&scratch);
}
