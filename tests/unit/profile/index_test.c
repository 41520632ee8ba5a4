#include "base/index.h"

#include "profile/id_map.h"
#include "profile/profile.h"
#include "test.h"

static bool has(const struct hash_index *ix, uint64_t hash, uint32_t position) {
    for (struct index_probe i = index_probe(ix, hash); index_next(ix, &i);)
        if (i.position == position) return true;
    return false;
}

static void finds_what_was_added(void **state) {
    (void)state;
    struct hash_index ix = {0};
    assert_false(has(&ix, 0, 0));
    for (uint32_t i = 0; i < 10000; i++)
        index_add(&ix, (uint64_t)i << 32 | 5, i);
    for (uint32_t i = 0; i < 10000; i++)
        assert_true(has(&ix, (uint64_t)i << 32 | 5, i));
    assert_false(has(&ix, (uint64_t)10000 << 32, 10000));
    index_done(&ix);
    assert_false(has(&ix, 5, 0));
}

static void offers_all_of_one_hash(void **state) {
    (void)state;
    struct hash_index ix = {0};
    for (uint32_t i = 0; i < 200; i++)
        index_add(&ix, 42, i);
    uint32_t n = 0;
    for (struct index_probe i = index_probe(&ix, 42); index_next(&ix, &i);)
        assert_int_equal(i.position, n++);
    assert_int_equal(n, 200);
    index_done(&ix);
}

static void maps_dense_and_sparse_ids(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct id_map map;
    id_map_init(&map, &a, 10);
    const uint64_t ids[] = {1, 2, 83, 84, 85, 1000, UINT64_C(1) << 32, UINT64_MAX, 0};
    for (uint32_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        assert_int_equal(id_map_find(&map, ids[i]), PP_NONE);
        assert_true(id_map_add(&map, ids[i], i));
        assert_false(id_map_add(&map, ids[i], 99));
    }
    for (uint32_t i = 0; i < sizeof ids / sizeof *ids; i++)
        assert_int_equal(id_map_find(&map, ids[i]), i);
    assert_int_equal(id_map_find(&map, 3), PP_NONE);
    assert_int_equal(id_map_find(&map, UINT64_MAX - 1), PP_NONE);
    id_map_done(&map);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added),
        cmocka_unit_test(offers_all_of_one_hash),
        cmocka_unit_test(maps_dense_and_sparse_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
