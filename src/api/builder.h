/* A builder inside a decoder: the same functions, into an arena that is there already. */
#ifndef API_BUILDER_H
#define API_BUILDER_H

#include "base/arena.h"
#include "cpprof/build.h"

/* Everything that is built lives in `arena`. */
struct pp_builder *builder_inside(struct pp_arena *arena);

/* Frees the builder; `ok`: what it has becomes the profile. Returns whether that went well. */
bool builder_end_inside(struct pp_builder *b, bool ok, struct pp_profile *ret_profile,
                        struct pp_error *err);

#endif
