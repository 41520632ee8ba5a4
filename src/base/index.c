#include "base/index.h"

#include "base/arena.h"

#include <stdlib.h>

static void place(struct hash_index *ix, struct index_slot slot) {
    size_t at = slot.tag & ix->mask;
    while (ix->slots[at].entry)
        at = (at + 1) & ix->mask;
    ix->slots[at] = slot;
}

static void grow(struct hash_index *ix, size_t n_slots) {
    struct hash_index old = *ix;
    ix->slots = pp_calloc_used(n_slots, sizeof *ix->slots);
    ix->mask = n_slots - 1;
    for (size_t i = 0; old.slots && i <= old.mask; i++)
        if (old.slots[i].entry) place(ix, old.slots[i]);
    pp_free(old.slots);
}

void index_reserve(struct hash_index *ix, size_t n) {
    size_t n_slots = 64;
    while (n * 4 > n_slots * 3)
        n_slots *= 2;
    if (!ix->slots || n_slots > ix->mask + 1) grow(ix, n_slots);
}

void index_add(struct hash_index *ix, uint64_t hash, uint32_t position) {
    if (!ix->slots || ix->n * 4 >= (ix->mask + 1) * 3)
        grow(ix, ix->slots ? (ix->mask + 1) * 2 : 64);
    place(ix, (struct index_slot){(uint32_t)(hash >> 32), position + 1});
    ix->n++;
}

void index_done(struct hash_index *ix) {
    pp_free(ix->slots);
    *ix = (struct hash_index){0};
}
