#include "gate/gate_rules.h"

#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct pp_arena arena;
static struct gate_rules rules;
static struct pp_error err;

static bool parse(const char *text) {
    gate_rules_done(&rules);
    return gate_rules_parse(pp_str_from(text), PP_STR("r"), &rules, &arena, &err);
}

static void refuse(const char *text, const char *message) {
    if (parse(text)) fail_msg("%s was accepted", text);
    if (!strstr(err.text, message)) fail_msg("%s: %s", text, err.text);
    assert_int_equal(err.code, PP_E_USAGE);
}

static void reads_every_part(void **state) {
    (void)state;
    assert_true(parse(
        "# a comment\n\n"
        "total grows at most 5%   # and another\n"
        "any function cum grows by at most 12.5% floor 10ms confidence 95%\n"
        "package ^enc/json$ share alloc_space grows at most 3% noise 2%\n"
        "label \"thread:^a b;#$\" absolute at most 64MB exact; runtime.mallocgc cum at most 20%"));
    assert_int_equal(rules.n, 5);
    const struct gate_rule *r = rules.rules;
    assert_int_equal(r[0].scope, GATE_TOTAL);
    assert_true(!r[0].is_budget && fabs(r[0].limit.number - 0.05) < 1e-15);
    assert_true(r[0].confidence == 0.99 && r[0].noise < 0 && r[0].line == 3);
    assert_str(r[0].text, "total grows at most 5%");
    assert_int_equal(r[1].scope, GATE_ANY);
    assert_true(r[1].cost == GATE_CUM && r[1].limit.number == 0.125 && r[1].confidence == 0.95);
    assert_true(r[1].floor.number == 10 && !r[1].floor.is_share);
    assert_str(r[1].floor.unit, "ms");
    assert_int_equal(r[2].measure, GATE_SHARE);
    assert_str(r[2].type, "alloc_space");
    assert_true(fabs(r[2].noise - 0.02) < 1e-15);
    assert_int_equal(r[3].scope, GATE_LABEL);
    assert_str(r[3].key, "thread");
    assert_str(r[3].pattern, "^a b;#$");
    assert_true(r[3].is_budget && r[3].exact && r[3].measure == GATE_SUM);
    assert_int_equal(r[4].scope, GATE_FUNCTION);
    assert_true(r[4].is_budget && r[4].measure == GATE_SHARE && r[4].cost == GATE_CUM);
    assert_true(gate_rule_needs_names(&r[4]) && !gate_rule_needs_names(&r[3]));
}

static void names_what_is_wrong(void **state) {
    (void)state;
    refuse("", "no rule");
    refuse("# nothing\n", "no rule");
    refuse("total", "grows at most");
    refuse("total grows", "expected \"at most\", as in \"total grows at most 5%\", at the end");
    refuse("total grows 5%", "as in \"total grows at most 5%\", at \"5%\"");
    refuse("total grows at most", "an amount");
    refuse("total grows at most five", "an amount at \"five\"");
    refuse("total grows at most nan%", "an amount");
    refuse("total grows at most -5%", "an amount");
    refuse("total grows at most 5ms", "per cent");
    refuse("\n\ntotal grows at most 5% soon", "r:3: expected \"floor\"");
    refuse("any package grows at most 5%", "\"function\" after \"any\"");
    refuse("function ( grows at most 5%", "r:1:");
    refuse("function", "function's name");
    refuse("label thread grows at most 5%", "KEY:REGEX");
    refuse("total share at most 5MB", "a share is limited in per cent");
    refuse("total per-run at most 5%", "a share is limited in per cent");
    refuse("f at most 5MB floor 1MB", "a budget has no floor");
    refuse("total grows at most 5% confidence 5%", "out of range");
    refuse("total grows at most 5% confidence 100%", "out of range");
    refuse("\"f grows at most 5%", "quotation mark");
    refuse("total cpu heap grows at most 5%", "grows at most");
}

static void default_rules_are_rules(void **state) {
    (void)state;
    assert_true(parse(gate_default_rules));
    assert_int_equal(rules.n, 2);
}

static void amounts_in_units(void **state) {
    (void)state;
    double v;
    assert_true(parse("total at most 1.5ms"));
    assert_true(gate_amount_in(&rules.rules[0].limit, PP_STR("nanoseconds"), &v) && v == 1.5e6);
    assert_false(gate_amount_in(&rules.rules[0].limit, PP_STR("bytes"), &v));
    assert_true(parse("total at most 64MB"));
    assert_true(gate_amount_in(&rules.rules[0].limit, PP_STR("bytes"), &v) && v == 64 << 20);
    assert_true(parse("total at most 12"));
    assert_true(gate_amount_in(&rules.rules[0].limit, PP_STR("count"), &v) && v == 12);
}

/* A million rules, a rule of a million words, a word of a million letters: refused, and quickly. */
static void has_limits(void **state) {
    (void)state;
    enum { N = 1000000 };
    char *text = malloc(N + 1);
    for (int kind = 0; kind < 3; kind++) {
        static const char *const parts[] = {"f at most 1;", "x ", "x"};
        size_t len = strlen(parts[kind]);
        for (size_t i = 0; i < N; i++)
            text[i] = parts[kind][i % len];
        text[N] = '\0';
        if (kind == 1) memcpy(text, "f at most 1 exact ", 18);
        for (size_t i = 18; kind == 1 && i + 6 <= N; i += 6)
            memcpy(text + i, "exact ", 6);
        assert_false(parse(text));
    }
    free(text);
}

static int done(void **state) {
    (void)state;
    gate_rules_done(&rules);
    pp_arena_done(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_part),
        cmocka_unit_test(names_what_is_wrong),
        cmocka_unit_test(default_rules_are_rules),
        cmocka_unit_test(amounts_in_units),
        cmocka_unit_test(has_limits),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
