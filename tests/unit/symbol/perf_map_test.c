/* perf maps: lines that are right, lines that are not, functions over functions. */
#include "perf_map_check.h"
#include "symbol/perf_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/cpprof-perf-map-XXXXXX";

static bool open_text(struct perf_map *m, struct pp_arena *arena, struct pp_str text,
                      struct pp_error *err) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text.data, 1, text.len, out), text.len);
    fclose(out);
    return perf_map_open(m, path, arena, err);
}

static void functions_are_found(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    (void)state;
    assert_true(open_text(&m, &arena,
                          PP_STR("7f0000002000 100 LazyCompile:*work /srv/app.js:12:3\n"
                                 "0x7F0000001000 0x20 plain\r\n"
                                 "7f0000003000 1 no newline at the end"),
                          NULL));
    assert_int_equal(m.n, 3);
    check(&m, 0x7f0000000fff, NULL);
    check(&m, 0x7f0000001000, "plain");
    check(&m, 0x7f000000101f, "plain");
    check(&m, 0x7f0000001020, NULL); /* a gap is nobody's */
    check(&m, 0x7f0000002000, "LazyCompile:*work /srv/app.js:12:3");
    check(&m, 0x7f0000003000, "no newline at the end");
    check(&m, 0x7f0000003001, NULL);
    check(&m, UINT64_MAX, NULL);
    perf_map_close(&m);
    pp_arena_done(&arena);
}

static void room_is_used_again(void **state) {
    struct perf_map m;
    struct pp_arena arena = {0};
    (void)state;
    assert_true(open_text(&m, &arena,
                          PP_STR("1000 100 old\n"
                                 "1040 10 inner\n"
                                 "1000 80 new\n"),
                          NULL));
    check(&m, 0x1000, "new");
    check(&m, 0x103f, "new");
    check(&m, 0x1048, "inner");
    check(&m, 0x1090, NULL);
    perf_map_close(&m);
    pp_arena_done(&arena);
}

static void lines_that_are_none(void **state) {
    static const struct pp_str bad[] = {
        {"", 0},
        {"\n\n\n", 3},
        {"1000 10", 7},
        {"1000 10 ", 8},
        {"1000", 4},
        {"xyz 10 name\n", 12},
        {"1000 0 empty\n", 13},
        {"ffffffffffffffff 10 beyond\n", 27},
        {"11111111111111111 10 too long\n", 30},
        {"0x 10 name\n", 11},
        {"1000,10,name\n", 13},
        {"\0\0\0\0\0\0", 6},
    };
    struct pp_error err;
    struct perf_map m;
    struct pp_arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (open_text(&m, &arena, bad[i], &err)) fail_msg("accepted: %s", bad[i].data);
    assert_true(open_text(&m, &arena, PP_STR("what is this\n1000 10 name\n\nff\n"), &err));
    assert_int_equal(m.n, 1);
    check(&m, 0x1005, "name");
    perf_map_close(&m);
    assert_false(perf_map_open(&m, "/dev/zero", &arena, &err));
    assert_false(perf_map_open(&m, "/proc/self/maps", &arena, &err));
    pp_arena_done(&arena);
}

static void mappings_of_memory(void **state) {
    static const char *const yes[] = {"",
                                      "//anon",
                                      "[anon]",
                                      "[anon:v8]",
                                      "jit",
                                      "/memfd:doublemapper (deleted)",
                                      "[heap]",
                                      "/tmp/perf-1234.map",
                                      "/dev/zero (deleted)"};
    static const char *const no[] = {"[vdso]",        "[kernel.kallsyms]_text",
                                     "/usr/bin/node", "/tmp/perf-1234.so",
                                     "anon",          "jitlib.so"};
    (void)state;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        assert_true(perf_map_is_for(pp_str_from(yes[i])));
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        assert_false(perf_map_is_for(pp_str_from(no[i])));
}

static int begin(void **state) {
    (void)state;
    return close(mkstemp(path));
}

static int end(void **state) {
    (void)state;
    return unlink(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found),
        cmocka_unit_test(room_is_used_again),
        cmocka_unit_test(lines_that_are_none),
        cmocka_unit_test(mappings_of_memory),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
