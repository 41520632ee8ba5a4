/* string_table while a profile is read, and what its positions are then. Most strings are there
 * once, and to find that out is to wait for memory: a string is looked up when some others have
 * come. */
#ifndef PROFILE_PROTO_STRINGS_H
#define PROFILE_PROTO_STRINGS_H

#include "base/intern.h"

/* Of each entry of string_table the string of the builder's that it is; NULL: its own position,
 * that far. */
struct proto_strings {
    const uint32_t *at;
    uint32_t n;
};

/* False: there is no such entry. */
bool proto_strings_find(struct proto_strings strings, uint64_t at, uint32_t *ret_string);

enum { PROTO_STRINGS_WAITING = 16 };

struct proto_string_table {
    struct interner *interner; /* new: it has "", which is the table's first entry */
    struct pp_arena *arena;    /* for what is found */
    uint32_t n, n_settled;     /* entries, and those that have been looked up */
    uint32_t *found;           /* as in proto_strings */
    size_t cap;
    struct intern_later waiting[PROTO_STRINGS_WAITING];
};

/* Copies the next entry, if it is a new one; there are less than 2^32 - 2. */
void proto_strings_add(struct proto_string_table *t, struct pp_str s);

/* All are there. */
struct proto_strings proto_strings_end(struct proto_string_table *t);

#endif
