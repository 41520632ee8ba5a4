/* Ordinals that shifted. Compilers number closures and lambdas in the order of the source, so that
 * one more moves those that follow: "func2" of the base is "func3" now. Their order stays. */
#ifndef GATE_NUMBERING_H
#define GATE_NUMBERING_H

#include "gate/gate_table.h"

/* Gives what the base's runs call by other numbers the rows of the new runs. True: it did, and what
 * was summed by row is to be summed again. Needs the sums of `cum`. */
bool gate_renumber(struct gate_table *t);

#endif
