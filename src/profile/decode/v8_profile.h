/* A CPU profile of V8: nodes, which of them each sample saw, and the microseconds between samples,
 * or, in an old one, the microsecond at which each was taken.
 * A sample lasts until the next one, the last until the end, as Chrome's developer tools have it.
 */
#ifndef PROFILE_V8_PROFILE_H
#define PROFILE_V8_PROFILE_H

#include "profile/decode/v8_nodes.h"

struct v8_profile {
    struct v8_nodes nodes;
    struct walk_doubles samples, deltas, times; /* deltas or times */
    double start, end;                          /* 0: unknown */
    bool is_old;                                /* nodes are nested */
    uint64_t n_lost; /* samples of nodes that lack, where nodes may: of "(lost)" */
};

/* Adds to column 0 how often each node was seen and to column 1 for how many nanoseconds. */
bool v8_profile_add(struct v8_profile *p, struct call_tree *tree, struct pp_error *err);

#endif
