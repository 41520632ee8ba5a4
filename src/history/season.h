/* What runs of one weekday have in common: a weekly pattern in a series, and the series without it.
 */
#ifndef HISTORY_SEASON_H
#define HISTORY_SEASON_H

#include "base/arena.h"

#include <stdint.h>

struct season_series {
    const double *value;
    const int64_t *time_ns; /* rises */
    uint32_t n;
};

/* The values without the pattern of the week, as it is around these levels, by run; NULL: around
 * the mean of the week that a run is in the middle of. NULL where there are less than two weeks, or
 * the weekdays differ no more than chance makes them (F test at about 1%). Lives in `arena`. */
double *season_take_out(const struct season_series *s, const double *level, struct pp_arena *arena);

#endif
