/* How reports reach binaries: a few functions that the program gives them, and a test replaces. */
#ifndef REPORT_OBJECTS_H
#define REPORT_OBJECTS_H

#include "base/arena.h"
#include "base/regex.h"
#include "cpprof/error.h"
#include "profile/profile.h"

struct pp_object; /* the file of a mapping, opened; its owner is the provider */

/* The code between two symbols. */
struct object_symbol {
    const struct pp_str *names; /* all that it is known by, or the one that matched; at least one */
    size_t n_names;
    uint64_t start, end; /* object addresses; end is that of the last byte */
};

struct object_inst {
    uint64_t address; /* in the object */
    struct pp_str text;
    struct pp_str function, file; /* as the disassembler says; "" is unknown */
    int64_t line;
};

struct object_frame {
    struct pp_str function, file; /* linkage name; "" is unknown */
    int64_t line;
};

/* The calls that an address is in, inlined ones first. */
struct object_stack {
    const struct object_frame *frames;
    size_t n;
};

struct pp_objects {
    void *user;
    /* The object of a mapping: the same one when it is asked again. NULL, with the reason, when
     * there is none. */
    struct pp_object *(*open)(void *user, const struct pp_profile *p, uint32_t mapping,
                              struct pp_error *err);
    /* From an address of the profile to one of the object. */
    bool (*to_object)(const struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err);
    /* The symbols of which a name matches, mangled or readable, and the one that `address` (of the
     * object; NULL: none) is in. By address. What they point to lives as long as the object. */
    bool (*symbols)(struct pp_object *o, const struct regex *rx, const uint64_t *address,
                    struct object_symbol **ret_symbols, size_t *ret_n, struct pp_arena *arena,
                    struct pp_error *err);
    /* The instructions from start up to (not including) end. */
    bool (*disassemble)(struct pp_object *o, uint64_t start, uint64_t end, bool intel,
                        struct object_inst **ret_insts, size_t *ret_n, struct pp_arena *arena,
                        struct pp_error *err);
    /* What the debug information says about object addresses, which are ascending: `n` stacks. */
    bool (*stacks)(struct pp_object *o, const uint64_t *addresses, size_t n,
                   struct object_stack *ret_stacks, struct pp_arena *arena, struct pp_error *err);
};

#endif
