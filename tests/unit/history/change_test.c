/* Change points: steps are found where they are, quiet series have none, outliers are none, what
 * came and went is two; many series do not make one up. */
#include "history/change.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

static uint64_t seed;

/* About normal, with standard deviation 1. */
static double noise(void) {
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
        sum += (double)(seed >> 40) / (1 << 24);
    }
    return sum - 6;
}

static void fill(double *x, uint32_t n, uint32_t from, uint32_t to, double step) {
    for (uint32_t i = 0; i < n; i++)
        x[i] = 100 * (i >= from && i < to ? 1 + step : 1) + noise();
}

static struct change_result find(const double *x, uint32_t n, struct pp_arena *arena) {
    const struct change_series series = {x, n};
    struct change_result r;
    change_find(&series, 1, &limits, &r, arena);
    return r;
}

static void one_step(void **test) {
    (void)test;
    struct pp_arena arena = {0};
    double x[60];
    seed = 1;
    fill(x, 60, 40, 60, 0.1);
    struct change_result r = find(x, 60, &arena);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.at[0].at, 40);
    assert_true(fabs(r.at[0].before - 100) < 1 && fabs(r.at[0].after - 110) < 1);
    pp_arena_done(&arena);
}

static void there_and_back(void **test) {
    (void)test;
    struct pp_arena arena = {0};
    double x[60];
    seed = 2;
    fill(x, 60, 24, 34, 0.2);
    struct change_result r = find(x, 60, &arena);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.at[0].at, 24);
    assert_int_equal(r.at[1].at, 34);
    pp_arena_done(&arena);
}

static void none(void **test) {
    (void)test;
    struct pp_arena arena = {0};
    double x[60], equal[60] = {0}, few[7] = {1, 1, 1, 9, 9, 9, 9};
    seed = 3;
    fill(x, 60, 0, 0, 0);
    x[20] = 1000;
    x[45] = 0;
    assert_int_equal(find(x, 60, &arena).n, 0);
    assert_int_equal(find(equal, 60, &arena).n, 0);
    assert_int_equal(find(few, 7, &arena).n, 0);
    assert_int_equal(find(NULL, 0, &arena).n, 0);
    fill(x, 60, 30, 60, 0.005); /* found, but below what counts */
    for (int i = 0; i < 60; i++)
        x[i] = i < 30 ? 100 : 100.5;
    assert_int_equal(find(x, 60, &arena).n, 0);
    pp_arena_done(&arena);
}

static void many(void **test) {
    (void)test;
    enum { N = 80, SERIES = 400 };
    struct pp_arena arena = {0};
    double *x = malloc(sizeof *x * N * SERIES);
    struct change_series *series = malloc(sizeof *series * SERIES);
    struct change_result r;
    seed = 4;
    for (uint32_t i = 0; i < SERIES; i++) {
        fill(x + N * i, N, 50, N, i == 7 ? 0.1 : 0);
        series[i] = (struct change_series){x + N * i, N};
    }
    change_find(series, SERIES, &limits, &r, &arena);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.at[0].series, 7);
    assert_int_equal(r.at[0].at, 50);
    free(x);
    free(series);
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(none),
        cmocka_unit_test(many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
