/* The sums of edges, between the nodes that graph_sum kept. The stacks are split among threads,
 * each with a table of its own; those are added in the order of the stacks, and edges keep the
 * order in which they are first met, so the result is the same for any number of threads.
 *
 * Looking up an edge costs more than all the rest. So where only heavy edges into inlined calls
 * count, a first walk just adds their weights to a small table of bounds, many edges to an entry,
 * and what passes through a location to one for each location, which decides most calls inside
 * locations (inner_calls); a second walk looks up what is left in heavy entries, if anything is. */
#include "base/parallel.h"
#include "graph/crossing.h"
#include "graph/edge_matrix.h"
#include "graph/edge_table.h"
#include "graph/inner_calls.h"
#include "graph/weigh.h"

#include <math.h>

enum {
    DENSE_MAX = 1 << 21, /* cells: where more frames pass, edges have a cell each from the start */
    FRAMES_A_CELL = 32,  /* so many, or a table of all cells is too large */
    FRAMES_FOR_BOUNDS = 1 << 15 /* fewer are not worth two walks */
};

/* A bound is a sum of weights in units of 1 / HEAVY of the least weight that counts; what has
 * reached FULL stays there. */
enum { HEAVY = 1 << 14, FULL = 2 * HEAVY, MIN_BOUND_BITS = 12, MAX_BOUND_BITS = 20 };

/* What a walk is for; known where it is compiled. */
enum purpose { EDGES, MATRIX, BOUNDS, HEAVY_EDGES };

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const struct crossings *crossings;
    const struct inner_calls *inner; /* of BOUNDS */
    const uint64_t *marked;          /* of HEAVY_EDGES: a bit a bound that is heavy */
    uint32_t first_stack, end_stack;
    enum purpose purpose;
    struct edge_table edges;
    struct edge_matrix matrix; /* in place of it */
    uint16_t *bounds;          /* in place of both: by call_hash */
    struct passed *passed;     /* beside them: by location, and one for those without calls */
    double bounds_a_weight;    /* so much is a weight of 1 in a bound */
    unsigned bound_shift;
};

/* ---- walking ---- */

struct step {
    int64_t weight, divisor;
    uint32_t bound; /* the weight as it is added to a bound */
    uint32_t stamp, parent;
    bool gives_edges; /* the parent does */
    bool residual;    /* frames that are gone lie between */
};

/* Rounded up; much more than is heavy is as good. */
static uint32_t weight_in_bounds(int64_t weight, double bounds_a_weight) {
    double bound = fabs((double)weight) * bounds_a_weight + 1;
    return bound < HEAVY ? (uint32_t)bound : HEAVY;
}

static inline void add_bound(uint16_t *bound, uint32_t more) {
    uint32_t sum = *bound + more;
    *bound = (uint16_t)(sum < FULL ? sum : FULL);
}

/* A location that has no calls shares its place with others. */
static inline void pass(struct walk *w, const struct step *s, uint32_t location) {
    const struct crossing *c = &w->crossings->at[location];
    bool has_calls = c[0].first_call < c[1].first_call;
    struct passed *passed = &w->passed[has_calls ? location : w->g->p->n_locations];
    bool is_new = passed->stamp != s->stamp;
    passed->weight = num_add(passed->weight, is_new ? s->weight : 0);
    passed->bound += is_new && passed->bound < FULL ? s->bound : 0;
    passed->stamp = s->stamp;
}

static inline void add_edge(struct walk *w, const struct step *s, struct inner_call call,
                            bool is_inline, enum purpose purpose) {
    if (purpose == MATRIX) {
        edge_matrix_add(&w->matrix, call.caller, call.callee, s->weight, s->stamp, call.residual,
                        is_inline);
        return;
    }
    const struct edge_cell e = {.key = edge_key(call.caller, call.callee),
                                .weight = s->weight,
                                .weight_div = s->divisor,
                                .stamp = s->stamp,
                                .residual = call.residual,
                                .is_inline = is_inline};
    edge_table_add(&w->edges, &e);
}

/* From the parent into a location. Which edges count is a coin toss for the processor: where it is
 * cheap to add nothing there is no branch for it. */
static inline __attribute__((always_inline)) void
enter(struct walk *w, const struct step *s, const struct crossing *c, enum purpose purpose) {
    bool counts =
        (s->parent != PP_NONE) & (s->parent != c->entry) & ((bool)c->wants_entry | s->gives_edges);
    uint32_t bound = call_hash(s->parent, c->entry, w->bound_shift);
    if (purpose == BOUNDS) {
        add_bound(&w->bounds[bound], counts ? s->bound : 0);
        if (counts & inner_calls_may_have(w->inner, s->parent, c->entry))
            inner_calls_cross(w->inner, s->parent, c->entry);
    } else if (counts && (purpose != HEAVY_EDGES || is_marked(w->marked, bound))) {
        add_edge(w, s, (struct inner_call){s->parent, c->entry, s->residual | c->gap_before_entry},
                 c->entry_is_inline, purpose);
    }
}

static inline __attribute__((always_inline)) void cross(struct walk *w, struct step *s,
                                                        uint32_t location, enum purpose purpose) {
    const struct crossing *c = &w->crossings->at[location];
    enter(w, s, c, purpose);
    if (purpose == BOUNDS)
        pass(w, s, location);
    else
        for (uint32_t i = c[0].first_call; i < c[1].first_call; i++)
            add_edge(w, s, w->crossings->calls[i], true, purpose);
    s->parent = c->exit;
    s->gives_edges = c->gives_exit;
    s->residual = c->gap_after_exit;
}

static inline __attribute__((always_inline)) void walk_stacks(struct walk *w,
                                                              enum purpose purpose) {
    const struct graph *g = w->g;
    for (uint32_t n = w->first_stack; n < w->end_stack; n++) {
        if (!w->weights->used[n]) continue;
        struct step s = {.weight = w->weights->weight[n],
                         .divisor = w->weights->divisor ? w->weights->divisor[n] : 0,
                         .stamp = n - w->first_stack + 1,
                         .parent = PP_NONE};
        if (purpose == BOUNDS) s.bound = weight_in_bounds(s.weight, w->bounds_a_weight);
        struct pp_stack stack = g->p->stacks[n];
        for (uint32_t i = stack.len; i-- > 0;) {
            uint32_t location = pp_frame(g->p, stack.first + i);
            if (is_marked(w->crossings->marked, location))
                cross(w, &s, location, purpose);
            else
                s.residual = true;
        }
    }
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    switch (w->purpose) {
    case EDGES:
        walk_stacks(w, EDGES);
        break;
    case MATRIX:
        walk_stacks(w, MATRIX);
        break;
    case BOUNDS:
        walk_stacks(w, BOUNDS);
        break;
    case HEAVY_EDGES:
        walk_stacks(w, HEAVY_EDGES);
        break;
    }
    edge_table_settle(&w->edges);
}

/* Walks all stacks, each share like `pattern`; returns how many shares there are. */
static unsigned walk_all(const struct walk *pattern, struct walk *walks, struct pp_arena *scratch) {
    const struct graph *g = pattern->g;
    unsigned n = weigh_shares(g);
    for (unsigned s = 0; s < n; s++) {
        struct walk *w = &walks[s];
        *w = *pattern;
        w->first_stack = weigh_first_stack(g, s, n);
        w->end_stack = weigh_first_stack(g, s + 1, n);
        if (w->purpose == MATRIX) edge_matrix_open(&w->matrix, w->crossings->n_kept);
        if (w->purpose != BOUNDS) continue;
        w->bounds = PP_NEW(scratch, uint16_t, (size_t)1 << (32 - w->bound_shift));
        w->passed = PP_NEW(scratch, struct passed, (size_t)g->p->n_locations + 1);
    }
    parallel_run(n, n, walk_share, walks);
    return n;
}

/* ---- bounds ---- */

/* Which edges count. */
struct heaviness {
    int64_t min_weight;
    bool may_cancel; /* what passes through one location may be more than the sum of several */
};

/* What all calls weigh together, in weights that are just heavy. */
static double weigh_calls(const struct walk *w, struct heaviness *ret_heavy) {
    const struct pp_profile *p = w->g->p;
    double calls = 0, total = 0;
    bool any_negative = false;
    for (uint32_t i = 0; i < p->n_stacks; i++) {
        double weight = fabs((double)w->weights->weight[i]);
        calls += weight * p->stacks[i].len;
        total += weight;
        any_negative |= w->weights->weight[i] < 0;
    }
    ret_heavy->may_cancel = any_negative || total > (double)(INT64_MAX / 2);
    return calls * w->bounds_a_weight / HEAVY;
}

/* So many bounds that one of many light edges is a quarter of what is heavy. */
static unsigned bits_of_bounds(double calls) {
    unsigned bits = MIN_BOUND_BITS;
    while (bits < MAX_BOUND_BITS && (double)(UINT64_C(1) << bits) < 4 * calls)
        bits++;
    return bits;
}

static size_t count_bounds(const struct walk *w) {
    return (size_t)1 << (32 - w->bound_shift);
}

/* Everything that was added goes into the first share's tables. */
static void add_up_bounds(const struct walk *walks, unsigned n) {
    const struct walk *all = &walks[0];
    for (unsigned s = 1; s < n; s++) {
        for (size_t i = 0; i < count_bounds(all); i++)
            add_bound(&all->bounds[i], walks[s].bounds[i]);
        for (uint32_t i = 0; i < all->g->p->n_locations; i++) {
            all->passed[i].weight = num_add(all->passed[i].weight, walks[s].passed[i].weight);
            all->passed[i].bound += walks[s].passed[i].bound;
        }
    }
}

/* A call inside locations that is one between frames, too, has one bound for both. */
static void join_bounds(const struct walk *w, struct inner_calls *inner) {
    for (uint32_t i = 0; i < inner->n_edges; i++) {
        const struct inner_edge *e = &inner->edges[i];
        if (e->crossed)
            add_bound(&w->bounds[call_hash(e->caller, e->callee, w->bound_shift)], e->bound);
    }
    for (uint32_t i = 0; i < inner->n_edges; i++) {
        struct inner_edge *e = &inner->edges[i];
        if (e->crossed) e->bound = w->bounds[call_hash(e->caller, e->callee, w->bound_shift)];
    }
}

/* Known without looking at each stack: it is in one location only; or one of its locations makes it
 * heavy, and no other makes it lighter. */
static bool is_known_heavy(const struct inner_edge *e, const struct heaviness *heavy) {
    return !e->crossed && (e->n_locations == 1 || !heavy->may_cancel) &&
           num_abs(e->most) >= heavy->min_weight;
}

static bool is_unknown(const struct inner_edge *e, const struct heaviness *heavy) {
    bool has_one_source = !e->crossed && e->n_locations == 1;
    return !has_one_source && !is_known_heavy(e, heavy) && e->bound >= HEAVY - 1;
}

static void put_known_edges(struct graph *g, const uint32_t *kept, const struct inner_calls *inner,
                            const struct heaviness *heavy) {
    for (uint32_t i = 0; i < inner->n_edges; i++) {
        const struct inner_edge *e = &inner->edges[i];
        if (!is_known_heavy(e, heavy)) continue;
        struct graph_edge edge = {.src = kept[e->caller],
                                  .dest = kept[e->callee],
                                  .weight = e->most,
                                  .residual = e->residual,
                                  .is_inline = true};
        PP_PUSH(g->arena, g->edges, g->n_edges, g->cap_edges, edge);
    }
}

/* Leaves only those calls inside locations that must be looked up; returns how many there are. */
static uint32_t keep_unknown_calls(struct crossings *c, uint32_t n_locations,
                                   const struct inner_calls *inner, const struct heaviness *heavy) {
    uint32_t n = 0;
    for (uint32_t i = 0, first = 0; i < n_locations; i++) {
        uint32_t end = c->at[i + 1].first_call;
        c->at[i].first_call = n;
        for (; first < end; first++)
            if (is_unknown(&inner->edges[inner->edge_of[first]], heavy))
                c->calls[n++] = c->calls[first];
    }
    return c->at[n_locations].first_call = n;
}

/* A bit a bound. */
static const uint64_t *mark_heavy(const struct walk *w, bool *ret_any, struct pp_arena *scratch) {
    uint64_t *marked = PP_NEW(scratch, uint64_t, count_bounds(w) / 64);
    *ret_any = false;
    for (size_t i = 0; i < count_bounds(w); i++) {
        if (w->bounds[i] < HEAVY - 1) continue; /* one less: products are rounded */
        set_mark(marked, (uint32_t)i);
        *ret_any = true;
    }
    return marked;
}

/* Puts the edges that are known, and turns `pattern` into one of a walk that looks up the others.
 * False: there are none. */
static bool find_heavy(struct walk *pattern, struct graph *g, struct crossings *crossings,
                       struct heaviness *heavy, struct pp_arena *scratch) {
    struct walk walks[MAX_SHARES];
    struct inner_calls inner;
    uint32_t n_locations = g->p->n_locations;
    inner_calls_build(crossings, n_locations, &inner, scratch);
    pattern->purpose = BOUNDS;
    pattern->inner = &inner;
    pattern->bounds_a_weight = HEAVY / (double)heavy->min_weight;
    pattern->bound_shift = 32 - bits_of_bounds(weigh_calls(pattern, heavy));
    unsigned n = walk_all(pattern, walks, scratch);
    add_up_bounds(walks, n);
    inner_calls_add_passed(&inner, crossings, walks[0].passed, n_locations, FULL);
    join_bounds(&walks[0], &inner);
    put_known_edges(g, crossings->kept, &inner, heavy);
    bool any_call = keep_unknown_calls(crossings, n_locations, &inner, heavy) > 0, any_edge;
    inner_calls_done(&inner);
    pattern->purpose = HEAVY_EDGES;
    pattern->inner = NULL;
    pattern->marked = mark_heavy(&walks[0], &any_edge, scratch);
    return any_call || any_edge;
}

/* ---- the whole ---- */

static void put_edges(struct graph *g, const uint32_t *kept, struct walk *walks, unsigned n) {
    struct pp_arena scratch = {0};
    struct edge_table *all = &walks[0].edges;
    for (unsigned s = 1; s < n; s++)
        edge_table_merge(all, &walks[s].edges);
    const struct edge_cell **order = edge_table_in_order(all, &scratch);
    PP_RESERVE(g->arena, g->edges, g->n_edges, g->cap_edges, all->n);
    for (size_t i = 0; i < all->n; i++) {
        const struct edge_cell *e = order[i];
        if (!e) continue;
        g->edges[g->n_edges++] = (struct graph_edge){.src = kept[e->key >> 32],
                                                     .dest = kept[(uint32_t)e->key],
                                                     .weight = e->weight,
                                                     .weight_div = e->weight_div,
                                                     .residual = e->residual,
                                                     .is_inline = e->is_inline};
    }
    edge_table_done(all);
    pp_arena_done(&scratch);
}

static void put_matrices(struct graph *g, const uint32_t *kept, struct walk *walks, unsigned n) {
    for (unsigned s = 1; s < n; s++) {
        edge_matrix_merge(&walks[0].matrix, &walks[s].matrix);
        pp_free(walks[s].matrix.cells);
    }
    edge_matrix_put(&walks[0].matrix, kept, g);
    pp_free(walks[0].matrix.cells);
}

/* Whether there may well be an edge between any two nodes. */
static bool is_crowded(const struct graph *g, uint32_t n_kept) {
    uint64_t n_cells = (uint64_t)n_kept * n_kept;
    return !g->edges_of && !g->opt.mean && n_cells <= DENSE_MAX &&
           g->p->n_frames / FRAMES_A_CELL > n_cells;
}

static void sum_edges(struct graph *g, struct crossings *crossings, int64_t min_weight,
                      struct pp_arena *scratch) {
    struct weights weights;
    struct walk walks[MAX_SHARES], pattern = {.g = g, .weights = &weights, .crossings = crossings};
    weigh_stacks(g, &weights, scratch);
    pattern.purpose = is_crowded(g, crossings->n_kept) ? MATRIX : EDGES;
    struct heaviness heavy = {.min_weight = min_weight};
    if (pattern.purpose == EDGES && g->opt.inlined_edges && min_weight > 0 &&
        g->p->n_frames >= FRAMES_FOR_BOUNDS && !find_heavy(&pattern, g, crossings, &heavy, scratch))
        return;
    unsigned n = walk_all(&pattern, walks, scratch);
    if (pattern.purpose == MATRIX)
        put_matrices(g, crossings->kept, walks, n);
    else
        put_edges(g, crossings->kept, walks, n);
}

void graph_sum_edges(struct graph *g, int64_t min_weight) {
    struct pp_arena scratch = {0};
    struct crossings crossings;
    g->n_edges = 0;
    g->in_edges = g->out_edges = NULL;
    crossings_build(g, &crossings, &scratch);
    if (crossings.any) sum_edges(g, &crossings, min_weight, &scratch);
    pp_arena_done(&scratch);
}
