/* Nodes that are called heavily, not inlined. Where it only counts whether a node has such callers,
 * one is enough: no other of its calls between frames has to be looked at. A stack that is heavy by
 * itself tells it; where others may cancel what it weighs, a few such calls of each node are summed
 * up. */
#ifndef GRAPH_HEAVY_CALLERS_H
#define GRAPH_HEAVY_CALLERS_H

#include "graph/crossing.h"
#include "graph/inner_calls.h"
#include "graph/weigh.h"

struct heavy_calls {
    const struct weights *weights;   /* of stacks */
    const struct inner_calls *inner; /* those inside locations */
    int64_t min_weight;              /* from which on a call is heavy */
};

/* By number of a kept node: that of such a caller, or PP_NONE; the crossings ask then only for
 * callers that have the same call inside a location. */
const uint32_t *heavy_callers_find(const struct graph *g, const struct heavy_calls *of,
                                   struct crossings *c, struct pp_arena *arena);

/* Adds those calls to the graph's edges, with the least weight that they may have. */
void heavy_callers_put(struct graph *g, const struct crossings *c, const uint32_t *callers,
                       int64_t min_weight);

#endif
