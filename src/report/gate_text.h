/* The gate's sentences. */
#ifndef REPORT_GATE_TEXT_H
#define REPORT_GATE_TEXT_H

#include "gate/gate_eval.h"

/* "holds", "unsure", "improved", "broken", "cannot compare". */
const char *gate_state_name(enum gate_state state);

/* "main.f", "main.g (was main.f)", "any function". */
struct pp_str gate_subject_text(const struct gate_finding *f, struct pp_arena *arena);

/* A value of the finding's measure: "1.20s", "12.3%". */
struct pp_str gate_value_text(const struct gate_finding *f, double value, struct pp_arena *arena);

/* "+41.2%", "-3.0%", "new". */
struct pp_str gate_growth_text(const struct gate_finding *f, struct pp_arena *arena);

/* One sentence about a finding, without its place: what, by how much, how sure. */
struct pp_str gate_message(const struct gate_finding *f, struct pp_arena *arena);

/* One line about all of it: the last line of the report. */
struct pp_str gate_sentence(const struct gate_result *r, struct pp_arena *arena);

/* Callers worth naming: those that brought a tenth of the growth or more, `most` of them. */
uint32_t gate_callers_worth(const struct gate_finding *f, uint32_t most);

struct pp_str gate_caller_text(const struct gate_finding *f, uint32_t i, struct pp_arena *arena);

#endif
