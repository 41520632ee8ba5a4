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

/* How many threads n series of so many runs are worth. */
unsigned change_width(uint32_t n, uint32_t n_runs);

/* The value that `part` of all are smaller than. */
double change_part(const double *value, uint32_t n, double part, struct pp_arena *scratch);

double change_median(const double *value, uint32_t n, struct pp_arena *scratch);

/* The same; the values are in another order afterwards. */
double change_median_of(double *value, uint32_t n);

/* The standard error of a median, by how far the values are from it. */
double change_median_error(const double *value, uint32_t n, double median,
                           struct pp_arena *scratch);

/* The standard deviation from one run to the next, by how far neighbours are apart; what is further
 * than three of what is usual counts as three. */
double change_noise(const struct change_series *s, struct pp_arena *scratch);

/* The mean, where values count no further than two times `noise` from their median: known to
 * CHANGE_LEVEL_ERROR * noise / sqrt(n), beside 1.25 of the median. n > 0. */
double change_level(const double *value, uint32_t n, double noise, struct pp_arena *scratch);

#define CHANGE_LEVEL_ERROR 1.05

/* Means of `width` stretches of about the same length; width <= n. */
void change_means(const double *value, uint32_t n, uint32_t width, double *ret_means);

#endif
