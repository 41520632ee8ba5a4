/* Relocatable files (kernel modules, object files): their DWARF has its strings and addresses in
 * relocations. */
#ifndef SYMBOL_ELF_RELOCATE_H
#define SYMBOL_ELF_RELOCATE_H

#include "symbol/elf_file.h"

/* Applies the relocations of `f` for its section `index` to a copy of that section's bytes.
 * Addresses come out as if .text began at 0 and every other section of code far away from it and
 * from each other. False when the machine's relocations are not known. */
bool elf_relocate(const struct elf_file *f, uint32_t index, unsigned char *bytes, uint64_t size);

#endif
