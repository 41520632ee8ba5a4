#include "profile/view/view.h"

#include "profile/edit.h"
#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

enum how { PRUNE, PRUNE_FROM };

static void check(enum how how, const char *samples, const char *drop, const char *keep,
                  const char *want) {
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, samples), view;
    struct regex *d = regex_compile(pp_str_from(drop), NULL);
    struct regex *k = keep ? regex_compile(pp_str_from(keep), NULL) : NULL;
    if (how == PRUNE)
        view_prune(&p, d, k, &view, &a);
    else
        view_prune_from(&p, d, &view, &a);
    assert_string_equal(tiny_text(&view, &a), want);
    assert_string_equal(tiny_text(&p, &a), samples);
    regex_free(d);
    regex_free(k);
    pp_arena_done(&a);
}

static void drops_what_a_match_calls(void **state) {
    (void)state;
    check(PRUNE, "d;b;c;b;a 1\n", "b", NULL, "a 1\n");
    check(PRUNE, "d;b;c;b;a 1\n", "^[ab]$", NULL, "c;b;a 1\n");
    check(PRUNE, "d;b;a 1\n", "a", NULL, "d;b;a 1\n");
    check(PRUNE, "d;b1;c;b2;a 1\n", "b", "b2", "c;b2;a 1\n");
    check(PRUNE, "x+y+z;a 1\nx+y+z 2\n", "y", NULL, "z;a 1\nz 2\n");
}

static void keeps_the_match_of_prune_from(void **state) {
    (void)state;
    check(PRUNE_FROM, "d;b;c;b;a 1\n", "b", NULL, "b;c;b;a 1\n");
    check(PRUNE_FROM, "d;b;c;b;a 1\n", "a", NULL, "a 1\n");
    check(PRUNE_FROM, "x+y+z;a 1\n", "y", NULL, "y+z;a 1\n");
    check(PRUNE_FROM, "x;a 1\n", "nothing", NULL, "x;a 1\n");
}

static void compares_without_parameters(void **state) {
    (void)state;
    check(PRUNE, "d;f(int);a 1\n", "^f$", NULL, "a 1\n");
    check(PRUNE, "d;.f;a 1\n", "^f$", NULL, "a 1\n");
    check(PRUNE, "d;operator()(int);a 1\n", "^operator\\(\\)$", NULL, "a 1\n");
    check(PRUNE, "d;operator()(int);a 1\n", "int", NULL, "d;operator()(int);a 1\n");
}

static void by_the_profiles_own_expressions(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p =
        tiny_profile(&a, "d;malloc2;a 1\nd;malloc;a 2 x=mal* y=[ z=malloc|free\n");
    struct pp_profile view;
    p.drop_frames = profile_string(&p, PP_STR("malloc|free"), &a);
    view_prune_uninteresting(&p, &view, &a);
    assert_string_equal(tiny_text(&view, &a), "d;malloc2;a 1\na 2 x=mal* y=[ z=malloc|free\n");
    p.keep_frames = profile_string(&p, PP_STR("["), &a);
    view_prune_uninteresting(&p, &view, &a);
    assert_string_equal(tiny_text(&view, &a), tiny_text(&p, &a));
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drops_what_a_match_calls),
        cmocka_unit_test(keeps_the_match_of_prune_from),
        cmocka_unit_test(compares_without_parameters),
        cmocka_unit_test(by_the_profiles_own_expressions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
