/* Many sources to one profile. They are merged as they come: memory depends on what they hold
 * together, not on how many they are. */
#ifndef LOAD_GATHER_H
#define LOAD_GATHER_H

#include "base/input.h"
#include "load/live.h"
#include "profile/decode/host.h"
#include "profile/merge.h"
#include "profile/merge_keys.h"
#include "symbol/locate.h"

/* A profile together with the memory it lives in. */
struct held {
    struct pp_profile profile;
    struct pp_arena arena;
    char note[240];           /* what its decoder had to say; see base/input.h */
    size_t n_runs;            /* of a sum by `gather`: see profile/runs.h */
    struct kept_labels *kept; /* of a source that stays alone, or is one of two: its labels, if they
                                 came later; or NULL */
    struct merge_keys keys;   /* of a source that others are merged with */
};

struct gather {
    struct live *live;
    const struct world *env;
    const struct load_options *options;
    struct decode_host host;      /* what decoders may ask */
    struct locate_options locate; /* where the binaries of a profile may be */
    const char *const *marked;    /* these names' samples get marks (profile/source_mark.h); NULL */
    uint32_t *runs;               /* of the marked: how many each holds */
    const char *what;             /* its sources are: "source" or "base" */
    bool is_alone;                /* a single source is merged or compared with no other */
    bool numbers_only;            /* texts that say names, too, give their addresses alone */
    struct gather_ahead **ahead;  /* a source that may be taken from there; NULL: none */
};

/* Reads and merges the sources, in the order and the chunks in which the reference does. Those that
 * can't be read are left out and told about in one line; sample types that not all have, too. The
 * failure of a single source, or of all, is an error. */
bool gather(const struct gather *g, const char *const *names, size_t n, struct held *ret,
            struct pp_error *err);

/* One source, as live_fetch left it, merged with none, into the arena that `ret` has already. */
bool gather_one(const struct gather *g, const char *name, struct live_source *live,
                struct held *ret, struct pp_error *err);

/* Begins to decode a large file that will be a source of its own, in a thread: NULL where that is
 * not worth it. `gather` takes it, and forgets it, when it comes to that very name; a file that
 * nobody took is for gather_forget (NULL is fine). */
struct gather_ahead *gather_ahead(const struct gather *g, const char *name);
void gather_forget(struct gather_ahead *a);

/* a + b, in the place of a; b is used up, and a too when it fails. */
bool held_add(struct held *a, struct held *b, struct pp_error *err);

/* a - b for who only sums it up (profile_subtract), likewise; false: both are as they were. */
bool held_subtract(struct held *a, struct held *b, const struct told_apart *samples);

#endif
