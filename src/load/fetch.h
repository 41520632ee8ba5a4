/* From the names of sources to one profile: read, merged, compared with its base. */
#ifndef LOAD_FETCH_H
#define LOAD_FETCH_H

#include "driver/env.h"
#include "driver/flags.h"
#include "symbol/symbolize.h"

struct fetched {
    struct pp_profile profile;
    struct symbol_report symbols; /* what became of each mapping */
    struct binaries *binaries;    /* its mappings' files; NULL where the report looks into none */
    uint32_t runs[2];             /* that the base and the sources hold; 0: there is no base */
};

/* What the sources hold, merged, with the base subtracted, symbolized, and uninteresting frames
 * pruned. A source that can't be read is reported and left out; only when none can be read this
 * fails. Memory: `arena`, which the function begins with pp_arena_init. fetched_done closes files.
 */
bool fetch_profile(const struct command_line *cl, const struct driver_env *env,
                   struct fetched *ret_fetched, struct pp_arena *arena, struct pp_error *err);
void fetched_done(struct fetched *f);

/* The sources and all bases, each by itself: for reports with REPORT_RUNS. Any that can't be read
 * is an error. */
struct fetched_runs {
    struct pp_profile *profiles; /* n[0] bases, then n[1] sources */
    struct pp_str *names;
    uint32_t n[2];
};

bool fetch_runs(const struct command_line *cl, const struct driver_env *env,
                struct fetched_runs *ret_runs, struct pp_arena *arena, struct pp_error *err);

#endif
