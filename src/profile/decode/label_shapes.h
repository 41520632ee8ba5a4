/* Which keys sets of labels have, and in which order: two sets that differ can be equal once they
 * are sorted by key only if they have the same keys in different orders. Hardly any file has such
 * sets, and one look at the keys of each is cheaper than to look up all sets once more. */
#ifndef PROFILE_LABEL_SHAPES_H
#define PROFILE_LABEL_SHAPES_H

#include "base/arena.h"
#include "base/index.h"
#include "profile/profile.h"

struct label_shape {
    size_t first; /* in keys[]: as they came, then as they were sorted */
    uint32_t n_text, n_num;
};

struct label_shapes {
    struct pp_arena *arena;
    struct label_shape *shapes, last; /* each sorted one once; of the last set only what came */
    uint32_t n_shapes;
    size_t cap_shapes;
    uint32_t *keys, *last_keys;
    size_t n_keys, cap_keys, cap_last;
    struct hash_index index; /* by sorted keys */
};

/* Looks at a set before it is sorted. Whether its shape differs from that of the set before; then
 * it is to be added when it is sorted. */
bool label_shapes_look(struct label_shapes *s, const struct pp_label *labels, uint32_t n_text,
                       uint32_t n_num);

/* Adds the set that was looked at, now sorted; false: its keys came in another order, too. */
bool label_shapes_add(struct label_shapes *s, const struct pp_label *sorted);

void label_shapes_done(struct label_shapes *s);

#endif
