/* Function names made short for a drawing. */
#ifndef REPORT_SHORTEN_H
#define REPORT_SHORTEN_H

#include "base/arena.h"
#include "cpprof/str.h"

/* Without the import path of a Go package and its version, the package of a Java class, the
 * namespaces of a C++ method. Other names stay. The result is a part of `name`, or in `arena`. */
struct pp_str shorten_function(struct pp_str name, struct pp_arena *arena);

#endif
