/* Random numbers of simulated series: always the same ones. */
#ifndef STATS_RANDOM_H
#define STATS_RANDOM_H

#include <math.h>
#include <stdint.h>

static uint64_t state = 1;

static inline double uniform(void) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(state >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
}

static inline double normal(void) {
    return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979323846 * uniform());
}

#endif
