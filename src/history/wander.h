/* How far functions wander by themselves, beside what their noise makes of them from run to run: a
 * cache, the place of a page, a neighbour slow one of them for a while and not the others.
 * docs/history.md says how it is told from a commit's change. Numbers in, numbers out. */
#ifndef HISTORY_WANDER_H
#define HISTORY_WANDER_H

#include "history/change.h"

#include <stdbool.h>

enum { WANDER_SCALES = 4, WANDER_RUNS = 960 /* it is known from so many, the newest */ };

/* By length of a stretch (5, 15, 45, 135 runs): the variance, in squares of a function's noise, of
 * how far it is from one stretch to the next, without the noise. */
struct wander {
    double variance[WANDER_SCALES];
    uint32_t n_scales; /* lengths that it is known of */
    bool is_still;     /* between their changes functions do what chance does, and no more */
};

/* Of all these functions together. `changes`: theirs. */
void wander_find(const struct change_series *of, uint32_t n, const struct change_result *changes,
                 struct wander *ret_wander);

struct wander_step {
    uint32_t from, at, to; /* the runs before a change, and those after it */
    uint32_t n_along;      /* so many other functions changed there, too */
};

/* A function with such noise goes as far by itself, or as this one does elsewhere in its series. */
bool wander_reaches(const struct wander *w, const struct change_series *s,
                    const struct wander_step *step);

#endif
