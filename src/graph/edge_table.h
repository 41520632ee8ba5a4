/* The edges of a walk over stacks: a list, and an index of it by caller and callee. Both are larger
 * than any cache, so edges wait a little until what is known of them has come from memory. Edges
 * that are known beforehand have their places in the list, and are not looked up. */
#ifndef GRAPH_EDGE_TABLE_H
#define GRAPH_EDGE_TABLE_H

#include "base/hash.h"
#include "base/index.h"

enum { EDGES_PENDING = 32, EDGE_TURN_BITS = 30, MOST_TURNS = (1 << EDGE_TURN_BITS) - 1 };

struct edge_cell {
    uint64_t key; /* edge_key */
    int64_t weight, weight_div;
    uint32_t stamp;                 /* the last stack that passed */
    uint32_t turn : EDGE_TURN_BITS; /* of the call that it was first met in; 0: it was not */
    bool residual : 1, is_inline : 1;
};

struct edge_table {
    struct edge_cell *edges; /* malloc'd: those known beforehand, others as they are met */
    size_t n_planned, n, cap;
    struct hash_index index;
    struct edge_cell pending[EDGES_PENDING];
    uint64_t hashes[EDGES_PENDING];  /* of those ... */
    uint32_t planned[EDGES_PENDING]; /* ... or places; EDGE_UNKNOWN: none */
    unsigned n_pending;
};

#define EDGE_UNKNOWN UINT32_MAX

static inline uint64_t edge_key(uint32_t caller, uint32_t callee) {
    return (uint64_t)caller << 32 | callee;
}

static inline uint64_t edge_hash(uint64_t key) {
    return hash_word(hash_seed(), key);
}

/* The place of an edge that may come; before all others. */
uint32_t edge_table_plan(struct edge_table *t, uint64_t key);

/* Puts everything that waits into the table. */
void edge_table_settle(struct edge_table *t);

/* Adds an edge, unless it does not count; a stack counts once, by its stamp. It may wait until
 * edge_table_settle. `planned`: its place, or EDGE_UNKNOWN. */
static inline void edge_table_add(struct edge_table *t, const struct edge_cell *e, uint32_t planned,
                                  bool counts) {
    uint64_t hash = edge_hash(e->key);
    t->pending[t->n_pending] = *e;
    t->hashes[t->n_pending] = hash;
    t->planned[t->n_pending] = planned;
    if (planned == EDGE_UNKNOWN) index_prefetch(&t->index, hash);
    t->n_pending += counts; /* a coin toss: no branch */
    if (t->n_pending == EDGES_PENDING) edge_table_settle(t);
}

/* Brings what was known beforehand into the order of first meetings: the last thing to be done. */
void edge_table_sort_planned(struct edge_table *t);

/* Adds `more`, which is settled, and frees it: edges that only it has come after the others.
 * Neither has any that were known beforehand. */
void edge_table_merge(struct edge_table *t, struct edge_table *more);

void edge_table_done(struct edge_table *t);

#endif
