/* -gate -run=COMMAND OLD_DIR NEW_DIR: the gate makes the runs that it compares. */
#ifndef DRIVER_ROUNDS_H
#define DRIVER_ROUNDS_H

#include "base/world.h"
#include "driver/flags.h"

/* Runs the command in both directories, in turns, once without counting it, and looks at the
 * profiles after each round until the verdict is sure, -rounds or -run_seconds are used up; then
 * reports. ret_status: as that of driver_report_runs. */
bool driver_rounds(const struct command_line *cl, int *ret_status, struct pp_error *err);

#endif
