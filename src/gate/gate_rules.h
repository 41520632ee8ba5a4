/* The gate's rules: one a line (or several, separated by ';'), '#' starts a comment.
 *
 *     total grows at most 5%
 *     any function self grows at most 10% floor 1%
 *     function ^main\. cum grows at most 20% floor 10ms confidence 95%
 *     package ^encoding/json$ share grows at most 5%
 *     runtime.mallocgc cum at most 20%
 *     total inuse_space at most 64MB exact
 *
 * The whole grammar stands in docs/gate.md. A word in double quotes may hold blanks, ';' and '#'.
 */
#ifndef GATE_RULES_H
#define GATE_RULES_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "cpprof/str.h"
#include "gate/gate_stats.h"

struct regex;

enum gate_scope {
    GATE_TOTAL,
    GATE_ANY, /* each function by itself */
    GATE_FUNCTION,
    GATE_FILE,
    GATE_PACKAGE,
    GATE_LABEL,
};

struct gate_amount {
    double number;      /* 0.05 for 5% */
    bool is_share;      /* written with '%' */
    struct pp_str unit; /* "ms"; "" is the profile's own */
};

struct gate_rule {
    enum gate_scope scope;
    struct pp_str pattern, key; /* of functions, files ...; key: of labels */
    struct regex *regex;
    enum gate_cost cost;
    enum gate_measure measure;
    struct pp_str type; /* a sample type, or "": the one that the user chose */
    bool is_budget;
    struct gate_amount limit, floor;
    double confidence;  /* 0.99 */
    double noise;       /* assumed where runs do not show it; < 0: the default */
    bool exact;         /* the measured value counts as it is */
    struct pp_str text; /* as written, blanks made single */
    uint32_t line;
};

struct gate_rules {
    struct gate_rule *rules;
    uint32_t n;
};

#define GATE_CONFIDENCE 0.99

/* What holds when the user gives no rule. */
extern const char gate_default_rules[];

/* `source` names the text in messages: "perf.rules". Lives in `arena`, except the expressions,
 * which gate_rules_done frees; on failure there is nothing to free. */
bool gate_rules_parse(struct pp_str text, struct pp_str source, struct gate_rules *ret_rules,
                      struct pp_arena *arena, struct pp_error *err);
void gate_rules_done(struct gate_rules *rules);

/* The amount in `unit`, the profile's own; false when it is of another kind ("10ms" of bytes). */
bool gate_amount_in(const struct gate_amount *amount, struct pp_str unit, double *ret_value);

/* Whether the rule asks for names (and not only for sums). */
bool gate_rule_needs_names(const struct gate_rule *rule);

#endif
