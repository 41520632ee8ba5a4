#include "test.h"

static void compares_bytes(void **state) {
    (void)state;
    assert_true(pp_str_eq(PP_STR("a\0b"), PP_STR("a\0b")));
    assert_false(pp_str_eq(PP_STR("a\0b"), PP_STR("a\0c")));
    assert_false(pp_str_eq(PP_STR("a"), PP_STR("ab")));
    assert_true(pp_str_eq((struct pp_str){NULL, 0}, PP_STR("")));
    assert_true(pp_str_cmp(PP_STR("a"), PP_STR("b")) < 0);
    assert_true(pp_str_cmp(PP_STR("b"), PP_STR("a")) > 0);
    assert_true(pp_str_cmp(PP_STR("a"), PP_STR("aa")) < 0);
    assert_true(pp_str_cmp(PP_STR("\x7f"), PP_STR("\x80")) < 0); /* as unsigned bytes */
    assert_true(pp_str_cmp(PP_STR(""), (struct pp_str){NULL, 0}) == 0);
    assert_true(pp_str_cmp(PP_STR("\0"), PP_STR("")) > 0);
}

static void slices(void **state) {
    (void)state;
    struct pp_str s = PP_STR("profile");
    assert_str(pp_str_slice(s, 3, 7), "file");
    assert_str(pp_str_slice(s, 7, 7), "");
    assert_true(pp_str_has_prefix(s, PP_STR("pro")));
    assert_false(pp_str_has_prefix(s, PP_STR("profiles")));
    assert_true(pp_str_has_suffix(s, PP_STR("file")));
    assert_false(pp_str_has_suffix(PP_STR("le"), PP_STR("file")));
    assert_true(pp_str_has_prefix(s, PP_STR("")));
    assert_int_equal(pp_str_from(NULL).len, 0);
    assert_str(pp_str_from("x"), "x");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_bytes),
        cmocka_unit_test(slices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
