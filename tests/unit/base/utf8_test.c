#include "base/utf8.h"

#include "test.h"

static void decodes_what_is_valid(void **state) {
    (void)state;
    const uint32_t edges[] = {0,      'a',    0x7f,   0x80,   0x7ff,   0x800,
                              0xd7ff, 0xe000, 0xfffd, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        char buffer[5] = {0, 0, 0, 0, 'x'};
        size_t n = utf8_encode(edges[i], buffer), len;
        assert_int_equal(utf8_decode((struct pp_str){buffer, n}, &len), edges[i]);
        assert_int_equal(len, n);
        assert_int_equal(utf8_count((struct pp_str){buffer, n}), 1);
        if (n == 1) continue;
        assert_int_equal(utf8_decode((struct pp_str){buffer, n - 1}, &len), UTF8_INVALID);
        assert_int_equal(len, 1);
    }
}

static void takes_a_broken_byte_for_one_character(void **state) {
    (void)state;
    const struct {
        struct pp_str text;
        size_t n;
    } table[] = {
        {PP_STR("\xff"), 1},
        {PP_STR("\x80\x80"), 2},
        {PP_STR("\xc0\x80"), 2},         /* overlong */
        {PP_STR("\xe0\x80\x80"), 3},     /* overlong */
        {PP_STR("\xed\xa0\x80"), 3},     /* half of a surrogate pair */
        {PP_STR("\xf4\x90\x80\x80"), 4}, /* past the last character */
        {PP_STR("\xf5\x80\x80\x80"), 4},
        {PP_STR("\xe2\x82"), 2}, /* cut */
        {PP_STR("a\xe2\x82\xac\xff z"), 5},
        {PP_STR("a\0b"), 3},
        {PP_STR(""), 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_int_equal(utf8_count(table[i].text), table[i].n);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_is_valid),
        cmocka_unit_test(takes_a_broken_byte_for_one_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
