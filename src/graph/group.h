/* Sums over groups of nodes: all lines of a function, say. */
#ifndef GRAPH_GROUP_H
#define GRAPH_GROUP_H

#include "graph/graph.h"

/* The cumulative value of each group: of the samples that pass through any node of it, each counted
 * once. `group` has the group of each node, or PP_NONE. Call it after graph_sum. */
void graph_group_cum(struct graph *g, const uint32_t *group, uint32_t n_groups, int64_t *ret_cum);

#endif
