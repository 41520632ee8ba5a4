/* DWARF of one file, through libdw. What is shared among threads is immutable (struct dwarf_file);
 * libdw's handles are not, so each thread opens a struct dwarf_handle of its own on the same bytes.
 *
 * libdw opens files by itself in two cases: an alternate file (.gnu_debugaltlink) and split units
 * (.dwo). Their names are a stranger's, so both are kept from it: the alternate is always set, and
 * a split unit is never asked for; see dwarf_split.h. */
#ifndef SYMBOL_DWARF_HANDLE_H
#define SYMBOL_DWARF_HANDLE_H

#include "base/index.h"
#include "symbol/dwarf_abbrevs.h"
#include "symbol/dwarf_lines.h"
#include "symbol/dwarf_package.h"
#include "symbol/dwarf_ranges.h"
#include "symbol/elf_file.h"
#include "symbol/name_budget.h"

struct Dwarf;

struct dwarf_file {
    const struct elf_file *elf; /* its DWARF sections are plain (see elf_unpack.h) */
    const struct elf_file *alt; /* the dwz alternate, or NULL */
    struct pp_str abbrev;
    struct pp_str dir; /* where the debug file lies: split units are looked for there */
    const struct dwarf_package *package; /* that split units are looked for in first, or NULL */
    struct pp_str str, str_offsets;  /* of a unit out of a package, whose image has no strings */
    struct elf_stretches *stretches; /* what a unit's bytes are held by; NULL: they are there */
    bool drops_trees;         /* texts are unpacked when the trees have been read and are gone */
    struct pp_str late_texts; /* then .debug_str, if there is one; else "" */
    struct dwarf_line_sections lines;
    struct dwarf_range_sections ranges;
    uint64_t work; /* a bound on steps: many times what a well-formed file of this size needs */
};

struct dwarf_name {
    const void *die;
    struct pp_str linkage, name;
    int64_t decl_line;
};

struct dwarf_handle {
    const struct dwarf_file *file;
    struct Elf *elf, *alt_elf;
    struct Dwarf *dwarf, *alt;
    struct image empty; /* what stands for a missing alternate */
    struct scope_mark *marks[4];
    struct pp_arena *arena;
    struct name_budget *names_left; /* of what the answers' texts take in `arena` */
    uint64_t work_left, line_work_left;
    uint64_t package_work_left; /* bytes of units out of the package */
    struct dwarf_name *names;   /* by the address of their DIE */
    size_t n_names, cap_names;
    struct hash_index name_index;
    struct dwarf_abbrevs abbrevs; /* of the unit that was walked last */
};

/* False when the file has no DWARF. `plain` has its DWARF sections unpacked; `whole` is the file as
 * it lies at `path`. The alternate may be set afterwards. */
bool dwarf_file_init(struct dwarf_file *ret_file, const struct elf_file *plain,
                     const struct elf_file *whole, struct pp_str path, struct pp_arena *arena);

/* `arena` keeps what the answers point to. */
bool dwarf_handle_open(struct dwarf_handle *ret_handle, const struct dwarf_file *file,
                       struct name_budget *names, struct pp_arena *arena);
void dwarf_handle_close(struct dwarf_handle *h);

/* Forgets the names that it knows: from here on `arena` keeps what the answers point to. */
void dwarf_handle_move(struct dwarf_handle *h, struct name_budget *names, struct pp_arena *arena);

/* Takes steps off the bound; false when it is used up. */
static inline bool dwarf_handle_work(struct dwarf_handle *h, uint64_t steps) {
    bool enough = h->work_left >= steps;
    h->work_left = enough ? h->work_left - steps : 0;
    return enough;
}

#endif
