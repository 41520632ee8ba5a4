/* Commands, a line each, from whoever sits at the terminal or from a pipe:
 * `echo top | cpprof cpu.pb.gz`. */
#ifndef DRIVER_PROMPT_H
#define DRIVER_PROMPT_H

#include "base/world.h"
#include "driver/flags.h"
#include "load/fetch.h"

/* What a terminal shows before each command. */
#define PROMPT "(pprof) "

/* Runs commands until the input ends or one says quit. A command that fails says so and the next
 * one follows; the result is false only when the input can't be read. */
bool prompt(const struct command_line *cl, const struct fetched *fetched, struct pp_error *err);

#endif
