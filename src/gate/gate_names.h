/* The functions of a table of costs: names to rows. */
#ifndef GATE_NAMES_H
#define GATE_NAMES_H

#include "gate/gate_table.h"

/* Sets the table's functions and rows, by its input. Functions are one if their keys (identity.h)
 * are, or their names if these are asked for; what has one key in several files of a side is told
 * apart by file, and what has no name by its place. */
void gate_name_functions(struct gate_table *t);

#endif
