/* A profile as one text, to tell whether two are the same. */
#ifndef UNIT_PROFILE_BYTES_H
#define UNIT_PROFILE_BYTES_H

#include "profile/encode.h"

/* What it is written as, in `arena`. */
static inline struct pp_str profile_bytes(const struct pp_profile *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    profile_write_plain(p, &o);
    struct pp_str copy = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return copy;
}

#endif
