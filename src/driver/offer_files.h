/* The files among which a shell lets one choose. */
#ifndef DRIVER_OFFER_FILES_H
#define DRIVER_OFFER_FILES_H

#include "base/arena.h"
#include "base/out.h"
#include "base/world.h"

enum offer_kind { OFFER_PROFILES, OFFER_FOLDERS, OFFER_ALL };

struct offered_files {
    struct out *o;
    struct pp_str before; /* of the word, what stays: "-base=" */
    struct pp_str typed;  /* the rest: "dir/na" */
    enum offer_kind kind;
    const struct world *env;
    struct pp_arena *arena;
};

/* A line each, "dir/name.pb.gz", a tab, what it is; folders end with a slash. OFFER_PROFILES: what
 * begins as a profile does, and programs, which may stand before one. */
void offer_files(const struct offered_files *f);

/* The profile in the current folder that was written last; NULL: there is none. */
char *offer_newest(const struct world *env, struct pp_arena *arena);

#endif
