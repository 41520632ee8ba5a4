/* From runs and rules to verdicts. */
#ifndef GATE_EVAL_H
#define GATE_EVAL_H

#include "gate/explain.h"
#include "gate/gate_rules.h"
#include "gate/gate_table.h"

enum gate_state {
    GATE_HOLDS,
    GATE_UNSURE, /* measured beyond the limit, but chance may do that; or hardly any counts */
    GATE_IMPROVED,
    GATE_BROKEN,
    GATE_IMPOSSIBLE, /* cannot compare */
};

/* What a rule says about one function, group or total. A rule about any function has a finding for
 * each that is broken or improved, and one for all others together. */
struct gate_finding {
    const struct gate_rule *rule;
    uint32_t rule_number; /* from 1 */
    enum gate_state state;
    struct pp_str subject; /* "main.f", "total", a pattern; "" is all others */
    struct pp_str was;     /* the name that it had in the base; or "" */
    struct pp_str with;    /* "judged together with ..."; or "" */
    struct pp_str file;    /* and line: the place to look at; "" and 0 where that is not known */
    int64_t line;
    const struct gate_table *table; /* NULL if impossible */
    struct gate_answer answer;
    double p;        /* after correction for functions and rules */
    double at_least; /* growth, or excess over the budget, that is sure at the rule's confidence */
    const char *sharper; /* of an unsure growth: what else would be sure ("cum share"), or NULL */
    double limit;        /* 0.1 of a growth; a budget in the table's unit, or a share */
    const struct gate_explanation *why; /* of a broken rule, or NULL */
    uint32_t n_tested, n_unsure;        /* functions, of "all others" */
    struct pp_str problem;              /* if impossible: one sentence */
};

struct gate_result {
    struct gate_finding *findings; /* by rule; within a rule the largest growth first */
    uint32_t n_findings;
    uint32_t n_rules, n_broken, n_impossible; /* rules */
    bool is_settled; /* a rule is broken, or each is sure to hold: more runs change nothing */
};

struct gate_request {
    const struct gate_input *input;
    const struct gate_rules *rules;
    struct pp_str type; /* where a rule names none */
    bool in_turns;      /* the first old run and the first new one are a pair, and so on */
    double share;       /* of 1 - confidence: what this look at the runs may use up (gate_look) */
};

/* Fails only for rules that make no sense for these profiles (PP_E_USAGE); what cannot be compared
 * is a finding. Lives in `arena`. */
bool gate_eval(const struct gate_request *request, struct gate_result *ret_result,
               struct pp_arena *arena, struct pp_error *err);

#endif
