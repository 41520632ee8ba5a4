#include "base/arena.h"

#include "test.h"

#include <stdlib.h>

static void gives_zeroed_aligned_memory(void **state) {
    (void)state;
    struct pp_arena a = {0};
    for (size_t n = 1; n < 3000; n += 37) {
        char *bytes = PP_NEW(&a, char, n);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, n);
        double *numbers = PP_NEW(&a, double, n);
        assert_int_equal((uintptr_t)numbers % _Alignof(double), 0);
        for (size_t i = 0; i < n; i++) {
            assert_true(numbers[i] == 0);
            numbers[i] = -1;
        }
    }
    pp_arena_done(&a);
}

static void gives_zeroed_memory_for_tables(void **state) {
    (void)state;
    for (size_t n = 1; n < 10 << 20; n = n * 3 + 1) {
        char *bytes = pp_calloc_used(n, 1);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, n);
        pp_free(bytes);
    }
}

static void gives_zeroed_memory_after_a_shrunken_growth(void **state) {
    (void)state;
    struct pp_arena a = {0};
    char *first = pp_arena_grow(&a, NULL, 0, 16);
    memset(first, 'x', 16);
    char *grown = pp_arena_grow(&a, first, 16, 64);
    assert_ptr_equal(grown, first);
    memset(grown, 'y', 64);
    char *next = PP_NEW(&a, char, 100);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(next[i], 0);
    pp_arena_done(&a);
}

static void pushes_through_every_size(void **state) {
    (void)state;
    struct pp_arena a = {0};
    uint32_t *list = NULL, *other = NULL;
    size_t n = 0, cap = 0, n_other = 0, cap_other = 0;
    for (uint32_t i = 0; i < 2000000; i++) {
        PP_PUSH(&a, list, n, cap, i * 7);
        if (i % 3 == 0) PP_PUSH(&a, other, n_other, cap_other, i);
    }
    for (uint32_t i = 0; i < 2000000; i++)
        assert_int_equal(list[i], i * 7);
    for (uint32_t i = 0; i < n_other; i++)
        assert_int_equal(other[i], i * 3);
    assert_true(cap >= n);
    pp_arena_done(&a);
    pp_arena_done(&a); /* done twice does no harm */
}

/* From malloc's memory to pages of their own, from one to more huge pages, and back. */
static void large_blocks_keep_what_they_hold(void **state) {
    (void)state;
    static const size_t lengths[] = {1 << 19,  3 << 20, 2 << 20, 9 << 20,
                                     16 << 20, 1 << 10, 5 << 20};
    size_t n = lengths[0] / sizeof(uint32_t);
    uint32_t *block = pp_malloc(lengths[0]);
    for (uint32_t i = 0; i < n; i++)
        block[i] = i;
    for (size_t k = 1; k < sizeof lengths / sizeof *lengths; k++) {
        size_t wanted = lengths[k] / sizeof(uint32_t), kept = wanted < n ? wanted : n;
        block = pp_realloc(block, lengths[k]);
        for (uint32_t i = 0; i < kept; i++)
            if (block[i] != i) fail();
        for (uint32_t i = (uint32_t)n; i < wanted; i++)
            block[i] = i;
        n = wanted;
    }
    pp_free(block);
}

/* Large arrays of several blocks keep what they hold, and grow again; small ones stay. */
static void trims_large_arrays(void **state) {
    (void)state;
    struct pp_arena a = {0};
    uint32_t *small = PP_NEW(&a, uint32_t, 10), *large = PP_NEW(&a, uint32_t, 3000000), *huge;
    for (uint32_t i = 0; i < 3000000; i++)
        large[i] = i;
    assert_ptr_equal(pp_arena_trim(&a, small, 4), small);
    assert_ptr_equal(pp_arena_trim(&a, large, 3000000 * sizeof *large), large);
    huge = PP_NEW(&a, uint32_t, 4000000);
    for (size_t n = 2900000; n > 20000; n = n / 3 * 2) {
        large = pp_arena_trim(&a, large, n * sizeof *large);
        for (uint32_t i = 0; i < n; i++)
            assert_int_equal(large[i], i);
    }
    large = pp_arena_grow(&a, large, 20000 * sizeof *large, 5000000 * sizeof *large);
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(large[i], i);
    assert_int_equal(huge[3999999], 0);
    pp_arena_done(&a);
}

static void copies_and_prints(void **state) {
    (void)state;
    struct pp_arena a = {0};
    char source[] = "a\0b";
    struct pp_str copy = pp_arena_copy(&a, (struct pp_str){source, 3});
    source[0] = 'z';
    assert_str(copy, "a\0b");
    assert_int_equal(copy.data[3], 0);
    assert_str(pp_arena_copy(&a, (struct pp_str){NULL, 0}), "");
    assert_str(pp_arena_printf(&a, "%d-%s", 42, "x"), "42-x");
    assert_str(pp_arena_join(&a, PP_STR("a"), ':', PP_STR("b")), "a:b");
    struct pp_str nothing = {NULL, 0};
    assert_str(pp_arena_join(&a, nothing, ':', nothing), ":");
    pp_arena_done(&a);
}

static jmp_buf exhausted;
static size_t wanted;

static void jump(size_t size) {
    wanted = size;
    longjmp(exhausted, 1);
}

static void calls_the_hook(void **state) {
    (void)state;
    pp_set_oom_hook(jump);
    struct pp_arena a = {0};
    volatile int calls = 0;
    if (setjmp(exhausted) == 0) {
        PP_NEW(&a, uint64_t, SIZE_MAX / 4);
        fail();
    } else {
        calls++;
        assert_int_equal(wanted, SIZE_MAX);
    }
    if (setjmp(exhausted) == 0) {
        pp_free(pp_malloc(SIZE_MAX / 4)); /* a negative size is an error to valgrind */
        fail();
    } else {
        calls++;
    }
    if (setjmp(exhausted) == 0) {
        pp_arena_grow(&a, NULL, 0, SIZE_MAX - 8);
        fail();
    } else {
        calls++;
    }
    assert_int_equal(calls, 3);
    pp_set_oom_hook(NULL);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory),
        cmocka_unit_test(gives_zeroed_memory_for_tables),
        cmocka_unit_test(gives_zeroed_memory_after_a_shrunken_growth),
        cmocka_unit_test(pushes_through_every_size),
        cmocka_unit_test(large_blocks_keep_what_they_hold),
        cmocka_unit_test(trims_large_arrays),
        cmocka_unit_test(copies_and_prints),
        cmocka_unit_test(calls_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
