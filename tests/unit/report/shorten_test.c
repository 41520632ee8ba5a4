/* Names and what they become, from the reference's rules; the odd ones are cases of its own tests
 * in other words. */
#include "report/shorten.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const names[][2] = {
    {"", ""},
    {"main", "main"},
    {"main.main", "main.main"},
    {"github.com/a/b-c.d/pkg.Function.func1", "pkg.Function.func1"},
    {"github.com/a/pkg.(*Type).Method", "pkg.(*Type).Method"},
    {"github.com/a/pkg/v2.Function", "pkg.Function"},
    {"github.com/a/pkg/v1.Function", "v1.Function"},
    {"github.com/a/pkg/v01.Function", "v01.Function"},
    {"github.com/a/v3/pkg.Function", "pkg.Function"},
    {"a/b", "a/b"},
    {"a.b/c/", "a.b/c/"},
    {"a/b.", "a/b."},
    {"a/.b", "a/.b"},
    {"x/a/.b.c", "a/.b.c"},
    {"com.example.Class.method", "Class.method"},
    {"com.example.Class$Inner.<init>(int)", "Class$Inner.<init>"},
    {"com.example.Class.method$1(int, java.util.List)", "Class.method$1"},
    {"com.example.Class.Method", "com.example.Class.Method"},
    {"ns::Class::method(int)", "Class::method"},
    {"ns::inner::Class::~Class", "Class::~Class"},
    {"ns::Class::method<int, std::pair<a, b> >(c)", "Class::method<int, std::pair<a, b> >"},
    {"ns::Class::Nested::(anonymous)", "Class::Nested"},
    {"ns::function(int)", "ns::function(int)"},
    {"Class::method", "Class::method"},
    {"(anonymous namespace)::ns::Class::method", "Class::method"},
    {"(anonymous namespace)::function", "function"},
    {"std::__1::__Tree::find", "__Tree::find"},
};

static void each_name(void **state) {
    (void)state;
    struct pp_arena a = {0};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct pp_str got = shorten_function(pp_str_from(names[i][0]), &a);
        assert_string_equal(pp_arena_copy(&a, got).data, names[i][1]);
    }
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
