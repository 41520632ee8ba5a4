/* What names tell of code that a just-in-time compiler made. */
#ifndef PROFILE_JIT_NAME_H
#define PROFILE_JIT_NAME_H

#include "cpprof/str.h"

#include <stdbool.h>
#include <stdint.h>

/* Whether a file is called as the dump of a process's code for perf, "/srv/jit-7.dump". */
bool jit_name_is_dump(struct pp_str path);

/* Where a function begins, if its name has it as V8's do: of "JS:*serve /srv/app.js:12:3" and
 * "LazyCompile:~get x file:///srv/app.mjs:7:1" the file, a view into the name, and the line. */
bool jit_name_place(struct pp_str name, struct pp_str *ret_file, int64_t *ret_line);

#endif
