#include "graph/edge_table.h"

#include "base/hash.h"
#include "base/num.h"

static inline size_t home_cell(const struct edge_table *t, uint64_t key) {
    return hash_word(t->seed, key) >> t->shift;
}

static inline struct edge_cell *find_cell(const struct edge_table *t, uint64_t key) {
    size_t at = home_cell(t, key);
    while (t->cells[at].key != key && t->cells[at].key)
        at = (at + 1) & (t->n_cells - 1);
    return &t->cells[at];
}

static void grow(struct edge_table *t) {
    const struct edge_table old = *t;
    t->seed = hash_seed();
    t->n_cells = old.cells ? old.n_cells * 2 : 64;
    t->shift = old.cells ? old.shift - 1 : 64 - 6;
    t->max = t->n_cells / 4 * 3;
    t->cells = pp_calloc_used(t->n_cells, sizeof *t->cells);
    for (size_t i = 0; i < old.n_cells; i++)
        if (old.cells[i].key) *find_cell(t, old.cells[i].key) = old.cells[i];
    pp_free(old.cells);
}

/* `once`: unless the stack of this stamp has passed already. */
static inline void add(struct edge_table *t, const struct edge_cell *e, bool once) {
    if (t->n == t->max) grow(t);
    struct edge_cell *cell = find_cell(t, e->key);
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

void edge_table_settle(struct edge_table *t) {
    for (unsigned i = 0; i < t->n_pending; i++)
        add(t, &t->pending[i], true);
    t->n_pending = 0;
}

void edge_table_add(struct edge_table *t, const struct edge_cell *e) {
    t->pending[t->n_pending++] = *e;
    if (t->cells) __builtin_prefetch(&t->cells[home_cell(t, e->key)], 1);
    if (t->n_pending == EDGES_PENDING) edge_table_settle(t);
}

void edge_table_merge(struct edge_table *t, struct edge_table *more) {
    struct pp_arena scratch = {0};
    const struct edge_cell **order = edge_table_in_order(more, &scratch);
    for (size_t i = 0; i < more->n; i++)
        if (order[i]) add(t, order[i], false);
    pp_arena_done(&scratch);
    edge_table_done(more);
}

const struct edge_cell **edge_table_in_order(const struct edge_table *t, struct pp_arena *scratch) {
    const struct edge_cell **order = PP_NEW(scratch, const struct edge_cell *, t->n);
    for (size_t i = 0; i < t->n_cells; i++)
        if (t->cells[i].key) order[t->cells[i].place] = &t->cells[i];
    return order;
}

void edge_table_done(struct edge_table *t) {
    pp_free(t->cells);
    t->cells = NULL;
}
