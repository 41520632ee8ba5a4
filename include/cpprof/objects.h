/* Binaries as the reports see them: to be opened, asked for symbols and for source lines.
 * Replaceable, so that a test or another program can put its own in the place of ELF files. All
 * calls come from one thread. */
#ifndef CPPROF_OBJECTS_H
#define CPPROF_OBJECTS_H

#include "arena.h"
#include "error.h"
#include "profile.h"

struct pp_object; /* an open binary */

/* All names at one address. */
struct pp_symbol {
    struct pp_str *names; /* linkage names as they are, or one demangled name that matched */
    uint32_t n_names;
    uint64_t start, end; /* addresses of the object; `end` is the last one that belongs to it */
};

/* Where an address comes from: one line, and one more for each call that it is inlined through. */
struct pp_place {
    struct pp_str function; /* linkage name; "" is unknown */
    struct pp_str file;
    int64_t line, column, start_line;
};

struct pp_places {
    struct pp_place *at; /* innermost inlined call first */
    uint32_t n;          /* 0: nothing is known */
};

struct pp_objects {
    void *user;

    /* Opens the mapping's file; NULL, with the reason, when it can't be read. */
    struct pp_object *(*open)(void *user, const struct pp_profile *p, const struct pp_mapping *m,
                              struct pp_error *err);
    void (*close)(struct pp_object *o);

    /* The file's build id in hex; "" when it has none. */
    struct pp_str (*build_id)(struct pp_object *o);

    /* From an address of the profile to one of the object. Fails outside of the mapping. */
    bool (*to_object)(struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err);

    /* The symbols that contain the object's address `address` (unless it is 0), or one of whose
     * names is accepted by `matches`, as it is or demangled in any of the ways of
     * -symbolize=demangle. In the order of their addresses; memory from `arena`. */
    bool (*symbols)(struct pp_object *o, bool (*matches)(void *user, struct pp_str name),
                    void *matches_user, uint64_t address, struct pp_symbol **ret_symbols,
                    size_t *ret_n, struct pp_arena *arena, struct pp_error *err);

    /* The places of `n` addresses of the object: ret_places[i] is that of addresses[i]. Many at
     * once are cheaper than each by itself. */
    void (*places)(struct pp_object *o, const uint64_t *addresses, size_t n,
                   struct pp_places *ret_places, struct pp_arena *arena);
};

#endif
