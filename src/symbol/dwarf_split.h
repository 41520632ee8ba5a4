/* Split units: the skeleton in the binary names a .dwo file that has the rest. It is looked for in
 * a .dwp package beside the binary, then beside the debug file and where the compiler left it. */
#ifndef SYMBOL_DWARF_SPLIT_H
#define SYMBOL_DWARF_SPLIT_H

#include "symbol/dwarf_unit.h"

struct dwarf_split {
    struct elf_file files[2]; /* as it lies there, and unpacked */
    struct dwarf_file file;
    struct dwarf_handle handle;
    struct dwarf_unit unit;
};

/* Opens the other half of a skeleton; false when it isn't found. dwarf_split_close frees; the
 * frames must not point into it by then. */
bool dwarf_split_open(struct dwarf_split *ret_split, const struct dwarf_unit *skeleton,
                      struct pp_arena *arena);
void dwarf_split_close(struct dwarf_split *s);

#endif
