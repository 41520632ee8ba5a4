/* In steps, as the reference does: everything is summed to see what is insignificant; the rest is
 * summed again, so that edges lead over the gaps; then the number of nodes is limited, and what
 * remains is summed once more. */
#include "graph/trim.h"

#include "graph/entropy.h"
#include "graph/node_tags.h"
#include "graph/order.h"
#include "graph/sum_store.h"
#include "graph/tree.h"

enum { MAX_TAGS = 4 }; /* boxes beside a node of a drawing */

struct trimmer {
    struct graph *g;
    const struct trim_options *opt;
    int64_t node_cutoff, edge_cutoff;
    bool all_fit; /* limiting the nodes left out none */
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

/* Of an earlier graph, if only so many are asked for. */
static bool take_order(struct graph *g, uint32_t n) {
    struct pp_str bytes;
    if (!sum_store_get_part(g->opt.sums, g, SUM_ORDER, n, &bytes)) return false;
    memcpy(g->selected, bytes.data, bytes.len);
    return true;
}

static void keep_order(const struct graph *g, uint32_t n) {
    struct pp_str bytes = {(const char *)g->selected, g->n_selected * sizeof *g->selected};
    sum_store_put_part(g->opt.sums, g, SUM_ORDER, n, bytes);
}

/* In the order of how their edges spread; those of a call tree are there. */
static void sort_by_edges(struct trimmer *t) {
    if (!t->opt->call_tree) graph_sum_edges(t->g, t->edge_cutoff);
    graph_link(t->g);
    graph_sort(t->g, GRAPH_BY_ENTROPY);
}

/* The first nodes of a picture, where others won't be shown: then the edges that say so are of no
 * more use. */
static void sort_first(struct trimmer *t, uint32_t n) {
    if (take_order(t->g, n)) return;
    if (!entropy_select(t->g, n)) sort_by_edges(t);
    keep_order(t->g, n);
}

static void sort_nodes(struct trimmer *t) {
    uint32_t most = t->opt->node_count;
    if (!t->opt->picture)
        graph_sort(t->g, t->opt->order);
    else if (!t->opt->call_tree && most && most < t->g->n_selected)
        sort_first(t, most);
    else
        sort_by_edges(t);
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

/* How many of the first nodes a drawing has room for: the boxes of their tags count, too. */
static uint32_t room_in_picture(struct trimmer *t) {
    struct graph *g = t->g;
    uint32_t n = t->opt->node_count < g->n_selected ? t->opt->node_count : g->n_selected;
    struct tag_options opt = {t->opt->tag_from, t->opt->tag_to, t->node_cutoff};
    struct tag_reader reader;
    tags_open(&reader, g, g->selected, n, &opt);
    uint32_t boxes = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct pp_arena scratch = {0};
        struct node_tags tags;
        tags_read(&reader, i, &tags, &scratch);
        uint32_t own = 0;
        for (uint32_t j = 0; j < tags.n_texts; j++)
            own += tags.texts[j].flat != 0;
        for (uint32_t j = 0; j < tags.n_numbers; j++)
            own += tags.numbers[j].flat != 0;
        pp_arena_done(&scratch);
        boxes += 1 + (own < MAX_TAGS ? own : MAX_TAGS);
        if (boxes >= t->opt->node_count) n = i + 1;
    }
    tags_close(&reader);
    return n;
}

static void keep_only(struct trimmer *t, const bool *kept) {
    if (t->opt->call_tree)
        tree_trim(t->g, kept);
    else
        graph_sum(t->g, kept);
}

static void limit_nodes(struct trimmer *t) {
    struct graph *g = t->g;
    uint32_t n = t->opt->node_count, kept_n;
    drop_light_edges(t);
    if (t->opt->picture) n = room_in_picture(t);
    bool *kept = mark(g, n < g->n_selected ? n : g->n_selected, 0, &kept_n);
    t->all_fit = kept_n == g->n_selected;
    if (t->all_fit) return;
    keep_only(t, kept);
    sort_nodes(t);
}

/* Whether e's caller reaches its callee without e, over edges that were not dropped. */
static bool is_redundant(const struct graph *g, const struct graph_edge *e) {
    struct pp_arena scratch = {0};
    bool *seen = PP_NEW(&scratch, bool, g->n_nodes);
    uint32_t *queue = PP_NEW(&scratch, uint32_t, g->n_nodes), n = 0;
    bool found = false;
    seen[e->dest] = true;
    queue[n++] = e->dest;
    for (uint32_t at = 0; at < n && !found; at++) {
        for (uint32_t i = g->first_in[queue[at]]; i < g->first_in[queue[at] + 1] && !found; i++) {
            const struct graph_edge *in = &g->edges[g->in_edges[i]];
            if (in == e || in->dropped || seen[in->src]) continue;
            found = in->src == e->src;
            seen[in->src] = true;
            queue[n++] = in->src;
        }
    }
    pp_arena_done(&scratch);
    return found;
}

/* Drops residual edges that say nothing new, the lightest first; none heavier than a real one. */
static void drop_redundant_edges(struct graph *g) {
    for (uint32_t i = g->n_selected; i-- > 0;) {
        uint32_t n;
        struct graph_edge **in = graph_edges_in(g, g->selected[i], &n);
        while (n-- > 0 && in[n]->residual)
            in[n]->dropped |= is_redundant(g, in[n]);
    }
}

void graph_trim(struct graph *g, const struct trim_options *opt, struct trim_result *ret_result) {
    struct trimmer t = {.g = g, .opt = opt};
    struct trim_result result = {0};
    uint32_t n;
    if (opt->call_tree)
        tree_build(g);
    else
        graph_sum(g, NULL);
    int64_t total = 0;
    for (uint32_t i = 0; i < g->n_selected; i++)
        total = num_add(total, g->nodes[g->selected[i]].flat);
    t.node_cutoff = cutoff(total, opt->node_fraction);
    t.edge_cutoff = cutoff(total, opt->edge_fraction);
    if (t.node_cutoff > 0) {
        bool *kept = mark(g, g->n_selected, t.node_cutoff, &n);
        result.dropped_nodes = g->n_selected - n;
        if (result.dropped_nodes) keep_only(&t, kept);
    }
    result.n_nodes = g->n_selected;
    result.node_cutoff = t.node_cutoff;
    sort_nodes(&t);
    if (opt->node_count > 0) limit_nodes(&t);
    if (!opt->call_tree && !opt->picture) graph_sum_edges(g, t.edge_cutoff);
    result.dropped_edges = drop_light_edges(&t);
    if (t.all_fit) result.dropped_edges = 0; /* they went before, uncounted as in the reference */
    graph_link(g);
    if (opt->picture && !opt->call_tree) drop_redundant_edges(g);
    *ret_result = result;
}
