/* All symbols of a file, as nm lists them by address: what lies between two of them is the code of
 * the first, whatever its size says. */
#ifndef SYMBOL_SYMBOL_LIST_H
#define SYMBOL_SYMBOL_LIST_H

#include "symbol/elf_file.h"

struct symbol_group {
    const struct pp_str *names; /* all at this address, in byte order */
    size_t n_names;
    uint64_t start, end; /* end: of the last byte before the next symbol */
};

struct symbol_groups {
    struct symbol_group *at;
    size_t n;
};

/* The symbols of .symtab, or of .dynsym where there is none; by address. The names are views into
 * the file. */
void symbol_list_build(const struct elf_file *f, struct symbol_groups *ret_groups,
                       struct pp_arena *arena);

#endif
