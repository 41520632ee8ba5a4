/* The program: from a command line to a report. */
#ifndef DRIVER_RUN_H
#define DRIVER_RUN_H

#include "cpprof/diag.h"

#include <stdbool.h>

/* The world, as main gives it. */
struct driver_env {
    int in, out; /* file descriptors */
    bool in_is_terminal, out_is_terminal;
    int terminal;        /* where a line that is redrawn may tell of progress; 0: nowhere */
    struct pp_diag diag; /* warnings and errors, a line each */
    const char *(*getenv)(const char *name);
};

/* argv ends with NULL. The exit status: 0 done, 2 failed (reported by then); a report that judges
 * may say another (the gate: 1 and 3). */
int driver_run(char **argv, const struct driver_env *env);

#endif
