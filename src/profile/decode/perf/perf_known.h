/* Which row of the profile a sample counts for, by the bytes of its chain and all else that decides
 * it: most samples have been seen before, so that their addresses need not be looked up again. */
#ifndef PERF_KNOWN_H
#define PERF_KNOWN_H

#include "base/arena.h"
#include "cpprof/str.h"

#include <stdint.h>

/* Stands for the bytes that it was made of. Its 96 bits are seeded: that two of 2^24 samples' meet
 * is as likely as 2^-49, and nobody can prepare it. */
struct perf_key {
    uint64_t a;
    uint32_t b;
};

struct perf_known_row {
    uint64_t a;
    uint32_t b;
    uint32_t row; /* one more than it; 0: the slot is free */
};

struct perf_known {
    struct perf_known_row *slots;
    size_t n_slots, n_put; /* a power of two; that are taken */
};

void perf_known_init(struct perf_known *k);
void perf_known_done(struct perf_known *k);

enum { PERF_KEY_WORDS = 4 };

struct perf_key perf_key_of(const uint64_t with[PERF_KEY_WORDS], struct pp_str bytes);

/* Has the key's slot fetched from memory. */
static inline void perf_known_expect(const struct perf_known *k, struct perf_key key) {
    __builtin_prefetch(&k->slots[key.a & (k->n_slots - 1)]);
}

/* PP_NONE: not known, or forgotten. */
uint32_t perf_known_find(const struct perf_known *k, struct perf_key key);
void perf_known_put(struct perf_known *k, struct perf_key key, uint32_t row);

#endif
