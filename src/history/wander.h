/* How far functions wander by themselves, beside what their noise makes of them from run to run: a
 * cache, the place of a page, a neighbour slow one of them for a while and not the others.
 * docs/history.md says how it is told from a commit's change. Numbers in, numbers out. */
#ifndef HISTORY_WANDER_H
#define HISTORY_WANDER_H

#include "history/change.h"

#include <stdbool.h>

enum { WANDER_SCALES = 4, WANDER_RUNS = 960 /* it is known from so many, the newest */ };

/* By length of a stretch (5, 15, 45, 135 runs): the variance, as a share of the level squared, of
 * how far a function is from one stretch to the next, without the noise. */
struct wander {
    double variance[WANDER_SCALES];
    uint32_t n_scales; /* lengths that it is known of */
};

/* Of all these functions together. */
void wander_find(const struct change_series *of, uint32_t n, struct wander *ret_wander);

/* A function with such noise goes as far by itself, or as this one does elsewhere in its series, as
 * its runs from `from` to `at` are from those up to `to`. */
bool wander_reaches(const struct wander *w, const struct change_series *s, uint32_t from,
                    uint32_t at, uint32_t to);

#endif
