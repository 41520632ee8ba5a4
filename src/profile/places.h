/* How lines get into their table (struct pp_line_row). */
#ifndef PROFILE_PLACES_H
#define PROFILE_PLACES_H

#include "base/arena.h"
#include "profile/profile.h"

/* The row of a line. A place that needs an entry of its own is added to the profile's, whose table
 * has room for *cap of them and grows in `arena`. */
struct pp_line_row places_row(struct pp_profile *p, size_t *cap, const struct pp_line *line,
                              struct pp_arena *arena);

#endif
