/* Random numbers of simulated series: the same ones for the same seed. */
#ifndef STATS_RANDOM_H
#define STATS_RANDOM_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static inline double uniform(void) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(state >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
}

static inline double normal(void) {
    return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979323846 * uniform());
}

/* `-seed=N`, the first argument: others; it is taken away. */
static inline void take_seed(int *argc, char ***argv) {
    static const char word[] = "-seed=";
    if (*argc < 2 || strncmp((*argv)[1], word, sizeof word - 1) != 0) return;
    state = strtoull((*argv)[1] + sizeof word - 1, NULL, 10) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0; i < 10; i++)
        uniform();
    --*argc;
    ++*argv;
}

#endif
