/* "key=value": sorted, the last of a key counts, what is none is refused. */
#include "base/pairs.h"
#include "test.h"

static void sorted(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct pairs p;
    const char *const texts[] = {"service=shop", "commit=a=b", "service=till", "empty="};
    assert_true(pairs_parse(texts, 4, &p, &arena, &err));
    const char *const wanted[] = {"commit", "a=b", "empty", "", "service", "till"};
    assert_int_equal(p.n_texts, 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(pp_str_eq(p.texts[i], pp_str_from(wanted[i])));
    assert_true(pairs_parse(NULL, 0, &p, &arena, &err));
    assert_int_equal(p.n_texts, 0);
    pp_arena_done(&arena);
}

static void refused(void **state) {
    (void)state;
    struct pp_arena arena = {0};
    struct pairs p;
    const char *const texts[] = {"", "=", "=value", "key"};
    for (size_t i = 0; i < 4; i++) {
        struct pp_error err = {0};
        assert_false(pairs_parse(&texts[i], 1, &p, &arena, &err));
        assert_int_equal(err.code, PP_E_USAGE);
    }
    pp_arena_done(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
