/* Text as rules of the gate. A rule's own text is the rule again. */
#include "world.h"

#include "gate/gate_rules.h"

#include <stdio.h>
#include <stdlib.h>

static void ask_amount(const struct gate_amount *amount) {
    static const char *const units[] = {"", "bytes", "nanoseconds", "count", "GCU"};
    double v;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        gate_amount_in(amount, pp_str_from(units[i]), &v);
}

static void check_again(const struct gate_rule *rule, struct pp_arena *arena) {
    struct gate_rules again;
    struct pp_error err = {0};
    if (!gate_rules_parse(rule->text, PP_STR("again"), &again, arena, &err) || again.n != 1 ||
        again.rules[0].scope != rule->scope || again.rules[0].cost != rule->cost ||
        again.rules[0].is_budget != rule->is_budget || again.rules[0].measure != rule->measure ||
        !pp_str_eq(again.rules[0].pattern, rule->pattern)) {
        fprintf(stderr, "'%.*s' is another rule: %s\n", PP_STR_ARG(rule->text), err.text);
        abort();
    }
    gate_rules_done(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct gate_rules rules;
    struct pp_error err = {0};
    const struct pp_str text = {(const char *)data, size};
    if (gate_rules_parse(text, PP_STR("input"), &rules, &arena, &err)) {
        for (uint32_t i = 0; i < rules.n; i++) {
            ask_amount(&rules.rules[i].limit);
            ask_amount(&rules.rules[i].floor);
            check_again(&rules.rules[i], &arena);
            gate_rule_needs_names(&rules.rules[i]);
        }
        gate_rules_done(&rules);
    }
    pp_arena_done(&arena);
    return 0;
}
