/* From the names of sources to one profile: read, merged, compared with its base. */
#ifndef DRIVER_FETCH_H
#define DRIVER_FETCH_H

#include "driver/flags.h"
#include "driver/run.h"
#include "symbol/symbolize.h"

struct fetched {
    struct pp_profile profile;
    struct symbol_report symbols; /* what became of each mapping */
};

/* What the sources hold, merged, with the base subtracted, symbolized, and uninteresting frames pruned. A source
 * that can't be read is reported and left out; only when none can be read this fails. Memory:
 * `arena`, which the function begins with pp_arena_init. */
bool fetch_profile(const struct command_line *cl, const struct driver_env *env,
                   struct fetched *ret_fetched, struct pp_arena *arena, struct pp_error *err);

#endif
