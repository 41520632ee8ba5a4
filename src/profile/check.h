/* The invariants of a profile, beyond what its positions guarantee by construction. */
#ifndef PROFILE_CHECK_H
#define PROFILE_CHECK_H

#include "cpprof/error.h"
#include "profile/profile.h"

/* Ids are unique and not 0; each line has a function. What the reference accepts is accepted: an
 * address outside its mapping, a location without lines, entries that nothing uses. */
bool profile_check(const struct pp_profile *p, struct pp_error *err);

#endif
