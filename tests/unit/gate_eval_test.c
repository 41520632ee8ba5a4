#include "gate/gate_eval.h"

#include "report/baseline.h"
#include "report/gate_text.h"
#include "report/report.h"
#include "test.h"
#include "tiny_profile.h"

#include <math.h>

static struct pp_arena arena;
static struct gate_result result;
static struct gate_rules rules;
static struct pp_error err;

/* Tiny profiles have one type, cpu in ns, and no period: each sample is one count. So `times`
 * copies of a stack are as many lines. */
static struct pp_profile runs_of(const char *const *stacks, const int *times, int n) {
    struct out o;
    out_open_memory(&o);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < times[i]; j++)
            out_printf(&o, "%s 10\n", stacks[i]);
    struct pp_str text = pp_arena_copy(&arena, out_text(&o));
    out_close(&o, NULL);
    return tiny_profile(&arena, text.data);
}

static bool eval(const struct pp_profile *old, const struct pp_profile *new, const char *text) {
    static const uint32_t merged[2] = {1, 1};
    static const struct pp_str names[2] = {{"old", 3}, {"new", 3}};
    const struct pp_profile *profiles[2] = {old ? old : new, new};
    struct gate_input input = {profiles, names, merged, {old != NULL, 1}};
    struct graph_options paths = {0};
    gate_rules_done(&rules);
    assert_true(gate_rules_parse(pp_str_from(text), PP_STR("r"), &rules, &arena, &err));
    struct gate_request request = {&input, &rules, PP_STR("cpu"), &paths};
    return gate_eval(&request, &result, &arena, &err);
}

static const char *const stacks[] = {"f@a.go;main@m.go", "g@a.go;main@m.go",
                                     "h@b.go;f@a.go;main@m.go"};

static void finds_the_function(void **state) {
    (void)state;
    struct pp_profile old = runs_of(stacks, (int[]){1000, 1000, 1000}, 3);
    struct pp_profile new = runs_of(stacks, (int[]){1000, 1600, 500}, 3);
    assert_true(eval(&old, &new, gate_default_rules));
    assert_int_equal(result.n_rules, 2);
    assert_int_equal(result.n_broken, 1);
    assert_int_equal(result.n_findings, 3);
    assert_int_equal(result.findings[0].state, GATE_HOLDS);
    const struct gate_finding *g = &result.findings[1], *h = &result.findings[2];
    assert_int_equal(g->state, GATE_BROKEN);
    assert_str(g->subject, "g");
    assert_str(g->file, "a.go");
    assert_int_equal(g->line, 10);
    assert_int_equal(g->n_callers, 1);
    assert_str(gate_caller_text(g, 0, &arena), "main +6us");
    assert_str(gate_growth_text(g, &arena), "+60.0%");
    assert_true(g->at_least > 0.1 && g->at_least < 0.6 && g->p < 0.01);
    assert_int_equal(h->state, GATE_IMPROVED);
    assert_str(h->subject, "h");
}

static void same_is_same(void **state) {
    (void)state;
    struct pp_profile p = runs_of(stacks, (int[]){1000, 1000, 1000}, 3);
    assert_true(eval(&p, &p, gate_default_rules));
    assert_int_equal(result.n_broken, 0);
    assert_str(gate_sentence(&result, &arena), "gate holds: 2 rules, none broken");
}

static void flat_and_cum(void **state) {
    (void)state;
    struct pp_profile old = runs_of(stacks, (int[]){1000, 1000, 1000}, 3);
    struct pp_profile new = runs_of(stacks, (int[]){1000, 1000, 3000}, 3);
    assert_true(eval(&old, &new, "^f$ flat grows at most 10%"));
    assert_int_equal(result.findings[0].state, GATE_HOLDS);
    assert_true(eval(&old, &new, "^f$ cum grows at most 10%"));
    assert_int_equal(result.findings[0].state, GATE_BROKEN);
    assert_true(result.findings[0].answer.value[GATE_OLD] == 20000);
    assert_true(eval(&old, &new, "file ^b cum grows at most 10%; file ^a flat grows at most 10%"));
    assert_int_equal(result.findings[0].state, GATE_BROKEN);
    assert_int_equal(result.findings[1].state, GATE_HOLDS);
    assert_true(result.findings[1].answer.count[GATE_OLD] == 2000);
}

static void recursion_counts_once(void **state) {
    (void)state;
    const char *const deep[] = {"f@a.go;f@a.go;g@a.go;f@a.go;main@m.go"};
    struct pp_profile p = runs_of(deep, (int[]){100}, 1);
    assert_true(eval(&p, &p, "any function cum grows at most 10%; ^f$ cum at most 100% exact"));
    assert_int_equal(result.n_broken, 0);
    assert_true(result.findings[1].answer.value[GATE_NEW] == 1);
    struct gate_table t;
    static const uint32_t merged[2] = {1, 1};
    static const struct pp_str names[2] = {{"old", 3}, {"new", 3}};
    const struct pp_profile *both[2] = {&p, &p};
    struct gate_input input = {both, names, merged, {1, 1}};
    struct graph_options paths = {0};
    assert_true(gate_table_build(&t, &input, PP_STR("cpu"), &paths, &arena, &err));
    for (uint32_t i = 1; i < t.n_functions; i++)
        assert_true(t.cum[i].value[0] == 1000);
}

static void renamed_in_the_same_file(void **state) {
    (void)state;
    const char *const after[] = {"f2@a.go;main@m.go", "g@a.go;main@m.go",
                                 "h@b.go;f2@a.go;main@m.go"};
    struct pp_profile old = runs_of(stacks, (int[]){1000, 1000, 1000}, 3);
    struct pp_profile new = runs_of(after, (int[]){1010, 1000, 1000}, 3);
    assert_true(eval(&old, &new, "any function flat grows at most 10%"));
    assert_int_equal(result.n_broken, 0);
    assert_str(result.findings[0].subject, "f2");
    assert_str(result.findings[0].was, "f");
    new = runs_of(after, (int[]){1600, 1000, 1000}, 3);
    assert_true(eval(&old, &new, "any function flat grows at most 10%"));
    assert_int_equal(result.n_broken, 1);
    assert_str(result.findings[0].was, "f");
    assert_true(eval(&old, &new, "^f$ flat grows at most 10%"));
    assert_int_equal(result.findings[0].state, GATE_IMPOSSIBLE);
}

static void what_cannot_be_compared(void **state) {
    (void)state;
    struct pp_profile p = runs_of(stacks, (int[]){100, 100, 100}, 3),
                      none = tiny_profile(&arena, "");
    const char *const unnamed[] = {"[lib]"};
    struct pp_profile raw = runs_of(unnamed, (int[]){100}, 1);
    const struct {
        const struct pp_profile *old, *new;
        const char *rule, *why;
    } rows[] = {
        {NULL, &p, "total grows at most 5%", "there is no base"},
        {&none, &p, "total grows at most 5%", "the base is empty: old has no cpu"},
        {&p, &none, "total grows at most 5%", "the new profile is empty"},
        {&p, &p, "nothing cum grows at most 5%", "matches nothing, neither"},
        {NULL, &p, "nothing cum at most 5%", "matches nothing, in the profile"},
        {&p, &p, "total heap grows at most 5%", "has no sample type \"heap\""},
        {&p, &raw, "any function grows at most 5%", "no function names for 100%"},
        {&p, &p, "label k:v grows at most 5%", "matches nothing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(eval(rows[i].old, rows[i].new, rows[i].rule));
        assert_int_equal(result.n_impossible, 1);
        struct pp_str problem = result.findings[0].problem;
        if (!strstr(problem.data, rows[i].why)) fail_msg("%s", problem.data);
    }
    assert_true(eval(&p, &raw, "total grows at most 5%"));
    assert_int_equal(result.n_impossible, 0);
    assert_false(eval(NULL, &p, "total at most 5MB"));
    assert_int_equal(err.code, PP_E_USAGE);
}

static void floors_and_exactness(void **state) {
    (void)state;
    struct pp_profile old = runs_of(stacks, (int[]){1000, 1000, 1000}, 3);
    struct pp_profile new = runs_of(stacks, (int[]){1000, 2000, 1010}, 3);
    assert_true(eval(&old, &new, "^g$ grows at most 10% floor 20us"));
    assert_int_equal(result.n_broken, 0);
    assert_true(eval(&old, &new, "^g$ grows at most 10% floor 5us"));
    assert_int_equal(result.n_broken, 1);
    assert_true(eval(&old, &new, "^g$ grows at most 10% floor 50%"));
    assert_int_equal(result.n_broken, 0);
    assert_true(eval(&old, &new, "^h$ grows at most 0.5%"));
    assert_int_equal(result.findings[0].state, GATE_UNSURE);
    assert_true(eval(&old, &new, "^h$ grows at most 0.5% exact"));
    assert_int_equal(result.findings[0].state, GATE_BROKEN);
    assert_true(eval(&old, &new, "^h$ at most 10100ns exact; ^h$ at most 10099ns exact"));
    assert_int_equal(result.findings[0].state, GATE_HOLDS);
    assert_int_equal(result.findings[1].state, GATE_BROKEN);
}

static void packages(void **state) {
    (void)state;
    const struct {
        const char *function, *package;
    } rows[] = {
        {"encoding/json.(*Decoder).Decode", "encoding/json"},
        {"main.main.func1", "main"},
        {"github.com/a/b.v2/c.F[go.shape.int]", "github.com/a/b.v2/c"},
        {"ns::type<a::b>::f(x::y)", "ns::type<a::b>"},
        {"std::vector<int, std::allocator<int> >::operator[](unsigned long)",
         "std::vector<int, std::allocator<int> >"},
        {"(anonymous namespace)::f()", "(anonymous namespace)"},
        {"malloc", ""},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pp_str got = gate_package(pp_str_from(rows[i].function));
        if (!pp_str_eq(got, pp_str_from(rows[i].package)))
            fail_msg("%s: %.*s", rows[i].function, PP_STR_ARG(got));
    }
}

static void a_base_knows_its_runs(void **state) {
    (void)state;
    struct pp_profile p = runs_of(stacks, (int[]){10, 20, 30}, 3), base, again;
    const struct pp_profile *runs[3] = {&p, &p, &p};
    const struct pp_str names[3] = {{"a", 1}, {"b", 1}, {"c", 1}};
    struct report_runs three = {.profiles = runs, .names = names, .n = {0, 3}};
    struct graph_options paths = {0};
    assert_int_equal(baseline_runs(&p), 1);
    assert_true(baseline_make(&three, &paths, &base, &arena, &err));
    assert_int_equal(baseline_runs(&base), 3);
    assert_int_equal(base.time_nanos, 0);
    runs[0] = &base;
    three.n[1] = 2;
    assert_true(baseline_make(&three, &paths, &again, &arena, &err));
    assert_int_equal(baseline_runs(&again), 4);
    static const uint32_t merged[2] = {3, 1};
    const struct pp_profile *sides[2] = {&base, &p};
    struct gate_input input = {sides, names, merged, {1, 1}};
    struct gate_table t;
    assert_true(gate_table_build(&t, &input, PP_STR("cpu"), &paths, &arena, &err));
    assert_int_equal(t.n_runs, 4);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(t.total.value[i] - 600) < 1e-9);
}

static int done(void **state) {
    (void)state;
    gate_rules_done(&rules);
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_function),
        cmocka_unit_test(same_is_same),
        cmocka_unit_test(flat_and_cum),
        cmocka_unit_test(renamed_in_the_same_file),
        cmocka_unit_test(what_cannot_be_compared),
        cmocka_unit_test(floors_and_exactness),
        cmocka_unit_test(recursion_counts_once),
        cmocka_unit_test(packages),
        cmocka_unit_test(a_base_knows_its_runs),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
