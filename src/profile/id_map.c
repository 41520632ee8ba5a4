#include "profile/id_map.h"

#include "base/hash.h"
#include "profile/profile.h"

void id_map_init(struct id_map *map, struct pp_arena *arena, size_t n) {
    *map = (struct id_map){.arena = arena, .n_dense = 2 * n + 64};
    map->dense = PP_NEW(arena, uint32_t, map->n_dense);
}

void id_map_done(struct id_map *map) {
    index_done(&map->sparse);
}

static uint64_t id_at(const void *ids, size_t stride, uint32_t i) {
    uint64_t id;
    memcpy(&id, (const char *)ids + i * stride, sizeof id);
    return id;
}

/* Whether they are 1, 2, 3 and so on. */
static bool is_in_order(const void *ids, size_t stride, uint32_t n) {
    for (uint32_t i = 0; ids && i < n; i++)
        if (id_at(ids, stride, i) != (uint64_t)i + 1) return false;
    return true;
}

bool id_map_are_ids(const void *ids, size_t stride, uint32_t n, uint32_t *ret_place) {
    if (is_in_order(ids, stride, n)) return true;
    struct pp_arena scratch = {0};
    struct id_map seen;
    uint32_t i = 0;
    id_map_init(&seen, &scratch, n);
    while (i < n && id_at(ids, stride, i) && id_map_add(&seen, id_at(ids, stride, i), i))
        i++;
    id_map_done(&seen);
    pp_arena_done(&scratch);
    *ret_place = i;
    return i == n;
}

void id_map_build(struct id_map *map, struct pp_arena *arena, const void *ids, size_t stride,
                  uint32_t n) {
    if (is_in_order(ids, stride, n)) {
        *map = (struct id_map){.arena = arena, .n_in_order = n};
        return;
    }
    id_map_init(map, arena, n);
    for (uint32_t i = 0; i < n; i++)
        id_map_add(map, id_at(ids, stride, i), i);
}

uint32_t id_map_find(const struct id_map *map, uint64_t id) {
    if (id - 1 < map->n_in_order) return (uint32_t)id - 1;
    if (id < map->n_dense) return map->dense[id] - 1;
    uint64_t hash = hash_word(hash_seed(), id);
    for (struct index_probe i = index_probe(&map->sparse, hash); index_next(&map->sparse, &i);)
        if (map->sparse_ids[i.position] == id) return map->sparse_positions[i.position];
    return PP_NONE;
}

bool id_map_add(struct id_map *map, uint64_t id, uint32_t position) {
    if (id_map_find(map, id) != PP_NONE) return false;
    if (id < map->n_dense) {
        map->dense[id] = position + 1;
        return true;
    }
    size_t cap = map->cap_sparse;
    PP_RESERVE(map->arena, map->sparse_ids, map->n_sparse, cap, 1);
    if (cap != map->cap_sparse) {
        map->sparse_positions =
            pp_arena_grow(map->arena, map->sparse_positions, map->n_sparse * sizeof(uint32_t),
                          cap * sizeof(uint32_t));
        map->cap_sparse = cap;
    }
    map->sparse_ids[map->n_sparse] = id;
    map->sparse_positions[map->n_sparse] = position;
    index_add(&map->sparse, hash_word(hash_seed(), id), map->n_sparse);
    map->n_sparse++;
    return true;
}

void id_map_set(uint64_t **ids, size_t *cap, uint32_t at, uint64_t id, struct pp_arena *arena) {
    if (!*ids && id == (uint64_t)at + 1) return;
    bool is_first = !*ids;
    if (is_first) *cap = 0;
    PP_RESERVE(arena, *ids, is_first ? 0 : at, *cap, is_first ? (size_t)at + 1 : 1);
    for (uint32_t i = 0; is_first && i < at; i++)
        (*ids)[i] = (uint64_t)i + 1;
    (*ids)[at] = id;
}
