/* From the ids of a file to positions in a table: nothing at all where they are 1, 2, 3 and so on,
 * as in most files, an array where they are dense, and a hash index for the others. */
#ifndef PROFILE_ID_MAP_H
#define PROFILE_ID_MAP_H

#include "base/arena.h"
#include "base/index.h"

struct id_map {
    uint32_t
        n_in_order;  /* so many ids, from 1 on, are positions and one; then there are no others */
    uint32_t *dense; /* one more than the position; 0 is none */
    size_t n_dense;
    uint64_t *sparse_ids;
    uint32_t *sparse_positions;
    uint32_t n_sparse;
    size_t cap_sparse;
    struct hash_index sparse;
    struct pp_arena *arena;
};

/* For about `n` ids. Its arrays live in the arena; id_map_done frees the rest. */
void id_map_init(struct id_map *map, struct pp_arena *arena, size_t n);
void id_map_done(struct id_map *map);

/* Whether the ids of n entries are ids: none is 0 and no two are the same. Otherwise *ret_place is
 * the first entry whose id is not one. They are uint64_t `stride` bytes apart: a column, or what
 * the entries of a table begin with; NULL stands for 1, 2, 3 and so on. */
bool id_map_are_ids(const void *ids, size_t stride, uint32_t n, uint32_t *ret_place);

/* The map of all of them; of two equal ids the first one counts. Nothing is added afterwards. */
void id_map_build(struct id_map *map, struct pp_arena *arena, const void *ids, size_t stride,
                  uint32_t n);

/* Sets the id of entry `at`, the last one of a table or one of those before, in a column with room
 * for *cap that grows in `arena`. NULL stays NULL while ids are 1, 2, 3 and so on. */
void id_map_set(uint64_t **ids, size_t *cap, uint32_t at, uint64_t id, struct pp_arena *arena);

/* False, and nothing added, when the id is there already. */
bool id_map_add(struct id_map *map, uint64_t id, uint32_t position);

/* The position, or PP_NONE. */
uint32_t id_map_find(const struct id_map *map, uint64_t id);

#endif
