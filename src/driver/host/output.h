/* Where a report goes: standard output, or a file that appears whole or not at all. */
#ifndef DRIVER_OUTPUT_H
#define DRIVER_OUTPUT_H

#include "base/out.h"
#include "base/whole_file.h"

struct output {
    struct out out;
    int fd; /* to be closed, or -1 */
    struct whole_file whole;
    bool is_whole; /* it goes to a file that is put in place at the end */
    struct pp_arena arena;
};

/* To the file of this name, or to `fd` if the name is "". Devices and pipes are written to
 * directly, other files through a temporary one beside them. */
bool output_open(struct output *o, const char *name, int fd, struct pp_error *err);

/* The file that the name leads to; a name that does not exist yet leads to itself. */
struct pp_str output_target(const char *name, struct pp_arena *arena);

/* Ends the report; `ok` says whether it succeeded. A file is put in place, keeping its mode, only
 * when everything went well. */
bool output_close(struct output *o, bool ok, struct pp_error *err);

#endif
