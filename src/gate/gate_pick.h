/* What a rule is about: the functions, groups or totals to test. */
#ifndef GATE_PICK_H
#define GATE_PICK_H

#include "gate/gate_rules.h"
#include "gate/pairing.h"

struct gate_subject {
    struct pp_str name, was; /* was: its name in the base, if it looks renamed */
    uint32_t row;            /* the function to show; 0: none */
    bool is_paired;          /* by likeness or order, not by its key */
    struct gate_series series;
    struct pp_str with; /* "judged together with ...", if pairing was not sure; or "" */
};

struct gate_picked {
    struct gate_subject *at;
    uint32_t n;
    struct pp_str problem; /* why the rule says nothing about these profiles, or "" */
};

/* Of a rule about any function: those that may grow by `floor` or more. Functions that the pairs,
 * which are of the rule's cost, take for one are one subject. Lives in `arena`. */
struct gate_picked gate_pick(const struct gate_table *t, const struct gate_rule *rule,
                             const struct gate_pairs *pairs, double floor, struct pp_arena *arena);

#endif
