#include "profile/source_mark.h"

#include "profile/base_mark.h"
#include "profile/merge.h"
#include "tiny_profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct pp_profile merged(struct pp_arena *a) {
    struct pp_profile sides[2] = {tiny_profile(a, "x;main 3 k=v\nsame;main 4 size#16:bytes\n"),
                                  tiny_profile(a, "same;main 5 size#16:bytes\ny 1 k=v\n")};
    struct pp_profile all;
    for (uint32_t i = 0; i < 2; i++)
        source_mark_set(&sides[i], i, a);
    assert_true(profile_combine(sides, 2, &all, a, NULL));
    return all;
}

static void samples_stay_apart_and_bear_no_mark(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = merged(&a);
    const uint8_t *source = source_mark_take(&p, &a);
    assert_int_equal(p.n_samples, 4);
    int64_t sums[2] = {0, 0};
    for (uint32_t i = 0; i < p.n_samples; i++)
        sums[source[i]] += pp_value(&p, i, 0);
    assert_int_equal(sums[0], 7);
    assert_int_equal(sums[1], 6);
    assert_string_equal(
        tiny_text(&p, &a),
        "x;main 3 k=v\nsame;main 4 size#16:bytes\nsame;main 5 size#16:bytes\ny 1 k=v\n");
    pp_arena_done(&a);
}

static void one_becomes_the_base(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = merged(&a), view;
    const uint8_t *source = source_mark_take(&p, &a);
    source_mark_compare(&p, source, 1, &view, &a);
    assert_string_equal(tiny_text(&view, &a),
                        "x;main 3 k=v\nsame;main 4 size#16:bytes\n"
                        "same;main -5 pprof::base=true size#16:bytes\ny -1 k=v pprof::base=true\n");
    assert_string_equal(
        tiny_text(&p, &a),
        "x;main 3 k=v\nsame;main 4 size#16:bytes\nsame;main 5 size#16:bytes\ny 1 k=v\n");
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_stay_apart_and_bear_no_mark),
        cmocka_unit_test(one_becomes_the_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
