/* Random numbers that are the same in every run. */
#ifndef UNIT_NOISE_H
#define UNIT_NOISE_H

#include <stdint.h>

static uint64_t seed;

/* About normal, with standard deviation 1. */
static inline double noise(void) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        sum += (double)(seed >> 40) / (1 << 24);
    }
    return sum - 6;
}

#endif
