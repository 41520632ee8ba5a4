/* Nodes that a single stack calls heavily, not inlined. Where it only counts whether a node has
 * such callers, one is enough: no other of its calls between frames has to be looked at. */
#ifndef GRAPH_HEAVY_CALLERS_H
#define GRAPH_HEAVY_CALLERS_H

#include "graph/crossing.h"
#include "graph/inner_calls.h"

/* By number of a kept node: that of such a caller, or PP_NONE; the crossings ask then only for
 * callers that have the same call inside a location. Weights must not cancel. */
const uint32_t *heavy_callers_find(struct graph *g, struct crossings *c,
                                   const struct inner_calls *inner, int64_t min_weight,
                                   struct pp_arena *arena);

/* Adds those calls to the graph's edges, with the least weight that they may have. */
void heavy_callers_put(struct graph *g, const struct crossings *c, const uint32_t *callers,
                       int64_t min_weight);

#endif
