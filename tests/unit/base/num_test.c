#include "base/num.h"

#include "base/sort.h"
#include "test.h"

#include <math.h>

static void wraps_as_go_does(void **state) {
    (void)state;
    assert_int_equal(num_add(INT64_MAX, 1), INT64_MIN);
    assert_int_equal(num_neg(INT64_MIN), INT64_MIN);
    assert_int_equal(num_abs(INT64_MIN), INT64_MIN);
    assert_int_equal(num_abs(-7), 7);
    assert_int_equal(num_div(INT64_MIN, -1), INT64_MIN);
    assert_int_equal(num_div(-7, 2), -3);
    assert_int_equal(num_from_double(NAN), INT64_MIN);
    assert_int_equal(num_from_double(0x1p63), INT64_MIN);
    assert_int_equal(num_from_double(-0x1p63), INT64_MIN);
    assert_int_equal(num_from_double(-1.9), -1);
}

struct item {
    int key, order;
};

static int by_key(const void *a, const void *b, void *user) {
    ++*(size_t *)user;
    return ((const struct item *)a)->key - ((const struct item *)b)->key;
}

static void check_sorted(int shape, size_t n) {
    static struct item items[20000];
    uint32_t x = 1;
    for (size_t i = 0; i < n; i++) {
        x = x * 1664525 + 1013904223;
        int keys[] = {(int)(x >> 20), (int)i, (int)(n - i), (int)(i % 7), 0};
        items[i] = (struct item){keys[shape], (int)i};
    }
    size_t compared = 0;
    sort_stable(items, n, sizeof *items, by_key, &compared);
    for (size_t i = 1; i < n; i++) {
        assert_true(items[i - 1].key <= items[i].key);
        if (items[i - 1].key == items[i].key) assert_true(items[i - 1].order < items[i].order);
    }
    assert_true(compared <= n * 20);
}

static void sorts_stably_in_few_steps(void **state) {
    (void)state;
    for (int shape = 0; shape < 5; shape++)
        for (size_t n = 0; n <= 20000; n = n * 3 + 1)
            check_sorted(shape, n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wraps_as_go_does),
        cmocka_unit_test(sorts_stably_in_few_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
