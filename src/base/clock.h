/* The system's times as numbers. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds since the Epoch. A file may say any second: what is beyond is the first or last. */
static inline int64_t clock_ns(struct timespec t) {
    int64_t ns;
    if (__builtin_mul_overflow(t.tv_sec, INT64_C(1000000000), &ns) ||
        __builtin_add_overflow(ns, t.tv_nsec, &ns))
        return t.tv_sec < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* Seconds since the Epoch. What time() is takes the C library a search at each start. */
int64_t clock_seconds(void);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t clock_ms(void);

#endif
