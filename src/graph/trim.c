/* In steps, as the reference does: everything is summed to see what is insignificant; the rest is
 * summed again, so that edges lead over the gaps; then the number of nodes is limited, and what
 * remains is summed once more. */
#include "graph/trim.h"

#include "graph/order.h"

struct trimmer {
    struct graph *g;
    const struct trim_options *opt;
    int64_t node_cutoff, edge_cutoff;
};

static int64_t cutoff(int64_t total, double fraction) {
    return num_abs(num_from_double((double)total * fraction));
}

/* Marks the first n selected nodes whose cum reaches the cutoff. */
static bool *mark(const struct graph *g, uint32_t n, int64_t min_cum, uint32_t *ret_n) {
    bool *kept = PP_NEW(g->arena, bool, g->n_nodes);
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (num_abs(g->nodes[g->selected[i]].cum) < min_cum) continue;
        kept[g->selected[i]] = true;
        ++*ret_n;
    }
    return kept;
}

static void sort_nodes(struct trimmer *t) {
    if (t->opt->picture) graph_link(t->g);
    graph_sort(t->g, t->opt->picture    ? GRAPH_BY_ENTROPY
                     : t->opt->cum_sort ? GRAPH_BY_CUM
                                        : GRAPH_BY_FLAT);
}

/* Edges count as dropped when they lead into a node that is shown. */
static uint32_t drop_light_edges(struct trimmer *t) {
    struct graph *g = t->g;
    bool *shown = PP_NEW(g->arena, bool, g->n_nodes);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_selected; i++)
        shown[g->selected[i]] = true;
    for (uint32_t i = 0; i < g->n_edges; i++) {
        struct graph_edge *e = &g->edges[i];
        if (e->dropped || !shown[e->dest] || num_abs(e->weight) >= t->edge_cutoff) continue;
        e->dropped = true;
        n++;
    }
    return n;
}

void graph_trim(struct graph *g, const struct trim_options *opt, struct trim_result *ret_result) {
    struct trimmer t = {.g = g, .opt = opt};
    struct trim_result result = {0};
    uint32_t n;
    graph_sum(g, NULL);
    int64_t total = 0;
    for (uint32_t i = 0; i < g->n_selected; i++)
        total = num_add(total, g->nodes[g->selected[i]].flat);
    t.node_cutoff = cutoff(total, opt->node_fraction);
    t.edge_cutoff = cutoff(total, opt->edge_fraction);
    if (t.node_cutoff > 0) {
        bool *kept = mark(g, g->n_selected, t.node_cutoff, &n);
        result.dropped_nodes = g->n_selected - n;
        if (result.dropped_nodes) graph_sum(g, kept);
    }
    result.n_nodes = g->n_selected;
    sort_nodes(&t);
    if (opt->node_count > 0) {
        drop_light_edges(&t);
        bool *kept = mark(g, opt->node_count < g->n_selected ? opt->node_count : g->n_selected, 0, &n);
        if (n != g->n_selected) {
            graph_sum(g, kept);
            sort_nodes(&t);
        }
    }
    result.dropped_edges = drop_light_edges(&t);
    graph_link(g);
    *ret_result = result;
}
