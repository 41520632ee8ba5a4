/* The edges of a walk over stacks, with a cell for each pair of nodes: for graphs in which there
 * may well be an edge between any two. Cells are met at random, so their size is what a walk costs.
 * Where only edges into or from some nodes count, there are no others: a row of callees for each of
 * these nodes, then a row of callers for each. */
#ifndef GRAPH_EDGE_MATRIX_H
#define GRAPH_EDGE_MATRIX_H

#include "graph/crossing.h"
#include "graph/weigh.h"

struct edge_matrix {
    const struct graph *g;
    const struct crossings *crossings;
    struct matrix_cell *cells; /* malloc'd */
    uint32_t width;            /* the number of nodes */
    uint32_t n_rows;           /* of callees; as many as nodes: all count */
    uint32_t n;                /* cells that are in use */
};

/* How many cells there are. */
uint64_t edge_matrix_cells(const struct crossings *c);

/* At most 2^30 of them. */
void edge_matrix_open(struct edge_matrix *ret_matrix, const struct graph *g,
                      const struct crossings *c);
void edge_matrix_done(struct edge_matrix *m);

/* Adds the edges of stacks, once. Divisors have no place here. */
void edge_matrix_walk(struct edge_matrix *m, const struct weights *weights, uint32_t first_stack,
                      uint32_t end_stack);

/* Adds `more` of the same crossings: edges that only it has come after the others, in their order.
 */
void edge_matrix_merge(struct edge_matrix *m, const struct edge_matrix *more);

/* Appends the edges to the graph's, in the order of first meetings. */
void edge_matrix_put(const struct edge_matrix *m, struct graph *g);

#endif
