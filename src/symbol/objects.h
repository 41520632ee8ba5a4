/* How reports reach binaries: a few functions that whoever asks for a report gives it, and a test
 * replaces. */
#ifndef SYMBOL_OBJECTS_H
#define SYMBOL_OBJECTS_H

#include "base/regex.h"
#include "profile/profile.h"
#include "symbol/binaries.h"
#include "symbol/disasm.h"
#include "symbol/frame.h"
#include "symbol/symbol_list.h"

struct pp_object; /* the file of a mapping, opened; its owner is the provider */

struct pp_objects {
    void *user;
    /* The object of a mapping: the same one when it is asked again. NULL, with the reason, when
     * there is none. */
    struct pp_object *(*open)(void *user, const struct pp_profile *p, uint32_t mapping,
                              struct pp_error *err);
    /* From an address of the profile to one of the object. */
    bool (*to_object)(const struct pp_object *o, uint64_t address, uint64_t *ret_address,
                      struct pp_error *err);
    /* The groups of symbols of which a name matches, mangled or readable, with that name alone; the
     * one that `address` (of the object; NULL: none) is in, with all its names. By address. What
     * they point to lives as long as the object, or in `arena`. */
    void (*symbols)(struct pp_object *o, const struct regex *rx, const uint64_t *address,
                    struct symbol_groups *ret_groups, struct pp_arena *arena);
    /* The instructions of each range; the file that is asked about is the object's own. */
    bool (*disassemble)(struct pp_object *o, struct disasm_request request,
                        struct disasm_code *ret_codes, struct pp_arena *arena,
                        struct pp_error *err);
    /* Answers the lookups, of which addresses are set and ascending: the calls that each is in.
     * Frames live in `arena`. */
    void (*stacks)(struct pp_object *o, struct lookup *lookups, size_t n, struct pp_arena *arena);
};

struct objects_options {
    struct pp_str tools; /* where a disassembler is; see disasm.h */
};

/* The functions over opened binaries, which outlive them. What they need lives in `arena`. */
struct pp_objects *objects_new(struct binaries *binaries, const struct objects_options *opt,
                               struct pp_arena *arena);

#endif
