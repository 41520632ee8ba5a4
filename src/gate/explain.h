/* Where a function's growth came from: who called it, what it calls, which lines, and the one path
 * that brought most of it. */
#ifndef GATE_EXPLAIN_H
#define GATE_EXPLAIN_H

#include "gate/pairing.h"

/* A neighbour's part of the cost. */
struct gate_part {
    uint32_t function; /* or 0: there is none (a root), or it has no name */
    double value[2];   /* per run, of each side */
};

struct gate_line {
    int64_t line;
    double share; /* of the function's new cost */
};

enum gate_cause {
    GATE_CAUSE_UNKNOWN, /* one caller, or each by its own: a profile counts no calls */
    GATE_CAUSE_ITSELF,  /* it costs more whoever calls it */
    GATE_CAUSE_CALLER,  /* one caller brought it, though others call it too */
    GATE_CAUSE_NEW_CALL /* a caller that did not call it before */
};

struct gate_explanation {
    struct gate_part all, itself;        /* the function; what ends in it, not in what it calls */
    struct gate_part *callers, *callees; /* by growth, largest first */
    uint32_t n_callers, n_callees;
    struct gate_line *lines; /* of the new runs, most expensive first */
    uint32_t n_lines;
    uint32_t *path; /* root first: each calls the next, and brought most of the growth */
    uint32_t n_path;
    enum gate_cause cause;
};

/* Of the samples that are `cost` of the function. What pairs take for one is one here, too, so that
 * a rename brings nothing: by cost, needed are those of `cost`, and of GATE_CUM, which callers have
 * even where they cost nothing themselves. Lives in `arena`. */
struct gate_explanation gate_explain(const struct gate_table *t,
                                     const struct gate_pairs pairs[GATE_COSTS], uint32_t function,
                                     enum gate_cost cost, struct pp_arena *arena);

double gate_part_growth(const struct gate_part *part);

#endif
