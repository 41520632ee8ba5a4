/* Merging profiles, and what must be done to them before. The results are new profiles in `arena`;
 * they may share tables with their sources, which must live as long. Semantics: profile/merge.go
 * and internal/measurement of the reference. */
#ifndef PROFILE_MERGE_H
#define PROFILE_MERGE_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "profile/known.h"
#include "profile/profile.h"

#include <stddef.h>

/* The sum of all: equal samples are added up, everything is renumbered in the order in which the
 * samples use it, what nothing uses is left out. The sources have the same sample and period types.
 * n is at least 1. */
bool profile_merge(const struct pp_profile *sources, size_t n, struct pp_profile *ret_merged,
                   struct pp_arena *arena, struct pp_error *err);

/* By which samples of a profile and of its base are told apart, besides their stacks and label
 * sets. */
struct told_apart {
    struct known_sums *source, *base; /* by sample: of labels that are in no set; or NULL */
    bool never_cancel; /* none of one side and of the other are equal, and no values of one side
                          cancel each other: so it is no matter which samples are one */
};

/* What `p` has more than its base, for who only sums it up, of two that merge_alike says can be
 * merged: as if the base were scaled by -1 and merged, but the tables of `p` are the result's,
 * their order is no matter, what no sample uses is blank, and some samples may be equal that never
 * cancel. In half the time. `p`, which lives in `arena`, becomes it; both are used up. False: it is
 * not worth it, or entries of a table are equal; then both are as they were, but for ids. */
bool profile_subtract(struct pp_profile *p, struct pp_profile *base,
                      const struct told_apart *samples, struct pp_arena *arena);

/* The same, for sources as people have them: they are cut to their common sample types, in the
 * first one's order, and brought to the finest unit of each. A single source keeps its ids and
 * order. Writes the prepared sources back into `sources`. */
bool profile_combine(struct pp_profile *sources, size_t n, struct pp_profile *ret_combined,
                     struct pp_arena *arena, struct pp_error *err);

/* Only what comes before the merge. What it adds to the sources lives in `arena`. */
bool profile_prepare(struct pp_profile *sources, size_t n, struct pp_arena *arena,
                     struct pp_error *err);

/* The same for sources that come one at a time and need not be in memory together: all of them like
 * the first. Memory grows with the result alone. The keys of a source (merge_keys.h), or NULL, are
 * for speed only. */
struct merge_stream;
struct merge_keys;
struct merge_stream *merge_open(struct pp_arena *arena);
bool merge_takes(const struct merge_stream *m, const struct pp_profile *source);
void merge_add(struct merge_stream *m, const struct pp_profile *source,
               const struct merge_keys *keys);

/* Whether keys are of use to it: not where most stacks are new. */
bool merge_wants_keys(const struct merge_stream *m);

/* Whether two profiles can be merged as they are, without cutting and scaling. */
bool merge_alike(const struct pp_profile *a, const struct pp_profile *b);

/* Whether a sample sums up to nothing so far. Such samples go when the merge is closed. */
bool merge_has_zeros(const struct merge_stream *m);

/* Whether one may have been nothing at some time after it was added: not where all values are
 * positive. */
bool merge_may_cancel(const struct merge_stream *m);

/* Frees `m`, also on failure. At least two sources were added. */
bool merge_close(struct merge_stream *m, struct pp_profile *ret_merged, struct pp_error *err);
void merge_give_up(struct merge_stream *m); /* NULL is fine */

/* Every value with the other sign, exactly: -1 by profile_scale is rounded as the reference does,
 * which beyond 2^53 loses digits. */
void profile_negate(const struct pp_profile *p, struct pp_profile *ret_negated,
                    struct pp_arena *arena);

/* Every value times the ratio of its type, rounded. A sample stays if one of its values whose ratio
 * is not 1 is not 0. */
void profile_scale(const struct pp_profile *p, const double *ratios, struct pp_profile *ret_scaled,
                   struct pp_arena *arena);

/* Scales each type so that its sum equals that of the base. */
bool profile_normalize(const struct pp_profile *p, const struct pp_profile *base,
                       struct pp_profile *ret_scaled, struct pp_arena *arena, struct pp_error *err);

#endif
