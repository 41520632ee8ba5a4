#include "graph/crossing.h"

/* What is known of a node. */
struct passage {
    uint32_t number; /* PP_NONE: it is not kept */
    bool wants_edges, gives_edges;
};

/* The nodes that are shown and that inlined calls enter. */
static bool *find_marked_nodes(const struct graph *g, struct pp_arena *scratch) {
    bool *entered = PP_NEW(scratch, bool, g->n_nodes), *marked = PP_NEW(scratch, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->p->n_locations; i++)
        for (uint32_t j = g->first_node[i]; j + 1 < g->first_node[i + 1]; j++)
            entered[g->location_nodes[j]] = true;
    for (uint32_t i = 0; i < g->n_selected; i++)
        marked[g->selected[i]] = entered[g->selected[i]];
    return marked;
}

static struct passage *number_nodes(const struct graph *g, struct crossings *c,
                                    struct pp_arena *arena, struct pp_arena *scratch) {
    const bool *of = g->opt.inlined_edges ? find_marked_nodes(g, scratch) : g->edges_of;
    struct passage *passages = PP_NEW(scratch, struct passage, g->n_nodes);
    c->any = !of;
    c->kept = PP_NEW(arena, uint32_t, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        bool is_kept = !g->kept || g->kept[i], counts = !of || of[i];
        passages[i] = (struct passage){.number = is_kept ? c->n_kept : PP_NONE,
                                       .wants_edges = counts,
                                       .gives_edges = counts && !g->opt.inlined_edges};
        c->any |= counts;
        if (is_kept) c->kept[c->n_kept++] = i;
    }
    return passages;
}

static struct crossing cross(const struct graph *g, uint32_t location,
                             const struct passage *passages, struct crossings *c, uint32_t *n) {
    struct crossing x = {.entry = PP_NONE, .exit = PP_NONE, .first_call = *n};
    uint32_t first = g->first_node[location], end = g->first_node[location + 1];
    for (uint32_t i = end; i-- > first;) {
        struct passage p = passages[g->location_nodes[i]];
        bool is_entry = x.entry == PP_NONE;
        if (p.number == PP_NONE) {
            x.gap_after_exit = true;
            continue;
        }
        if (is_entry) {
            x.entry = p.number;
            x.wants_entry = p.wants_edges;
            x.entry_is_inline = i != end - 1;
            x.gap_before_entry = x.gap_after_exit;
        } else if (x.exit != p.number && (p.wants_edges || x.gives_exit)) {
            c->calls[(*n)++] = (struct inner_call){x.exit, p.number, x.gap_after_exit};
        }
        x.exit = p.number;
        x.gives_exit = p.gives_edges;
        x.gap_after_exit = false;
    }
    return x;
}

void crossings_build(const struct graph *g, struct crossings *ret_crossings,
                     struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct crossings c = {0};
    uint32_t n_locations = g->p->n_locations, n_calls = 0;
    const struct passage *passages = number_nodes(g, &c, arena, &scratch);
    if (c.any) {
        c.at = PP_NEW(arena, struct crossing, (size_t)n_locations + 1);
        c.calls = PP_NEW(arena, struct inner_call, g->first_node[n_locations] - n_locations);
        c.marked = PP_NEW(arena, uint64_t, (size_t)n_locations / 64 + 1);
        for (uint32_t i = 0; i < n_locations; i++) {
            c.at[i] = cross(g, i, passages, &c, &n_calls);
            if (c.at[i].entry != PP_NONE) set_mark(c.marked, i);
        }
        c.at[n_locations].first_call = n_calls;
    }
    pp_arena_done(&scratch);
    *ret_crossings = c;
}
