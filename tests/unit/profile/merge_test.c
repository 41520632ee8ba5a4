/* Merging one source at a time gives what merging all of them at once gives. */
#include "profile/encode.h"
#include "profile/merge.h"

#include "test.h"
#include "tiny_profile.h"

static struct pp_str bytes(const struct pp_profile *p, struct pp_arena *a) {
    struct out o;
    out_open_memory(&o);
    profile_write_plain(p, &o);
    struct pp_str copy = pp_arena_copy(a, out_text(&o));
    out_close(&o, NULL);
    return copy;
}

static void check(const char *const *samples, size_t n, bool zeros) {
    struct pp_arena a = {0}, streamed = {0};
    struct pp_profile *sources = PP_NEW(&a, struct pp_profile, n), all, one_by_one;
    struct pp_error err;
    for (size_t i = 0; i < n; i++)
        sources[i] = tiny_profile(&a, samples[i]);
    struct merge_stream *m = merge_open(&streamed);
    for (size_t i = 0; i < n; i++) {
        struct pp_arena source = {0};
        struct pp_profile p = tiny_profile(&source, samples[i]);
        assert_true(i == 0 || merge_takes(m, &p));
        merge_add(m, &p);
        pp_arena_done(&source);
    }
    assert_int_equal(merge_has_zeros(m), zeros);
    assert_true(merge_close(m, &one_by_one, &err));
    assert_true(profile_combine(sources, n, &all, &a, &err));
    struct pp_str want = bytes(&all, &a);
    assert_str_bytes(bytes(&one_by_one, &a), want.data, want.len);
    pp_arena_done(&streamed);
    pp_arena_done(&a);
}

static void gives_the_same(void **state) {
    (void)state;
    check((const char *const[]){"c;b;a 1\nd 2\n", "d 3\nc;b;a 4\nx 5\n", "y 1\n"}, 3, false);
}

static void drops_what_sums_up_to_nothing(void **state) {
    (void)state;
    check((const char *const[]){"d 2\nc;b;a 1\n", "d -2\nx 5\n", "e 1\n"}, 3, true);
}

static void tells_who_fits(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "b;a 1\n"), other = p, twins = p;
    assert_true(merge_alike(&p, &p));
    struct pp_value_type pair[2] = {p.sample_types[0], p.sample_types[0]};
    twins.sample_types = pair;
    twins.n_types = 2;
    assert_false(merge_alike(&p, &twins));
    assert_false(merge_alike(&twins, &twins));
    other.period_type.type = p.functions[0].name;
    assert_false(merge_alike(&p, &other));
    struct merge_stream *m = merge_open(&a);
    merge_add(m, &p);
    assert_false(merge_takes(m, &other));
    merge_give_up(m);
    merge_give_up(NULL);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_same),
        cmocka_unit_test(drops_what_sums_up_to_nothing),
        cmocka_unit_test(tells_who_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
