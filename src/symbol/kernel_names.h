/* Names of the kernel's functions where its vmlinux is not at hand: lists as /proc/kallsyms has
 * them, those that perf keeps by build id and that of the kernel that runs here; for a kernel
 * without a build id (a guest's) that which a folder has under its mapping's name. A line is a
 * symbol: its address, a letter for its kind, its name, and in brackets the module that it is of.
 */
#ifndef SYMBOL_KERNEL_NAMES_H
#define SYMBOL_KERNEL_NAMES_H

#include "profile/profile.h"
#include "symbol/debug_file.h"
#include "symbol/perf_map.h"

/* Where the running kernel tells its symbols and its build id. */
struct kernel_files {
    const char *symbols, *notes; /* NULL: nobody is asked */
};

extern const struct kernel_files kernel_files_here;

/* A list; `text` is "" where none was found. */
struct kernel_list {
    struct pp_str build_id, file; /* of the kernel's mapping */
    struct pp_str path, text;
};

/* Whether a mapping of that name is a kernel. */
bool kernel_names_is_kernel(struct pp_str file);

/* The name of the list that a kernel without a build id has beside binaries: what stands in the
 * brackets of its mapping. False: no kernel. */
bool kernel_names_list(struct pp_str file, struct pp_str *ret_name);

/* The list of the kernel with this build id; one of another build is never taken. Of one whose
 * build id is "" the list is looked for by that name, and taken as it is. What it points to lives
 * in `arena`. */
struct kernel_list kernel_names_find(struct pp_str build_id, struct pp_str file,
                                     const struct debug_dirs *dirs,
                                     const struct kernel_files *files, struct pp_arena *arena);

/* What a profile says of a kernel, or of one of its modules. */
struct kernel_part {
    struct pp_str file;            /* of the mapping */
    struct pp_str symbol;          /* that the kernel's mapping tells the address of; "" : _text */
    uint64_t start, limit, offset; /* all of the kernels' half: nobody knows where it lay */
};

/* The functions of the part, at the profile's addresses; false when the list does not fit: it has
 * no addresses (who is not root gets zeros), not the symbol that tells how far the kernel was moved
 * when it started, or the module at another place. Of a kernel of which nobody knows where it lay
 * the list's addresses are taken as they are, and its modules are the part's. */
bool kernel_names_read(struct perf_map *ret_map, const struct kernel_list *list,
                       const struct kernel_part *part, struct pp_arena *arena);

/* The functions of a mapping, and the list that they are from. */
struct kernel_functions {
    struct perf_map map;
    struct pp_str path;
};

/* For the mappings of one profile: each list is read once. What it keeps lives in `arena`. */
struct kernel_names {
    const struct debug_dirs *dirs;
    const struct kernel_files *files;
    struct pp_arena *arena;
    struct kernel_list *lists;
    size_t n_lists, cap_lists;
};

/* NULL where the mapping is no kernel's, or no list fits. */
const struct kernel_functions *kernel_names_of(struct kernel_names *k, const struct pp_profile *p,
                                               uint32_t mapping);

#endif
