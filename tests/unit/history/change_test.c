/* Change points: steps are found where they are, quiet series have none, outliers are none, what
 * came and went is two; many series do not make one up. */
#include "history/change.h"
#include "noise.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

static void fill(double *x, uint32_t n, uint32_t from, uint32_t to, double step) {
    for (uint32_t i = 0; i < n; i++)
        x[i] = 100 * (i >= from && i < to ? 1 + step : 1) + noise();
}

static struct change_result find(const double *x, uint32_t n, struct pp_arena *arena) {
    const struct change_series series = {x, n, NULL};
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
        series[i] = (struct change_series){x + N * i, N, NULL};
    }
    change_find(series, SERIES, &limits, &r, &arena);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.at[0].series, 7);
    assert_int_equal(r.at[0].at, 50);
    free(x);
    free(series);
    pp_arena_done(&arena);
}

/* The same numbers are changes, or a pattern of the week, by when they were taken; a step beside
 * such a pattern is found. */
static void week(void **test) {
    (void)test;
    enum { N = 140 };
    struct pp_arena arena = {0};
    double x[N];
    int64_t daily[N], hourly[N];
    struct change_result r;
    seed = 5;
    fill(x, N, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        daily[i] = (20000 + i) * INT64_C(86400000000000);
        hourly[i] = (20000 * 24 + i) * INT64_C(3600000000000);
        if (i % 7 > 2) x[i] += 12;
    }
    const struct change_series weekly = {x, N, daily};
    change_find(&weekly, 1, &limits, &r, &arena);
    assert_int_equal(r.n, 0);
    for (int i = 80; i < N; i++)
        x[i] += 8;
    change_find(&weekly, 1, &limits, &r, &arena);
    assert_int_equal(r.n, 1);
    assert_in_range(r.at[0].at, 79, 81);
    for (int i = 0; i < N; i++)
        x[i] = 100 + noise() + (i / 20 % 2 ? 12 : 0); /* blocks that no weekday explains */
    const struct change_series blocks = {x, N, hourly};
    change_find(&blocks, 1, &limits, &r, &arena);
    assert_int_equal(r.n, 6);
    pp_arena_done(&arena);
}

/* A year of 50 builds a day: steps are where they are, and long series are sorted by their bytes.
 */
static void year(void **test) {
    (void)test;
    enum { N = 18250 };
    struct pp_arena arena = {0};
    double *x = malloc(sizeof *x * N);
    seed = 6;
    fill(x, N, 9000, N, 0.02);
    for (int i = 15000; i < 15040; i++)
        x[i] -= 10;
    x[77] = -5;
    struct change_result r = find(x, N, &arena);
    assert_int_equal(r.n, 3);
    assert_in_range(r.at[0].at, 8998, 9002);
    assert_int_equal(r.at[1].at, 15000);
    assert_int_equal(r.at[2].at, 15040);
    free(x);
    pp_arena_done(&arena);
}

/* Of ten series; a series counts by the change that chance explains least. */
static void limit(void **test) {
    (void)test;
    struct change_point at[] = {
        {.series = 1, .p = 0.02}, {.series = 1, .p = 0.0009}, {.series = 2, .p = 0.0019}};
    struct change_result r = {at, 3, 10};
    assert_float_equal(change_limit(&r, 0.01), 0.002, 1e-9);
    at[2].p = 0.0021;
    assert_float_equal(change_limit(&r, 0.01), 0.001, 1e-9);
    at[1].p = 0.0011;
    assert_float_equal(change_limit(&r, 0.01), 0, 1e-9);
    r.n = 0;
    assert_float_equal(change_limit(&r, 0.01), 0, 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step), cmocka_unit_test(there_and_back), cmocka_unit_test(none),
        cmocka_unit_test(many),     cmocka_unit_test(week),           cmocka_unit_test(year),
        cmocka_unit_test(limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
