/* What a mistyped name may have meant. */
#ifndef DRIVER_NEAREST_H
#define DRIVER_NEAREST_H

#include "cpprof/str.h"

#include <stdbool.h>

/* The report or setting whose name is nearest, "" where none is near; with `flags` also those that
 * only the command line has: formats, and what is set at the start. */
struct pp_str nearest_name(struct pp_str name, bool flags);

#endif
