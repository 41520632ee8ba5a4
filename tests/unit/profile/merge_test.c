/* Merging one source at a time gives what merging all of them at once gives. */
#include "profile/merge.h"
#include "profile/merge_keys.h"

#include "profile_bytes.h"
#include "test.h"
#include "tiny_profile.h"

static void check_streamed(const char *const *samples, size_t n, bool zeros, bool with_keys) {
    struct pp_arena a = {0}, streamed = {0};
    struct merge_keys keys;
    struct pp_profile *sources = PP_NEW(&a, struct pp_profile, n), all, one_by_one;
    struct pp_error err;
    for (size_t i = 0; i < n; i++)
        sources[i] = tiny_profile(&a, samples[i]);
    struct merge_stream *m = merge_open(&streamed);
    for (size_t i = 0; i < n; i++) {
        struct pp_arena source = {0};
        struct pp_profile p = tiny_profile(&source, samples[i]);
        assert_true(i == 0 || merge_takes(m, &p));
        merge_keys_make(&p, &keys, &source);
        merge_add(m, &p, with_keys ? &keys : NULL);
        pp_arena_done(&source);
    }
    assert_int_equal(merge_has_zeros(m), zeros);
    assert_true(merge_close(m, &one_by_one, &err));
    assert_true(profile_combine(sources, n, &all, &a, &err));
    struct pp_str want = profile_bytes(&all, &a);
    assert_str_bytes(profile_bytes(&one_by_one, &a), want.data, want.len);
    pp_arena_done(&streamed);
    pp_arena_done(&a);
}

static void check(const char *const *samples, size_t n, bool zeros) {
    check_streamed(samples, n, zeros, false);
    check_streamed(samples, n, zeros, true);
}

static struct known_key key_of_first(const struct pp_profile *p, struct pp_arena *a) {
    struct merge_keys keys;
    merge_keys_make(p, &keys, a);
    return keys.stacks[0];
}

/* Two stacks have one key if, and only if, merging makes one of them. */
static void keys_tell_what_merging_does(void **state) {
    (void)state;
    static const char *const stacks[] = {
        "-",     "a",       "b",     "a@f",       "a+b",       "b+a",     "a;b",   "b;a",
        "a;b;c", "a;b;c;d", "[m]",   "[m]a",      "[m]a+b",    "[n]a",    "[]a",   "a;[m]b",
        "a;a",   "ab",      "a;b@f", "[m]a;[n]b", "[m]a;[m]b", "a;b;c;e", "a+b;c", "a;b+c",
    };
    enum { N = sizeof stacks / sizeof *stacks };
    for (size_t i = 0; i < N * N; i++) {
        struct pp_arena arena = {0};
        const struct pp_profile both[] = {
            tiny_profile(&arena, pp_arena_printf(&arena, "%s 1\n", stacks[i / N]).data),
            tiny_profile(&arena, pp_arena_printf(&arena, "%s 1\n", stacks[i % N]).data)};
        struct pp_profile merged;
        struct pp_error err;
        assert_true(profile_merge(both, 2, &merged, &arena, &err));
        struct known_key a = key_of_first(&both[0], &arena), b = key_of_first(&both[1], &arena);
        bool same = a.a == b.a && a.b == b.b;
        assert_int_equal(same, merged.n_stacks == 1);
        pp_arena_done(&arena);
    }
}

static void keys_are_of_the_mappings_they_were_made_of(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile p = tiny_profile(&a, "[m]a 1\n"), moved = p, none = tiny_profile(&a, "a 1\n");
    struct merge_keys keys;
    struct pp_mapping mapping = p.mappings[0];
    merge_keys_make(&p, &keys, &a);
    moved.mappings = &mapping;
    mapping.start += 0x1000;
    mapping.limit += 0x1000;
    assert_true(merge_keys_hold(&keys, &moved));
    mapping.build_id = p.functions[0].name;
    assert_false(merge_keys_hold(&keys, &moved));
    moved.n_mappings = 0;
    assert_false(merge_keys_hold(&keys, &moved));
    merge_keys_make(&none, &keys, &a);
    none.mappings = &mapping;
    none.n_mappings = 1;
    assert_true(merge_keys_hold(&keys, &none)); /* as finding binaries does */
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
    merge_add(m, &p, NULL);
    assert_false(merge_takes(m, &other));
    merge_give_up(m);
    merge_give_up(NULL);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_tell_what_merging_does),
        cmocka_unit_test(keys_are_of_the_mappings_they_were_made_of),
        cmocka_unit_test(gives_the_same),
        cmocka_unit_test(drops_what_sums_up_to_nothing),
        cmocka_unit_test(tells_who_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
