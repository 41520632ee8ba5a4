/* Command lines for common jobs: what the help and the manual page show. */
#ifndef DRIVER_EXAMPLES_H
#define DRIVER_EXAMPLES_H

#include "cpprof/str.h"

struct example {
    const char *command, *what;
    bool is_first; /* among those that -help begins with; these come first in the table */
};

extern const struct example example_table[]; /* ends with a NULL command */

/* Whether the report or flag of this name stands in it. */
bool example_uses(const struct example *e, struct pp_str name);

#endif
