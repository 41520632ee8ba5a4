/* Arithmetic that means the same on every machine: what Go does on amd64, where C leaves it open.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdint.h>

/* Sums and differences wrap. */
static inline int64_t num_add(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static inline int64_t num_sub(int64_t a, int64_t b) {
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline int64_t num_neg(int64_t v) {
    return (int64_t)(0 - (uint64_t)v);
}

/* The magnitude; that of INT64_MIN is itself. */
static inline int64_t num_abs(int64_t v) {
    return v < 0 ? num_neg(v) : v;
}

/* Truncated division; INT64_MIN / -1 wraps. `b` is not 0. */
static inline int64_t num_div(int64_t a, int64_t b) {
    return b == -1 ? num_neg(a) : a / b;
}

/* The greatest common divisor; 0 is a multiple of everything. */
static inline uint64_t num_gcd(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Truncated; NaN and what does not fit become INT64_MIN. */
static inline int64_t num_from_double(double v) {
    return v >= -0x1p63 && v < 0x1p63 ? (int64_t)v : INT64_MIN;
}

#endif
