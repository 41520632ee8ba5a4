/* Files that a profile names, besides its binaries, for its decoder (profile/decode/host.h): opened
 * as what a stranger named (image.h). They are looked for at their own place, where they must be
 * this user's or root's, since everybody may write to /tmp; and by their name in the directories of
 * binaries. */
#ifndef SYMBOL_LOCAL_FILES_H
#define SYMBOL_LOCAL_FILES_H

#include "profile/decode/host.h"

struct local_files {
    struct named_files files;
    const struct pp_str *dirs;
    size_t n_dirs;
};

/* `dirs` must outlive it. */
void local_files_init(struct local_files *ret_f, const struct pp_str *dirs, size_t n_dirs);

#endif
