/* Change points: where the level of a series of measurements changed for good. docs/history.md
 * derives the method. Numbers in, numbers out; the same numbers give the same answer. */
#ifndef HISTORY_CHANGE_H
#define HISTORY_CHANGE_H

#include "base/arena.h"

#include <stdint.h>

struct change_point {
    uint32_t series, at;  /* the first run after it */
    double p;             /* how often chance alone does as much; that of a part is never smaller
                             than that of the whole it was found in */
    double before, after; /* medians of the stretches on both sides */
};

struct change_series {
    const double *value;
    uint32_t n;
    const int64_t *time_ns; /* of the runs, rising: what only follows the week is no change; NULL:
                               unknown */
};

struct change_result {
    struct change_point *at; /* by series, then by time */
    uint32_t n, n_tests;     /* tests: series in which one was looked for */
};

struct change_limits {
    double rate;  /* of what is found at most this share is false (Benjamini and Hochberg) */
    double least; /* changes below it (0.01: 1% of the level) do not count */
};

/* All series together: the limits hold however many there are. */
void change_find(const struct change_series *series, uint32_t n, const struct change_limits *limits,
                 struct change_result *ret_result, struct pp_arena *arena);

/* What chance may do that the rate holds for these changes alone. A series has a change if the one
 * that chance explains least is no likelier. */
double change_limit(const struct change_result *r, double rate);

/* How many threads n series of so many runs are worth. */
unsigned change_width(uint32_t n, uint32_t n_runs);

#endif
