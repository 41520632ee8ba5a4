/* Completion for shells: scripts that ask the program what may stand where the cursor is. */
#ifndef DRIVER_SHELLS_H
#define DRIVER_SHELLS_H

#include "base/out.h"
#include "cpprof/error.h"

/* Their names, "a|b|c". */
#define SHELL_NAMES "bash|zsh|fish"

/* The script for the shell of that name. */
bool shell_script_put(struct out *o, const char *shell, struct pp_error *err);

#endif
