#include "graph/group.h"

#include "base/parallel.h"
#include "graph/weigh.h"
#include "profile/marked_frames.h"

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const uint32_t *group;
    const bool *has_group; /* by location */
    uint32_t first_stack, end_stack;
    int64_t *cum;    /* by group */
    uint32_t *stamp; /* by group: the last stack that passed */
};

static const bool *find_locations(const struct graph *g, const uint32_t *group,
                                  struct pp_arena *scratch) {
    bool *nodes = PP_NEW(scratch, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        nodes[i] = group[i] != PP_NONE;
    return graph_locations_of(g, nodes, scratch);
}

static void visit(struct walk *w, uint32_t location, int64_t weight, uint32_t stamp) {
    struct graph_nodes nodes = graph_nodes_of(w->g, location);
    for (uint32_t i = 0; i < nodes.n; i++) {
        uint32_t in = w->group[nodes.at[i]];
        if (in == PP_NONE || w->stamp[in] == stamp) continue;
        w->stamp[in] = stamp;
        w->cum[in] = num_add(w->cum[in], weight);
    }
}

static void visit_stack(void *user, uint32_t stack, const uint32_t *at, uint32_t n) {
    struct walk *w = user;
    const struct pp_profile *p = w->g->p;
    for (uint32_t i = 0; i < n; i++)
        visit(w, pp_frame(p, p->stacks[stack].first + at[i]), w->weights->weight[stack],
              stack - w->first_stack + 1);
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    const struct marked_frames frames = {w->g->p, w->has_group, w->first_stack, w->end_stack};
    marked_frames_walk(&frames, visit_stack, w);
}

void graph_group_cum(struct graph *g, const uint32_t *group, uint32_t n_groups, int64_t *ret_cum) {
    struct pp_arena scratch = {0};
    struct walk walks[MAX_SHARES];
    const struct weights *weights = weigh_graph(g);
    const bool *has_group = find_locations(g, group, &scratch);
    unsigned n = weigh_shares(g);
    for (unsigned s = 0; s < n; s++)
        walks[s] = (struct walk){.g = g,
                                 .weights = weights,
                                 .group = group,
                                 .has_group = has_group,
                                 .first_stack = weigh_first_stack(g, s, n),
                                 .end_stack = weigh_first_stack(g, s + 1, n),
                                 .cum = PP_NEW(&scratch, int64_t, n_groups),
                                 .stamp = PP_NEW(&scratch, uint32_t, n_groups)};
    parallel_run(n, n, walk_share, walks);
    memset(ret_cum, 0, n_groups * sizeof *ret_cum);
    for (unsigned s = 0; s < n; s++)
        for (uint32_t i = 0; i < n_groups; i++)
            ret_cum[i] = num_add(ret_cum[i], walks[s].cum[i]);
    pp_arena_done(&scratch);
}
