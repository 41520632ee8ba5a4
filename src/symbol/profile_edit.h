/* A new profile from an old one with mappings, functions and lines changed or added. Samples,
 * stacks and labels are shared. */
#ifndef SYMBOL_PROFILE_EDIT_H
#define SYMBOL_PROFILE_EDIT_H

#include "base/intern.h"
#include "cpprof/arena.h"
#include "cpprof/profile.h"

struct profile_edit {
    struct pp_profile p; /* its mappings and locations are the new profile's own */
    struct pp_arena *arena;
    struct interner strings;
    struct hash_index functions; /* those that were added */
    size_t cap_functions, cap_lines;
    uint32_t n_old_functions;
    uint64_t next_id;
};

/* Begins a copy of `p` in `arena`; profile_edit_finish ends it. */
void profile_edit_begin(struct profile_edit *e, const struct pp_profile *p, struct pp_arena *arena);
struct pp_profile profile_edit_finish(struct profile_edit *e);

uint32_t profile_edit_string(struct profile_edit *e, struct pp_str s);

/* The position of such a function among those that were added, an existing one if there is one. Its
 * id is chosen. */
uint32_t profile_edit_function(struct profile_edit *e, struct pp_function f);

/* Gives the location these lines instead of its own. */
void profile_edit_lines(struct profile_edit *e, uint32_t location, const struct pp_line *lines,
                        uint32_t n);

#endif
