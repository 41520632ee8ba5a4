#include "graph/heavy_callers.h"

#include "base/parallel.h"

enum {
    CANDIDATES = 4, /* callers of a node that are tried, where weights may cancel */
    PARTS = 4       /* of all frames one is enough to look at: who is hardly called has few calls */
};

struct call_sum {
    int64_t weight;
    uint32_t stamp; /* the last stack that passed */
};

struct search {
    const struct graph *g;
    const struct heavy_calls *of;
    const struct crossings *crossings;
    uint32_t *callers;  /* CANDIDATES of each callee, the last ones first; PP_NONE: not found */
    uint8_t *n_wanted;  /* by number of a callee: so many are still to be found */
    uint32_t n_callees; /* that any are wanted of */
    uint32_t n_found;   /* candidates */
};

/* One thread's share. */
struct share {
    const struct search *search;
    struct call_sum *sums; /* by candidate */
    uint32_t first_stack, end_stack;
};

static uint32_t count_crossings(const struct graph *g, const struct crossings *c) {
    return c->n_single + g->n_several;
}

/* Of those that frames enter by an inlined call none: which of a stack's calls comes first would
 * have to be known. */
static void want_callers(struct search *s, uint8_t n) {
    const struct crossings *c = s->crossings;
    memset(s->n_wanted, n, c->n_of);
    for (uint32_t i = 0; i < count_crossings(s->g, c); i++)
        if (c->at[i].entry_is_inline) s->n_wanted[c->at[i].entry] = 0;
    for (uint32_t i = 0; i < c->n_of; i++)
        s->n_callees += s->n_wanted[i] > 0;
}

/* PP_NONE: the call is none. */
static inline uint32_t find_candidate(const struct search *s, uint32_t caller, uint32_t callee) {
    uint32_t first = callee * CANDIDATES;
    for (uint32_t i = first; i < first + CANDIDATES; i++)
        if (s->callers[i] == caller) return i;
    return PP_NONE;
}

static void try_caller(struct search *s, uint32_t caller, uint32_t callee) {
    if (!s->n_wanted[callee] || find_candidate(s, caller, callee) != PP_NONE ||
        inner_calls_find(s->of->inner, caller, callee))
        return;
    s->callers[callee * CANDIDATES + --s->n_wanted[callee]] = caller;
    s->n_callees -= !s->n_wanted[callee];
    s->n_found++;
}

static void search_stack(struct search *s, struct pp_stack stack) {
    uint32_t parent = PP_NONE;
    for (uint32_t i = stack.len; s->n_callees && i-- > 0;) {
        uint32_t location = pp_frame(s->g->p, stack.first + i);
        const struct crossing *c = crossing_of(s->crossings, s->g, location);
        if (c->entry == PP_NONE) continue;
        if (parent != PP_NONE && parent != c->entry) try_caller(s, parent, c->entry);
        parent = c->exit;
    }
}

/* Stacks of all kinds, since those of one kind may stand together. */
static void search_stacks(struct search *s) {
    const struct pp_profile *p = s->g->p;
    const struct weights *w = s->of->weights;
    uint64_t n_frames = 0;
    for (uint32_t part = 0; part < PARTS; part++)
        for (uint32_t n = part; n < p->n_stacks; n += PARTS) {
            if (!w->used[n] || num_abs(w->weight[n]) < s->of->min_weight) continue;
            if (!s->n_callees || n_frames > p->n_frames / PARTS) return;
            search_stack(s, p->stacks[n]);
            n_frames += p->stacks[n].len;
        }
}

static inline void add_call(const struct share *share, uint32_t caller, uint32_t callee,
                            uint32_t stack) {
    uint32_t at = find_candidate(share->search, caller, callee);
    uint32_t stamp = stack - share->first_stack + 1;
    if (at == PP_NONE || share->sums[at].stamp == stamp) return;
    struct call_sum *sum = &share->sums[at];
    sum->stamp = stamp;
    sum->weight = num_add(sum->weight, share->search->of->weights->weight[stack]);
}

static inline __attribute__((always_inline)) void
sum_stack(const struct share *share, uint32_t stack, struct pp_frames frames) {
    const struct search *s = share->search;
    uint32_t parent = PP_NONE;
    for (uint32_t i = s->g->p->stacks[stack].len; i-- > 0;) {
        const struct crossing *c = crossing_of(s->crossings, s->g, pp_frame_in(frames, i));
        if (c->entry == PP_NONE) continue;
        if (c->wants_entry && parent != PP_NONE) add_call(share, parent, c->entry, stack);
        parent = c->exit;
    }
}

static void sum_share(void *user, unsigned worker, size_t number) {
    (void)worker;
    const struct share *share = (const struct share *)user + number;
    const struct pp_profile *p = share->search->g->p;
    for (uint32_t n = share->first_stack; n < share->end_stack; n++)
        if (share->search->of->weights->used[n])
            PP_WITH_FRAMES(p->frames, p->stacks[n].first, frames, sum_stack(share, n, frames));
}

/* Of all candidates, into the first share. */
static const struct call_sum *sum_candidates(const struct search *s, struct pp_arena *arena) {
    struct share shares[MAX_SHARES];
    unsigned n = weigh_shares(s->g);
    uint32_t n_sums = s->crossings->n_of * CANDIDATES;
    for (unsigned i = 0; i < n; i++)
        shares[i] = (struct share){.search = s,
                                   .sums = PP_NEW(arena, struct call_sum, n_sums),
                                   .first_stack = weigh_first_stack(s->g, i, n),
                                   .end_stack = weigh_first_stack(s->g, i + 1, n)};
    parallel_run(n, n, sum_share, shares);
    for (unsigned i = 1; i < n; i++)
        for (uint32_t j = 0; j < n_sums; j++)
            shares[0].sums[j].weight = num_add(shares[0].sums[j].weight, shares[i].sums[j].weight);
    return shares[0].sums;
}

/* Leaves only candidates that are heavy. Where hardly any were found, they would spare less than a
 * walk. */
static void drop_light(const struct search *s, struct pp_arena *arena) {
    uint32_t n_of = s->crossings->n_of, n = n_of * CANDIDATES;
    const struct call_sum *sums = s->n_found < n_of ? NULL : sum_candidates(s, arena);
    for (uint32_t i = 0; i < n; i++)
        if (!sums || num_abs(sums[i].weight) < s->of->min_weight) s->callers[i] = PP_NONE;
}

/* Edges into nodes that are called count only where they may be inlined, too. */
static void ask_few(const struct search *s, struct crossings *c, const uint32_t *callers,
                    struct pp_arena *scratch) {
    const struct inner_calls *inner = s->of->inner;
    uint32_t *asked = PP_NEW(scratch, uint32_t, c->n_kept);
    for (uint32_t i = 0; i < inner->n_edges; i++)
        asked[inner->edges[i].callee] |= crossing_bit(inner->edges[i].caller);
    for (uint32_t i = 0; i < count_crossings(s->g, c); i++) {
        struct crossing *x = &c->at[i];
        if (x->entry != PP_NONE && callers[x->entry] != PP_NONE)
            x->callers = asked[x->entry] & CROSSING_ALL;
    }
}

const uint32_t *heavy_callers_find(const struct graph *g, const struct heavy_calls *of,
                                   struct crossings *c, struct pp_arena *arena) {
    bool one_is_enough = !of->weights->may_cancel || !of->min_weight;
    size_t n_candidates = (size_t)c->n_of * CANDIDATES;
    struct search s = {.g = g,
                       .of = of,
                       .crossings = c,
                       .callers = PP_NEW(arena, uint32_t, n_candidates),
                       .n_wanted = PP_NEW(arena, uint8_t, c->n_kept)};
    memset(s.callers, 0xff, n_candidates * sizeof *s.callers);
    want_callers(&s, one_is_enough ? 1 : CANDIDATES);
    search_stacks(&s);
    if (!one_is_enough) drop_light(&s, arena);
    uint32_t *callers = PP_NEW(arena, uint32_t, c->n_kept);
    memset(callers, 0xff, c->n_kept * sizeof *callers);
    for (size_t i = 0; i < n_candidates; i++)
        if (s.callers[i] != PP_NONE) callers[i / CANDIDATES] = s.callers[i];
    ask_few(&s, c, callers, arena);
    return callers;
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
