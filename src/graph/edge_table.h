/* The edges of a walk over stacks: a hash table by caller and callee. It is larger than any cache,
 * so edges wait a little until their cells have come from memory. */
#ifndef GRAPH_EDGE_TABLE_H
#define GRAPH_EDGE_TABLE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { EDGES_PENDING = 32 };

struct edge_cell {
    uint64_t key; /* edge_key; 0 is free, since nothing calls itself here */
    int64_t weight, weight_div;
    uint32_t stamp;      /* the last stack that passed */
    uint32_t place : 30; /* in the order of first meetings */
    bool residual : 1, is_inline : 1;
};

struct edge_table {
    struct edge_cell *cells; /* a power of two */
    size_t n_cells, n, max;
    unsigned shift;
    uint64_t seed;
    struct edge_cell pending[EDGES_PENDING];
    unsigned n_pending;
};

static inline uint64_t edge_key(uint32_t caller, uint32_t callee) {
    return (uint64_t)caller << 32 | callee;
}

/* Adds an edge (its place is not looked at); a stack counts once, by its stamp. It may wait until
 * edge_table_settle. */
void edge_table_add(struct edge_table *t, const struct edge_cell *e);

/* Puts everything that waits into the table. */
void edge_table_settle(struct edge_table *t);

/* Adds `more`, which is settled, and frees it: edges that only it has come after the others. */
void edge_table_merge(struct edge_table *t, struct edge_table *more);

/* The t->n edges by place; NULL where nobody stands, since a place has 30 bits. */
const struct edge_cell **edge_table_in_order(const struct edge_table *t, struct pp_arena *scratch);

void edge_table_done(struct edge_table *t);

#endif
