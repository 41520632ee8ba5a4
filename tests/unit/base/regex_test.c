#include "base/regex.h"

#include "test.h"

#include <stdlib.h>
#include <time.h>

static bool matches(struct pp_str pattern, struct pp_str text) {
    struct pp_error err = {0};
    struct regex *rx = regex_compile(pattern, &err);
    if (!rx) fail_msg("%s", err.text);
    bool found = regex_matches(rx, text);
    regex_free(rx);
    return found;
}

static void searches_anywhere(void **state) {
    (void)state;
    assert_true(matches(PP_STR("b.d"), PP_STR("abcde")));
    assert_false(matches(PP_STR("^b"), PP_STR("abc")));
    assert_true(matches(PP_STR(""), PP_STR("")));
    assert_true(matches(PP_STR("(?i)ABC"), PP_STR("xabcx")));
    assert_true(matches(PP_STR("(?P<n>a)(?<m>b)"), PP_STR("ab")));
    assert_false(matches(PP_STR("a.b"), PP_STR("a\nb")));
    assert_true(matches(PP_STR("a\\x00b"), PP_STR("a\0b")));
    assert_true(matches(PP_STR("\\Q(?<x>\\E"), PP_STR("(?<x>")));
    assert_true(matches(PP_STR("\\(\\?<"), PP_STR("(?<")));
    assert_true(matches(PP_STR("\\pL"), PP_STR("\xc3\xa9")));
    assert_false(matches(PP_STR("^\\s$"), PP_STR("\v"))); /* as in Go */
}

static void reads_broken_bytes_as_a_character(void **state) {
    (void)state;
    assert_true(matches(PP_STR("^a.b$"), PP_STR("a\xff"
                                                "b")));
    assert_false(matches(PP_STR("^a.b$"), PP_STR("a\xff\xff"
                                                 "b")));
    assert_true(matches(PP_STR("^a\xef\xbf\xbd"), PP_STR("a\xff")));
    assert_true(matches(PP_STR("^.$"), PP_STR("\xe6\xbc\xa2")));
}

static void refuses_what_go_refuses(void **state) {
    (void)state;
    const char *bad[] = {"c++", "a**",   "(?=x)", "\\1",    "\\Z", "\\h",     "\\R",
                         "\\K", "\\G",   "(?>a)", "(?#c)",  "\\e", "a{1001}", "(",
                         ")",   "[z-a]", "\\C",   "x{2,1}", "*a",  "\\"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pp_error err = {0};
        struct regex *rx = regex_compile(pp_str_from(bad[i]), &err);
        if (rx) fail_msg("accepted: %s", bad[i]);
        assert_int_equal(err.code, PP_E_USAGE);
        assert_true(strlen(err.text) > 0);
    }
}

static void takes_linear_time(void **state) {
    (void)state;
    size_t n = 200000;
    char *text = malloc(n);
    memset(text, 'a', n);
    clock_t before = clock();
    assert_false(matches(PP_STR("(a*)*(a|aa)*b"), (struct pp_str){text, n}));
    assert_true(clock() - before < 10 * CLOCKS_PER_SEC);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(searches_anywhere),
        cmocka_unit_test(reads_broken_bytes_as_a_character),
        cmocka_unit_test(refuses_what_go_refuses),
        cmocka_unit_test(takes_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
