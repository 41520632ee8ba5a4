/* What a score (entropy.h) is at most, by what is known without summing up edges. */
#ifndef GRAPH_ENTROPY_BOUND_H
#define GRAPH_ENTROPY_BOUND_H

#include "graph/weigh.h"

/* By node, of those that are kept: as if each stack had edges of its own between locations, and
 * each location such inside. Weights must be positive; all edges must count, and the
 * graph must have what passed through locations. Lives in the arena. */
double *entropy_bounds(const struct graph *g, const struct weights *weights,
                       struct pp_arena *arena);

#endif
