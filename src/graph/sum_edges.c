/* The sums of edges, between the nodes that graph_sum kept. The stacks are split among threads,
 * each with a table of its own; those are added in the order of the stacks, and edges keep the
 * order in which they are first met, so the result is the same for any number of threads.
 *
 * Looking up an edge costs more than all the rest. So where only heavy edges into inlined calls
 * count, a first walk just adds their weights to a small table of bounds, many edges to an entry; a
 * second one looks up what is in the heavy entries. */
#include "base/hash.h"
#include "base/parallel.h"
#include "graph/edge_matrix.h"
#include "graph/weigh.h"

#include <math.h>
#include <stdlib.h>

enum {
    DENSE_MAX = 1 << 21, /* cells: where more frames pass, edges have a cell each from the start */
    FRAMES_A_CELL = 32,  /* so many, or a table of all cells is too large */
    FRAMES_FOR_BOUNDS = 1 << 18 /* fewer are not worth two walks */
};

enum { PENDING = 32 };

enum { MIN_BOUND_BITS = 16, MAX_BOUND_BITS = 20 };

/* What a walk is for; known where it is compiled. */
enum purpose { EDGES, MATRIX, BOUNDS, HEAVY_EDGES };

/* What a walk needs of a node, close together. */
struct passage {
    uint32_t number;  /* among those that are kept; PP_NONE: it is not */
    bool wants_edges; /* those into it */
    bool gives_edges; /* those out of it count wherever they lead */
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
    const uint32_t *only_node;      /* by location: its node, PP_NONE if it has several */
    const bool *is_gone;            /* by location: none of its nodes is kept */
    const struct passage *passages; /* by node */
    const uint64_t *marked;         /* of HEAVY_EDGES: a bit a bound that is heavy */
    uint32_t first_stack, end_stack;
    enum purpose purpose;
    struct edge_table edges;
    struct edge_matrix matrix; /* in place of it */
    double *bounds;            /* in place of both; doubles do not wrap */
    unsigned bound_shift;
    struct edge_cell pending[PENDING];
    unsigned n_pending;
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
    uint32_t stamp, parent, parent_number;
    bool gives_edges; /* the parent does */
    bool residual;    /* frames that are gone lie between */
};

static inline uint32_t bound_of(const struct walk *w, uint32_t caller, uint32_t callee) {
    return (caller * 0x9e3779b1U + callee * 0x85ebca6bU) >> w->bound_shift;
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

static inline __attribute__((always_inline)) void
visit(struct walk *w, struct step *s, uint32_t node, bool is_inline, enum purpose purpose) {
    struct passage p = w->passages[node];
    if (p.number == PP_NONE) {
        s->residual = true;
        return;
    }
    if (s->parent != PP_NONE && s->parent != node && (p.wants_edges | s->gives_edges)) {
        uint32_t bound = bound_of(w, s->parent, node);
        if (purpose == MATRIX)
            edge_matrix_add(&w->matrix, s->parent_number, p.number, s->weight, s->stamp,
                            s->residual, is_inline);
        else if (purpose == BOUNDS)
            w->bounds[bound] += s->magnitude;
        else if (purpose == EDGES || w->marked[bound / 64] >> (bound % 64) & 1)
            add_call(w, s, node, is_inline);
    }
    s->parent = node;
    s->parent_number = p.number;
    s->gives_edges = p.gives_edges;
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
            uint32_t location = pp_frame(g->p, stack.first + i), only;
            if (w->is_gone[location]) {
                s.residual = true;
                continue;
            }
            only = w->only_node[location];
            if (only != PP_NONE) {
                visit(w, &s, only, false, purpose);
                continue;
            }
            uint32_t first = g->first_node[location], end = g->first_node[location + 1];
            for (uint32_t j = end; j-- > first;)
                visit(w, &s, g->location_nodes[j], j != end - 1, purpose);
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
    add_pending(w);
}

/* ---- before and after ---- */

static uint32_t *find_only_nodes(const struct graph *g, struct pp_arena *scratch) {
    uint32_t *only = PP_NEW(scratch, uint32_t, g->p->n_locations);
    for (uint32_t i = 0; i < g->p->n_locations; i++) {
        uint32_t first = g->first_node[i];
        only[i] = g->first_node[i + 1] - first == 1 ? g->location_nodes[first] : PP_NONE;
    }
    return only;
}

static bool *find_gone(const struct graph *g, struct pp_arena *scratch) {
    bool *is_gone = PP_NEW(scratch, bool, g->p->n_locations);
    for (uint32_t i = 0; g->kept && i < g->p->n_locations; i++) {
        is_gone[i] = true;
        for (uint32_t j = g->first_node[i]; j < g->first_node[i + 1]; j++)
            is_gone[i] &= !g->kept[g->location_nodes[j]];
    }
    return is_gone;
}

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

/* What is known of the graph before all walks. */
struct plan {
    struct graph *g;
    struct weights weights;
    const uint32_t *only_node;
    const bool *is_gone;
    struct passage *passages;
    uint32_t *kept; /* node by number */
    uint32_t n_kept;
    bool any; /* edges that count */
};

static void make_plan(struct plan *p, struct graph *g, struct pp_arena *scratch) {
    const bool *of = g->opt.inlined_edges ? find_marked_nodes(g, scratch) : g->edges_of;
    *p = (struct plan){.g = g, .any = !of};
    p->passages = PP_NEW(scratch, struct passage, g->n_nodes);
    p->kept = PP_NEW(scratch, uint32_t, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        bool is_kept = !g->kept || g->kept[i], counts = !of || of[i];
        p->passages[i] = (struct passage){.number = is_kept ? p->n_kept : PP_NONE,
                                          .wants_edges = counts,
                                          .gives_edges = counts && !g->opt.inlined_edges};
        p->any |= counts;
        if (is_kept) p->kept[p->n_kept++] = i;
    }
    if (!p->any) return;
    weigh_stacks(g, &p->weights, scratch);
    p->only_node = find_only_nodes(g, scratch);
    p->is_gone = find_gone(g, scratch);
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

static void put_matrices(const struct plan *p, struct walk *walks, unsigned n) {
    for (unsigned s = 1; s < n; s++) {
        edge_matrix_merge(&walks[0].matrix, &walks[s].matrix);
        pp_free(walks[s].matrix.cells);
    }
    edge_matrix_put(&walks[0].matrix, p->kept, p->g);
    pp_free(walks[0].matrix.cells);
}

/* So many bounds that an entry has a few light edges only: with more, all would be heavy. */
static unsigned bits_of_bounds(const struct plan *plan) {
    const struct pp_profile *p = plan->g->p;
    uint32_t lines = p->n_lines / (p->n_locations + 1) + 1; /* of a location, about */
    double calls = (double)p->n_frames * lines;
    calls *= (double)plan->n_kept / (plan->g->n_nodes + 1.0);
    unsigned bits = MIN_BOUND_BITS;
    while (bits < MAX_BOUND_BITS && (double)(UINT64_C(4) << bits) < calls)
        bits++;
    return bits;
}

/* Marks the entries that are heavy, by what all shares found. */
static uint64_t *mark_heavy(const struct walk *walks, unsigned n, int64_t min_weight,
                            struct pp_arena *scratch) {
    double min = (double)min_weight * (1 - 1e-6); /* the bounds are rounded */
    uint32_t n_bounds = UINT32_C(1) << (32 - walks[0].bound_shift);
    uint64_t *marks = PP_NEW(scratch, uint64_t, n_bounds / 64);
    for (uint32_t i = 0; i < n_bounds; i++) {
        double bound = 0;
        for (unsigned s = 0; s < n; s++)
            bound += walks[s].bounds[i];
        if (bound > 0 && bound >= min) marks[i / 64] |= UINT64_C(1) << (i % 64);
    }
    return marks;
}

/* Whether there may well be an edge between any two nodes. */
static bool is_crowded(const struct plan *p) {
    uint64_t n_cells = (uint64_t)p->n_kept * p->n_kept;
    return !p->g->edges_of && !p->g->opt.mean && n_cells <= DENSE_MAX &&
           p->g->p->n_frames / FRAMES_A_CELL > n_cells;
}

static unsigned walk_all(const struct plan *p, enum purpose purpose, const uint64_t *marked,
                         struct walk *walks, struct pp_arena *scratch) {
    unsigned n = weigh_shares(p->g), bits = bits_of_bounds(p);
    for (unsigned s = 0; s < n; s++) {
        walks[s] = (struct walk){.g = p->g,
                                 .weights = &p->weights,
                                 .only_node = p->only_node,
                                 .is_gone = p->is_gone,
                                 .passages = p->passages,
                                 .marked = marked,
                                 .first_stack = weigh_first_stack(p->g, s, n),
                                 .end_stack = weigh_first_stack(p->g, s + 1, n),
                                 .purpose = purpose,
                                 .bound_shift = 32 - bits};
        if (purpose == MATRIX) edge_matrix_open(&walks[s].matrix, p->n_kept);
        if (purpose == BOUNDS) walks[s].bounds = PP_NEW(scratch, double, (size_t)1 << bits);
    }
    parallel_run(n, n, walk_share, walks);
    return n;
}

static void sum_edges(const struct plan *p, int64_t min_weight, struct pp_arena *scratch) {
    struct walk walks[MAX_SHARES] = {0};
    const uint64_t *heavy = NULL;
    enum purpose purpose = is_crowded(p) ? MATRIX : EDGES;
    if (purpose == EDGES && p->g->opt.inlined_edges && p->g->p->n_frames >= FRAMES_FOR_BOUNDS) {
        unsigned n = walk_all(p, BOUNDS, NULL, walks, scratch);
        heavy = mark_heavy(walks, n, min_weight, scratch);
        purpose = HEAVY_EDGES;
    }
    unsigned n = walk_all(p, purpose, heavy, walks, scratch);
    if (purpose == MATRIX)
        put_matrices(p, walks, n);
    else
        put_edges(p->g, walks, n);
}

void graph_sum_edges(struct graph *g, int64_t min_weight) {
    struct pp_arena scratch = {0};
    struct plan plan;
    g->n_edges = 0;
    g->in_edges = g->out_edges = NULL;
    make_plan(&plan, g, &scratch);
    if (plan.any) sum_edges(&plan, min_weight, &scratch);
    pp_arena_done(&scratch);
}
