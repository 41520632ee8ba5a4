/* The label by which samples of a base are told from the others: pprof::base=true, as in the
 * reference. */
#ifndef PROFILE_BASE_MARK_H
#define PROFILE_BASE_MARK_H

#include "base/arena.h"
#include "profile/profile.h"

/* Marks all samples, in place. */
void base_mark_set(struct pp_profile *p, struct pp_arena *arena);

/* Whether any label set has a text of its key, whatever it is. */
bool base_mark_is_used(const struct pp_profile *p);

/* By label set: whether samples with it are marked. */
bool *base_mark_sets(const struct pp_profile *p, struct pp_arena *arena);

/* A view of the samples that are marked, or of the others. */
struct pp_profile base_mark_side(const struct pp_profile *p, bool is_base, struct pp_arena *arena);

/* Whether a label's key is that of the mark. */
bool base_mark_is_key(struct pp_str key);

#endif
