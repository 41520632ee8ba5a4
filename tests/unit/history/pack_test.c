/* Sums come back from their bytes, the extremes too; other bytes are refused. */
#include "history/pack.h"
#include "test.h"

static void back(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_error err;
    struct pp_str bytes;
    const struct packed_sum sums[] = {
        {1, 30000000, 50000000, 3, 2},
        {2, 0, 10000000, 0, 0},
        {900, 10000000, 10000000, 17, 1000001},
        {1000000, 20000000, 20000000, 2, 1},
        {1000001, INT64_MAX, INT64_MIN, INT64_MAX, 900},
        {INT64_MAX, INT64_MIN, -1, INT64_MIN, 0},
    };
    for (uint32_t n = 0; n <= sizeof sums / sizeof *sums; n++) {
        struct packed_sum *got;
        uint32_t n_got;
        assert_true(pack_sums(sums, n, &bytes, &arena, &err));
        assert_true(unpack_sums(bytes, &got, &n_got, &arena, &err));
        assert_int_equal(n_got, n);
        if (n) assert_memory_equal(got, sums, n * sizeof *sums);
    }
    pp_arena_done(&arena);
}

static void refused(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_error err;
    struct packed_sum *got;
    uint32_t n;
    const struct pp_str bad[] = {
        PP_STR(""),
        PP_STR("\x05"),
        PP_STR("\x01"),
        PP_STR("\x01\x00\x01\x01\x01\x01"),         /* a divisor of 0 */
        PP_STR("\x01\x01\x01\x01\x01\x01\x01\x01"), /* a byte too many */
        PP_STR("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f\x01"),
        PP_STR("\x01\x01\x00\x01\x01\x01"), /* a function without an id */
        PP_STR("\x1f\x8b\x08"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(unpack_sums(bad[i], &got, &n, &arena, &err));
    pp_arena_done(&arena);
}

/* Version 1 knew no callers. */
static void without_callers(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_error err;
    struct packed_sum *got;
    uint32_t n;
    assert_true(unpack_sums(PP_STR("\x01\x0a\x07\x04\x02\x04"), &got, &n, &arena, &err));
    assert_int_equal(n, 1);
    assert_int_equal(got->id, 7);
    assert_int_equal(got->count, 2);
    assert_int_equal(got->self, 30);
    assert_int_equal(got->cum, 50);
    assert_int_equal(got->caller, 0);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(back),
        cmocka_unit_test(refused),
        cmocka_unit_test(without_callers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
