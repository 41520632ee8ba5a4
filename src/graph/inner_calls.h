/* The calls inside locations, those of inlined functions, each once whatever the number of
 * locations that have it: for a report that asks only which are heavy. What passes through a
 * location makes each of its calls, so most are decided without looking them up stack by stack. */
#ifndef GRAPH_INNER_CALLS_H
#define GRAPH_INNER_CALLS_H

#include "base/index.h"
#include "graph/crossing.h"

/* What passed through a location, by stacks, each once. */
struct passed {
    int64_t weight;
    uint32_t stamp; /* the last stack */
    uint32_t bound; /* as bounds of edges (sum_edges.c) */
};

struct inner_edge {
    uint32_t caller, callee; /* numbers of kept nodes */
    uint32_t n_locations;    /* that have it */
    uint32_t bound;          /* it weighs less than that */
    int64_t most;            /* what passed through one of them; of a single one its weight */
    bool residual;
    bool crossed; /* it is a call between frames, too */
};

struct inner_calls {
    struct inner_edge *edges;
    uint32_t n_edges;
    uint32_t *edge_of; /* by call of the crossings */
    struct hash_index index;
    uint64_t *marks; /* a bit for each hash of an edge */
    unsigned shift;
};

/* A hash of at most 32 - shift bits. */
static inline uint32_t call_hash(uint32_t caller, uint32_t callee, unsigned shift) {
    return (caller * 0x9e3779b1U + callee * 0x85ebca6bU) >> shift;
}

/* Nothing has passed yet. */
void inner_calls_build(const struct crossings *c, uint32_t n_locations,
                       struct inner_calls *ret_calls, struct pp_arena *arena);
void inner_calls_done(struct inner_calls *calls);

/* Whether a call between frames may be one of these; then it is to be looked for, by any thread. */
static inline bool inner_calls_may_have(const struct inner_calls *calls, uint32_t caller,
                                        uint32_t callee) {
    return is_marked(calls->marks, call_hash(caller, callee, calls->shift));
}

void inner_calls_cross(const struct inner_calls *calls, uint32_t caller, uint32_t callee);

/* Tells all calls what passed through their locations; bounds are not added beyond `full`. */
void inner_calls_add_passed(struct inner_calls *calls, const struct crossings *c,
                            const struct passed *passed, uint32_t n_locations, uint32_t full);

#endif
