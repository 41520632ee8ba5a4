/* The program: from a command line to a report. */
#ifndef DRIVER_RUN_H
#define DRIVER_RUN_H

#include "base/world.h"

/* argv ends with NULL. The exit status: 0 done, 2 failed (reported by then); a report that judges
 * may say another (the gate: 1 and 3). */
int driver_run(char **argv, const struct world *env);

#endif
