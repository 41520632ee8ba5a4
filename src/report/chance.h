/* Which changes of a call tree against its base may be chance: the gate's test (gate/gate_stats.h)
 * for each node by itself, with the samples that are behind the values of both sides. */
#ifndef REPORT_CHANCE_H
#define REPORT_CHANCE_H

#include "report/flame_tree.h"

/* By node: whether its change is more than chance does once in a hundred. NULL where nothing can be
 * said: there is no base, values were scaled (-normalize), so that samples can't be counted, or a
 * side is more than 64 runs. Memory: rc->arena. */
const bool *chance_ruled_out(const struct flame_tree *t, const struct report_ctx *rc);

#endif
