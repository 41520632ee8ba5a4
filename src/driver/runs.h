/* Reports that compare runs: the sources are not merged, and every base counts. */
#ifndef DRIVER_RUNS_H
#define DRIVER_RUNS_H

#include "driver/flags.h"
#include "driver/run.h"

/* Reads, reports, and writes -update_base. ret_status: what the report says the program's exit
 * status is; set when this succeeds. */
bool runs_report(const struct command_line *cl, const struct driver_env *env, int *ret_status,
                 struct pp_error *err);

#endif
