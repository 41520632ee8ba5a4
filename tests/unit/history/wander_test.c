/* Functions that stay where they are between their changes, and such that do not. */
#include "history/wander.h"
#include "noise.h"
#include "test.h"

#include <math.h>

enum { FUNCTIONS = 8, RUNS = 120, AT = 70 };

static double values[FUNCTIONS][RUNS];
static struct change_series series[FUNCTIONS];

/* A function in four goes `far` times its noise up and down, each for some runs. */
static void fill(double far) {
    seed = 11;
    for (uint32_t f = 0; f < FUNCTIONS; f++) {
        double off = 0;
        for (uint32_t i = 0; i < RUNS; i++) {
            if (i % 7 == 0) off = f % 4 ? 0 : far * noise();
            values[f][i] = 1000 + 10 * (off + noise());
        }
        series[f] = (struct change_series){values[f], RUNS, NULL};
    }
}

static struct wander found(const struct change_result *changes) {
    const struct change_result none = {0};
    struct wander w;
    wander_find(series, FUNCTIONS, changes ? changes : &none, &w);
    return w;
}

static void step(uint32_t function, double by) {
    for (uint32_t i = AT; i < RUNS; i++)
        values[function][i] += by;
}

static bool reaches(const struct wander *w, uint32_t function, uint32_t n_along) {
    const struct wander_step one = {0, AT, RUNS, n_along};
    return wander_reaches(w, &series[function], &one);
}

static void still(void **test) {
    (void)test;
    fill(0);
    struct wander w = found(NULL);
    assert_true(w.is_still);
    step(1, 8); /* four standard errors */
    assert_true(reaches(&w, 1, 0));
    step(1, 7);
    assert_false(reaches(&w, 1, 0));
    assert_false(reaches(&w, 1, 9));
}

static void wanders(void **test) {
    (void)test;
    fill(1);
    struct wander w = found(NULL);
    assert_false(w.is_still);
    step(1, 13);
    assert_true(reaches(&w, 1, 0));
    step(1, 27);
    assert_false(reaches(&w, 1, 0));
}

/* A change is no wandering where it is known to be one. */
static void changes(void **test) {
    (void)test;
    fill(0);
    step(2, 30);
    assert_false(found(NULL).is_still);
    struct change_point c = {.series = 2, .at = AT};
    const struct change_result one = {&c, 1, FUNCTIONS};
    assert_true(found(&one).is_still);
}

/* Where others change, too, it takes more. */
static void along(void **test) {
    (void)test;
    fill(1);
    struct wander w = found(NULL);
    w.n_scales = 1;
    w.variance[0] = 0.1;
    step(1, 30);
    assert_false(reaches(&w, 1, 0));
    assert_true(reaches(&w, 1, 3));
}

/* Where nothing ever differs, all that does is a change. */
static void exact(void **test) {
    (void)test;
    for (uint32_t f = 0; f < FUNCTIONS; f++)
        for (uint32_t i = 0; i < RUNS; i++)
            values[f][i] = 1000;
    struct wander w = found(NULL);
    assert_true(w.is_still);
    step(1, 1);
    assert_false(reaches(&w, 1, 0));
    for (uint32_t f = 0; f < FUNCTIONS; f++)
        series[f].n = f % 3;
    found(NULL);
    wander_find(series, 0, &(struct change_result){0}, &w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(still), cmocka_unit_test(wanders), cmocka_unit_test(changes),
        cmocka_unit_test(along), cmocka_unit_test(exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
