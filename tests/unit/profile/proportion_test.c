/* Names and inlined calls that a small file repeats without end. */
#include "test.h"

#include "profile/view/view.h"

#include <stdlib.h>

/* A name of `len` bytes for a location of `calls` inlined calls, `frames` times on one stack. */
static struct view_cuts cut(size_t len, uint32_t calls, uint32_t frames,
                            struct pp_profile *ret_view, struct pp_arena *a) {
    char *name = PP_NEW(a, char, len);
    memset(name, 'x', len);
    struct pp_profile p = {.n_strings = 2, .n_types = 1, .n_functions = 1, .n_locations = 1};
    p.strings = PP_NEW(a, struct pp_str, 2);
    p.strings[1] = (struct pp_str){name, len};
    p.functions = PP_NEW(a, struct pp_function, 1);
    p.functions->name = 1;
    p.lines = PP_NEW(a, struct pp_line_row, calls);
    p.n_lines = calls;
    p.locations = PP_NEW(a, struct pp_location, 1);
    *p.locations = (struct pp_location){.mapping = PP_NONE, .n_lines = PP_LINES(calls)};
    p.frames.wide = PP_NEW(a, uint32_t, frames);
    p.n_frames = frames;
    p.n_stacks = p.n_samples = p.n_label_sets = 1;
    p.stacks = PP_NEW(a, struct pp_stack, 1);
    p.stacks->len = frames;
    p.sample_types = PP_NEW(a, struct pp_value_type, 1);
    p.label_sets = PP_NEW(a, struct pp_label_set, 1);
    p.sample_stack = PP_NEW(a, uint32_t, 1);
    p.sample_labels = PP_NEW(a, uint32_t, 1);
    p.values = PP_NEW(a, int64_t, 1);
    struct view_cuts cuts;
    view_keep_in_proportion(&p, false, ret_view, &cuts, a);
    assert_int_equal(p.locations->n_lines, calls);
    assert_int_equal(p.strings[1].len, len);
    return cuts;
}

static void leaves_honest_profiles_alone(void **state) {
    (void)state;
    static const struct {
        size_t len;
        uint32_t calls, frames;
    } table[] = {
        {1024, 1, 1 << 20}, /* often, but short */
        {1 << 20, 1, 64},   /* long, but seldom */
        {30000, 2, 100},    {10, 128, 1 << 20}, {10, 5000, 8},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct pp_arena a = {0};
        struct pp_profile view;
        struct view_cuts cuts = cut(table[i].len, table[i].calls, table[i].frames, &view, &a);
        assert_int_equal(cuts.name, 0);
        assert_int_equal(cuts.calls, 0);
        assert_int_equal(view.strings[1].len, table[i].len);
        pp_arena_done(&a);
    }
}

static void cuts_names(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile view;
    struct view_cuts cuts = cut(1 << 20, 1, 1 << 14, &view, &a);
    assert_in_range(cuts.name, 1024, 64 << 10);
    assert_int_equal(view.strings[1].len, cuts.name + strlen("...#1"));
    assert_memory_equal(view.strings[1].data + cuts.name, "...#1", 5);
    cuts = cut(1 << 20, 1, 1 << 20, &view, &a);
    assert_int_equal(cuts.name, 1024 + 256); /* of 257 MB for each of 2^20 + 1 */
    pp_arena_done(&a);
}

/* What is written once stays whole; what stands at each sample does not. */
static void cuts_labels_alone(void **state) {
    (void)state;
    enum { LEN = 1 << 20, SAMPLES = 1 << 14 };
    struct pp_arena a = {0};
    char *name = PP_NEW(&a, char, LEN);
    memset(name, 'x', LEN);
    struct pp_str strings[] = {PP_STR(""), {name, LEN}, {name, LEN}};
    struct pp_function function = {.name = 1};
    struct pp_line_row line = {0};
    struct pp_location location = {.mapping = PP_NONE, .n_lines = 1};
    struct pp_label label = {.text = 2};
    struct pp_label_set set = {.n_text = 1};
    struct pp_profile p = {.n_strings = 3, .n_functions = 1, .n_locations = 1, .n_lines = 1};
    p.strings = strings;
    p.functions = &function;
    p.lines = &line;
    p.locations = &location;
    p.labels = &label;
    p.n_labels = 1;
    p.label_sets = &set;
    p.n_label_sets = 1;
    p.n_samples = SAMPLES;
    p.sample_labels = PP_NEW(&a, uint32_t, SAMPLES);
    struct pp_profile view;
    struct view_cuts cuts;
    view_keep_in_proportion(&p, true, &view, &cuts, &a);
    assert_in_range(cuts.name, 1024, 64 << 10);
    assert_int_equal(view.strings[1].len, LEN);
    assert_in_range(view.strings[2].len, 1024, 64 << 10);
    pp_arena_done(&a);
}

static void cuts_inlined_calls(void **state) {
    (void)state;
    struct pp_arena a = {0};
    struct pp_profile view;
    struct view_cuts cuts = cut(10, 10000, 10000, &view, &a);
    assert_in_range(cuts.calls, 128, 256);
    assert_int_equal(view.locations->n_lines, cuts.calls);
    assert_int_equal(view.locations->first_line, 0);
    pp_arena_done(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_honest_profiles_alone),
        cmocka_unit_test(cuts_names),
        cmocka_unit_test(cuts_labels_alone),
        cmocka_unit_test(cuts_inlined_calls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
