/* The real binaries behind struct pp_objects: ELF files of this machine. */
#ifndef SYMBOL_OBJECTS_H
#define SYMBOL_OBJECTS_H

#include "cpprof/objects.h"

struct objects_options {
    const struct pp_str *debug_dirs; /* besides /usr/lib/debug; live as long as the objects */
    size_t n_debug_dirs;
};

/* `opt` lives as long as the result. */
struct pp_objects objects_on_disk(const struct objects_options *opt);

#endif
