/* Command lines for common jobs: what the help and the manual page show. */
#ifndef DRIVER_EXAMPLES_H
#define DRIVER_EXAMPLES_H

#include "cpprof/str.h"

struct example {
    char command[96], what[64];
    bool is_first; /* among those that -help begins with; these come first in the table */
};

extern const struct example example_table[]; /* ends with an empty command */

/* Whether the report or flag of this name stands in it. */
bool example_uses(const struct example *e, struct pp_str name);

#endif
