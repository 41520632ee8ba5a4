/* What calls weigh at most, many of them to a bound: so it is known which few may be heavy.
 *
 * A bound is a sum of weights in units of 1 / HEAVY of the least weight that counts; what has
 * reached FULL stays there. With INNER, a call inside a location has its place there. */
#ifndef GRAPH_EDGE_BOUNDS_H
#define GRAPH_EDGE_BOUNDS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    HEAVY = 1 << 13,
    FULL = 2 * HEAVY,
    INNER = 2 * FULL,
    MIN_BOUND_BITS = 12,
    MAX_BOUND_BITS = 20,
    BOUNDS_A_CALL = 4, /* of those that are just heavy, if all were */
    BOUNDS_AN_INNER_CALL = 16
};

/* Rounded up; much more than is heavy is as good. `bounds_a_weight`: so much is a weight of 1;
 * INFINITY where none at all is heavy, too. */
static inline uint32_t weight_in_bounds(double weight, double bounds_a_weight) {
    double bound = fabs(weight) * bounds_a_weight + 1;
    return bound < HEAVY ? (uint32_t)bound : HEAVY; /* 0 * INFINITY is not less than anything */
}

/* The bound of a call, of 2^(32 - shift) bounds. */
static inline uint32_t bound_of(uint32_t caller, uint32_t callee, unsigned shift) {
    return (caller * 0x9e3779b1U + callee * 0x85ebca6bU) >> shift;
}

/* `more` is at most HEAVY, so INNER is out of reach. */
static inline void add_bound(uint16_t *bound, uint32_t more) {
    *bound = (uint16_t)(*bound + (*bound & FULL ? 0 : more));
}

static inline uint32_t bound_value(uint16_t bound) {
    return bound & (INNER - 1);
}

static inline bool is_heavy(uint16_t bound) {
    return bound_value(bound) >= HEAVY - 1; /* one less: products are rounded */
}

/* So many bounds that one of many light edges is a quarter of what is heavy, and that few edges
 * share one with a call inside locations. `calls`: what all weigh, in weights that are just heavy.
 */
static inline unsigned bits_of_bounds(double calls, uint32_t n_inner) {
    unsigned bits = MIN_BOUND_BITS;
    double wanted = fmax(BOUNDS_A_CALL * calls, (double)BOUNDS_AN_INNER_CALL * n_inner);
    while (bits < MAX_BOUND_BITS && (double)(UINT64_C(1) << bits) < wanted)
        bits++;
    return bits;
}

#endif
