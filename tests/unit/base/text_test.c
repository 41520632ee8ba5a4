/* Numbers and words of text mean what they mean in Go. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BAD UINT64_C(0xbad)

static void reads_unsigned(void **state) {
    (void)state;
    static const struct {
        const char *text;
        unsigned base;
        uint64_t want; /* BAD: none */
    } cases[] = {
        {"0", 0, 0},
        {"010", 0, 8},
        {"08", 0, BAD},
        {"0x1f", 0, 31},
        {"0X1F", 0, 31},
        {"0b101", 0, 5},
        {"0o17", 0, 15},
        {"1_000", 0, 1000},
        {"0x_1", 0, 1},
        {"0_7", 0, 7},
        {"_1", 0, BAD},
        {"1_", 0, BAD},
        {"1__0", 0, BAD},
        {"0x", 0, BAD},
        {"0x_", 0, BAD},
        {"", 0, BAD},
        {"1_0", 10, BAD},
        {"0x1", 16, BAD},
        {"ff", 16, 255},
        {"fg", 16, BAD},
        {"+1", 10, BAD},
        {" 1", 10, BAD},
        {"18446744073709551615", 10, UINT64_MAX},
        {"18446744073709551616", 10, BAD},
        {"10000000000000000", 16, BAD},
        {"00000000000000000001", 16, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t v = BAD;
        bool ok = text_u64(pp_str_from(cases[i].text), cases[i].base, &v);
        if (ok != (cases[i].want != BAD) || v != cases[i].want) fail_msg("%s", cases[i].text);
    }
}

static void reads_signed(void **state) {
    (void)state;
    int64_t v;
    assert_true(text_i64(PP_STR("-9223372036854775808"), 10, &v) && v == INT64_MIN);
    assert_true(text_i64(PP_STR("+0x10"), 0, &v) && v == 16);
    assert_true(text_i64(PP_STR("9223372036854775807"), 10, &v) && v == INT64_MAX);
    assert_false(text_i64(PP_STR("9223372036854775808"), 10, &v));
    assert_false(text_i64(PP_STR("-9223372036854775809"), 10, &v));
    assert_false(text_i64(PP_STR("--1"), 10, &v));
    assert_false(text_i64(PP_STR("-"), 10, &v));
}

static void trims_white_space_of_unicode(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {" \t\v\f\r\na b\n ", "a b"},
        {"\xc2\xa0\xc2\x85\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000x\u3000\u2003", "x"},
        {"\u200b", "\u200b"},           /* a zero-width space is none */
        {"\xa0 x \x85", "\xa0 x \x85"}, /* no UTF-8 */
        {" \xe3\x80", "\xe3\x80"},
        {"   ", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(pp_str_eq(text_trim(pp_str_from(cases[i][0])), pp_str_from(cases[i][1])));
}

static void takes_words(void **state) {
    (void)state;
    struct pp_str line = PP_STR(" \t top10\n -cum "), word;
    assert_true(text_next_word(&line, &word) && pp_str_eq(word, PP_STR("top10")));
    assert_true(text_next_word(&line, &word) && pp_str_eq(word, PP_STR("-cum")));
    assert_false(text_next_word(&line, &word));
    assert_int_equal(word.len, 0);
}

static void takes_lines(void **state) {
    (void)state;
    struct pp_str text = PP_STR("one\n\ntwo\r\nlast"), line;
    static const char *const lines[] = {"one", "", "two\r", "last"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_true(text_next_line(&text, &line) && pp_str_eq(line, pp_str_from(lines[i])));
    assert_false(text_next_line(&text, &line));
    text = PP_STR("\n");
    assert_true(text_next_line(&text, &line) && line.len == 0);
    assert_false(text_next_line(&text, &line));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_unsigned),
        cmocka_unit_test(reads_signed),
        cmocka_unit_test(trims_white_space_of_unicode),
        cmocka_unit_test(takes_words),
        cmocka_unit_test(takes_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
