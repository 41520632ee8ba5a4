/* How much a node tells in a picture: what it weighs, times how evenly that is spread over the
 * edges into it and out of it, in bits (the reference's entropyScore). */
#ifndef GRAPH_ENTROPY_H
#define GRAPH_ENTROPY_H

#include "graph/graph.h"

/* Needs graph_link, as far as the node's edges go. */
int64_t entropy_score(const struct graph *g, uint32_t node);

/* Puts the n selected nodes (n > 0) that tell most first, in order, and the others after them in
 * any; sums up the edges of those only that may be among them, so the graph has no others. False
 * where that would save little: then the selected nodes are in any order, and so are the edges. */
bool entropy_select(struct graph *g, uint32_t n);

#endif
