/* Which of a profile's values has a name. */
#ifndef PROFILE_FIND_TYPE_H
#define PROFILE_FIND_TYPE_H

#include "profile/profile.h"

/* The position of the sample type; PP_NONE: there is none. Old heap profiles call "inuse_space"
 * just "space": that is found too. */
uint32_t profile_find_type(const struct pp_profile *p, struct pp_str name);

#endif
