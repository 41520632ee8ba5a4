#include "graph/heavy_callers.h"

struct search {
    const struct graph *g;
    const struct crossings *crossings;
    const struct inner_calls *inner;
    uint32_t *callers; /* by number */
    bool *wanted;      /* by number: a caller is to be found */
    uint32_t n_wanted;
};

static uint32_t count_crossings(const struct graph *g, const struct crossings *c) {
    return c->n_single + g->n_several;
}

/* Not those that frames enter by an inlined call: which of a stack's calls comes first would have
 * to be known. */
static void want_callees(struct search *s) {
    const struct crossings *c = s->crossings;
    for (uint32_t i = 0; i < c->n_of; i++)
        s->wanted[i] = true;
    for (uint32_t i = 0; i < count_crossings(s->g, c); i++)
        if (c->at[i].entry_is_inline) s->wanted[c->at[i].entry] = false;
    for (uint32_t i = 0; i < c->n_of; i++)
        s->n_wanted += s->wanted[i];
}

static void search_stack(struct search *s, struct pp_stack stack) {
    uint32_t parent = PP_NONE;
    for (uint32_t i = stack.len; s->n_wanted && i-- > 0;) {
        uint32_t location = pp_frame(s->g->p, stack.first + i);
        const struct crossing *c = crossing_of(s->crossings, s->g, location);
        if (c->entry == PP_NONE) continue;
        if (parent != PP_NONE && parent != c->entry && s->wanted[c->entry] &&
            !inner_calls_find(s->inner, parent, c->entry)) {
            s->callers[c->entry] = parent;
            s->wanted[c->entry] = false;
            s->n_wanted--;
        }
        parent = c->exit;
    }
}

/* Edges into nodes that are called count only where they may be inlined, too. */
static void ask_few(const struct search *s, struct crossings *c, struct pp_arena *scratch) {
    uint32_t *asked = PP_NEW(scratch, uint32_t, c->n_kept);
    for (uint32_t i = 0; i < s->inner->n_edges; i++)
        asked[s->inner->edges[i].callee] |= crossing_bit(s->inner->edges[i].caller);
    for (uint32_t i = 0; i < count_crossings(s->g, c); i++) {
        struct crossing *x = &c->at[i];
        if (x->entry != PP_NONE && s->callers[x->entry] != PP_NONE)
            x->callers = asked[x->entry] & CROSSING_ALL;
    }
}

const uint32_t *heavy_callers_find(const struct graph *g, const struct heavy_calls *of,
                                   struct crossings *c, struct pp_arena *arena) {
    const struct weights *w = of->weights;
    struct search s = {.g = g,
                       .crossings = c,
                       .inner = of->inner,
                       .callers = PP_NEW(arena, uint32_t, c->n_kept),
                       .wanted = PP_NEW(arena, bool, c->n_kept)};
    memset(s.callers, 0xff, c->n_kept * sizeof *s.callers);
    want_callees(&s);
    for (uint32_t n = 0; s.n_wanted && n < g->p->n_stacks; n++)
        if (w->used[n] && num_abs(w->weight[n]) >= of->min_weight)
            search_stack(&s, g->p->stacks[n]);
    ask_few(&s, c, arena);
    return s.callers;
}

void heavy_callers_put(struct graph *g, const struct crossings *c, const uint32_t *callers,
                       int64_t min_weight) {
    for (uint32_t i = 0; i < c->n_of; i++) {
        if (callers[i] == PP_NONE) continue;
        struct graph_edge e = {
            .src = c->kept[callers[i]], .dest = c->kept[i], .weight = min_weight};
        PP_PUSH(g->arena, g->edges, g->n_edges, g->cap_edges, e);
    }
}
