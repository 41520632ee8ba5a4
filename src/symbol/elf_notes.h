/* The build id among an ELF file's notes. */
#ifndef SYMBOL_ELF_NOTES_H
#define SYMBOL_ELF_NOTES_H

#include "symbol/elf_file.h"

/* Lower-case hex in `arena`; "" when there is none, or when one note area holds several. */
struct pp_str elf_notes_build_id(const struct elf_file *f, struct pp_arena *arena);

/* The build id, as bytes, among notes that stand in memory or in a file by themselves, of this
 * machine's byte order; false when there is none. */
bool elf_notes_find_id(struct pp_str notes, struct pp_str *ret_id);

/* Whether the text is hex: one that comes from a profile may become a part of a path only then. */
bool elf_notes_is_id(struct pp_str text);

/* Bytes as lower-case hex. */
struct pp_str elf_notes_hex(struct pp_str bytes, struct pp_arena *arena);

#endif
