/* The system's times as numbers. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds since the Epoch. */
static inline int64_t clock_ns(struct timespec t) {
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_ms(void);

#endif
