/* What a stack does in a location, found out once for all stacks: through which kept node it comes
 * in, by which it goes on to the next frame, and which calls between nodes lie inside (those of
 * inlined functions). So walks over stacks take one step a frame, however many lines it has. */
#ifndef GRAPH_CROSSING_H
#define GRAPH_CROSSING_H

#include "graph/graph.h"

enum { CROSSING_ALL = (1 << 16) - 1 };

struct crossing {
    uint32_t entry, exit;     /* numbers of kept nodes; PP_NONE: none of the location's is kept */
    uint32_t first_call;      /* of those inside, up to first_call of the next location */
    unsigned wants_entry : 1; /* edges into `entry` count */
    unsigned gives_exit : 1;  /* edges out of `exit` count, wherever they lead */
    unsigned entry_is_inline : 1;  /* callers of `entry` in this location are not kept */
    unsigned gap_before_entry : 1; /* the same; edges into it lead over a gap */
    unsigned gap_after_exit : 1;   /* callees of `exit` in this location are not kept */
    unsigned callers : 16; /* where only edges into `entry` count: a bit of each caller of which
                            * they do, others have it, too; none without wants_entry */
};

static inline uint32_t crossing_bit(uint32_t caller) {
    return 1U << (caller * 0x9e3779b1U >> 28);
}

/* Whether an edge from this node into `entry` may count, where only edges into it do. */
static inline bool crossing_asks(const struct crossing *c, uint32_t caller) {
    return c->callers & crossing_bit(caller);
}

/* A call from one kept node to another inside a location. */
struct inner_call {
    uint32_t caller, callee; /* numbers of kept nodes */
    bool residual;
};

/* Kept nodes have numbers: 0, 1, 2 ...; those whose edges count come first. */
struct crossings {
    struct crossing *at; /* by what node_of has for a location, and one more for the end of calls */
    bool *enters;        /* by location: whether any of its nodes is kept */
    bool *counts;        /* and whether any of their edges count */
    struct inner_call *calls;
    uint32_t *kept; /* node by number */
    uint32_t n_kept;
    uint32_t n_of;     /* edges into or from so many, the first ones, count */
    uint32_t n_single; /* of locations with one node */
    bool any;          /* edges that count */
};

/* What stacks do in a location. */
static inline const struct crossing *crossing_of(const struct crossings *c, const struct graph *g,
                                                 uint32_t location) {
    return &c->at[g->node_of[location]];
}

/* Which edges count is said by the graph: g->kept, g->edges_of, g->opt.inlined_edges. */
void crossings_build(const struct graph *g, struct crossings *ret_crossings,
                     struct pp_arena *arena);

#endif
