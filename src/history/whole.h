/* What a run did to all functions alike: the machine, the load, how all was built. docs/history.md
 * says how it is told apart. Numbers in, numbers out. */
#ifndef HISTORY_WHOLE_H
#define HISTORY_WHOLE_H

#include "history/change.h"
#include "history/wander.h"

#include <stdbool.h>

enum { WHOLE_LEAST = 5, WHOLE_MOST = 63 }; /* functions that it is known from */

struct whole {
    const double *times; /* by run: so many times what it is else, in the middle 1; NULL: unknown */
    const double *log;   /* of these */
    uint32_t n_runs;
    const struct change_series *of; /* n functions that it is known from */
    struct change_series *left;     /* the same without it */
    uint32_t n;
    struct wander wander;
};

/* From these functions' series, all of one length, which stay. */
void whole_find(const struct change_series *of, uint32_t n, const struct change_limits *limits,
                struct whole *ret_whole, struct pp_arena *arena);

/* The n series without what the whole did, as far as each one feels it, where it is smoother so;
 * else the same. */
struct change_series *whole_take_out(const struct whole *w, const struct change_series *s,
                                     uint32_t n, struct pp_arena *arena);

/* All functions changed there, or as near as the place is not known better, and this one like
 * others: by what is around the change, up to the changes beside it. By the changes' numbers,
 * `series` is what was recorded, `left` what they were found in. */
bool whole_explains(const struct whole *w, const struct change_series *series,
                    const struct change_series *left, const struct change_result *changes,
                    uint32_t change);

/* Functions do not wander so far by themselves, nor did some that feel a machine as this one does
 * change there, too. */
bool whole_is_own(const struct whole *w, const struct change_series *series,
                  const struct change_series *left, const struct change_result *changes,
                  uint32_t change);

#endif
