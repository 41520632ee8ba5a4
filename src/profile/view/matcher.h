/* A regular expression over a profile's strings that remembers each answer. */
#ifndef PROFILE_MATCHER_H
#define PROFILE_MATCHER_H

#include "base/arena.h"
#include "base/regex.h"
#include "profile/profile.h"

struct matcher {
    const struct regex *rx;
    const struct pp_profile *p;
    uint8_t *answers; /* a string: not asked yet, no, yes */
};

/* The answers live in `scratch`. */
void matcher_init(struct matcher *m, const struct regex *rx, const struct pp_profile *p,
                  struct pp_arena *scratch);

bool matcher_string(struct matcher *m, uint32_t string);

/* Its name, or the name of its file. */
bool matcher_function(struct matcher *m, uint32_t function);

/* The file of the mapping, which may be PP_NONE. */
bool matcher_mapping(struct matcher *m, uint32_t mapping);

/* A function of any of its lines, or its mapping. */
bool matcher_location(struct matcher *m, const struct pp_location *l);

#endif
