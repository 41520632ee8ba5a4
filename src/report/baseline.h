/* The next base of a comparison: runs merged into one profile, without what changes from build to
 * build and means nothing: times, paths of this machine, addresses and build ids of what has names.
 */
#ifndef REPORT_BASELINE_H
#define REPORT_BASELINE_H

#include "report/report.h"

/* From the new runs. Paths are trimmed as `paths` says. The same runs in the same order give the
 * same profile. It says how many runs it holds (profile/runs.h). Memory: `arena`. */
bool baseline_make(const struct report_runs *runs, const struct graph_options *paths,
                   struct pp_profile *ret_base, struct pp_arena *arena, struct pp_error *err);

#endif
