/* The sums of edges, between the nodes that graph_sum kept. The stacks are split among threads,
 * each with a table of its own; those are added in the order of the stacks. Where nearly every call
 * may be another edge, adding tables costs more than walking: then each thread walks all stacks,
 * and has the calls of some callers. Edges keep the order in which they are first met, so the
 * result is the same for any number of threads.
 *
 * Looking up an edge costs more than all the rest. So where only heavy edges into inlined calls
 * count, a first walk just adds their weights to a small table of bounds, many edges to an entry,
 * and what passes through a location to one for each location, which decides most calls inside
 * locations (inner_calls); a second walk looks up what is left in heavy entries, if anything is.
 * Before both, a look at the few stacks that are heavy by themselves (heavy_callers) leaves out
 * what would only tell once more that a node is called. */
#include "base/parallel.h"
#include "graph/crossing.h"
#include "graph/edge_bounds.h"
#include "graph/edge_matrix.h"
#include "graph/edge_table.h"
#include "graph/heavy_callers.h"
#include "graph/inner_calls.h"
#include "graph/sum_store.h"
#include "graph/weigh.h"

enum {
    DENSE_MAX = 1 << 21, /* cells: where more frames pass, edges have a cell each from the start */
    FRAMES_A_CELL = 32,  /* so many, or a table of all cells is too large */
    FRAMES_FOR_BOUNDS = 1 << 15, /* fewer are not worth two walks */
    MANY = 128                   /* frames that are looked at together */
};

/* What a walk is for; known where it is compiled. */
enum purpose { EDGES, EDGES_OF_SOME, MATRIX, BOUNDS, HEAVY_EDGES };

/* One thread's share. */
struct __attribute__((aligned(128))) walk {
    const struct graph *g;
    const struct weights *weights;
    const struct crossings *crossings;
    struct inner_calls *inner;       /* where only heavy edges count */
    const struct inner_calls *calls; /* of EDGES_OF_SOME */
    const uint32_t *callers;         /* heavy ones (heavy_callers.h) */
    const uint64_t *marked;          /* of HEAVY_EDGES: a bit a bound that is heavy */
    uint32_t first_stack, end_stack;
    unsigned share, n_shares; /* of EDGES_OF_SOME: whose callers */
    uint32_t turn;            /* and how many calls it has met */
    uint32_t *planned;        /* by call inside locations: its edge's place in `edges` */
    enum purpose purpose;
    int64_t min_weight; /* of heavy edges */
    struct edge_table edges;
    struct edge_matrix matrix; /* in place of it */
    uint16_t *bounds;          /* in place of both: by bound_of */
    double bounds_a_weight;    /* so much is a weight of 1 in a bound */
    unsigned bound_shift;
};

/* ---- walking ---- */

struct step {
    struct pp_stack stack;
    int64_t weight, divisor;
    uint32_t bound; /* the weight as it is added to a bound */
    uint32_t stamp, parent;
    bool gives_edges; /* the parent does */
    bool residual;    /* frames that are gone lie between */
};

static inline bool is_marked(const uint64_t *marked, uint32_t at) {
    return marked[at / 64] >> (at % 64) & 1;
}

static inline void set_mark(uint64_t *marked, uint32_t at) {
    marked[at / 64] |= UINT64_C(1) << (at % 64);
}

static inline unsigned share_of(const struct walk *w, uint32_t caller) {
    return (unsigned)((uint64_t)(caller * 0x9e3779b1U) * w->n_shares >> 32);
}

/* A call between kept nodes, as a stack has it. */
struct stack_call {
    struct inner_call of;
    uint32_t planned; /* its edge's place, where that is known */
    bool is_inline;
};

static inline void add_edge(struct walk *w, const struct step *s, struct stack_call call,
                            enum purpose purpose) {
    const struct edge_cell e = {.key = edge_key(call.of.caller, call.of.callee),
                                .weight = s->weight,
                                .weight_div = s->divisor,
                                .stamp = s->stamp,
                                .turn = purpose == EDGES_OF_SOME ? ++w->turn & MOST_TURNS : 1,
                                .residual = call.of.residual,
                                .is_inline = call.is_inline};
    edge_table_add(&w->edges, &e, call.planned,
                   purpose != EDGES_OF_SOME || share_of(w, call.of.caller) == w->share);
}

/* Whether the stack has a call for the first time where it enters the location of a frame. */
static bool is_first(const struct walk *w, struct pp_stack stack, uint32_t frame,
                     const struct inner_edge *call) {
    uint32_t parent = PP_NONE;
    for (uint32_t i = stack.len; --i > frame;) {
        uint32_t location = pp_frame(w->g->p, stack.first + i);
        const struct crossing *c = crossing_of(w->crossings, w->g, location);
        if (c->entry == PP_NONE) continue;
        if (parent == call->caller && c->entry == call->callee) return false;
        for (uint32_t j = c[0].first_call; j < c[1].first_call; j++)
            if (w->crossings->calls[j].caller == call->caller &&
                w->crossings->calls[j].callee == call->callee)
                return false;
        parent = c->exit;
    }
    return true;
}

/* The call may be one that locations have inside. Other threads tell the same. */
static void note_crossing(const struct walk *w, const struct step *s, uint32_t frame,
                          const struct crossing *c) {
    struct inner_edge *e = inner_calls_find(w->inner, s->parent, c->entry);
    if (!e) return;
    __atomic_store_n(&e->crossed, true, __ATOMIC_RELAXED);
    if (c->entry_is_inline || __atomic_load_n(&e->is_called, __ATOMIC_RELAXED)) return;
    if (is_first(w, s->stack, frame, e)) __atomic_store_n(&e->is_called, true, __ATOMIC_RELAXED);
}

static inline __attribute__((always_inline)) void
enter(struct walk *w, const struct step *s, const struct crossing *c, enum purpose purpose) {
    if (s->parent == PP_NONE || s->parent == c->entry || !(c->wants_entry | s->gives_edges)) return;
    if (purpose == HEAVY_EDGES &&
        !(crossing_asks(c, s->parent) &&
          is_marked(w->marked, bound_of(s->parent, c->entry, w->bound_shift))))
        return;
    const struct inner_call call = {s->parent, c->entry, s->residual | c->gap_before_entry};
    add_edge(w, s, (struct stack_call){call, EDGE_UNKNOWN, c->entry_is_inline}, purpose);
}

static inline __attribute__((always_inline)) void
cross(struct walk *w, struct step *s, const struct crossing *c, enum purpose purpose) {
    if (c->entry == PP_NONE) {
        s->residual = true;
        return;
    }
    enter(w, s, c, purpose);
    for (uint32_t i = c[0].first_call; i < c[1].first_call; i++) {
        uint32_t planned = purpose == EDGES_OF_SOME ? w->planned[i] : EDGE_UNKNOWN;
        add_edge(w, s, (struct stack_call){w->crossings->calls[i], planned, true}, purpose);
    }
    s->parent = c->exit;
    s->gives_edges = c->gives_exit;
    s->residual = c->gap_after_exit;
}

/* A frame whose location has a node that is kept. */
struct kept_frame {
    uint32_t at, location; /* of the stack's frames */
};

/* Lists those from `first` up to `end`, from the root on, and returns how many they are. Which
 * frames they are is a coin toss for the processor, so there is no branch for it. */
static inline __attribute__((always_inline)) uint32_t list_kept(const struct walk *w,
                                                                struct pp_frames frames,
                                                                uint32_t first, uint32_t end,
                                                                struct kept_frame *ret_kept) {
    const bool *enters = w->crossings->enters;
    uint32_t n = 0;
    for (uint32_t i = end; i-- > first;) {
        uint32_t location = pp_frame_in(frames, i);
        ret_kept[n] = (struct kept_frame){i, location};
        n += enters[location] ? 1 : 0;
    }
    return n;
}

/* Only what calls between frames weigh at most. Which edges count is a coin toss, too. What stays
 * the same is in variables: the bounds might be anywhere. */
static inline void add_bounds(struct walk *w, struct step *s, const struct kept_frame *kept,
                              uint32_t n) {
    const struct crossing *crossings = w->crossings->at;
    const uint32_t *node_of = w->g->node_of;
    const unsigned shift = w->bound_shift;
    uint16_t *bounds = w->bounds;
    uint32_t parent = s->parent;
    for (uint32_t i = 0; i < n; i++) {
        const struct crossing *c = &crossings[node_of[kept[i].location]];
        bool counts = (parent != PP_NONE) & (parent != c->entry) & crossing_asks(c, parent);
        uint16_t *bound = &bounds[counts ? bound_of(parent, c->entry, shift) : 0];
        bool is_told = (c->callers != CROSSING_ALL) & (*bound < INNER);
        add_bound(bound, (counts & !is_told) ? s->bound : 0);
        if (counts & (*bound >= INNER)) {
            s->parent = parent;
            note_crossing(w, s, kept[i].at, c);
        }
        parent = c->exit;
    }
    s->parent = parent;
}

static inline __attribute__((always_inline)) void
walk_frames(struct walk *w, struct step *s, struct pp_frames frames, enum purpose purpose) {
    struct kept_frame kept[MANY];
    uint32_t last = s->stack.len, first;
    for (uint32_t end = last; end > 0; end = first) {
        first = end > MANY ? end - MANY : 0;
        uint32_t n = list_kept(w, frames, first, end, kept);
        if (purpose == BOUNDS) add_bounds(w, s, kept, n);
        for (uint32_t i = 0; purpose != BOUNDS && i < n; last = kept[i++].at) {
            s->residual |= kept[i].at + 1 != last;
            cross(w, s, crossing_of(w->crossings, w->g, kept[i].location), purpose);
        }
    }
}

static inline __attribute__((always_inline)) void walk_stacks(struct walk *w,
                                                              enum purpose purpose) {
    const struct pp_profile *p = w->g->p;
    for (uint32_t n = w->first_stack; n < w->end_stack; n++) {
        if (!w->weights->used[n]) continue;
        struct step s = {.stack = p->stacks[n],
                         .weight = w->weights->weight[n],
                         .divisor = w->weights->divisor ? w->weights->divisor[n] : 0,
                         .stamp = n - w->first_stack + 1,
                         .parent = PP_NONE};
        if (purpose == BOUNDS) s.bound = weight_in_bounds((double)s.weight, w->bounds_a_weight);
        PP_WITH_FRAMES(p->frames, s.stack.first, frames, walk_frames(w, &s, frames, purpose));
    }
}

static void walk_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct walk *w = (struct walk *)user + share;
    switch (w->purpose) {
    case EDGES:
        walk_stacks(w, EDGES);
        break;
    case EDGES_OF_SOME:
        walk_stacks(w, EDGES_OF_SOME);
        break;
    case MATRIX:
        edge_matrix_walk(&w->matrix, w->weights, w->first_stack, w->end_stack);
        break;
    case BOUNDS:
        walk_stacks(w, BOUNDS);
        break;
    case HEAVY_EDGES:
        walk_stacks(w, HEAVY_EDGES);
        break;
    }
    edge_table_settle(&w->edges);
    edge_table_sort_planned(&w->edges);
}

static size_t count_bounds(const struct walk *w) {
    return (size_t)1 << (32 - w->bound_shift);
}

static void open_bounds(struct walk *w, struct pp_arena *scratch) {
    w->bounds = PP_NEW(scratch, uint16_t, count_bounds(w));
    for (uint32_t i = 0; i < w->inner->n_edges; i++)
        w->bounds[bound_of(w->inner->edges[i].caller, w->inner->edges[i].callee, w->bound_shift)] =
            INNER;
}

/* Calls inside locations are known, and come again and again. */
static void plan_edges(struct walk *w, struct pp_arena *scratch) {
    const struct inner_calls *calls = w->calls;
    uint32_t *place = PP_NEW(scratch, uint32_t, calls->n_edges);
    for (uint32_t i = 0; i < calls->n_edges; i++) {
        const struct inner_edge *e = &calls->edges[i];
        if (share_of(w, e->caller) == w->share)
            place[i] = edge_table_plan(&w->edges, edge_key(e->caller, e->callee));
    }
    w->planned = PP_NEW(scratch, uint32_t, calls->n_calls);
    for (uint32_t i = 0; i < calls->n_calls; i++)
        w->planned[i] = place[calls->edge_of[i]];
}

/* Walks all stacks, each share like `pattern`; returns how many shares there are. */
static unsigned walk_all(const struct walk *pattern, struct walk *walks, struct pp_arena *scratch) {
    const struct graph *g = pattern->g;
    unsigned n = weigh_shares(g);
    for (unsigned s = 0; s < n; s++) {
        struct walk *w = &walks[s];
        *w = *pattern;
        bool is_all = w->purpose == EDGES_OF_SOME;
        w->share = s;
        w->n_shares = n;
        w->first_stack = is_all ? 0 : weigh_first_stack(g, s, n);
        w->end_stack = is_all ? g->p->n_stacks : weigh_first_stack(g, s + 1, n);
        if (w->purpose == MATRIX) edge_matrix_open(&w->matrix, g, w->crossings);
        if (w->purpose == BOUNDS) open_bounds(w, scratch);
        if (w->purpose == EDGES_OF_SOME) plan_edges(w, scratch);
    }
    parallel_run(n, n, walk_share, walks);
    return n;
}

/* ---- bounds ---- */

/* What all calls weigh together, in weights that are just heavy. */
static double weigh_calls(const struct walk *w) {
    const struct pp_profile *p = w->g->p;
    double calls = 0;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        calls += fabs((double)w->weights->weight[i]) * p->stacks[i].len;
    return calls / (double)w->min_weight;
}

/* Everything that was added goes into the first share's table. */
static void add_up_bounds(const struct walk *walks, unsigned n) {
    uint16_t *all = walks[0].bounds;
    for (unsigned s = 1; s < n; s++)
        for (size_t i = 0; i < count_bounds(walks); i++)
            add_bound(&all[i],
                      is_heavy(walks[s].bounds[i]) ? HEAVY : bound_value(walks[s].bounds[i]));
}

/* Known without looking at each stack: it is in one location only and no call between frames; or
 * one of its locations makes it heavy, and nothing else makes it lighter. Where no weight is too
 * light, it is enough that stacks with any pass through it. */
static bool is_known(const struct walk *w, const struct inner_edge *e) {
    if (!w->min_weight) return e->magnitude > 0;
    return (!e->crossed && e->n_locations == 1) ||
           (!w->weights->may_cancel && num_abs(e->most) >= w->min_weight);
}

/* What passes through the locations that have it, at most. */
static uint32_t bound_inside(const struct walk *w, const struct inner_edge *e) {
    return weight_in_bounds(e->magnitude, w->bounds_a_weight);
}

/* A call inside locations that is one between frames, too, has one bound for both. */
static void join_bounds(const struct walk *w) {
    for (uint32_t i = 0; i < w->inner->n_edges; i++) {
        const struct inner_edge *e = &w->inner->edges[i];
        if (e->crossed && !is_known(w, e))
            add_bound(&w->bounds[bound_of(e->caller, e->callee, w->bound_shift)],
                      bound_inside(w, e));
    }
}

static bool is_unknown(const struct walk *w, const struct inner_edge *e) {
    if (is_known(w, e)) return false;
    return is_heavy(e->crossed ? w->bounds[bound_of(e->caller, e->callee, w->bound_shift)]
                               : (uint16_t)bound_inside(w, e));
}

static void put_known_edges(struct graph *g, const struct walk *w) {
    struct inner_calls *inner = w->inner;
    const uint32_t *kept = w->crossings->kept;
    for (uint32_t i = 0; i < inner->n_edges; i++) {
        struct inner_edge *e = &inner->edges[i];
        e->is_put = is_known(w, e) && num_abs(e->most) >= w->min_weight;
        if (!e->is_put) continue;
        struct graph_edge edge = {.src = kept[e->caller],
                                  .dest = kept[e->callee],
                                  .weight = e->most,
                                  .residual = e->residual,
                                  .is_inline = !e->is_called};
        PP_PUSH(g->arena, g->edges, g->n_edges, g->cap_edges, edge);
    }
}

/* Leaves only those calls inside locations that must be looked up; returns how many there are. */
static uint32_t keep_unknown_calls(struct crossings *c, const struct walk *w) {
    uint32_t n = 0;
    const struct inner_calls *inner = w->inner;
    struct crossing *several = &c->at[c->n_single];
    for (uint32_t i = 0, first = 0; i < w->g->n_several; i++) {
        uint32_t end = several[i + 1].first_call;
        several[i].first_call = n;
        for (; first < end; first++)
            if (is_unknown(w, &inner->edges[inner->edge_of[first]]))
                c->calls[n++] = c->calls[first];
    }
    return several[w->g->n_several].first_call = n;
}

/* A bit a bound. */
static const uint64_t *mark_heavy(const struct walk *w, bool *ret_any, struct pp_arena *scratch) {
    uint64_t *marked = PP_NEW(scratch, uint64_t, count_bounds(w) / 64);
    *ret_any = false;
    for (size_t i = 0; i < count_bounds(w); i++) {
        if (!is_heavy(w->bounds[i])) continue;
        set_mark(marked, (uint32_t)i);
        *ret_any = true;
    }
    return marked;
}

/* Puts the edges that are known, and turns `pattern` into one of a walk that looks up the others.
 * False: there are none. */
static bool find_heavy(struct walk *pattern, struct graph *g, struct crossings *crossings,
                       struct pp_arena *scratch) {
    struct walk walks[MAX_SHARES];
    bool all_heavy = !pattern->min_weight;
    pattern->purpose = BOUNDS;
    pattern->bounds_a_weight = all_heavy ? INFINITY : HEAVY / (double)pattern->min_weight;
    pattern->bound_shift =
        32 - bits_of_bounds(all_heavy ? 0 : weigh_calls(pattern), pattern->inner->n_edges);
    const struct heavy_calls heavy = {pattern->weights, pattern->inner, pattern->min_weight};
    pattern->callers = heavy_callers_find(g, &heavy, crossings, scratch);
    heavy_callers_put(g, crossings, pattern->callers, pattern->min_weight);
    unsigned n = walk_all(pattern, walks, scratch);
    add_up_bounds(walks, n);
    inner_calls_add_passed(pattern->inner, crossings, g);
    join_bounds(&walks[0]);
    put_known_edges(g, &walks[0]);
    bool any_call = keep_unknown_calls(crossings, &walks[0]) > 0, any_edge;
    pattern->purpose = HEAVY_EDGES;
    pattern->marked = mark_heavy(&walks[0], &any_edge, scratch);
    return any_call || any_edge;
}

/* ---- the whole ---- */

static bool is_put(const struct walk *w, const struct edge_cell *e) {
    uint32_t caller = (uint32_t)(e->key >> 32), callee = (uint32_t)e->key;
    if (w->callers && w->callers[callee] == caller) return true;
    const struct inner_edge *known = w->inner ? inner_calls_find(w->inner, caller, callee) : NULL;
    return known && known->is_put;
}

static void put_edge(struct graph *g, const struct walk *w, const struct edge_cell *e) {
    if (is_put(w, e)) return;
    const uint32_t *kept = w->crossings->kept;
    g->edges[g->n_edges++] = (struct graph_edge){.src = kept[e->key >> 32],
                                                 .dest = kept[(uint32_t)e->key],
                                                 .weight = e->weight,
                                                 .weight_div = e->weight_div,
                                                 .residual = e->residual,
                                                 .is_inline = e->is_inline};
}

/* Edges in the order of first meetings. */
struct edge_run {
    const struct edge_cell *at, *end;
};

/* The one whose next edge was met first; NULL: there is none left. */
static struct edge_run *first_met(struct edge_run *runs, unsigned n) {
    struct edge_run *first = NULL;
    for (unsigned i = 0; i < n; i++)
        if (runs[i].at < runs[i].end && (!first || runs[i].at->turn < first->at->turn))
            first = &runs[i];
    return first;
}

static void add_runs(struct edge_run *runs, unsigned *n, const struct edge_table *t) {
    const struct edge_cell *planned_end = t->edges + t->n_planned, *at = t->edges;
    while (at < planned_end && !at->turn)
        at++; /* never met */
    runs[(*n)++] = (struct edge_run){at, planned_end};
    runs[(*n)++] = (struct edge_run){planned_end, t->edges + t->n};
}

static void put_edges(struct graph *g, struct walk *walks, unsigned n_shares) {
    struct edge_run runs[2 * MAX_SHARES];
    unsigned n = 0;
    size_t n_edges = 0;
    for (unsigned s = 1; s < n_shares && walks->purpose != EDGES_OF_SOME; s++)
        edge_table_merge(&walks[0].edges, &walks[s].edges);
    for (unsigned s = 0; s < n_shares; s++) {
        n_edges += walks[s].edges.n;
        index_done(&walks[s].edges.index);
        add_runs(runs, &n, &walks[s].edges);
    }
    PP_RESERVE(g->arena, g->edges, g->n_edges, g->cap_edges, n_edges);
    for (struct edge_run *run; (run = first_met(runs, n));)
        put_edge(g, walks, run->at++);
    for (unsigned s = 0; s < n_shares; s++)
        edge_table_done(&walks[s].edges);
}

static void put_matrices(struct graph *g, struct walk *walks, unsigned n) {
    for (unsigned s = 1; s < n; s++) {
        edge_matrix_merge(&walks[0].matrix, &walks[s].matrix);
        edge_matrix_done(&walks[s].matrix);
    }
    edge_matrix_put(&walks[0].matrix, g);
    edge_matrix_done(&walks[0].matrix);
}

/* Whether there may well be an edge between any two nodes. */
static bool is_crowded(const struct graph *g, const struct crossings *c) {
    uint64_t n_cells = edge_matrix_cells(c);
    return !g->opt.mean && n_cells <= DENSE_MAX && g->p->n_frames / FRAMES_A_CELL > n_cells;
}

/* Whether nearly every call may be another edge, and all have turns. */
static bool is_scattered(const struct graph *g, uint32_t n_kept) {
    uint64_t n_frames = 0, most = 1;
    for (uint32_t i = 0; i < g->p->n_stacks; i++)
        n_frames += g->p->stacks[i].len;
    for (uint32_t i = 0; i < g->n_several; i++)
        if (g->first_several[i + 1] - g->first_several[i] > most)
            most = g->first_several[i + 1] - g->first_several[i];
    return (uint64_t)n_kept * n_kept > n_frames && n_frames < MOST_TURNS / most;
}

static enum purpose purpose_of(const struct graph *g, const struct crossings *c) {
    if (is_crowded(g, c)) return MATRIX;
    return !g->edges_of && is_scattered(g, c->n_kept) ? EDGES_OF_SOME : EDGES;
}

/* Whether two walks are worth it: where there are fewer cells than bounds, cells tell more. */
static bool is_worth_bounds(const struct walk *w, bool is_dense) {
    if (!w->g->opt.inlined_edges || !w->g->passed || w->g->p->n_frames < FRAMES_FOR_BOUNDS)
        return false;
    double n_cells = (double)edge_matrix_cells(w->crossings);
    return !is_dense || (w->min_weight && n_cells > BOUNDS_A_CALL * weigh_calls(w));
}

static void sum_edges(struct graph *g, struct crossings *crossings, int64_t min_weight,
                      struct pp_arena *scratch) {
    struct inner_calls inner;
    struct walk walks[MAX_SHARES], pattern = {.g = g,
                                              .weights = weigh_graph(g),
                                              .crossings = crossings,
                                              .min_weight = min_weight,
                                              .purpose = purpose_of(g, crossings)};
    bool by_bounds = is_worth_bounds(&pattern, pattern.purpose == MATRIX);
    bool has_inner = by_bounds || pattern.purpose == EDGES_OF_SOME;
    if (has_inner) inner_calls_build(crossings, g->n_several, &inner, scratch);
    if (by_bounds)
        pattern.inner = &inner;
    else if (has_inner)
        pattern.calls = &inner;
    if (!by_bounds || find_heavy(&pattern, g, crossings, scratch)) {
        unsigned n = walk_all(&pattern, walks, scratch);
        (pattern.purpose == MATRIX ? put_matrices : put_edges)(g, walks, n);
    }
    if (has_inner) inner_calls_done(&inner);
}

/* Of an earlier graph. */
static bool take_edges(struct graph *g, int64_t min_weight) {
    struct pp_str bytes;
    if (!sum_store_get_part(g->opt.sums, g, SUM_EDGES, min_weight, &bytes)) return false;
    uint32_t n = (uint32_t)(bytes.len / sizeof *g->edges);
    PP_RESERVE(g->arena, g->edges, g->n_edges, g->cap_edges, n);
    if (n) memcpy(g->edges, bytes.data, bytes.len);
    g->n_edges = n;
    return true;
}

static void keep_edges(const struct graph *g, int64_t min_weight) {
    struct pp_str bytes = {(const char *)g->edges, g->n_edges * sizeof *g->edges};
    sum_store_put_part(g->opt.sums, g, SUM_EDGES, min_weight, bytes);
}

void graph_sum_edges(struct graph *g, int64_t min_weight) {
    g->n_edges = 0;
    g->in_edges = g->out_edges = NULL;
    if (take_edges(g, min_weight)) return;
    struct pp_arena scratch = {0};
    struct crossings crossings;
    crossings_build(g, &crossings, &scratch);
    if (crossings.any) sum_edges(g, &crossings, min_weight, &scratch);
    pp_arena_done(&scratch);
    keep_edges(g, min_weight);
}
