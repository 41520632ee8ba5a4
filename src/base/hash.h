/* Hashing for tables that strangers' data fills: seeded, so that collisions can't be prepared. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A number that differs from process to process; never 0. */
uint64_t hash_seed(void);

__extension__ typedef unsigned __int128 wide;

/* Folds the 128-bit product: a cheap mix of two words. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The same for what nothing else is mixed into: of words that follow each other a product is a
 * sequence of equal steps, which crowds into few places of a table for one seed in a hundred. So
 * its halves are multiplied, too. */
static inline uint64_t hash_mix_last(uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    return hash_mix((uint64_t)product ^ 0xa0761d6478bd642fU,
                    (uint64_t)(product >> 64) ^ 0xe7037ed1a0b428dbU);
}

static inline uint64_t hash_word(uint64_t seed, uint64_t word) {
    return hash_mix_last(seed ^ 0x9e3779b97f4a7c15U, word ^ 0xd1b54a32d192ed03U);
}

static inline uint64_t hash_bytes(uint64_t seed, const void *bytes, size_t len) {
    const unsigned char *at = bytes;
    uint64_t h = seed ^ (len * 0x9e3779b97f4a7c15U);
    while (len >= 16) {
        uint64_t a, b;
        memcpy(&a, at, 8);
        memcpy(&b, at + 8, 8);
        h = hash_mix(h ^ a ^ 0xa0761d6478bd642fU, b ^ 0xe7037ed1a0b428dbU);
        at += 16;
        len -= 16;
    }
    uint64_t a = 0, b = 0;
    if (len >= 8) {
        memcpy(&a, at, 8);
        at += 8;
        len -= 8;
    }
    if (len) memcpy(&b, at, len);
    return hash_mix_last(h ^ a ^ 0x8ebc6af09c88c6e3U, b ^ 0x589965cc75374cc3U ^ h);
}

#endif
