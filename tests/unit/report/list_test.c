/* -list: totals with and without recursion. The sources are not there. */
#include "test.h"

#include "base/regex.h"
#include "report/report.h"
#include "tiny_profile.h"

static void render(const char *profile, const char *pattern, bool count_recursion,
                   struct out *ret_out, bool *ret_ok, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct pp_profile p = tiny_profile(&arena, profile);
    struct view_blanks blanks = tiny_blanks("lines", true, false);
    view_aggregate(&p, &blanks, &p, &arena);
    struct report_ctx rc = {
        .profile = &p,
        .format = &list_report,
        .arena = &arena,
        .type_unit = PP_STR("ns"),
        .unit = PP_STR("minimum"),
        .ratio = 1,
        .total = report_total(&p, 0, false),
        .param = pp_str_from(pattern),
        .listing = {.sources = {.none = true, .path = PP_STR("/x"), .current = PP_STR("/x")},
                    .count_recursion = count_recursion},
        .graph = {.object_names = true},
    };
    struct regex *rx = regex_compile(rc.param, err);
    assert_non_null(rx);
    rc.param_regex = rx;
    out_open_memory(ret_out);
    *ret_ok = report_write(&rc, NULL, ret_out, NULL, err);
    regex_free(rx);
    pp_arena_done(&arena);
}

static void check(const char *profile, const char *pattern, bool count_recursion,
                  const char *want) {
    struct out o;
    struct pp_error err;
    bool ok;
    render(profile, pattern, count_recursion, &o, &ok, &err);
    assert_true(ok);
    out_char(&o, 0);
    assert_string_equal(o.buffer, want);
    out_close(&o, NULL);
}

#define NOT_READ " Error: not read, because of -nosource\n"

static void counts_a_recursive_function_once(void **state) {
    (void)state;
    /* Two lines of f, both on one stack. */
    const char *profile = "f@a.c+f@a.c;f@a.c;main@m.c 6\nmain@m.c 4";
    check(profile, "^f$", false,
          "Total: 10ns\nROUTINE ======================== f in a.c\n"
          "       6ns        6ns (flat, cum) 60.00% of Total\n" NOT_READ);
    check(profile, "^f$", true,
          "Total: 10ns\nROUTINE ======================== f in a.c\n"
          "       6ns       12ns (flat, cum) 120.00% of Total\n" NOT_READ);
}

static void sorts_by_function_and_file(void **state) {
    (void)state;
    check("b@2.c;main@m.c 1\nb@1.c 2\nb 4\na 8", ".", false,
          "Total: 15ns\nNo source information for a\n"
          "ROUTINE ======================== b in 1.c\n"
          "       2ns        2ns (flat, cum) 13.33% of Total\n" NOT_READ
          "ROUTINE ======================== b in 2.c\n"
          "       1ns        1ns (flat, cum)  6.67% of Total\n" NOT_READ
          "ROUTINE ======================== main in m.c\n"
          "         0        1ns (flat, cum)  6.67% of Total\n" NOT_READ);
}

static void fails_before_the_first_byte(void **state) {
    (void)state;
    struct out o;
    struct pp_error err;
    bool ok;
    render("f@a.c 1", "nosuch", false, &o, &ok, &err);
    assert_false(ok);
    assert_string_equal(err.text, "no matches found for regexp: nosuch");
    assert_int_equal(o.used, 0);
    out_close(&o, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_a_recursive_function_once),
        cmocka_unit_test(sorts_by_function_and_file),
        cmocka_unit_test(fails_before_the_first_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
