/* -preprofile over made-up profiles; tests/consumers compares it with Go's own tool. */
#include "profile/builder.h"
#include "report/report.h"
#include "test.h"

struct made {
    struct pp_arena arena;
    struct profile_builder b;
};

static void make(struct made *m, struct pp_str type, struct pp_str unit) {
    m->arena = (struct pp_arena){0};
    builder_init(&m->b, &m->arena);
    builder_add_type(&m->b, builder_string(&m->b, type), builder_string(&m->b, unit));
}

static uint32_t add_function(struct made *m, struct pp_str name, int64_t start) {
    struct pp_function f = {.start_line = start};
    f.name = f.system_name = builder_string(&m->b, name);
    return builder_add_function(&m->b, &f);
}

static uint32_t add_location(struct made *m, const struct pp_line *lines, uint32_t n) {
    uint32_t i = m->b.p.n_locations + 1U;
    struct pp_location l = {.address = 16U * i, .mapping = PP_NONE};
    return builder_add_location(&m->b, &l, lines, n);
}

static void add_sample(struct made *m, const uint32_t *stack, uint32_t n, int64_t value) {
    builder_add_sample(&m->b, builder_stack(&m->b, stack, n), 0, &value, 1);
}

static void expect(struct made *m, const char *want) {
    struct pp_profile p;
    struct pp_error err = {0};
    struct pp_diag diag = {0};
    assert_true(builder_finish(&m->b, &p, &err));
    struct report_ctx rc = {.profile = &p, .full = &p, .arena = &m->arena, .diag = &diag};
    struct out out;
    out_open_memory(&out);
    bool ok = preprofile_report.render(&rc, &out, &err);
    struct pp_str got = ok ? out_text(&out) : pp_str_from(err.text);
    if (ok ? !pp_str_eq(got, pp_str_from(want)) : !strstr(err.text, want))
        fail_msg("%.*s\n-- instead of\n%s", (int)got.len, got.data, want);
    assert_true(ok || out_text(&out).len == 0);
    out_close(&out, NULL);
    pp_arena_done(&m->arena);
}

static void only_the_innermost_calls(void **state) {
    (void)state;
    struct made m;
    make(&m, PP_STR("cpu"), PP_STR("nanoseconds"));
    uint32_t f = add_function(&m, PP_STR("f"), 10), g = add_function(&m, PP_STR("g"), 20);
    uint32_t h = add_function(&m, PP_STR("h"), 30), root = add_function(&m, PP_STR("root"), 1);
    uint32_t leaf = add_location(&m, (struct pp_line[]){{f, 11, 0}, {g, 25, 0}}, 2);
    uint32_t caller = add_location(&m, (struct pp_line[]){{h, 33, 0}}, 1);
    uint32_t outer = add_location(&m, (struct pp_line[]){{root, 2, 0}}, 1);
    add_sample(&m, (uint32_t[]){leaf, caller, outer}, 3, 5);
    add_sample(&m, (uint32_t[]){leaf, caller}, 2, 2);
    add_sample(&m, (uint32_t[]){leaf}, 1, 1);
    expect(&m, "GO PREPROFILE V1\ng\nf\n5 8\nh\ng\n3 7\n");
}

static void recursion_counts_once(void **state) {
    (void)state;
    struct made m;
    make(&m, PP_STR("samples"), PP_STR("count"));
    uint32_t f = add_function(&m, PP_STR("f"), 1), g = add_function(&m, PP_STR("g"), 1);
    const struct pp_line lines[] = {{f, 2, 0}, {g, 3, 0}, {f, 2, 0}, {g, 3, 0}};
    uint32_t l = add_location(&m, lines, 4);
    add_sample(&m, (uint32_t[]){l, l}, 2, 4);
    expect(&m, "GO PREPROFILE V1\nf\ng\n1 4\ng\nf\n2 4\n");
}

static void what_cancels_is_left_out(void **state) {
    (void)state;
    struct made m;
    make(&m, PP_STR("samples"), PP_STR("count"));
    uint32_t f = add_function(&m, PP_STR("f"), 1), g = add_function(&m, PP_STR("g"), 1);
    uint32_t a = add_location(&m, (struct pp_line[]){{f, 2, 0}}, 1);
    uint32_t b = add_location(&m, (struct pp_line[]){{g, 3, 0}}, 1);
    uint32_t c = add_location(&m, (struct pp_line[]){{g, 4, 0}}, 1);
    add_sample(&m, (uint32_t[]){a, b}, 2, 4);
    add_sample(&m, (uint32_t[]){c, b}, 2, -4);
    add_sample(&m, (uint32_t[]){b, c}, 2, 0);
    expect(&m, "GO PREPROFILE V1\n");
}

static void a_name_is_one_line(void **state) {
    (void)state;
    struct made m;
    make(&m, PP_STR("samples"), PP_STR("count"));
    uint32_t f = add_function(&m, PP_STR("f"), 1), g = add_function(&m, PP_STR("g\nf\n1 9"), 1);
    uint32_t a = add_location(&m, (struct pp_line[]){{f, 2, 0}}, 1);
    uint32_t b = add_location(&m, (struct pp_line[]){{g, 3, 0}}, 1);
    add_sample(&m, (uint32_t[]){a, b}, 2, 4);
    expect(&m, "GO PREPROFILE V1\n");
}

static void says_what_is_missing(void **state) {
    (void)state;
    struct made m;
    make(&m, PP_STR("alloc_space"), PP_STR("bytes"));
    uint32_t f = add_function(&m, PP_STR("f"), 1);
    uint32_t a = add_location(&m, (struct pp_line[]){{f, 2, 0}}, 1);
    add_sample(&m, (uint32_t[]){a, a}, 2, 4);
    expect(&m, "no CPU profile");
    make(&m, PP_STR("samples"), PP_STR("count"));
    f = add_function(&m, PP_STR("f"), 0);
    a = add_location(&m, (struct pp_line[]){{f, 2, 0}}, 1);
    add_sample(&m, (uint32_t[]){a, a}, 2, 4);
    expect(&m, "on which line it starts");
    make(&m, PP_STR("samples"), PP_STR("count"));
    expect(&m, "GO PREPROFILE V1\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_innermost_calls), cmocka_unit_test(recursion_counts_once),
        cmocka_unit_test(what_cancels_is_left_out), cmocka_unit_test(a_name_is_one_line),
        cmocka_unit_test(says_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
