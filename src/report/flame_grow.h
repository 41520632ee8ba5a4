/* Where the nodes of a flame tree come from: stacks are told apart by what they call next, node by
 * node, the heaviest first. What is not shown is never made: it has no node and no name. */
#ifndef REPORT_FLAME_GROW_H
#define REPORT_FLAME_GROW_H

#include "report/flame_tree.h"

/* Makes the nodes that are shown, with their sums, from the list of stacks. Fails where there are
 * too many. */
bool flame_grow(struct flame_tree *t, const struct report_ctx *rc, const struct flame_cut *cut,
                struct pp_error *err);

#endif
