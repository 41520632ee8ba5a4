#include "profile/builder.h"

#include "test.h"

static struct profile_builder start(struct pp_arena *a) {
    struct profile_builder b;
    builder_init(&b, a);
    builder_add_type(&b, builder_string(&b, PP_STR("cpu")), builder_string(&b, PP_STR("ns")));
    struct pp_function f = {.name = builder_string(&b, PP_STR("f"))};
    builder_add_function(&b, &f);
    for (uint32_t i = 0; i < 3; i++) {
        struct pp_location l = {.mapping = PP_NONE};
        struct pp_line line = {.function = 0, .line = i};
        assert_int_equal(builder_add_location(&b, &l, &line, 1), i);
    }
    return b;
}

static void add_sample(struct profile_builder *b, uint32_t n_values) {
    const int64_t values[] = {7, 8, 9};
    const uint32_t frames[] = {0, 1};
    builder_add_sample(b, builder_stack(b, frames, 2), 0, values, n_values);
}

/* Most lines are a number in a few bits; any other one comes back as it was given, too. */
static void keeps_every_line(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    const struct pp_line lines[] = {
        {0, 0, 0},
        {0, PP_FAR_PLACE - 1, 0},
        {0, PP_FAR_PLACE, 0},
        {0, -1, 0},
        {0, 7, 3},
        {0, INT64_MAX, 1},
        {0, 8, 0},
        {0, INT64_MIN, -1},
    };
    enum { N = sizeof lines / sizeof *lines };
    struct pp_location l = {.mapping = PP_NONE};
    uint32_t at = builder_add_location(&b, &l, lines, N);
    for (uint32_t i = 0; i < N; i++) {
        struct pp_line have = pp_line_at(&b.p, b.p.locations[at].first_line + i);
        assert_true(have.line == lines[i].line && have.column == lines[i].column);
    }
    assert_int_equal(b.p.n_places, 5);
    builder_done(&b);
    pp_arena_done(&a);
}

/* Only ids that are not 1, 2, 3 and so on take a column. */
static void keeps_ids(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    builder_set_location_id(&b, 3);
    assert_null(b.p.location_ids);
    assert_null(b.p.function_ids);
    const struct pp_location l = {.mapping = PP_NONE};
    const uint64_t ids[] = {4, 77, 6, UINT64_MAX};
    for (uint32_t i = 0; i < 4; i++) {
        builder_add_location(&b, &l, NULL, 0);
        builder_set_location_id(&b, ids[i]);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(pp_id(b.p.location_ids, i), i + 1);
    for (uint32_t i = 0; i < 4; i++)
        assert_true(pp_id(b.p.location_ids, 3 + i) == ids[i]);
    builder_add_location(&b, &l, NULL, 0);
    assert_int_equal(pp_id(b.p.location_ids, 7), 8);
    builder_set_function_id(&b, 5);
    assert_int_equal(pp_id(b.p.function_ids, 0), 5);
    builder_done(&b);
    pp_arena_done(&a);
}

static void interns_stacks(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    const uint32_t abc[] = {0, 1, 2}, acb[] = {0, 2, 1};
    uint32_t first = builder_stack(&b, abc, 3);
    assert_int_equal(builder_stack(&b, abc, 3), first);
    assert_true(builder_stack(&b, acb, 3) != first);
    assert_true(builder_stack(&b, abc, 2) != first);
    uint32_t none = builder_stack(&b, NULL, 0);
    assert_int_equal(builder_stack(&b, abc, 0), none);
    assert_int_equal(b.p.n_stacks, 4);
    builder_done(&b);
    pp_arena_done(&a);
}

/* Frames have 16 bits until one needs more, then 24, then 32; all stay what they were. */
static void widens_frames(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b;
    builder_init(&b, &a);
    const uint32_t stacks[][2] = {{0, UINT16_MAX},         {5, 6},
                                  {UINT16_MAX + 1, 5},     {0, PP_MOST_MIDDLE},
                                  {PP_MOST_MIDDLE + 1, 7}, {0, 20000000}};
    enum { N = sizeof stacks / sizeof *stacks };
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(builder_stack(&b, stacks[i], 2), i);
        assert_int_equal(builder_stack(&b, stacks[0], 2), 0);
        assert_int_equal(b.p.frames.narrow != NULL, i < 2);
        assert_int_equal(b.p.frames.middle != NULL, i >= 2 && i < 4);
        assert_int_equal(b.p.frames.wide != NULL, i >= 4);
    }
    for (uint32_t i = 0; i < N; i++) {
        assert_int_equal(builder_stack(&b, stacks[i], 2), i);
        assert_int_equal(pp_frame(&b.p, 2 * i), stacks[i][0]);
        assert_int_equal(pp_frame(&b.p, 2 * i + 1), stacks[i][1]);
    }
    builder_done(&b);
    pp_arena_done(&a);
}

static void sorts_labels_and_evens_units(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    uint32_t key_a = builder_string(&b, PP_STR("a")), key_b = builder_string(&b, PP_STR("b"));
    uint32_t kb = builder_string(&b, PP_STR("kb"));
    struct pp_label labels[] = {{key_b, kb, 0}, {key_a, key_a, 0},   {key_a, kb, 0},
                                {key_b, kb, 5}, {key_a, PP_NONE, 3}, {key_b, PP_NONE, 4}};
    struct pp_label again[6];
    memcpy(again, labels, sizeof labels);
    uint32_t set = builder_label_set(&b, labels, 3, 3);
    assert_int_equal(builder_label_set(&b, again, 3, 3), set);
    assert_true(set != 0);
    const struct pp_label *l = b.p.labels + b.p.label_sets[set].first;
    assert_true(l[0].key == key_a && l[0].text == key_a);
    assert_true(l[1].key == key_a && l[1].text == kb);
    assert_true(l[2].key == key_b);
    assert_true(l[3].key == key_a && l[3].num == 3 && l[3].text == PP_NONE);
    assert_true(l[4].key == key_b && l[4].num == 5 && l[4].text == kb);
    assert_true(l[5].key == key_b && l[5].num == 4 && l[5].text == 0);
    assert_int_equal(builder_label_set(&b, NULL, 0, 0), 0);
    builder_done(&b);
    pp_arena_done(&a);
}

static void sorts_many_labels_stably(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    uint32_t keys[5];
    for (size_t i = 0; i < 5; i++)
        keys[i] = builder_string(&b, pp_arena_printf(&a, "key %zu", 4 - i));
    enum { N = 1000 };
    struct pp_label *labels = PP_NEW(&a, struct pp_label, N);
    for (uint32_t i = 0; i < N; i++)
        labels[i] = (struct pp_label){keys[i % 5], PP_NONE, i};
    uint32_t set = builder_label_set(&b, labels, 0, N);
    const struct pp_label *l = b.p.labels + b.p.label_sets[set].first;
    for (uint32_t i = 1; i < N; i++) {
        int c = pp_str_cmp(builder_text(&b, l[i - 1].key), builder_text(&b, l[i].key));
        assert_true(c < 0 || (c == 0 && l[i - 1].num < l[i].num));
    }
    builder_done(&b);
    pp_arena_done(&a);
}

static void hands_over_a_checked_profile(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    for (int i = 0; i < 1000; i++)
        add_sample(&b, 1);
    struct pp_profile p;
    assert_true(builder_finish(&b, &p, NULL));
    assert_int_equal(p.n_samples, 1000);
    assert_int_equal(p.n_stacks, 1);
    assert_int_equal(pp_value(&p, 999, 0), 7);
    assert_str(pp_string(&p, 0), "");
    assert_str(pp_string(&p, p.functions[p.lines[0].function].name), "f");
    pp_arena_done(&a);
}

static void expect_failure(struct profile_builder *b, const char *text) {
    struct pp_profile p = {.n_samples = 12345};
    struct pp_error err = {0};
    assert_false(builder_finish(b, &p, &err));
    assert_int_equal(p.n_samples, 12345); /* untouched */
    assert_int_equal(err.code, PP_E_FORMAT);
    if (!strstr(err.text, text)) fail_msg("%s: no \"%s\"", err.text, text);
}

static void refuses_invalid_profiles(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct profile_builder b = start(&a);
    add_sample(&b, 1);
    add_sample(&b, 2);
    expect_failure(&b, "sample 2");
    b = start(&a);
    add_sample(&b, 3);
    expect_failure(&b, "3 values");
    b = start(&a);
    builder_add_location(&b, &(struct pp_location){.mapping = PP_NONE}, NULL, 0);
    builder_set_location_id(&b, 2);
    expect_failure(&b, "id 2");
    b = start(&a);
    builder_add_function(&b, &(struct pp_function){0});
    builder_set_function_id(&b, 0);
    expect_failure(&b, "id 0");
    b = start(&a);
    builder_add_mapping(&b, &(struct pp_mapping){.id = 4});
    builder_add_mapping(&b, &(struct pp_mapping){.id = 4});
    expect_failure(&b, "mappings");
    b = start(&a);
    struct pp_line line = {.function = PP_NONE};
    builder_add_location(&b, &(struct pp_location){.mapping = PP_NONE}, &line, 1);
    builder_set_location_id(&b, 9);
    expect_failure(&b, "location 9");
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_ids),
        cmocka_unit_test(interns_stacks),
        cmocka_unit_test(sorts_labels_and_evens_units),
        cmocka_unit_test(widens_frames),
        cmocka_unit_test(sorts_many_labels_stably),
        cmocka_unit_test(hands_over_a_checked_profile),
        cmocka_unit_test(refuses_invalid_profiles),
        cmocka_unit_test(keeps_every_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
