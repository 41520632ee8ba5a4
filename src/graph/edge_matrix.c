#include "graph/edge_matrix.h"

#include "base/num.h"
#include "profile/marked_frames.h"

enum { MANY = 64 }; /* calls that are looked at together */

struct matrix_cell {
    int64_t weight;
    uint32_t stamp;      /* the last stack that passed; 0: none has */
    uint32_t place : 30; /* in the order of first meetings */
    bool residual : 1, is_inline : 1;
};

/* Rows of callers are worth it if not nearly all nodes count. */
static uint32_t count_rows(const struct crossings *c) {
    return c->n_of < c->n_kept / 2 ? c->n_of : c->n_kept;
}

static uint64_t count_cells(uint32_t n_rows, uint32_t width) {
    return (uint64_t)n_rows * width * (n_rows < width ? 2 : 1);
}

uint64_t edge_matrix_cells(const struct crossings *c) {
    return count_cells(count_rows(c), c->n_kept);
}

static size_t n_cells(const struct edge_matrix *m) {
    return (size_t)count_cells(m->n_rows, m->width);
}

void edge_matrix_open(struct edge_matrix *ret_matrix, const struct graph *g,
                      const struct crossings *c) {
    struct edge_matrix m = {.g = g, .crossings = c, .width = c->n_kept, .n_rows = count_rows(c)};
    m.cells = pp_calloc_used(n_cells(&m), sizeof *m.cells);
    *ret_matrix = m;
}

void edge_matrix_done(struct edge_matrix *m) {
    pp_free(m->cells);
    m->cells = NULL;
}

/* ---- a walk ---- */

struct call {
    int64_t weight;
    uint32_t cell;
    uint32_t stamp; /* of the stack; not 0 */
    bool residual, is_inline;
};

/* Those that count, of one stack or several. Which ones do is a coin toss for the processor, so
 * they wait for a loop of their own, and their cells come from memory meanwhile. */
struct calls {
    struct call waiting[MANY];
    unsigned n;
    int64_t weight; /* of the stack at hand */
    uint32_t stamp;
};

static inline uint32_t cell_of(const struct edge_matrix *m, const struct inner_call *call) {
    bool is_row = call->caller < m->n_rows;
    uint32_t row = is_row ? call->caller : m->n_rows + call->callee;
    return row * m->width + (is_row ? call->callee : call->caller);
}

static inline void add(struct edge_matrix *m, const struct call *call) {
    struct matrix_cell *cell = &m->cells[call->cell];
    if (cell->stamp == call->stamp) return;
    if (!cell->stamp) {
        cell->place = m->n++ & ((1U << 30) - 1);
        cell->is_inline = true;
    }
    cell->stamp = call->stamp;
    cell->weight = num_add(cell->weight, call->weight);
    cell->residual |= call->residual;
    cell->is_inline &= call->is_inline;
}

static void settle(struct edge_matrix *m, struct calls *calls) {
    for (unsigned i = 0; i < calls->n; i++)
        add(m, &calls->waiting[i]);
    calls->n = 0;
}

static inline void put(struct edge_matrix *m, struct calls *calls, struct inner_call call,
                       bool is_inline, bool counts) {
    uint32_t cell = cell_of(m, &call);
    __builtin_prefetch(&m->cells[cell], 1);
    calls->waiting[calls->n] =
        (struct call){calls->weight, cell, calls->stamp, call.residual, is_inline};
    calls->n += counts;
    if (calls->n == MANY) settle(m, calls);
}

/* A stack's frames, and what it does in the locations of each. */
struct frames_at_hand {
    struct pp_frames frames;
    const uint32_t *node_of;
    const struct crossings *crossings;
    uint32_t n;
};

static inline __attribute__((always_inline)) const struct crossing *
cross(const struct frames_at_hand *f, uint32_t at) {
    return &f->crossings->at[f->node_of[pp_frame_in(f->frames, at)]];
}

static inline __attribute__((always_inline)) void put_call_into(struct edge_matrix *m,
                                                                struct calls *calls,
                                                                const struct frames_at_hand *f,
                                                                uint32_t from, uint32_t into) {
    const struct crossing *caller = cross(f, from), *callee = cross(f, into);
    bool counts = (caller->exit != callee->entry) & (callee->wants_entry | caller->gives_exit);
    bool residual = (from != into + 1) | caller->gap_after_exit | callee->gap_before_entry;
    put(m, calls, (struct inner_call){caller->exit, callee->entry, residual},
        callee->entry_is_inline, counts);
}

static inline void put_inner_calls(struct edge_matrix *m, struct calls *calls,
                                   const struct crossing *c) {
    const struct inner_call *inner = m->crossings->calls;
    for (uint32_t i = c[0].first_call; i < c[1].first_call; i++)
        put(m, calls, inner[i], true, true);
}

/* The nearest frame that is kept, f->n: there is none. */
static inline __attribute__((always_inline)) uint32_t kept_above(const struct frames_at_hand *f,
                                                                 uint32_t at) {
    while (++at < f->n && cross(f, at)->entry == PP_NONE)
        ;
    return at;
}

static inline __attribute__((always_inline)) uint32_t kept_below(const struct frames_at_hand *f,
                                                                 uint32_t at) {
    while (at > 0)
        if (cross(f, --at)->entry != PP_NONE) return at;
    return f->n;
}

/* Adds the calls of a kept frame; `last` is the one above. Returns it. */
static inline __attribute__((always_inline)) uint32_t add_kept(struct edge_matrix *m,
                                                               struct calls *calls,
                                                               const struct frames_at_hand *f,
                                                               uint32_t last, uint32_t at) {
    if (last < f->n) put_call_into(m, calls, f, last, at);
    put_inner_calls(m, calls, cross(f, at));
    return at;
}

/* Adds the calls of a frame that counts, with the kept frames above and below, which may not; calls
 * into `last` have been added. Returns the one below. */
static inline __attribute__((always_inline)) uint32_t add_counting(struct edge_matrix *m,
                                                                   struct calls *calls,
                                                                   const struct frames_at_hand *f,
                                                                   uint32_t last, uint32_t at) {
    uint32_t above = last == at ? f->n : kept_above(f, at), below = kept_below(f, at);
    if (above < f->n) put_call_into(m, calls, f, above, at);
    put_inner_calls(m, calls, cross(f, at));
    if (below < f->n) put_call_into(m, calls, f, at, below);
    return below;
}

/* What a walk adds to. */
struct addition {
    struct edge_matrix *m;
    const struct weights *weights;
    uint32_t first_stack;
    struct calls calls;
};

/* From the root on. Where edges of few nodes count, most frames have no part in them. */
static inline __attribute__((always_inline)) void
add_frames(struct addition *a, const struct frames_at_hand *f, const uint32_t *at, uint32_t n) {
    const bool all = f->crossings->n_of == f->crossings->n_kept;
    uint32_t last = f->n;
    while (n-- > 0)
        last = all ? add_kept(a->m, &a->calls, f, last, at[n])
                   : add_counting(a->m, &a->calls, f, last, at[n]);
}

static void add_stack(void *user, uint32_t i, const uint32_t *at, uint32_t n) {
    struct addition *a = user;
    const struct graph *g = a->m->g;
    const struct pp_stack stack = g->p->stacks[i];
    if (!a->weights->used[i]) return;
    a->calls.weight = a->weights->weight[i];
    a->calls.stamp = i - a->first_stack + 1;
    PP_WITH_FRAMES(
        g->p->frames, stack.first, frames,
        add_frames(a, &(struct frames_at_hand){frames, g->node_of, a->m->crossings, stack.len}, at,
                   n));
}

void edge_matrix_walk(struct edge_matrix *m, const struct weights *weights, uint32_t first_stack,
                      uint32_t end_stack) {
    const struct crossings *c = m->crossings;
    struct addition a = {.m = m, .weights = weights, .first_stack = first_stack};
    const bool *marked = c->n_of == c->n_kept ? c->enters : c->counts;
    const struct marked_frames frames = {m->g->p, marked, first_stack, end_stack};
    marked_frames_walk(&frames, add_stack, &a);
    settle(m, &a.calls);
}

/* ---- the whole ---- */

void edge_matrix_merge(struct edge_matrix *m, const struct edge_matrix *more) {
    for (size_t i = 0; i < n_cells(m); i++) {
        const struct matrix_cell *from = &more->cells[i];
        struct matrix_cell *to = &m->cells[i];
        if (!from->stamp) continue;
        if (!to->stamp) {
            *to = *from;
            to->place = (m->n + from->place) & ((1U << 30) - 1);
            continue;
        }
        to->weight = num_add(to->weight, from->weight);
        to->residual |= from->residual;
        to->is_inline &= from->is_inline;
    }
    m->n += more->n;
}

static struct graph_edge edge_at(const struct edge_matrix *m, uint32_t at) {
    const struct matrix_cell *cell = &m->cells[at];
    const uint32_t *nodes = m->crossings->kept;
    uint32_t row = at / m->width, column = at % m->width;
    bool is_row = row < m->n_rows; /* of callees */
    return (struct graph_edge){.src = nodes[is_row ? row : column],
                               .dest = nodes[is_row ? column : row - m->n_rows],
                               .weight = cell->weight,
                               .residual = cell->residual,
                               .is_inline = cell->is_inline};
}

void edge_matrix_put(const struct edge_matrix *m, struct graph *g) {
    struct pp_arena scratch = {0};
    uint32_t *order = PP_NEW(&scratch, uint32_t, m->n); /* a cell and one; 0: nobody stands there */
    for (size_t i = 0; i < n_cells(m); i++)
        if (m->cells[i].stamp) order[m->cells[i].place] = (uint32_t)i + 1;
    PP_RESERVE(g->arena, g->edges, g->n_edges, g->cap_edges, m->n);
    for (uint32_t i = 0; i < m->n; i++)
        if (order[i]) g->edges[g->n_edges++] = edge_at(m, order[i] - 1);
    pp_arena_done(&scratch);
}
