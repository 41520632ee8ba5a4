/* Frames of a Firefox profile that are addresses as yet: what samply records, and the native frames
 * of what Firefox itself writes. A library has a mapping, and the symbolizer finds the names. */
#ifndef PROFILE_FIREFOX_NATIVE_H
#define PROFILE_FIREFOX_NATIVE_H

#include "profile/builder.h"
#include "profile/decode/firefox.h"

struct firefox_lib {
    struct pp_str name, path, debug_name, code_id, breakpad_id;
    double start, end, offset; /* where the process had it; 0: addresses are relative to it */
    uint32_t mapping;          /* in the profile that is built, plus 1; 0: not there yet */
};

struct firefox_libs {
    struct firefox_lib *at;
    size_t n, cap;
    struct firefox_lib **by_start; /* NULL: not sorted yet */
};

/* Reads an array of libraries; struct firefox_libs. */
bool firefox_read_libs(struct json_walk *w, void *to);

/* Libraries as mappings of the profile that is built. Several processes have the same. */
struct firefox_native {
    struct profile_builder *b;
    struct hash_index mappings;
    struct firefox_libs *libs; /* of the process at hand */
    struct pp_arena *scratch;
};

struct native_frame {
    uint64_t address;
    uint32_t mapping; /* or PP_NONE */
};

/* Whether the frame is an address that nothing has named, and which. */
bool firefox_native_frame(struct firefox_native *n, const struct firefox_tables *t, size_t frame,
                          struct native_frame *ret);

/* Makes the library of this name the first mapping, which a program on the command line stands
 * for, unless there is one. */
void firefox_main_lib(struct firefox_native *n, struct pp_str name);

#endif
