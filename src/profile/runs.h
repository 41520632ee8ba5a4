/* How many runs of a job were merged into a profile, as a comment of it says: the gate's baselines
 * are such. */
#ifndef PROFILE_RUNS_H
#define PROFILE_RUNS_H

#include "base/arena.h"
#include "profile/profile.h"

/* 1 where nothing is said. */
uint32_t profile_runs(const struct pp_profile *p);

/* In place of all comments. Memory: `arena`. */
void profile_set_runs(struct pp_profile *p, uint32_t n, struct pp_arena *arena);

#endif
