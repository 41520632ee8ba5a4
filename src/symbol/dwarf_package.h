/* A .dwp file: the split units of a whole program in one file, with an index from a unit's id to
 * its parts of each section. DWARF 5, section 7.3.5; version 2 is GNU's, of -gsplit-dwarf with
 * DWARF 4 (gcc.gnu.org/wiki/DebugFissionDWP). libdw 0.188 reads neither, so the parts of a unit are
 * found here. */
#ifndef SYMBOL_DWARF_PACKAGE_H
#define SYMBOL_DWARF_PACKAGE_H

#include "symbol/elf_file.h"

struct dwarf_package {
    struct elf_file files[2];  /* as it lies there, and unpacked */
    struct pp_str str;         /* .debug_str.dwo, which all units share */
    struct pp_str sections[4]; /* in the order of struct dwarf_package_unit */
    struct pp_str index;       /* .debug_cu_index */
    bool big_endian;
    uint32_t version, n_columns, n_units, n_slots;
};

/* A unit's parts; "" for a section that it has none of. */
struct dwarf_package_unit {
    struct pp_str info, abbrev, str_offsets, rnglists;
};

/* Opens the file; false when it isn't one. dwarf_package_close frees. */
bool dwarf_package_open(struct dwarf_package *ret_package, const char *path, struct pp_arena *arena,
                        struct pp_error *err);
void dwarf_package_close(struct dwarf_package *p);

/* The parts of the unit with that id; false when it isn't there, or what the index says of it lies
 * outside of the sections. */
bool dwarf_package_find(const struct dwarf_package *p, uint64_t id,
                        struct dwarf_package_unit *ret_unit);

/* How many bytes of parts a program takes at most: each unit is opened once, and no two share a
 * part. */
uint64_t dwarf_package_work(const struct dwarf_package *p);

#endif
