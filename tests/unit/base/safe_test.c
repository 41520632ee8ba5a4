/* Text made safe: what harms a terminal or misleads a reader is escaped, everything else is kept.
 */
#include "test.h"

#include "base/safe.h"

struct sink {
    char text[256];
    size_t len;
};

static void put(void *user, struct pp_str piece) {
    struct sink *s = user;
    if (piece.len) memcpy(s->text + s->len, piece.data, piece.len);
    s->len += piece.len;
}

static void expect(struct pp_str in, const char *want) {
    struct sink s = {0};
    assert_int_equal(safe_text(in, true, put, &s), 0);
    assert_int_equal(s.len, strlen(want));
    assert_memory_equal(s.text, want, s.len);
}

static void test_kept(void **state) {
    (void)state;
    expect(PP_STR("plain text\n\tand a tab"), "plain text\n\tand a tab");
    expect(PP_STR("\xC2\xB5s \xE2\x80\xA6 \xF0\x9F\x94\xA5"),
           "\xC2\xB5s \xE2\x80\xA6 \xF0\x9F\x94\xA5");
}

static void test_escaped(void **state) {
    (void)state;
    expect(PP_STR("a\x1b[31mb"), "a\\x1b[31mb");
    expect(PP_STR("a\0b\rc\x7f"), "a\\x00b\\x0dc\\x7f");
    expect(PP_STR("x\xE2\x80\xAEy"), "x\\u202ey");
    expect(PP_STR("x\xC2\x9By"), "x\\u009by");
    expect(PP_STR("x\xFFy\xE2\x82"), "x\\xffy\\xe2\\x82");
}

static void test_cut_character(void **state) {
    (void)state;
    struct sink s = {0};
    assert_int_equal(safe_text(PP_STR("ab\xE2\x80"), false, put, &s), 2);
    assert_int_equal(s.len, 2);
}

static void test_plain(void **state) {
    (void)state;
    const struct pp_str good[] = {PP_STR("main.main"), PP_STR("a b"), PP_STR("f\xC3\xBCr")};
    const struct pp_str bad[] = {
        PP_STR(""),     PP_STR("a\nb"), PP_STR("a\tb"),        PP_STR("\x1b[31m"),
        PP_STR("a\0b"), PP_STR("\xFF"), PP_STR("\xE2\x80\xAE")};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(safe_is_plain(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(safe_is_plain(bad[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_escaped),
        cmocka_unit_test(test_cut_character),
        cmocka_unit_test(test_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
