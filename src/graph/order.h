/* The orders of nodes and edges in reports. All are total: equal weights are told apart by printed
 * name, then by what else there is. */
#ifndef GRAPH_ORDER_H
#define GRAPH_ORDER_H

#include "graph/graph.h"

/* The order of this name in orders.def; false where there is none. */
bool graph_order_find(struct pp_str name, enum graph_order *ret_order);

/* Sorts g->selected. */
void graph_sort(struct graph *g, enum graph_order order);

/* The edges into a node, or out of it, that were not dropped, heaviest first; ret_n of them, in the
 * graph's arena. Needs graph_link. */
struct graph_edge **graph_edges_in(struct graph *g, uint32_t node, uint32_t *ret_n);
struct graph_edge **graph_edges_out(struct graph *g, uint32_t node, uint32_t *ret_n);

/* Sorts edges of any nodes in the same way. */
void graph_sort_edges(struct graph *g, struct graph_edge **edges, uint32_t n);

#endif
