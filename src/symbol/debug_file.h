/* Where debug information of a file is: in itself, or in a separate file that its build id or its
 * .gnu_debuglink names. Every place that was looked at is remembered, for the symbols report. */
#ifndef SYMBOL_DEBUG_FILE_H
#define SYMBOL_DEBUG_FILE_H

#include "symbol/debuginfod.h"
#include "symbol/elf_file.h"

struct debug_dirs {
    const struct pp_str *at; /* such as "/usr/lib/debug" */
    size_t n;
    const struct debuginfod *servers; /* asked when all else failed; NULL: nobody is */
};

struct debug_search {
    struct pp_arena *arena;
    struct debug_dirs dirs;
    struct pp_str *looked; /* "PATH: what came of it" */
    size_t n_looked, cap_looked;
};

/* Opens the separate debug file of `main`, which lies at `path`; false when there is none. A file
 * of another build is never taken: its build id must be equal, or else the link's checksum. */
bool debug_file_find(struct debug_search *s, const struct elf_file *main, struct pp_str path,
                     struct elf_file *ret_file, struct pp_str *ret_path);

/* Opens what has this build id, without the program, which was at `path`: in .build-id trees, at
 * that path below the directories (with or without ".debug", as Debian keeps modules of the
 * kernel), or from the servers. */
bool debug_file_find_alone(struct debug_search *s, struct pp_str build_id, struct pp_str path,
                           struct elf_file *ret_file, struct pp_str *ret_path);

/* Where perf keeps what belongs to a build id, below a directory ("$HOME/.debug" is its own):
 * DIR/.build-id/xx/yyyy/LEAF. The program is "elf". */
struct pp_str debug_file_kept(struct pp_str dir, struct pp_str build_id, const char *leaf,
                              struct pp_arena *arena);

/* Opens the program of this build id that is kept in .build-id trees, or this process's [vdso]. */
bool debug_file_find_program(struct debug_search *s, struct pp_str build_id,
                             struct elf_file *ret_file, struct pp_str *ret_path);

/* Opens the alternate (dwz) file that `debug`, which lies at `path`, refers to. */
bool debug_file_find_alternate(struct debug_search *s, const struct elf_file *debug,
                               struct pp_str path, struct elf_file *ret_file,
                               struct pp_str *ret_path);

/* Asks the servers, if there are any, for the binary of a build id, and says where it lies now;
 * what it is remains to be checked. */
bool debug_file_fetch(struct debug_search *s, enum debuginfod_kind kind, struct pp_str id,
                      struct pp_str *ret_path);

/* Opens the symbol table that .gnu_debugdata has packed. */
bool debug_file_find_mini(struct debug_search *s, const struct elf_file *main,
                          struct elf_file *ret_file);

/* The path without ".xz" and the like: modules of the kernel are packed where they are installed,
 * and plain among the debug files. */
struct pp_str debug_file_unpacked(struct pp_str path);

/* Remembers that `path` was looked at, and what came of it. */
void debug_file_note(struct debug_search *s, struct pp_str path, const char *what);

#endif
