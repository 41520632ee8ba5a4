#include "graph/crossing.h"

/* What is known of a node. */
struct passage {
    uint32_t number; /* PP_NONE: it is not kept */
    bool wants_edges, gives_edges;
};

/* The nodes that are shown and that inlined calls enter. */
static bool *find_marked_nodes(const struct graph *g, struct pp_arena *scratch) {
    bool *entered = PP_NEW(scratch, bool, g->n_nodes), *marked = PP_NEW(scratch, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->n_several; i++)
        for (uint32_t j = g->first_several[i]; j + 1 < g->first_several[i + 1]; j++)
            entered[g->several[j]] = true;
    for (uint32_t i = 0; i < g->n_selected; i++)
        marked[g->selected[i]] = entered[g->selected[i]];
    return marked;
}

/* Those whose edges count, or the others. */
static void number_those(const struct graph *g, struct crossings *c, struct passage *passages,
                         const bool *of, bool counts) {
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        if ((!of || of[i]) != counts) continue;
        bool is_kept = !g->kept || g->kept[i];
        passages[i] = (struct passage){.number = is_kept ? c->n_kept : PP_NONE,
                                       .wants_edges = counts,
                                       .gives_edges = counts && !g->opt.inlined_edges};
        if (is_kept) c->kept[c->n_kept++] = i;
    }
}

static struct passage *number_nodes(const struct graph *g, struct crossings *c,
                                    struct pp_arena *arena, struct pp_arena *scratch) {
    const bool *of = g->opt.inlined_edges ? find_marked_nodes(g, scratch) : g->edges_of;
    struct passage *passages = PP_NEW(scratch, struct passage, g->n_nodes);
    c->kept = PP_NEW(arena, uint32_t, g->n_nodes);
    number_those(g, c, passages, of, true);
    c->n_of = c->n_kept;
    if (of) number_those(g, c, passages, of, false);
    c->any = c->n_of > 0;
    return passages;
}

static struct crossing cross(struct graph_nodes nodes, const struct passage *passages,
                             struct crossings *c, uint32_t *n) {
    struct crossing x = {.entry = PP_NONE, .exit = PP_NONE, .first_call = *n};
    for (uint32_t i = nodes.n; i-- > 0;) {
        struct passage p = passages[nodes.at[i]];
        bool is_entry = x.entry == PP_NONE;
        if (p.number == PP_NONE) {
            x.gap_after_exit = true;
            continue;
        }
        if (is_entry) {
            x.entry = p.number;
            x.wants_entry = p.wants_edges;
            x.callers = p.wants_edges ? CROSSING_ALL : 0;
            x.entry_is_inline = i != nodes.n - 1;
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
    struct crossings c = {.n_single = g->n_nodes};
    uint32_t n = g->n_nodes + g->n_several, n_calls = 0;
    const struct passage *passages = number_nodes(g, &c, arena, &scratch);
    if (c.any) {
        c.at = PP_NEW(arena, struct crossing, (size_t)n + 1);
        c.enters = PP_NEW(arena, bool, g->p->n_locations);
        c.counts = PP_NEW(arena, bool, g->p->n_locations);
        c.calls = PP_NEW(arena, struct inner_call, g->first_several[g->n_several] - g->n_several);
        for (uint32_t i = 0; i < g->n_nodes; i++)
            c.at[i] = cross((struct graph_nodes){&i, 1}, passages, &c, &n_calls);
        for (uint32_t i = 0; i < g->n_several; i++) {
            const uint32_t *first = &g->first_several[i];
            struct graph_nodes nodes = {g->several + first[0], first[1] - first[0]};
            c.at[g->n_nodes + i] = cross(nodes, passages, &c, &n_calls);
        }
        c.at[n].first_call = n_calls;
        for (uint32_t i = 0; i < g->p->n_locations; i++) {
            const struct crossing *x = crossing_of(&c, g, i);
            c.enters[i] = x->entry != PP_NONE;
            c.counts[i] = x->wants_entry || x->gives_exit || x[0].first_call < x[1].first_call;
        }
    }
    pp_arena_done(&scratch);
    *ret_crossings = c;
}
