/* Which functions of the new runs are which of the old ones, where names alone don't say. Every
 * function has its key (identity.h); what is left on one side only is paired by likeness of names,
 * callers and callees, by cost last of all. Pairs that are not sure become one group, which is
 * judged by its sum: growth can't hide behind a wrong pair. */
#ifndef GATE_PAIRING_H
#define GATE_PAIRING_H

#include "gate/gate_table.h"

enum gate_pair_kind {
    GATE_ALONE,
    GATE_RENAMED,  /* one old function, one new: of names that are alike, */
    GATE_REPLACED, /* or in the same place */
    GATE_ALIKE,    /* several could be each other */
    GATE_NUMBERED, /* closures that two compilers number in their own ways */
    GATE_MOVED     /* split, inlined, or no longer: the cost moved between a function and callers */
};

/* Groups of rows. A row in none leads itself. */
struct gate_pairs {
    uint32_t *leader;          /* by row */
    enum gate_pair_kind *kind; /* by leader */
};

/* By the cost to compare. Lives in `arena`. */
struct gate_pairs gate_pair(const struct gate_table *t, enum gate_cost cost,
                            struct pp_arena *arena);

#endif
