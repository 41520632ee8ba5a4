/* A hash index over a table that somebody else keeps: it leads from a hash to positions in that
 * table. The caller compares; the index only remembers where to look.
 *
 *     for (struct index_probe i = index_probe(&ix, hash); index_next(&ix, &i);)
 *         if (same(table[i.position], wanted)) return i.position;
 *     index_add(&ix, hash, position);
 *
 * Open addressing with linear probing. The upper half of the 64-bit hash places an entry and tells
 * it from its neighbours. The slots are malloc'd, because an old table must go when a larger one
 * comes; index_done frees them. */
#ifndef BASE_INDEX_H
#define BASE_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct index_slot {
    uint32_t tag;
    uint32_t entry; /* one more than the position; 0 is free */
};

struct hash_index {
    struct index_slot *slots; /* a power of two of them, or NULL */
    size_t mask, n;
};

struct index_probe {
    uint32_t tag;
    uint32_t position; /* what index_next found */
    size_t slot;
};

static inline struct index_probe index_probe(const struct hash_index *ix, uint64_t hash) {
    uint32_t tag = (uint32_t)(hash >> 32);
    return (struct index_probe){tag, 0, tag & ix->mask};
}

/* Has the slot of this hash fetched from memory: a probe will follow soon. */
static inline void index_prefetch(const struct hash_index *ix, uint64_t hash) {
    if (ix->slots) __builtin_prefetch(&ix->slots[(hash >> 32) & ix->mask]);
}

/* Steps to the next candidate of this hash; false when there is none. */
static inline bool index_next(const struct hash_index *ix, struct index_probe *probe) {
    if (!ix->slots) return false;
    for (;;) {
        struct index_slot slot = ix->slots[probe->slot];
        if (!slot.entry) return false;
        probe->slot = (probe->slot + 1) & ix->mask;
        if (slot.tag == probe->tag) {
            probe->position = slot.entry - 1;
            return true;
        }
    }
}

/* Makes room for n entries in all: growing step by step takes half as much again in between. */
void index_reserve(struct hash_index *ix, size_t n);

/* Adds an entry; a position is below UINT32_MAX. */
void index_add(struct hash_index *ix, uint64_t hash, uint32_t position);

void index_done(struct hash_index *ix);

#endif
