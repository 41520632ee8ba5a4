/* The edges of a walk over stacks, with a cell for each pair of nodes: for graphs in which there
 * may well be an edge between any two. Cells are met at random, so their size is what a walk costs.
 */
#ifndef GRAPH_EDGE_MATRIX_H
#define GRAPH_EDGE_MATRIX_H

#include "base/num.h"
#include "graph/graph.h"

struct matrix_cell {
    int64_t weight;
    uint32_t stamp;      /* the last stack that passed; 0: none has */
    uint32_t place : 30; /* in the order of first meetings */
    bool residual : 1, is_inline : 1;
};

struct edge_matrix {
    struct matrix_cell *cells; /* malloc'd: by caller, then by callee */
    uint32_t width;            /* the number of nodes */
    uint32_t n;                /* cells that are in use */
};

/* At most 2^30 cells. */
void edge_matrix_open(struct edge_matrix *ret_matrix, uint32_t n_nodes);

/* A stack counts once, by its stamp (not 0). */
static inline void edge_matrix_add(struct edge_matrix *m, uint32_t caller, uint32_t callee,
                                   int64_t weight, uint32_t stamp, bool residual, bool is_inline) {
    struct matrix_cell *cell = &m->cells[(size_t)caller * m->width + callee];
    if (cell->stamp == stamp) return;
    if (!cell->stamp) {
        cell->place = m->n++ & ((1U << 30) - 1);
        cell->is_inline = true;
    }
    cell->stamp = stamp;
    cell->weight = num_add(cell->weight, weight);
    cell->residual |= residual;
    cell->is_inline &= is_inline;
}

/* Adds `more` of the same width: edges that only it has come after the others, in their order. */
void edge_matrix_merge(struct edge_matrix *m, const struct edge_matrix *more);

/* Appends the edges to the graph's, in their order; `nodes` has its node for each of the matrix. */
void edge_matrix_put(const struct edge_matrix *m, const uint32_t *nodes, struct graph *g);

#endif
