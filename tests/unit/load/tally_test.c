#include "load/tally.h"

#include "test.h"

#include <stdio.h>

static char said[2000];
static int n_said;

static void say(void *user, const char *line) {
    (void)user;
    n_said++;
    snprintf(said, sizeof said, "%s", line);
}

static const struct pp_diag diag = {.say = say};

static struct pp_str strings[] = {{"", 0}, {"cpu", 3}, {"samples", 7}, {"count", 5}};
static struct pp_value_type types[] = {{1, 3}, {2, 3}};
static const struct pp_profile two = {
    .strings = strings, .n_strings = 4, .sample_types = types, .n_types = 2};
static const struct pp_profile one = {
    .strings = strings, .n_strings = 4, .sample_types = types, .n_types = 1};

static void failed(struct tally *t, const char *name, const char *why) {
    struct pp_error err;
    pp_fail(&err, PP_E_IO, "%s", why);
    tally_failed(t, name, &err);
}

static void says_nothing_when_all_is_well(void **state) {
    (void)state;
    struct tally t = {.what = "source", .diag = &diag};
    struct pp_error err;
    tally_read(&t, "a", &two);
    tally_read(&t, "b", &two);
    n_said = 0;
    t.strict = true;
    assert_true(tally_report(&t, &two, &err));
    assert_int_equal(n_said, 0);
}

static void counts_failures_by_reason(void **state) {
    (void)state;
    struct tally t = {.what = "source", .diag = &diag};
    struct pp_error err;
    tally_read(&t, "a", &two);
    failed(&t, "b", "broken");
    failed(&t, "c", "missing");
    failed(&t, "d", "broken");
    n_said = 0;
    assert_true(tally_report(&t, &two, &err));
    assert_int_equal(n_said, 1);
    assert_string_equal(said, "left out 3 of 4 source profiles: b and 1 more: broken; c: missing");
    t.strict = true;
    assert_false(tally_report(&t, &two, &err));
    assert_non_null(strstr(err.text, "(-strict)"));
}

static void bounds_its_line(void **state) {
    (void)state;
    struct tally t = {.what = "source", .diag = &diag};
    struct pp_error err;
    char why[2000];
    static char name[2000];
    memset(name, 'n', sizeof name - 1);
    tally_read(&t, "a", &two);
    for (int i = 0; i < 1000; i++) {
        snprintf(why, sizeof why, "reason %d %01500d", i, 0);
        failed(&t, name, why);
    }
    n_said = 0;
    assert_true(tally_report(&t, &two, &err));
    assert_int_equal(n_said, 1);
    assert_true(strlen(said) < 1000);
}

static void fails_when_nothing_was_read(void **state) {
    (void)state;
    struct tally t = {.what = "base", .diag = &diag};
    struct pp_error err;
    failed(&t, "b", "broken");
    failed(&t, "c", "broken");
    assert_false(tally_report(&t, NULL, &err));
    assert_string_equal(err.text,
                        "none of the 2 base profiles could be read: b and 1 more: broken");
}

static void tells_who_was_cut(void **state) {
    (void)state;
    struct tally t = {.what = "source", .diag = &diag};
    struct pp_error err;
    tally_read(&t, "a", &one);
    tally_read(&t, "b", &two);
    n_said = 0;
    assert_true(tally_report(&t, &one, &err));
    assert_int_equal(n_said, 1);
    assert_string_equal(said, "1 of 2 source profiles (b) are cut to the sample types of all: cpu");
    t.strict = true;
    assert_false(tally_report(&t, &one, &err));
    assert_int_equal(err.code, PP_E_INCOMPATIBLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_nothing_when_all_is_well),
        cmocka_unit_test(counts_failures_by_reason),
        cmocka_unit_test(bounds_its_line),
        cmocka_unit_test(fails_when_nothing_was_read),
        cmocka_unit_test(tells_who_was_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
