/* The calls inside locations, those of inlined functions, each once whatever the number of
 * locations that have it: for a report that asks only which are heavy. What passes through a
 * location makes each of its calls, so most are decided without looking them up stack by stack. */
#ifndef GRAPH_INNER_CALLS_H
#define GRAPH_INNER_CALLS_H

#include "base/index.h"
#include "graph/crossing.h"

struct inner_edge {
    uint32_t caller, callee; /* numbers of kept nodes */
    uint32_t n_locations;    /* that have it */
    bool residual;
    bool crossed;     /* it is a call between frames, too ... */
    bool is_called;   /* ... and not inlined where a stack first has it */
    bool is_put;      /* the graph has it */
    double magnitude; /* what passed through all its locations, without signs; rounded */
    int64_t most;     /* what passed through one of them; of a single one its weight */
};

struct inner_calls {
    struct inner_edge *edges;
    uint32_t n_edges;
    uint32_t *edge_of; /* by call of the crossings, of which there are n_calls */
    uint32_t n_calls;
    struct hash_index index;
};

/* Nothing has passed yet. */
void inner_calls_build(const struct crossings *c, uint32_t n_several, struct inner_calls *ret_calls,
                       struct pp_arena *arena);
void inner_calls_done(struct inner_calls *calls);

/* NULL: it is none of these. */
struct inner_edge *inner_calls_find(const struct inner_calls *calls, uint32_t caller,
                                    uint32_t callee);

/* Tells all calls what passed through their locations, as the graph has it. */
void inner_calls_add_passed(struct inner_calls *calls, const struct crossings *c,
                            const struct graph *g);

#endif
