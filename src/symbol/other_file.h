/* Programs that are not ELF: Mach-O of macOS (thin, or a slice of a fat file), PE of Windows. Their
 * readers fill the tables of an elf_file with views into the image: sections have the names and
 * flags that ELF has for their kind, so that all that works on ELF works on them. There is no
 * libelf handle; DWARF is copied into an ELF image when somebody asks for it, as packed DWARF is.
 */
#ifndef SYMBOL_OTHER_FILE_H
#define SYMBOL_OTHER_FILE_H

#include "symbol/elf_file.h"

struct other_format {
    bool (*is)(const struct image *image);
    bool (*read)(struct elf_file *f, struct pp_arena *arena, struct pp_error *err);
};

extern const struct other_format macho_format, pe_format;

/* What readers share. Bytes outside the file are none. */
struct pp_str other_bytes(const struct elf_file *f, uint64_t offset, uint64_t size);

/* Makes room for `n` sections behind the empty one, and for one of symbols. */
void other_begin_sections(struct elf_file *f, size_t n, struct pp_arena *arena);
void other_add_section(struct elf_file *f, struct elf_section s);

/* The symbols, in a section of their own behind all others; the array may be NULL. */
void other_set_symbols(struct elf_file *f, const struct elf_symbol *at, size_t n);

#endif
