/* The symbols of a file that lie in loaded sections, sorted by address: one an address, the
 * largest. A symbol answers for its size. One of size zero (assembly, as a rule) answers up to the
 * next symbol, a gap or the end of its section, but only in a complete table: where a stripped file
 * keeps just its dynamic symbols, the nearest one below is most often the wrong one. */
#ifndef SYMBOL_SYMTAB_H
#define SYMBOL_SYMTAB_H

#include "symbol/elf_file.h"

struct symtab_entry {
    uint64_t start, end; /* end == start: a symbol of unknown size */
    struct pp_str name;
    struct pp_str file; /* of a local symbol: the STT_FILE before it; else "" */
    uint32_t order;     /* in the table */
    uint8_t type;       /* STT_* */
};

struct symtab {
    struct symtab_entry *entries;
    size_t n;
    bool complete; /* from .symtab, not just .dynsym */
};

/* Reads .symtab, or .dynsym where there is none. The table lives in `arena`; the names in `f`. */
struct symtab symtab_build(const struct elf_file *f, struct pp_arena *arena);

/* The symbol that the address is in, or NULL. */
const struct symtab_entry *symtab_find(const struct symtab *t, uint64_t address);

#endif
