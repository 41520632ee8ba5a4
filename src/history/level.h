/* Where values lie, and how far they are from there, as outliers do not see it. Numbers in, numbers
 * out. */
#ifndef HISTORY_LEVEL_H
#define HISTORY_LEVEL_H

#include "base/arena.h"

#include <stdint.h>

/* The value that `part` of all are smaller than. */
double level_part(const double *value, uint32_t n, double part, struct pp_arena *scratch);

double level_median(const double *value, uint32_t n, struct pp_arena *scratch);

/* The same; it uses up the values. */
double level_median_of(double *value, uint32_t n);

/* The standard error of a median, by how far the values are from it. */
double level_median_error(const double *value, uint32_t n, double median, struct pp_arena *scratch);

/* The standard deviation from one run to the next, by how far neighbours are apart; what is further
 * than three of what is usual counts as three. */
double level_noise(const double *value, uint32_t n, struct pp_arena *scratch);

/* The mean, where values count no further than two times `noise` from their median: known to
 * LEVEL_ERROR * noise / sqrt(n), beside 1.25 of the median. n > 0. */
double level_of(const double *value, uint32_t n, double noise, struct pp_arena *scratch);

#define LEVEL_ERROR 1.05

/* Means of `width` stretches of about the same length; width <= n. */
void level_means(const double *value, uint32_t n, uint32_t width, double *ret_means);

#endif
