/* Times that a file system may hold. */
#include "test.h"

#include "base/clock.h"

static void seconds_of_any_size(void **state) {
    (void)state;
    assert_int_equal(clock_ns((struct timespec){1, 5}), 1000000005);
    assert_int_equal(clock_ns((struct timespec){-1, 5}), -999999995);
    assert_true(clock_ns((struct timespec){INT64_MAX / 1000000000, 854775807}) == INT64_MAX);
    assert_true(clock_ns((struct timespec){INT64_MAX / 1000000000, 854775808}) == INT64_MAX);
    assert_true(clock_ns((struct timespec){INT64_MAX, 0}) == INT64_MAX);
    assert_true(clock_ns((struct timespec){INT64_MIN, 0}) == INT64_MIN);
}

static void seconds_are_those_of_time(void **state) {
    (void)state;
    int64_t before = time(NULL), now = clock_seconds();
    assert_in_range(now, before, before + 60);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(seconds_of_any_size),
                                       cmocka_unit_test(seconds_are_those_of_time)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
