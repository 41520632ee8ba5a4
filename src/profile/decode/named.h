/* Frames that are known by name and not by address: one function a (name, file), one location a
 * (function, line). For decoders of formats that say names themselves. */
#ifndef PROFILE_NAMED_H
#define PROFILE_NAMED_H

#include "base/index.h"
#include "profile/builder.h"

struct named {
    struct profile_builder *b;
    struct hash_index functions, locations;
};

/* Adds the mapping that all locations are in: nothing is left to look up. */
void named_init(struct named *n, struct profile_builder *b);

/* Frees what is not in the builder's arena. */
void named_done(struct named *n);

uint32_t named_function(struct named *n, struct pp_str name, struct pp_str file);
uint32_t named_location(struct named *n, uint32_t function, int64_t line);

/* The two in one. */
uint32_t named_frame(struct named *n, struct pp_str name, struct pp_str file, int64_t line);

#endif
