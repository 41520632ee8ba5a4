/* The nodes of a flame tree that is shown again: the prompt and the page keep them beside the sums
 * of the loaded profile (graph/sum_store.h). Not those of a comparison, which says more of each
 * stack.
 */
#ifndef REPORT_FLAME_KEEP_H
#define REPORT_FLAME_KEEP_H

#include "report/flame_tree.h"

/* Fills in what flame_grow would, from an earlier tree of the same cut; false: there is none. */
bool flame_take(struct flame_tree *t, const struct flame_cut *cut, const struct report_ctx *rc);

void flame_keep(const struct flame_tree *t, const struct flame_cut *cut,
                const struct report_ctx *rc);

#endif
