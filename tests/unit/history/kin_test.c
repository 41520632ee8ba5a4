/* Functions that go together from run to run: what changes in both at once, and only that, is
 * shared. */
#include "history/kin.h"
#include "noise.h"
#include "test.h"

#include <math.h>

enum { RUNS = 80, AT = 40 };

/* Two functions that feel the same thing by `common`, and do something by themselves. */
struct pair {
    double a[RUNS], b[RUNS];
};

static void fill(struct pair *p, double common, double step_a, double step_b) {
    seed = 7;
    for (uint32_t i = 0; i < RUNS; i++) {
        double shared = common * noise();
        p->a[i] = 500 * (i < AT ? 1 : 1 + step_a) * exp(shared + 0.01 * noise());
        p->b[i] = 100 * (i < AT ? 1 : 1 + step_b) * exp(shared + 0.01 * noise());
    }
}

static struct kin kin(const struct pair *p, uint32_t at) {
    const struct change_series a = {p->a, RUNS, NULL};
    const struct change_series others[] = {{NULL, RUNS, NULL}, {p->b, RUNS, NULL}};
    const struct change_point c = {.at = at, .before = p->a[0], .after = p->a[RUNS - 1]};
    return kin_of(others, 2, &a, &c);
}

static bool shares(const struct pair *p, uint32_t at) {
    return kin(p, at).shares;
}

static void both_change(void **test) {
    (void)test;
    struct pair p;
    fill(&p, 0.03, 0.3, 0.25);
    assert_true(shares(&p, AT));
    fill(&p, 0.03, -0.3, -0.25);
    assert_true(shares(&p, AT));
}

static void one_changes(void **test) {
    (void)test;
    struct pair p;
    fill(&p, 0.03, 0.3, 0);
    assert_false(shares(&p, AT));
    fill(&p, 0.03, 0.3, -0.25);
    assert_false(shares(&p, AT));
}

/* By a commit that changes two functions which have nothing in common. */
static void no_kin(void **test) {
    (void)test;
    struct pair p;
    fill(&p, 0, 0.3, 0.25);
    assert_false(shares(&p, AT));
    assert_int_equal(kin(&p, AT).n_along, 1);
}

/* In the same direction, at the same run, and by no less than a third. */
static void along(void **test) {
    (void)test;
    struct pair p;
    fill(&p, 0, 0.3, 0.11);
    assert_int_equal(kin(&p, AT).n_along, 1);
    fill(&p, 0, 0.3, 0.06);
    assert_int_equal(kin(&p, AT).n_along, 0);
    fill(&p, 0, 0.3, -0.3);
    assert_int_equal(kin(&p, AT).n_along, 0);
    fill(&p, 0, 0.3, 0.3);
    assert_int_equal(kin(&p, AT + 9).n_along, 0);
}

/* What the other one did is too little, or elsewhere. */
static void not_that(void **test) {
    (void)test;
    struct pair p;
    fill(&p, 0.03, 1.5, 0.08);
    assert_false(shares(&p, AT));
    fill(&p, 0.03, 0.3, 0.25);
    assert_false(shares(&p, AT - 9));
}

/* Where a series is short, or has nothing. */
static void edges(void **test) {
    (void)test;
    struct pair p = {{0}, {0}};
    assert_false(shares(&p, AT));
    fill(&p, 0.03, 0.3, 0.25);
    for (uint32_t at = 1; at < RUNS; at++)
        shares(&p, at);
    const struct change_series a = {p.a, 2, NULL}, b = {p.b, 2, NULL};
    const struct change_point c = {.at = 1, .before = 1, .after = 2};
    assert_false(kin_of(&b, 1, &a, &c).shares);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_change), cmocka_unit_test(one_changes), cmocka_unit_test(no_kin),
        cmocka_unit_test(along),       cmocka_unit_test(not_that),    cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
