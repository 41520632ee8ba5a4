#include "gate/gate_eval.h"

#include "gate/gate_package.h"
#include "profile/runs.h"
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
static bool exact_names;

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
    const struct graph_options paths = {0};
    struct gate_input input = {profiles, names,       merged, {old != NULL, 1},
                               NULL,     exact_names, &paths};
    gate_rules_done(&rules);
    assert_true(gate_rules_parse(pp_str_from(text), PP_STR("r"), &rules, &arena, &err));
    struct gate_request request = {&input, &rules, PP_STR("cpu"), false, 1};
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
    const struct gate_why_text why = gate_why(g, &arena);
    assert_int_equal(why.n_callers, 1);
    assert_str(why.callers[0], "main +6us");
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

static void units_differ(void **state) {
    (void)state;
    struct pp_profile fine = runs_of(stacks, (int[]){1, 1, 1}, 3);
    struct pp_profile coarse = runs_of(stacks, (int[]){1, 1, 1}, 3);
    coarse.strings[coarse.sample_types[0].unit] = PP_STR("us");
    assert_true(eval(&coarse, &fine, "total grows at most 10%"));
    assert_str(result.findings[0].table->unit, "ns");
    assert_true(result.findings[0].answer.value[GATE_OLD] == 30000);
    assert_true(result.findings[0].answer.value[GATE_NEW] == 30);
    assert_true(eval(&fine, &coarse, "total at most 29us exact"));
    assert_int_equal(result.findings[0].state, GATE_BROKEN);
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
    const struct graph_options paths = {0};
    struct gate_input input = {both, names, merged, {1, 1}, NULL, false, &paths};
    assert_true(gate_table_build(&t, &input, PP_STR("cpu"), &arena, &err));
    for (uint32_t i = 1; i < t.n_functions; i++)
        assert_true(t.by[GATE_CUM][i].value[0] == 1000);
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

/* Rows: two sides of one program, in counts; which state "any function" finds for whom. */
struct build {
    const char *stacks[4];
    int times[4];
};

static const struct gate_finding *worst(void) {
    const struct gate_finding *f = &result.findings[0];
    for (uint32_t i = 1; i < result.n_findings; i++)
        if (result.findings[i].state == GATE_BROKEN) f = &result.findings[i];
    return f;
}

static bool any_breaks(const struct build *old, const struct build *new) {
    int n[2] = {0};
    while (n[0] < 4 && old->stacks[n[0]])
        n[0]++;
    while (n[1] < 4 && new->stacks[n[1]])
        n[1]++;
    struct pp_profile a = runs_of(old->stacks, old->times, n[0]);
    struct pp_profile b = runs_of(new->stacks, new->times, n[1]);
    assert_true(eval(&a, &b, "any function grows at most 10% floor 1%"));
    return result.n_broken > 0;
}

/* What costs the same under other names does not break; no file names: folded stacks have none. */
static void same_code_other_names(void **state) {
    (void)state;
    static const struct {
        struct build old, new;
    } rows[] = {
        {{{"C$$Lambda$469/0x00007fb8a5acdd00.call;m", "g;m"}, {500, 500}},
         {{"C$$Lambda$31/0x00007f0a11223344.call;m", "g;m"}, {500, 500}}},
        {{{"GeneratedMethodAccessor12.invoke;m", "$Proxy7.get;m"}, {500, 500}},
         {{"GeneratedMethodAccessor3.invoke;m", "$Proxy21.get;m"}, {500, 500}}},
        {{{"parse.llvm.123456;m", "g;m"}, {500, 500}}, {{"parse.llvm.9;m", "g;m"}, {500, 500}}},
        {{{"parse;m", "g;m"}, {500, 500}},
         {{"parse.part.0;m", "parse;m", "parse.cold;m", "g;m"}, {200, 200, 100, 500}}},
        {{{"k::f::h0123456789abcdef;m", "g;m"}, {500, 500}},
         {{"k::f::hfedcba9876543210;m", "g;m"}, {500, 500}}},
        {{{"LazyCompile:*run a.js;m", "g;m"}, {500, 500}},
         {{"LazyCompile:~run a.js;m", "g;m"}, {500, 500}}},
        {{{"main.Map;m", "g;m"}, {500, 500}}, {{"main.Map[...];m", "g;m"}, {500, 500}}},
        /* a closure more in front: all numbers shift */
        {{{"main.run.func1;main.run", "main.run.func2;main.run", "g;m"}, {300, 500, 500}},
         {{"main.run.func2;main.run", "main.run.func3;main.run", "g;m"}, {300, 500, 500}}},
        {{{"main.run.func1;main.run", "g;m"}, {500, 500}},
         {{"main.run.gowrap1;main.run", "g;m"}, {500, 500}}},
        {{{"Outer$1.run;m", "Outer$2.run;m"}, {300, 600}},
         {{"Outer$2.run;m", "Outer$3.run;m"}, {300, 600}}},
        /* renamed packages, functions, files */
        {{{"old/pkg.Decode;m", "g;m"}, {500, 500}}, {{"new/pkg.Decode;m", "g;m"}, {500, 500}}},
        {{{"main.parse;m", "g;m"}, {500, 500}}, {{"main.parseAll;m", "g;m"}, {500, 500}}},
        {{{"f@a.c;m", "g;m"}, {500, 500}}, {{"f@b.c;m", "g;m"}, {500, 500}}},
        /* split in two; inlined away, into one caller, into two */
        {{{"f;m", "g;m"}, {600, 500}}, {{"f;m", "zig;f;m", "g;m"}, {300, 300, 500}}},
        {{{"zig;f;m", "f;m", "g;m"}, {300, 300, 500}}, {{"f;m", "g;m"}, {600, 500}}},
        {{{"zig;f;m", "zig;g;m", "f;m", "g;m"}, {300, 300, 300, 300}},
         {{"f;m", "g;m"}, {600, 600}}},
        {{{"zag;zig;f;m", "zig;f;m", "f;m", "g;m"}, {200, 200, 300, 300}},
         {{"f;m", "g;m"}, {700, 300}}},
        /* the first of a family has no number */
        {{{"f()::'lambda'()::x;m", "f()::'lambda0'()::x;m", "g;m"}, {300, 600, 500}},
         {{"f()::'lambda0'()::x;m", "f()::'lambda1'()::x;m", "g;m"}, {300, 600, 500}}},
        /* several merged into one, one replaced by several, under names that say nothing */
        {{{"zig;m", "zag;m", "quux;m", "g;m"}, {300, 300, 300, 500}},
         {{"all;m", "g;m"}, {900, 500}}},
        {{{"zig;m", "zag;m", "quux;m", "g;m"}, {200, 200, 500, 500}},
         {{"all;m", "g;m"}, {900, 500}}},
        {{{"all;m", "g;m"}, {900, 500}},
         {{"zig;m", "zag;m", "quux;m", "g;m"}, {300, 300, 300, 500}}},
        /* a chain of renames: each is known by who calls it, once that is known */
        {{{"lex;scan;load;m", "scan;load;m", "load;m", "g;m"}, {400, 300, 200, 500}},
         {{"word;walk;open;m", "walk;open;m", "open;m", "g;m"}, {400, 300, 200, 500}}},
        /* files and lambdas moved, lines shifted */
        {{{"help@a.c;m", "help@b.c;m"}, {300, 500}}, {{"help@a.c;m", "help@c.c;m"}, {300, 500}}},
        {{{"run(app.js:3:1);m", "stop(app.js:9:1);m"}, {300, 500}},
         {{"run(app.js:5:1);m", "stop(app.js:11:1);m"}, {300, 500}}},
        {{{"<lambda>(m.py:3);m", "<lambda>(m.py:9);m"}, {300, 500}},
         {{"<lambda>(m.py:4);m", "<lambda>(m.py:10);m"}, {300, 500}}},
        {{{"io.Writer.print__anon_2345;m", "g;m"}, {500, 500}},
         {{"io.Writer.print__anon_77;m", "g;m"}, {500, 500}}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (any_breaks(&rows[i].old, &rows[i].new))
            fail_msg("row %zu: %s", i, gate_message(worst(), &arena).data);
}

static void growth_under_other_names(void **state) {
    (void)state;
    static const struct {
        struct build old, new;
        const char *who;
    } rows[] = {
        /* swapped costs: each is who its name says */
        {{{"main.run.func1@m.go;main.run@m.go", "main.run.func2@m.go;main.run@m.go"}, {300, 500}},
         {{"main.run.func1@m.go;main.run@m.go", "main.run.func2@m.go;main.run@m.go"}, {500, 300}},
         "main.run.func1"},
        {{{"main.glob..func1@m.go;m", "main.glob..func2@m.go;m"}, {300, 500}},
         {{"main.init.func1@m.go;m", "main.init.func2@m.go;m"}, {500, 300}},
         "main.init.func1"},
        {{{"k::f::h0123456789abcdef;m", "k::g::h0123456789abcdef;m"}, {300, 500}},
         {{"k::f::hfedcba9876543210;m", "k::g::hfedcba9876543210;m"}, {500, 300}},
         "k::f::hfedcba9876543210"},
        {{{"old/pkg.Encode;m", "old/pkg.Decode;m"}, {300, 500}},
         {{"new/pkg.Encode;m", "new/pkg.Decode;m"}, {500, 300}},
         "new/pkg.Encode"},
        /* renamed and doubled, and more */
        {{{"main.parse@p.go;m", "g;m"}, {300, 500}},
         {{"main.parseAll@p.go;m", "g;m"}, {900, 500}},
         "main.parseAll"},
        /* shifted numbers, and growth beyond them */
        {{{"main.run.func1;main.run", "main.run.func2;main.run", "g;m"}, {300, 500, 500}},
         {{"main.run.func2;main.run", "main.run.func3;main.run", "g;m"}, {600, 600, 500}},
         "main.run.func2"},
        {{{"main.run.func1;main.run", "g;m"}, {500, 500}},
         {{"main.run.func1;main.run", "main.run.func2;main.run", "g;m"}, {500, 200, 500}},
         "main.run.func2"},
        /* split or inlined, and slower */
        {{{"f;m", "g;m"}, {600, 500}}, {{"f;m", "zig;f;m", "g;m"}, {300, 600, 500}}, "zig"},
        {{{"zig;f;m", "f;m", "g;m"}, {300, 300, 500}}, {{"f;m", "g;m"}, {900, 500}}, "f"},
        {{{"f;m", "g;m"}, {600, 500}}, {{"f;m", "zig;f;m", "g;m"}, {600, 300, 500}}, "zig"},
        /* swapped between files, and between lambdas of one name */
        {{{"help@a.c;m", "help@b.c;m"}, {300, 500}},
         {{"help@a.c;m", "help@b.c;m"}, {500, 300}},
         "help"},
        {{{"<lambda>(m.py:3);m", "<lambda>(m.py:9);m"}, {300, 500}},
         {{"<lambda>(m.py:3);m", "<lambda>(m.py:9);m"}, {500, 300}},
         "<lambda>(m.py:3)"},
        {{{"f()::'lambda'()::x;m", "f()::'lambda0'()::x;m", "g;m"}, {300, 500, 500}},
         {{"f()::'lambda'()::x;m", "f()::'lambda0'()::x;m", "g;m"}, {500, 300, 500}},
         "f()::'lambda'()::x"},
        {{{"P.<Main>b__0_1;m", "P.<Main>b__0_2;m", "g;m"}, {300, 500, 500}},
         {{"P.<Main>b__0_1;m", "P.<Main>b__0_2;m", "g;m"}, {500, 300, 500}},
         "P.<Main>b__0_1"},
        /* several merged, and slower; replaced by more than was lost */
        {{{"zig;m", "zag;m", "quux;m", "g;m"}, {300, 300, 300, 500}},
         {{"all;m", "g;m"}, {1400, 500}},
         "all"},
        {{{"zig;m", "g;m"}, {300, 500}}, {{"quux;m", "g;m"}, {900, 500}}, "quux"},
        /* renamed and doubled beside something else that is gone: the name tells */
        {{{"parse;m", "quux;m", "g;m"}, {300, 300, 500}},
         {{"parseAll;m", "g;m"}, {600, 500}},
         "parseAll"},
        /* a chain of renames, one of them slower */
        {{{"lex;scan;load;m", "scan;load;m", "load;m", "g;m"}, {400, 300, 200, 500}},
         {{"lexAll;scanAll;loadAll;m", "scanAll;loadAll;m", "loadAll;m", "g;m"},
          {900, 300, 200, 500}},
         "lexAll"},
        /* what the runtime put there is the function's own */
        {{{"f;m", "g;m", "runtime.asyncPreempt;f;m"}, {600, 1000, 200}},
         {{"f;m", "g;m", "runtime.asyncPreempt;f;m"}, {700, 1000, 500}},
         "f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!any_breaks(&rows[i].old, &rows[i].new)) fail_msg("row %zu holds", i);
        bool found = false;
        for (uint32_t k = 0; k < result.n_findings; k++)
            found |= result.findings[k].state == GATE_BROKEN &&
                     pp_str_eq(result.findings[k].subject, pp_str_from(rows[i].who));
        if (!found) fail_msg("row %zu: %s", i, gate_message(worst(), &arena).data);
    }
}

static void whole_names_on_request(void **state) {
    (void)state;
    static const char *const before[] = {"$Proxy7.get;m", "g;m"},
                             *after[] = {"$Proxy9.get;m", "g;m"};
    struct pp_profile old = runs_of(before, (int[]){500, 500}, 2);
    struct pp_profile new = runs_of(after, (int[]){500, 500}, 2);
    assert_true(eval(&old, &new, "^.Proxy7 grows at most 10%"));
    assert_int_equal(result.findings[0].state, GATE_HOLDS);
    exact_names = true;
    assert_true(eval(&old, &new, "^.Proxy7 grows at most 10%"));
    exact_names = false;
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
    assert_int_equal(profile_runs(&p), 1);
    assert_true(baseline_make(&three, &paths, &base, &arena, &err));
    assert_int_equal(profile_runs(&base), 3);
    assert_int_equal(base.time_nanos, 0);
    runs[0] = &base;
    three.n[1] = 2;
    assert_true(baseline_make(&three, &paths, &again, &arena, &err));
    assert_int_equal(profile_runs(&again), 4);
    static const uint32_t merged[2] = {3, 1};
    const struct pp_profile *sides[2] = {&base, &p};
    struct gate_input input = {sides, names, merged, {1, 1}, NULL, false, &paths};
    struct gate_table t;
    assert_true(gate_table_build(&t, &input, PP_STR("cpu"), &arena, &err));
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
        cmocka_unit_test(finds_the_function),     cmocka_unit_test(same_is_same),
        cmocka_unit_test(flat_and_cum),           cmocka_unit_test(renamed_in_the_same_file),
        cmocka_unit_test(same_code_other_names),  cmocka_unit_test(growth_under_other_names),
        cmocka_unit_test(whole_names_on_request), cmocka_unit_test(what_cannot_be_compared),
        cmocka_unit_test(floors_and_exactness),   cmocka_unit_test(units_differ),
        cmocka_unit_test(recursion_counts_once),  cmocka_unit_test(packages),
        cmocka_unit_test(a_base_knows_its_runs),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
