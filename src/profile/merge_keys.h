/* Keys of a profile's stacks, by what they are: those of two profiles are the same where merging
 * would make one stack of them. So a merge sees that a stack is known without a look at its
 * locations, and the keys can be made in any thread before. */
#ifndef PROFILE_MERGE_KEYS_H
#define PROFILE_MERGE_KEYS_H

#include "profile/known.h"
#include "profile/profile.h"

struct merge_keys {
    const struct known_key *stacks; /* one a stack */
    const struct known_sums *mappings;
    uint32_t n_mappings;
};

/* Sizes that differ by less than a page are one: loaders round. */
static inline uint64_t mapping_rounded_size(const struct pp_mapping *mapping) {
    uint64_t size = mapping->limit - mapping->start + 0xfff;
    return size - size % 0x1000;
}

/* String id: what tells it from others of that size and offset. */
static inline uint32_t mapping_identity(const struct pp_mapping *mapping) {
    return mapping->build_id ? mapping->build_id : mapping->file;
}

void merge_keys_make(const struct pp_profile *p, struct merge_keys *ret_keys,
                     struct pp_arena *arena);

/* Whether the profile's mappings are still those that the keys were made of; where it had none, it
 * may have got one. */
bool merge_keys_hold(const struct merge_keys *keys, const struct pp_profile *p);

#endif
