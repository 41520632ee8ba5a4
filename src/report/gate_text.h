/* The gate's sentences. */
#ifndef REPORT_GATE_TEXT_H
#define REPORT_GATE_TEXT_H

#include "base/out.h"
#include "gate/gate_eval.h"

/* "holds", "unsure", "improved", "broken", "cannot compare". */
const char *gate_state_name(enum gate_state state);

/* "main.f cum": the subject and what of it is compared. */
struct pp_str gate_who(const struct gate_finding *f, struct pp_arena *arena);

/* "at least 28.0% at 99% confidence", why nothing is sure, or "". */
struct pp_str gate_how_sure(const struct gate_finding *f, struct pp_arena *arena);

/* A value of the finding's measure: "1.20s", "12.3%". */
struct pp_str gate_value_text(const struct gate_finding *f, double value, struct pp_arena *arena);

/* "+41.2%", "-3.0%", "new". */
struct pp_str gate_growth_text(const struct gate_finding *f, struct pp_arena *arena);

/* One sentence about a finding, without its place: what, by how much, how sure. */
struct pp_str gate_message(const struct gate_finding *f, struct pp_arena *arena);

/* One line about all of it: the last line of the report. */
struct pp_str gate_sentence(const struct gate_result *r, struct pp_arena *arena);

/* Where a broken rule's growth came from, in words; "" and nothing where that is not known. */
struct gate_why_text {
    struct pp_str
        itself; /* "itself +900ms": what is not its callees'; "" where they brought nothing */
    struct pp_str place;              /* "heavy.go:20 (61%), :21 (30%)" */
    struct pp_str path;               /* "main.main > main.serve > main.f" */
    struct pp_str cause;              /* "it costs more whoever calls it" */
    struct pp_str *callers, *callees; /* "main.serve +171.60ms": what brought most */
    uint32_t n_callers, n_callees;
};

struct gate_why_text gate_why(const struct gate_finding *f, struct pp_arena *arena);

/* All of it but the place, in the order in which it is told: "called by " and a text, which may be
 * "". */
void gate_why_each(const struct gate_why_text *why,
                   void (*put)(struct out *o, const char *what, struct pp_str text), struct out *o);

#endif
