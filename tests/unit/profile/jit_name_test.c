/* Places in the names of code that was made at run time. */
#include "profile/jit_name.h"
#include "test.h"

static void places_in_names(void **state) {
    static const struct {
        const char *name, *file; /* NULL: none */
        int64_t line;
    } table[] = {
        {"JS:*serve /srv/app.js:12:3", "/srv/app.js", 12},
        {"LazyCompile:~get x /srv/my app/shop.js:7:1", "/srv/my app/shop.js", 7},
        {"JS:^hot file:///srv/app.mjs:1:13", "/srv/app.mjs", 1},
        {"Eval:~ /srv/a:b.js:2:19", "/srv/a:b.js", 2},
        {"Script:~ /x:1:1", "/x", 1},
        {"JS:*serve node:internal/timers:12:3", NULL, 0},
        {"JS:*serve /srv/app.js:12", NULL, 0},
        {"JS:*serve /srv/app.js:0:3", NULL, 0},
        {"JS:*serve /srv/app.js:99999999999999999999:3", NULL, 0},
        {"JS:*serve /srv/app.js:x:y", NULL, 0},
        {"plain /srv/app.js:12:3", NULL, 0},
        {":12:3", NULL, 0},
        {"JS:", NULL, 0},
        {"JS::1:1", NULL, 0},
        {"py::work:/srv/app.py", NULL, 0},
        {"", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pp_str file = {0};
        int64_t line = 0;
        assert_int_equal(jit_name_place(pp_str_from(table[i].name), &file, &line),
                         table[i].file != NULL);
        if (!table[i].file) continue;
        assert_true(pp_str_eq(file, pp_str_from(table[i].file)));
        assert_int_equal(line, table[i].line);
    }
}

static void names_of_dumps(void **state) {
    static const char *const no[] = {"",
                                     "jit-.dump",
                                     ".dump",
                                     "jit-7x.dump",
                                     "/a/jit-7.dump/b",
                                     "/a/jit-7.so",
                                     "/a/xjit-7.dump",
                                     "jit-"};
    (void)state;
    assert_true(jit_name_is_dump(PP_STR("/srv/a b/jit-17638.dump")));
    assert_true(jit_name_is_dump(PP_STR("jit-0.dump")));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(jit_name_is_dump(pp_str_from(no[i])));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(places_in_names),
                                       cmocka_unit_test(names_of_dumps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
