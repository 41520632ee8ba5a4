/* From the names of sources to one profile: read, merged, compared with its base. */
#ifndef LOAD_FETCH_H
#define LOAD_FETCH_H

#include "base/world.h"
#include "load/options.h"
#include "profile/source_mark.h"
#include "symbol/symbolize.h"

struct fetched {
    const struct load_options *options; /* as it was asked for */
    struct pp_profile profile;
    struct pp_str only_source;     /* its name; "": there are several */
    struct profile_facts sides[2]; /* the base and the new side, before they were one */
    bool is_compared;
    struct symbol_report symbols; /* what became of each mapping */
    struct binaries *binaries;    /* its mappings' files; NULL where the report looks into none */
    struct wanted_indexes wanted; /* of binaries that had none */
    struct source_marks sources;
    struct sum_store *sums;   /* of whoever asks again and again (graph/sum_store.h); else NULL */
    struct kept_labels *kept; /* the profile's labels, where it has none yet; NULL: it has them */
};

/* What the sources hold, merged, with the base subtracted, symbolized, and uninteresting frames
 * pruned. A source that can't be read is reported and left out; only when none can be read this
 * fails. Memory: `arena`, which the function begins with pp_arena_init. fetched_done closes files.
 */
bool fetch_profile(const struct load_options *o, const struct world *env,
                   struct fetched *ret_fetched, struct pp_arena *arena, struct pp_error *err);
void fetched_done(struct fetched *f);

/* Where binaries, their debug files and their indexes are looked for. In `arena`; binaries_done
 * closes. */
struct binaries *fetch_binaries(const struct load_options *o, const struct world *env,
                                struct pp_arena *arena);

/* The sources one after the other, each by itself: `visit` sees one that lives until it returns,
 * its number and how many there are. A source that can't be read is left out, as above. */
typedef bool fetch_visit(void *user, const struct fetched *f, size_t at, size_t n,
                         struct pp_error *err);
bool fetch_each(const struct load_options *o, const struct world *env, fetch_visit *visit,
                void *user, struct pp_error *err);

/* The sources and all bases, each by itself: for reports with REPORT_RUNS. Any that can't be read
 * is an error. */
struct fetched_runs {
    struct pp_profile *profiles; /* n[0] bases, then n[1] sources */
    struct pp_str *names;
    uint32_t n[2];
};

bool fetch_runs(const struct load_options *o, const struct world *env,
                struct fetched_runs *ret_runs, struct pp_arena *arena, struct pp_error *err);

#endif
