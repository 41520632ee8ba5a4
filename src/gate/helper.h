/* Functions that a compiler or a runtime put into others: what they cost belongs to the function
 * around them ("self" of docs/gate.md). */
#ifndef GATE_HELPER_H
#define GATE_HELPER_H

#include "cpprof/str.h"

#include <stdbool.h>

bool gate_is_helper(struct pp_str function);

#endif
