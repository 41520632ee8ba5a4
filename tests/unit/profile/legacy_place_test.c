/* Addresses find the mapping that a walk over the whole list finds. */
#include "profile/decode/legacy/legacy_maps.h"
#include "profile/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static uint32_t state_of_random;

static uint64_t random_below(uint64_t n) {
    state_of_random = state_of_random * 1664525 + 1013904223;
    return (state_of_random >> 8) % n;
}

/* The rule itself, in the time of all addresses times all mappings. */
static void place_slowly(struct legacy_mapping *maps, uint32_t n, const uint64_t *addresses,
                         uint32_t n_addresses, uint32_t *ret_mappings) {
    bool everything = false;
    for (uint32_t i = 0; i < n_addresses; i++) {
        uint64_t a = addresses[i];
        uint32_t found = PP_NONE;
        for (uint32_t m = 0; m < n && found == PP_NONE; m++)
            if (maps[m].start <= a && a < maps[m].limit) found = m;
        if (found == PP_NONE && everything && a != UINT64_MAX) found = n;
        for (uint32_t m = 0; m < n && found == PP_NONE; m++)
            if (maps[m].offset != 0 && maps[m].start - maps[m].offset <= a && a < maps[m].start) {
                maps[m].start -= maps[m].offset;
                maps[m].offset = 0;
                found = m;
            }
        if (found == PP_NONE) {
            everything = true;
            found = n;
        }
        ret_mappings[i] = a ? found : PP_NONE;
    }
}

static void places_like_a_walk(void **state) {
    (void)state;
    for (state_of_random = 1; state_of_random < 3000; state_of_random++) {
        uint32_t seed = state_of_random;
        struct legacy_mapping slow[8], quick[8];
        uint64_t addresses[24];
        uint32_t want[24], got[24], n = (uint32_t)random_below(9);
        for (uint32_t i = 0; i < n; i++) {
            uint64_t start = random_below(64), limit = start + random_below(20);
            if (random_below(10) == 0) limit = random_below(64);
            uint64_t offset = random_below(2) ? random_below(24) : 0;
            slow[i] = quick[i] = (struct legacy_mapping){start, limit, offset, {0}, {0}};
        }
        for (int i = 0; i < 24; i++)
            addresses[i] = random_below(40) ? 1 + random_below(80) : UINT64_MAX;
        struct pp_arena arena = {0};
        struct legacy_maps maps = {&arena, quick, n, 8};
        place_slowly(slow, n, addresses, 24, want);
        legacy_maps_place(&maps, addresses, 24, got);
        if (memcmp(want, got, sizeof got)) fail_msg("seed %u", seed);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(maps.at[i].start, slow[i].start);
            assert_int_equal(maps.at[i].offset, slow[i].offset);
        }
        pp_arena_done(&arena);
        state_of_random = seed;
    }
}

/* A walk would need 10^10 steps. */
static void is_quick_for_many(void **state) {
    (void)state;
    enum { N = 100000 };
    struct pp_arena arena = {0};
    struct legacy_maps maps = {.arena = &arena, .at = PP_NEW(&arena, struct legacy_mapping, N)};
    uint64_t *addresses = PP_NEW(&arena, uint64_t, N);
    uint32_t *got = PP_NEW(&arena, uint32_t, N);
    maps.n = N;
    for (uint32_t i = 0; i < N; i++) {
        maps.at[i] =
            (struct legacy_mapping){0x10000000 + 100 * i, 0x10000000 + 100 * i + 50, 40, {0}, {0}};
        addresses[i] = 0x10000000 + 100 * (uint64_t)(N - 1 - i) + (i % 2 ? 5 : -(uint64_t)5);
    }
    clock_t begin = clock();
    legacy_maps_place(&maps, addresses, N, got);
    assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
    for (uint32_t i = 0; i < N; i++)
        assert_int_equal(got[i], N - 1 - i);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_like_a_walk),
        cmocka_unit_test(is_quick_for_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
