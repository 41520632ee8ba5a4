/* The sums of edges, between the nodes that graph_sum kept. The stacks are split among threads,
 * each with a table of its own; those are added in the order of the stacks, and edges keep the
 * order in which they are first met, so the result is the same for any number of threads.
 *
 * Looking up an edge costs more than all the rest. So where only heavy edges into inlined calls
 * count, a first walk just adds their weights to a small table of bounds, many edges to an entry,
 * and for the calls inside a location one for each location; a second one looks up what is in the
 * heavy entries. */
#include "base/parallel.h"
#include "graph/crossing.h"
#include "graph/edge_matrix.h"
#include "graph/edge_table.h"
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
    const uint64_t *marked; /* of HEAVY_EDGES: a bit a bound that is heavy */
    uint32_t first_stack, end_stack;
    enum purpose purpose;
    struct edge_table edges;
    struct edge_matrix matrix;       /* in place of it */
    uint16_t *bounds, *inner_bounds; /* in place of both: by bound_of, by location */
    double bounds_a_weight;          /* so much is a weight of 1 in a bound */
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

static inline uint32_t bound_of(uint32_t caller, uint32_t callee, unsigned shift) {
    return (caller * 0x9e3779b1U + callee * 0x85ebca6bU) >> shift;
}

static inline bool is_marked(const uint64_t *marked, uint32_t bound) {
    return marked[bound / 64] >> (bound % 64) & 1;
}

/* Rounded up; much more than is heavy is as good. */
static uint32_t weight_in_bounds(int64_t weight, double bounds_a_weight) {
    double bound = fabs((double)weight) * bounds_a_weight + 1;
    return bound < HEAVY ? (uint32_t)bound : HEAVY;
}

static inline void add_bound(uint16_t *bound, uint32_t more) {
    uint32_t sum = *bound + more;
    *bound = (uint16_t)(sum < FULL ? sum : FULL);
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
    uint32_t bound = bound_of(s->parent, c->entry, w->bound_shift);
    if (purpose == BOUNDS)
        add_bound(&w->bounds[bound], counts ? s->bound : 0);
    else if (counts && (purpose != HEAVY_EDGES || is_marked(w->marked, bound)))
        add_edge(w, s, (struct inner_call){s->parent, c->entry, s->residual | c->gap_before_entry},
                 c->entry_is_inline, purpose);
}

static inline __attribute__((always_inline)) void cross(struct walk *w, struct step *s,
                                                        uint32_t location, enum purpose purpose) {
    const struct crossing *c = &w->crossings->at[location];
    if (c->entry == PP_NONE) {
        s->residual = true;
        return;
    }
    enter(w, s, c, purpose);
    if (purpose == BOUNDS)
        add_bound(&w->inner_bounds[location], s->bound);
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
        for (uint32_t i = stack.len; i-- > 0;)
            cross(w, &s, pp_frame(g->p, stack.first + i), purpose);
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
        w->inner_bounds = PP_NEW(scratch, uint16_t, g->p->n_locations);
    }
    parallel_run(n, n, walk_share, walks);
    return n;
}

/* ---- bounds ---- */

/* So many bounds that one of many light edges is a quarter of what is heavy. */
static unsigned bits_of_bounds(const struct walk *w) {
    const struct pp_profile *p = w->g->p;
    double calls = 0; /* in weights that are just heavy */
    for (uint32_t i = 0; i < p->n_stacks; i++)
        calls += fabs((double)w->weights->weight[i]) * p->stacks[i].len;
    calls *= w->bounds_a_weight / HEAVY;
    unsigned bits = MIN_BOUND_BITS;
    while (bits < MAX_BOUND_BITS && (double)(UINT64_C(1) << bits) < 4 * calls)
        bits++;
    return bits;
}

/* Everything that was added goes into the first share's bounds. */
static void add_up_bounds(const struct walk *walks, unsigned n) {
    const struct walk *all = &walks[0];
    const struct crossings *crossings = all->crossings;
    size_t n_bounds = (size_t)1 << (32 - all->bound_shift);
    for (unsigned s = 1; s < n; s++)
        for (size_t i = 0; i < n_bounds; i++)
            add_bound(&all->bounds[i], walks[s].bounds[i]);
    for (uint32_t i = 0; i < all->g->p->n_locations; i++) {
        const struct crossing *c = &crossings->at[i];
        for (uint32_t j = c[0].first_call; j < c[1].first_call; j++) {
            const struct inner_call *call = &crossings->calls[j];
            uint32_t bound = bound_of(call->caller, call->callee, all->bound_shift);
            for (unsigned s = 0; s < n; s++)
                add_bound(&all->bounds[bound], walks[s].inner_bounds[i]);
        }
    }
}

/* Leaves only those calls inside locations whose bounds are heavy. */
static void keep_heavy_calls(struct crossings *c, uint32_t n_locations, const struct walk *w) {
    uint32_t n = 0;
    for (uint32_t i = 0, first = 0; i < n_locations; i++) {
        uint32_t end = c->at[i + 1].first_call;
        c->at[i].first_call = n;
        for (; first < end; first++) {
            struct inner_call call = c->calls[first];
            if (is_marked(w->marked, bound_of(call.caller, call.callee, w->bound_shift)))
                c->calls[n++] = call;
        }
    }
    c->at[n_locations].first_call = n;
}

/* Turns `pattern` into one of a walk that looks up heavy edges only. */
static void find_heavy(struct walk *pattern, struct crossings *crossings, int64_t min_weight,
                       struct pp_arena *scratch) {
    struct walk walks[MAX_SHARES];
    pattern->purpose = BOUNDS;
    pattern->bounds_a_weight = HEAVY / (double)min_weight;
    pattern->bound_shift = 32 - bits_of_bounds(pattern);
    unsigned n = walk_all(pattern, walks, scratch);
    add_up_bounds(walks, n);
    size_t n_bounds = (size_t)1 << (32 - pattern->bound_shift);
    uint64_t *marked = PP_NEW(scratch, uint64_t, n_bounds / 64);
    for (size_t i = 0; i < n_bounds; i++) /* one less: products are rounded */
        if (walks[0].bounds[i] >= HEAVY - 1) marked[i / 64] |= UINT64_C(1) << (i % 64);
    pattern->purpose = HEAVY_EDGES;
    pattern->marked = marked;
    keep_heavy_calls(crossings, pattern->g->p->n_locations, pattern);
}

/* ---- the whole ---- */

static void put_edges(struct graph *g, const uint32_t *kept, struct walk *walks, unsigned n) {
    struct pp_arena scratch = {0};
    struct edge_table *all = &walks[0].edges;
    for (unsigned s = 1; s < n; s++)
        edge_table_merge(all, &walks[s].edges);
    const struct edge_cell **order = edge_table_in_order(all, &scratch);
    PP_RESERVE(g->arena, g->edges, 0, g->cap_edges, all->n);
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
    if (pattern.purpose == EDGES && g->opt.inlined_edges && min_weight > 0 &&
        g->p->n_frames >= FRAMES_FOR_BOUNDS)
        find_heavy(&pattern, crossings, min_weight, scratch);
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
