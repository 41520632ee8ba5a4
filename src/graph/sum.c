/* The sums of a graph. The samples of a stack are added up first, so each distinct stack is walked
 * once; the stacks are split among threads, each with tables of its own, which are added in the
 * order of the stacks. Sums wrap and edges keep the order in which they are first met, so the
 * result is the same for any number of threads.
 *
 * Looking up an edge costs more than all the rest. So where only heavy edges into inlined calls
 * count (graph_sum_edges), the first walk just adds their weights to a small table of bounds, many
 * edges to an entry, and looks up those whose entry has an inlined call among them. If another
 * entry turns out heavy, a second walk looks up what is in heavy entries. */
#include "base/hash.h"
#include "base/parallel.h"
#include "graph/edge_matrix.h"

#include <math.h>
#include <stdlib.h>

enum {
    DENSE_MAX = 1 << 21, /* cells: where more frames pass, edges have a cell each from the start */
    FRAMES_A_THREAD = 1 << 20, /* fewer are not worth one */
    MAX_SHARES = 8,            /* each has tables of its own */
    FRAMES_FOR_LATER = 1 << 20 /* fewer are not worth a second walk, for edges alone */
};

enum { PENDING = 32 };

enum { BOUND_BITS = 16, N_BOUNDS = 1 << BOUND_BITS, MARK_WORDS = N_BOUNDS / 64 };

/* What a walk is for; known where it is compiled. */
enum purpose { NODES, NODES_AND_EDGES, MATRIX, NODES_AND_BOUNDS, HEAVY_EDGES };

/* By stack. */
struct weights {
    int64_t *weight, *divisor; /* divisor: NULL without -mean */
    bool *used; /* by a sample that is not all zero: it makes edges even if the sum is 0 */
};

/* What a walk needs of a node, close together. */
struct tally {
    int64_t cum, cum_div;
    uint32_t stamp;   /* the last stack that passed */
    bool gone;        /* not kept */
    bool wants_edges; /* those into it */
    bool gives_edges; /* those out of it count wherever they lead */
    double edges;     /* the same as 1 or 0 */
};

struct edge_cell {
    uint64_t key; /* caller and callee; 0 is free, since nothing calls itself here */
    int64_t weight, weight_div;
    uint32_t stamp;      /* the last stack that passed */
    uint32_t place : 30; /* in the order of first meetings */
    bool residual : 1, is_inline : 1;
};

/* The edges of a walk: a hash table by key. */
struct edge_table {
    struct edge_cell *cells; /* a power of two */
    size_t n_cells, n, max;
    unsigned shift;
    uint64_t seed;
};

/* One thread's share. */
struct walk {
    const struct graph *g;
    const struct weights *weights;
    const uint32_t *only_node; /* by location: its node, PP_NONE if it has several */
    uint32_t first_stack, end_stack;
    struct tally *tallies;    /* by node, as all that follows */
    int64_t *flat, *flat_div; /* flat_div: NULL without -mean */
    struct edge_table edges;
    struct edge_matrix matrix; /* in place of it, where there are enough */
    struct edge_cell pending[PENDING];
    unsigned n_pending;
    double *bounds;         /* of a walk for bounds; doubles do not wrap */
    const uint64_t *marked; /* a bit a bound: its edges are looked up */
    enum purpose purpose;
};

/* ---- edges ---- */

static inline size_t home_cell(const struct edge_table *t, uint64_t key) {
    return hash_word(t->seed, key) >> t->shift;
}

static inline struct edge_cell *edge_cell(const struct edge_table *t, uint64_t key) {
    size_t at = home_cell(t, key);
    while (t->cells[at].key != key && t->cells[at].key)
        at = (at + 1) & (t->n_cells - 1);
    return &t->cells[at];
}

static void grow_edges(struct edge_table *t) {
    struct edge_table old = *t;
    t->seed = hash_seed();
    t->n_cells = old.cells ? old.n_cells * 2 : 64;
    t->shift = old.cells ? old.shift - 1 : 64 - 6;
    t->max = t->n_cells / 4 * 3;
    t->cells = edge_memory(t->n_cells * sizeof *t->cells);
    for (size_t i = 0; i < old.n_cells; i++)
        if (old.cells[i].key) *edge_cell(t, old.cells[i].key) = old.cells[i];
    pp_free(old.cells);
}

/* `once`: unless the stack of this stamp has passed already. */
static inline void add_edge(struct edge_table *t, const struct edge_cell *e, bool once) {
    if (t->n == t->max) grow_edges(t);
    struct edge_cell *cell = edge_cell(t, e->key);
    if (!cell->key) {
        *cell = *e;
        cell->place = (uint32_t)t->n++ & ((1U << 30) - 1);
        return;
    }
    if (once && cell->stamp == e->stamp) return;
    cell->stamp = e->stamp;
    cell->weight = num_add(cell->weight, e->weight);
    cell->weight_div = num_add(cell->weight_div, e->weight_div);
    cell->residual |= e->residual;
    cell->is_inline &= e->is_inline;
}

/* By place; NULL where nobody stands, since a place has 30 bits. */
static const struct edge_cell **in_order(const struct edge_table *t, struct pp_arena *scratch) {
    const struct edge_cell **order = PP_NEW(scratch, const struct edge_cell *, t->n);
    for (size_t i = 0; i < t->n_cells; i++)
        if (t->cells[i].key) order[t->cells[i].place] = &t->cells[i];
    return order;
}

/* ---- walking ---- */

struct step {
    int64_t weight, divisor;
    double magnitude; /* of the weight */
    double called;    /* the same, but 0 as long as there is no parent */
    uint32_t stamp, parent;
    bool gives_edges; /* the parent does */
    bool residual;    /* frames that are gone lie between */
};

static inline uint32_t bound_of(uint32_t caller, uint32_t callee) {
    return (caller * 0x9e3779b1U + callee * 0x85ebca6bU) >> (32 - BOUND_BITS);
}

static void add_pending(struct walk *w) {
    for (unsigned i = 0; i < w->n_pending; i++)
        add_edge(&w->edges, &w->pending[i], true);
    w->n_pending = 0;
}

/* A hash table is larger than any cache: edges wait until their cells have come from memory. */
static void add_call(struct walk *w, const struct step *s, uint32_t node, bool is_inline) {
    struct edge_cell *e = &w->pending[w->n_pending++];
    *e = (struct edge_cell){.key = (uint64_t)s->parent << 32 | node,
                            .weight = s->weight,
                            .weight_div = s->divisor,
                            .stamp = s->stamp,
                            .residual = s->residual,
                            .is_inline = is_inline};
    if (w->edges.cells) __builtin_prefetch(&w->edges.cells[home_cell(&w->edges, e->key)], 1);
    if (w->n_pending == PENDING) add_pending(w);
}

/* Which edges are wanted is a coin toss for the processor: no branch depends on that alone. */
static inline __attribute__((always_inline)) void
visit(struct walk *w, struct step *s, uint32_t node, bool is_inline, enum purpose purpose) {
    struct tally *t = &w->tallies[node];
    if (t->gone) {
        s->residual = true;
        return;
    }
    if (purpose != HEAVY_EDGES && t->stamp != s->stamp) {
        t->stamp = s->stamp;
        t->cum = num_add(t->cum, s->weight);
        t->cum_div = num_add(t->cum_div, s->divisor);
    }
    uint32_t bound = bound_of(s->parent, node);
    bool is_edge = s->parent != PP_NONE && s->parent != node && (t->wants_edges | s->gives_edges);
    bool wanted = purpose == NODES_AND_EDGES || purpose == MATRIX;
    if (purpose == NODES_AND_BOUNDS) w->bounds[bound] += t->edges * s->called;
    if (purpose == NODES_AND_BOUNDS || purpose == HEAVY_EDGES)
        wanted = w->marked[bound / 64] >> (bound % 64) & 1;
    if (wanted & is_edge) {
        if (purpose == MATRIX)
            edge_matrix_add(&w->matrix, s->parent, node, s->weight, s->stamp, s->residual,
                            is_inline);
        else
            add_call(w, s, node, is_inline);
    }
    s->parent = node;
    s->gives_edges = t->gives_edges;
    s->called = s->magnitude;
    s->residual = false;
}

static inline __attribute__((always_inline)) void walk_stacks(struct walk *w,
                                                              enum purpose purpose) {
    const struct graph *g = w->g;
    for (uint32_t n = w->first_stack; n < w->end_stack; n++) {
        if (!w->weights->used[n]) continue;
        struct step s = {.weight = w->weights->weight[n],
                         .magnitude = fabs((double)w->weights->weight[n]),
                         .divisor = w->weights->divisor ? w->weights->divisor[n] : 0,
                         .stamp = n - w->first_stack + 1,
                         .parent = PP_NONE};
        struct pp_stack stack = g->p->stacks[n];
        for (uint32_t i = stack.len; i-- > 0;) {
            uint32_t location = pp_frame(g->p, stack.first + i), only = w->only_node[location];
            if (only != PP_NONE) {
                visit(w, &s, only, false, purpose);
                continue;
            }
            uint32_t first = g->first_node[location], end = g->first_node[location + 1];
            for (uint32_t j = end; j-- > first;)
                visit(w, &s, g->location_nodes[j], j != end - 1, purpose);
        }
        if (purpose == HEAVY_EDGES || s.parent == PP_NONE || s.residual) continue;
        w->flat[s.parent] = num_add(w->flat[s.parent], s.weight);
        w->flat_div[s.parent] = num_add(w->flat_div[s.parent], s.divisor);
    }
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    switch (w->purpose) {
    case NODES:
        walk_stacks(w, NODES);
        break;
    case NODES_AND_EDGES:
        walk_stacks(w, NODES_AND_EDGES);
        break;
    case MATRIX:
        walk_stacks(w, MATRIX);
        break;
    case NODES_AND_BOUNDS:
        walk_stacks(w, NODES_AND_BOUNDS);
        break;
    case HEAVY_EDGES:
        walk_stacks(w, HEAVY_EDGES);
        break;
    }
    add_pending(w);
}

/* ---- before and after ---- */

static void weigh_stacks(const struct graph *g, struct weights *w, struct pp_arena *scratch) {
    const struct pp_profile *p = g->p;
    w->weight = PP_NEW(scratch, int64_t, p->n_stacks);
    w->divisor = g->opt.mean ? PP_NEW(scratch, int64_t, p->n_stacks) : NULL;
    w->used = PP_NEW(scratch, bool, p->n_stacks);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t weight = pp_value(p, i, g->opt.type);
        int64_t divisor = g->opt.mean ? pp_value(p, i, 0) : 0;
        if (!weight && !divisor) continue;
        uint32_t stack = p->sample_stack[i];
        w->weight[stack] = num_add(w->weight[stack], weight);
        if (w->divisor) w->divisor[stack] = num_add(w->divisor[stack], divisor);
        w->used[stack] = true;
    }
}

static uint32_t *find_only_nodes(const struct graph *g, struct pp_arena *scratch) {
    uint32_t *only = PP_NEW(scratch, uint32_t, g->p->n_locations);
    for (uint32_t i = 0; i < g->p->n_locations; i++) {
        uint32_t first = g->first_node[i];
        only[i] = g->first_node[i + 1] - first == 1 ? g->location_nodes[first] : PP_NONE;
    }
    return only;
}

static struct tally *make_tallies(const struct graph *g, struct pp_arena *scratch) {
    struct tally *tallies = PP_NEW(scratch, struct tally, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        tallies[i].gone = g->kept && !g->kept[i];
        tallies[i].gives_edges = g->edges_of && g->edges_of[i];
        tallies[i].wants_edges = g->edges_of ? g->edges_of[i] : !g->opt.inlined_edges;
    }
    for (uint32_t i = 0; g->opt.inlined_edges && i < g->p->n_locations; i++)
        for (uint32_t j = g->first_node[i]; j + 1 < g->first_node[i + 1]; j++)
            tallies[g->location_nodes[j]].wants_edges = true;
    for (uint32_t i = 0; i < g->n_nodes; i++)
        tallies[i].edges = tallies[i].wants_edges;
    return tallies;
}

static bool any_inlined(const struct graph *g) {
    for (uint32_t i = 0; i < g->p->n_locations; i++)
        if (g->p->locations[i].n_lines > 1) return true;
    return false;
}

static unsigned shares_of(const struct graph *g) {
    uint32_t worth = g->p->n_frames / FRAMES_A_THREAD + 1;
    if (g->opt.threads) return parallel_width(MAX_SHARES, g->opt.threads);
    return worth == 1 ? 1 : parallel_width(worth < MAX_SHARES ? worth : MAX_SHARES, 0);
}

static void put_nodes(struct graph *g, const struct walk *walks, unsigned n) {
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        struct graph_node *node = &g->nodes[i];
        node->flat = node->flat_div = node->cum = node->cum_div = 0;
        for (unsigned s = 0; s < n; s++) {
            node->flat = num_add(node->flat, walks[s].flat[i]);
            node->flat_div = num_add(node->flat_div, walks[s].flat_div[i]);
            node->cum = num_add(node->cum, walks[s].tallies[i].cum);
            node->cum_div = num_add(node->cum_div, walks[s].tallies[i].cum_div);
        }
    }
}

static void add_table(struct edge_table *t, const struct edge_table *more) {
    struct pp_arena scratch = {0};
    const struct edge_cell **order = in_order(more, &scratch);
    for (size_t i = 0; i < more->n; i++)
        add_edge(t, order[i], false);
    pp_arena_done(&scratch);
}

static struct graph_edge edge_of(const struct edge_cell *cell) {
    return (struct graph_edge){.src = (uint32_t)(cell->key >> 32),
                               .dest = (uint32_t)cell->key,
                               .weight = cell->weight,
                               .weight_div = cell->weight_div,
                               .residual = cell->residual,
                               .is_inline = cell->is_inline};
}

/* The edges of all shares end up in the first one's table. */
static void put_edges(struct graph *g, struct walk *walks, unsigned n) {
    struct pp_arena scratch = {0};
    struct edge_table *all = &walks[0].edges;
    for (unsigned s = 1; s < n; s++) {
        add_table(all, &walks[s].edges);
        pp_free(walks[s].edges.cells);
    }
    const struct edge_cell **order = in_order(all, &scratch);
    PP_RESERVE(g->arena, g->edges, 0, g->cap_edges, all->n);
    for (size_t i = 0; i < all->n; i++)
        if (order[i]) g->edges[g->n_edges++] = edge_of(order[i]);
    pp_free(all->cells);
    pp_arena_done(&scratch);
}

static void put_matrices(struct graph *g, struct walk *walks, unsigned n) {
    for (unsigned s = 1; s < n; s++) {
        edge_matrix_merge(&walks[0].matrix, &walks[s].matrix);
        pp_free(walks[s].matrix.cells);
    }
    edge_matrix_put(&walks[0].matrix, g);
    pp_free(walks[0].matrix.cells);
}

/* Adds up what the shares found, in the first one's table; that becomes the graph's. */
static void put_bounds(struct graph *g, const struct walk *walks, unsigned n) {
    if (!g->edge_bounds) g->edge_bounds = PP_NEW(g->arena, double, N_BOUNDS);
    memset(g->edge_bounds, 0, N_BOUNDS * sizeof *g->edge_bounds);
    for (unsigned s = 0; s < n; s++)
        for (uint32_t i = 0; i < N_BOUNDS; i++)
            g->edge_bounds[i] += walks[s].bounds[i];
}

static void mark_bound(uint64_t *marks, uint32_t bound) {
    marks[bound / 64] |= UINT64_C(1) << (bound % 64);
}

/* The entries of inlined calls. Where nodes are left out, it takes a walk to know who calls. */
static void find_exact(struct graph *g) {
    const uint32_t *nodes = g->location_nodes;
    if (!g->edge_exact) g->edge_exact = PP_NEW(g->arena, uint64_t, MARK_WORDS);
    memset(g->edge_exact, 0, MARK_WORDS * sizeof *g->edge_exact);
    for (uint32_t i = 0; !g->kept && i < g->p->n_locations; i++)
        for (uint32_t j = g->first_node[i]; j + 1 < g->first_node[i + 1]; j++)
            mark_bound(g->edge_exact, bound_of(nodes[j + 1], nodes[j]));
}

/* Whether there may well be an edge between any two nodes. */
static bool is_crowded(const struct graph *g) {
    uint64_t n_cells = (uint64_t)g->n_nodes * g->n_nodes;
    return !g->kept && !g->edges_of && !g->opt.mean && n_cells <= DENSE_MAX &&
           g->p->n_frames / 8 > n_cells;
}

static void walk_all(struct graph *g, enum purpose purpose, const uint64_t *marked) {
    struct pp_arena scratch = {0};
    struct weights weights;
    struct walk walks[MAX_SHARES];
    unsigned n = shares_of(g);
    if (purpose == NODES_AND_EDGES && is_crowded(g)) purpose = MATRIX;
    weigh_stacks(g, &weights, &scratch);
    const uint32_t *only_node = find_only_nodes(g, &scratch);
    for (unsigned s = 0; s < n; s++) {
        walks[s] = (struct walk){.g = g, .weights = &weights, .only_node = only_node};
        walks[s].first_stack = (uint32_t)((uint64_t)g->p->n_stacks * s / n);
        walks[s].end_stack = (uint32_t)((uint64_t)g->p->n_stacks * (s + 1) / n);
        walks[s].tallies = make_tallies(g, &scratch);
        walks[s].flat = PP_NEW(&scratch, int64_t, g->n_nodes);
        walks[s].flat_div = PP_NEW(&scratch, int64_t, g->n_nodes);
        walks[s].purpose = purpose;
        walks[s].marked = marked;
        if (purpose == MATRIX) edge_matrix_open(&walks[s].matrix, g->n_nodes);
        if (purpose == NODES_AND_BOUNDS) walks[s].bounds = PP_NEW(&scratch, double, N_BOUNDS);
    }
    parallel_run(n, n, walk_share, walks);
    if (purpose != HEAVY_EDGES) put_nodes(g, walks, n);
    if (purpose == NODES_AND_BOUNDS) put_bounds(g, walks, n);
    g->n_edges = 0;
    if (purpose == MATRIX)
        put_matrices(g, walks, n);
    else
        put_edges(g, walks, n);
    pp_arena_done(&scratch);
}

void graph_sum(struct graph *g, const bool *kept) {
    g->kept = kept;
    g->in_edges = g->out_edges = NULL;
    bool large = g->p->n_frames >= FRAMES_FOR_LATER;
    enum purpose purpose = NODES_AND_EDGES;
    if (g->opt.inlined_edges && !any_inlined(g))
        purpose = NODES;
    else if (g->opt.inlined_edges && large)
        purpose = NODES_AND_BOUNDS;
    else if (g->opt.edges_later && large)
        purpose = NODES;
    g->edges_pending = purpose == NODES_AND_BOUNDS || (purpose == NODES && !g->opt.inlined_edges);
    if (purpose == NODES_AND_BOUNDS) find_exact(g);
    walk_all(g, purpose, g->edge_exact);
    graph_select(g);
}

void graph_sum_edges(struct graph *g, int64_t min_weight) {
    if (!g->edges_pending) return;
    g->edges_pending = false;
    g->in_edges = g->out_edges = NULL;
    if (!g->opt.inlined_edges) {
        walk_all(g, NODES_AND_EDGES, NULL);
        return;
    }
    double min_bound = (double)min_weight * (1 - 1e-6); /* the bounds are rounded */
    uint64_t heavy[MARK_WORDS] = {0}, missing = 0;
    for (uint32_t i = 0; i < N_BOUNDS; i++)
        if (g->edge_bounds[i] >= min_bound) mark_bound(heavy, i);
    for (uint32_t i = 0; i < MARK_WORDS; i++)
        missing |= heavy[i] & ~g->edge_exact[i];
    if (missing) walk_all(g, HEAVY_EDGES, heavy);
}
