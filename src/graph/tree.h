/* The call tree: like the graph, but with a node for each distinct way from a root to a place. */
#ifndef GRAPH_TREE_H
#define GRAPH_TREE_H

#include "graph/graph.h"

/* After graph_init: replaces the nodes by those of the tree, summed and selected, with an edge into
 * each node that is no root. A node stands after its caller. */
void tree_build(struct graph *g);

/* Takes the selected nodes that `kept` does not mark out of the tree: their callees hang on the
 * nearest caller that stays, by a residual edge, or become roots. Sums stay as they are. */
void tree_trim(struct graph *g, const bool *kept);

#endif
