/* Lines as Go's bufio.Scanner gives them: how they end, and how long they may be. */
#include "base/arena.h"
#include "base/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void splits_at_newlines(void **state) {
    (void)state;
    static const struct {
        struct pp_str line;
        bool terminated;
    } want[] = {{{"a", 1}, true}, {{"", 0}, true}, {{"b\r", 2}, true}, {{"c", 1}, false}};
    struct input in;
    assert_true(input_open_memory(&in, PP_STR("a\n\r\nb\r\r\nc\r"), NULL, NULL));
    struct lines l = {.in = &in, .max = LINES_MAX};
    for (size_t i = 0; i < 4; i++) {
        assert_true(lines_next(&l));
        assert_true(pp_str_eq(l.line, want[i].line));
        assert_int_equal(l.terminated, want[i].terminated);
    }
    assert_false(lines_next(&l));
    assert_int_equal(l.line.len, 0);
    assert_false(l.too_long);
    input_close(&in);
}

/* A line of `len` bytes and `tail` after it; whether both it and the next one are read. */
static bool reads(size_t len, const char *tail, size_t max) {
    struct pp_arena arena = {0};
    size_t tail_len = strlen(tail);
    char *text = PP_NEW(&arena, char, len + tail_len);
    memset(text, 'x', len);
    memcpy(text + len, tail, tail_len);
    struct input in;
    assert_true(input_open_memory(&in, (struct pp_str){text, len + tail_len}, NULL, NULL));
    struct lines l = {.in = &in, .max = max};
    bool ok = lines_next(&l) && l.line.len == len;
    assert_int_equal(l.too_long, !ok);
    if (!ok) assert_false(lines_next(&l));
    input_close(&in);
    pp_arena_done(&arena);
    return ok;
}

static void gives_up_at_64_kb(void **state) {
    (void)state;
    assert_true(reads(65535, "\nnext", LINES_MAX));
    assert_true(reads(65534, "\r\nnext", LINES_MAX));
    assert_true(reads(65535, "", LINES_MAX));
    assert_false(reads(65536, "\nnext", LINES_MAX));
    assert_false(reads(65535, "\r\nnext", LINES_MAX));
    assert_false(reads(65536, "", LINES_MAX));
    assert_true(reads(1000000, "\n", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_at_newlines),
        cmocka_unit_test(gives_up_at_64_kb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
