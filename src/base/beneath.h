/* Files below a directory: neither "..", nor a link, nor one of the kernel's magic links (those of
 * /proc) leads out of it. The directory itself is the caller's word, links in its name included. */
#ifndef BASE_BENEATH_H
#define BASE_BENEATH_H

#include "base/file.h"

/* A file in a directory, named from there. */
struct file_place {
    struct pp_str dir, file;
};

/* As file_read, of a file in a directory. A directory reads as empty. PP_E_UNSUPPORTED, "leads out
 * of DIR", where a link does; below "/" an absolute one leads nowhere else. */
bool file_read_beneath(struct file_place place, uint64_t max, struct pp_str *ret_bytes,
                       struct pp_arena *arena, struct pp_error *err);

/* What does it where the kernel has no openat2: opens `path`, which is relative, step by step. The
 * descriptor, or -1 and errno; EXDEV where it leads out. */
int beneath_by_hand(int dir, const char *path, int flags);

#endif
