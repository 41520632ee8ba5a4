/* See other_file.h. */
#include "symbol/other_file.h"

#include <elf.h>

struct pp_str other_bytes(const struct elf_file *f, uint64_t offset, uint64_t size) {
    if (offset > f->image.size || size > f->image.size - offset) return PP_STR("");
    return (struct pp_str){(const char *)f->image.bytes + offset, size};
}

void other_begin_sections(struct elf_file *f, size_t n, struct pp_arena *arena) {
    f->sections = PP_NEW(arena, struct elf_section, n + 2);
    f->n_sections = 1;
}

void other_add_section(struct elf_file *f, struct elf_section s) {
    elf_section_read_packing(f, &s);
    f->sections[f->n_sections++] = s;
}

void other_set_symbols(struct elf_file *f, const struct elf_symbol *at, size_t n) {
    if (n == 0) return;
    f->other_symbols = at;
    f->n_other_symbols = n;
    f->sections[f->n_sections++] =
        (struct elf_section){.name = PP_STR(".symtab"), .type = SHT_SYMTAB};
}
