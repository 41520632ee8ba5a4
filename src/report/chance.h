/* Which changes against the base may be chance: the gate's test (gate/gate_stats.h) for each by
 * itself, with the samples that are behind the values of both sides. */
#ifndef REPORT_CHANCE_H
#define REPORT_CHANCE_H

#include "report/flame_tree.h"

/* A quantity: sums over all runs of a side, the base's not negative, and how many samples are
 * behind both. */
struct chance {
    int64_t base, now;
    double count;
};

/* Not where values were scaled (-normalize), so that samples can't be counted, or a side is more
 * than 64 runs. */
bool chance_can_be_told(const struct report_ctx *rc);

/* Whether what changed is more than chance does once in a hundred, beside the total. */
bool chance_is_ruled_out(const struct report_ctx *rc, const struct chance *part,
                         const struct chance *total);

/* How many samples are behind each node of a graph of `p`, by itself and with all that it calls.
 * Memory: rc->arena. */
struct chance_counts {
    double *flat, *cum, all;
};

void chance_count(const struct report_ctx *rc, const struct pp_profile *p,
                  const struct graph_options *nodes, struct chance_counts *ret_counts);

/* By node of a call tree. NULL where nothing can be told, or there is no base. Memory: rc->arena.
 */
const bool *chance_ruled_out(const struct flame_tree *t, const struct report_ctx *rc);

#endif
