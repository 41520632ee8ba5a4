#include "base/path.h"

#include "base/timetext.h"
#include "test.h"

#include <stdlib.h>
#include <time.h>

static void check(struct pp_str got, const char *want) {
    assert_str_bytes(got, want, strlen(want));
}

static void cleans(void **state) {
    (void)state;
    static const char *const table[][2] = {
        {"", "."},
        {".", "."},
        {"/", "/"},
        {"//", "/"},
        {"a//b/", "a/b"},
        {"./a", "a"},
        {"a/./b", "a/b"},
        {"a/../b", "b"},
        {"../a", "../a"},
        {"/../a", "/a"},
        {"a/../../b", "../b"},
        {"/a/b/..", "/a"},
        {"a/..", "."},
        {"..", ".."},
        {"...", "..."},
    };
    struct pp_arena a = {0};
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        check(path_clean(pp_str_from(table[i][0]), &a), table[i][1]);
    pp_arena_done(&a);
}

static void takes_apart(void **state) {
    (void)state;
    struct pp_arena a = {0};
    check(path_base(PP_STR("/usr/bin/go")), "go");
    check(path_base(PP_STR("/usr/bin//")), "bin");
    check(path_base(PP_STR("")), ".");
    check(path_base(PP_STR("///")), "/");
    check(path_dir(PP_STR("/usr/bin/go"), &a), "/usr/bin");
    check(path_dir(PP_STR("go"), &a), ".");
    check(path_dir(PP_STR("/go"), &a), "/");
    check(path_join(PP_STR("a"), PP_STR("../b"), &a), "b");
    check(path_join(PP_STR(""), PP_STR("b"), &a), "b");
    pp_arena_done(&a);
}

static void check_time(void (*write)(struct out *o, int64_t), int64_t nanos, const char *want) {
    struct out o;
    out_open_memory(&o);
    write(&o, nanos);
    check(out_text(&o), want);
    out_close(&o, NULL);
}

static void tells_what_is_below(void **state) {
    (void)state;
    static const struct {
        const char *path, *dir, *rest; /* NULL: it is not below */
    } table[] = {
        {"/a/b/c", "/a", "b/c"}, {"/a/b", "/", "a/b"}, {"a/b", "a", "b"},
        {"/ab/c", "/a", NULL},   {"/a", "/a", NULL},   {"/a/b", "/a/b/c", NULL},
        {"b/a", "/a", NULL},     {"/", "/", NULL},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pp_str rest = {0};
        bool is = path_below(pp_str_from(table[i].path), pp_str_from(table[i].dir), &rest);
        assert_int_equal(is, table[i].rest != NULL);
        if (is) check(rest, table[i].rest);
    }
}

static void writes_times(void **state) {
    (void)state;
    setenv("TZ", "UTC", 1);
    tzset();
    check_time(time_short, INT64_C(1700000000) * 1000000000, "2023-11-14 22:13:20 UTC");
    check_time(time_long, INT64_C(1700000000123450000), "2023-11-14 22:13:20.12345 +0000 UTC");
    check_time(time_long, -1, "1969-12-31 23:59:59.999999999 +0000 UTC");
    setenv("TZ", "EST5EDT", 1);
    tzset();
    check_time(time_long, INT64_C(1700000000) * 1000000000, "2023-11-14 17:13:20 -0500 EST");
}

static void writes_durations(void **state) {
    (void)state;
    static const struct {
        int64_t nanos;
        const char *text;
    } table[] = {
        {0, "0s"},
        {1, "1ns"},
        {1500, "1.5\xc2\xb5s"},
        {1000000, "1ms"},
        {1000000000, "1s"},
        {61500000000, "1m1.5s"},
        {3600000000000, "1h0m0s"},
        {-1500000000, "-1.5s"},
        {INT64_MAX, "2562047h47m16.854775807s"},
        {INT64_MIN, "-2562047h47m16.854775808s"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct out o;
        out_open_memory(&o);
        time_duration(&o, table[i].nanos, 100);
        check(out_text(&o), table[i].text);
        out_close(&o, NULL);
    }
    struct out o;
    out_open_memory(&o);
    time_duration(&o, 30123456789, 4);
    time_duration(&o, 1500, 4);
    assert_str(out_text(&o), "30.11.5\xc2\xb5");
    out_close(&o, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans),
        cmocka_unit_test(takes_apart),
        cmocka_unit_test(tells_what_is_below),
        cmocka_unit_test(writes_times),
        cmocka_unit_test(writes_durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
