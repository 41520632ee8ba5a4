/* Other programs: those that make an output of a report, and those that show it. They are started
 * without a shell. */
#ifndef DRIVER_OUTSIDE_H
#define DRIVER_OUTSIDE_H

#include "base/out.h"
#include "driver/run.h"

/* Gives `input` to the command (a program and its arguments, separated by blanks), and what it
 * prints to `out`. Fails if the program does. */
bool outside_filter(const char *command, struct pp_str input, struct out *out,
                    struct pp_error *err);

/* Shows bytes: puts them in a temporary file, says where, and starts the command on it. BROWSER,
 * when set, stands for xdg-open. The file stays, since a viewer may come back before it has read
 * it. */
bool outside_view(const char *command, const char *suffix, struct pp_str bytes,
                  const struct driver_env *env, struct pp_error *err);

#endif
