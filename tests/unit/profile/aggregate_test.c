#include "profile/view/view.h"

#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct pp_profile aggregated(const char *granularity, bool inlines, bool columns,
                                    struct pp_arena *a) {
    struct pp_profile p = tiny_profile(a, "[lib]in@i.c+out@o.c;main@m.c 1\n"), view;
    struct view_blanks blanks = tiny_blanks(granularity, inlines, columns);
    view_aggregate(&p, &blanks, &view, a);
    assert_string_equal(tiny_text(&p, a), "[lib]in@i.c+out@o.c;main@m.c 1\n");
    return view;
}

static void check(const char *granularity, const char *want, int64_t line, int64_t address) {
    struct pp_arena a = {0};
    struct pp_profile p = aggregated(granularity, true, false, &a);
    assert_string_equal(tiny_text(&p, &a), want);
    assert_int_equal(pp_line_at(&p, 0).line, line);
    assert_int_equal(p.locations[0].address, address);
    pp_arena_done(&a);
}

static void levels(void **state) {
    (void)state;
    check("", "[lib]in+out;main 1\n", 0, 0);
    check("functions", "[lib]in+out;main 1\n", 0, 0);
    check("files", "[lib]@i.c+@o.c;@m.c 1\n", 0, 0);
    check("filefunctions", "[lib]in@i.c+out@o.c;main@m.c 1\n", 0, 0);
    check("lines", "[lib]in@i.c+out@o.c;main@m.c 1\n", 10, 0);
    check("addresses", "[lib]in@i.c+out@o.c;main@m.c 1\n", 10, 16);
}

static void columns_and_inlines(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = aggregated("lines", true, true, &a);
    assert_int_equal(pp_line_at(&p, 0).column, 3);
    p = aggregated("lines", true, false, &a);
    assert_int_equal(pp_line_at(&p, 0).column, 0);
    p = aggregated("addresses", true, false, &a);
    assert_int_equal(pp_line_at(&p, 0).column, 3);
    p = aggregated("addresses", false, false, &a);
    assert_string_equal(tiny_text(&p, &a), "[lib]out@o.c;main@m.c 1\n");
    assert_int_equal(pp_line_at(&p, p.locations[0].first_line).column, 0);
    assert_true(p.mappings[0].has_functions);
    p = aggregated("files", false, false, &a);
    assert_false(p.mappings[0].has_functions);
    pp_arena_done(&a);
}

static void unknown_level(void **state) {
    (void)state;
    struct view_blanks blanks;
    struct pp_error err;
    assert_false(view_blanks_of(PP_STR("words"), true, true, &blanks, &err));
    assert_string_equal(err.text, "no granularity \"words\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels),
        cmocka_unit_test(columns_and_inlines),
        cmocka_unit_test(unknown_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
