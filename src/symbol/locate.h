/* Which local file each mapping of a profile means, before anything is symbolized. */
#ifndef SYMBOL_LOCATE_H
#define SYMBOL_LOCATE_H

#include "base/arena.h"
#include "cpprof/diag.h"
#include "profile/profile.h"

struct locate_options {
    const char
        *search_path; /* PPROF_BINARY_PATH: directories separated by colons; NULL or "": default */
    const char *home; /* HOME, for the default, $HOME/pprof/binaries; may be NULL */
    const char
        *binary; /* given before the profile: the program, whose mapping comes first; or NULL */
    const char *build_id; /* of the program, where it has none; or NULL */
};

/* A profile whose mappings name the files that were found, with google/pprof's patterns in its
 * order: DIR/BUILDID/NAME, DIR/BUILDID/(anything), DIR/PATH/BUILDID, DIR/BU/ILDID.debug, DIR/NAME,
 * DIR/PATH, DIR/PATH.debug, DIR/PATHDIR/.debug/NAME.debug, DIR/usr/lib/debug/PATHDIR/NAME.debug,
 * and DIR/NAME.debug. A file of another build id is said and left out. A profile without mappings
 * gets one for all its locations. Shares tables with `p`; what is new lives in `arena`. */
void locate_binaries(const struct pp_profile *p, const struct locate_options *opt,
                     struct pp_profile *ret_profile, struct pp_arena *arena,
                     const struct pp_diag *diag);

/* The directories of a search path, or the default one. */
struct pp_str *locate_directories(const struct locate_options *opt, size_t *ret_n,
                                  struct pp_arena *arena);

/* Whether the file can be opened and is a binary. */
bool locate_is_binary(const char *path);

#endif
