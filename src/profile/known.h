/* What has been seen before, by a key that stands for its bytes: which row of a profile a sample of
 * perf counts for, which stack of a merged profile another one's is. Most have been, so that what
 * they are made of need not be looked at again. */
#ifndef PROFILE_KNOWN_H
#define PROFILE_KNOWN_H

#include "base/arena.h"
#include "base/hash.h"
#include "cpprof/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Stands for the bytes that it was made of. Its 96 bits are seeded: that two of 2^24 samples' meet
 * is as likely as 2^-49, and nobody can prepare it. */
struct known_key {
    uint64_t a;
    uint32_t b;
};

struct known_row {
    uint64_t a;
    uint32_t b;
    uint32_t row; /* one more than it; 0: the slot is free */
};

struct known {
    struct known_row *slots;
    size_t n_slots, n_put; /* a power of two; that are taken */
};

/* A table may be declared as `struct known k = {0}`; it is used up by known_done. */
void known_done(struct known *k);

/* Two sums on the way to a key. */
struct known_sums {
    uint64_t a, b;
};

static inline struct known_sums known_begin(uint64_t first) {
    return (struct known_sums){hash_seed() + first, ~hash_seed()};
}

/* Each sum takes in both words. Every factor has a sum in it, which nobody knows: a word that makes
 * one of them 0, and so forgets what came before, can't be chosen. */
static inline struct known_sums known_mix(struct known_sums k, uint64_t v, uint64_t w) {
    return (struct known_sums){
        hash_mix(k.a ^ v, k.b ^ w),
        hash_mix(k.a ^ w ^ UINT64_C(0xe7037ed1a0b428db), k.b ^ v ^ UINT64_C(0x8ebc6af09c88c6e3)),
    };
}

/* Takes in bytes, and how many they are. */
struct known_sums known_mix_bytes(struct known_sums k, struct pp_str bytes);

static inline struct known_sums known_mix_sums(struct known_sums k, struct known_sums more) {
    return known_mix(k, more.a, more.b);
}

/* Sums of texts, each made when it is asked for; until then both are 0. */
struct known_texts {
    const struct pp_str *texts;
    struct known_sums *sums; /* as many */
};

static inline struct known_sums known_text_sums(struct pp_str text) {
    return known_mix_bytes(known_begin(0), text);
}

static inline struct known_sums known_text(struct known_texts t, uint32_t at) {
    struct known_sums *s = &t.sums[at];
    if (!s->a && !s->b) *s = known_text_sums(t.texts[at]);
    return *s;
}

static inline struct known_key known_end(struct known_sums k) {
    return (struct known_key){k.a, (uint32_t)k.b};
}

/* Has the key's slot fetched from memory. */
static inline void known_expect(const struct known *k, struct known_key key) {
    if (k->n_slots) __builtin_prefetch(&k->slots[key.a & (k->n_slots - 1)]);
}

/* Whether the next key that is put makes the table twice as large. */
bool known_is_full(const struct known *k);

/* PP_NONE: not known, or forgotten. */
uint32_t known_find(const struct known *k, struct known_key key);
void known_put(struct known *k, struct known_key key, uint32_t row);

#endif
