/* See elf_relocate.h. Only what compilers emit into debug sections: absolute values of 4 and 8
 * bytes. */
#include "symbol/elf_relocate.h"

#include <elf.h>
#include <endian.h>

struct relocation {
    uint64_t offset, addend;
    uint32_t type, symbol;
};

/* How many bytes the value has; 0 for a kind that is not known. */
static unsigned width_of(uint16_t machine, uint32_t type) {
    if (machine == EM_X86_64) {
        if (type == R_X86_64_64) return 8;
        if (type == R_X86_64_32 || type == R_X86_64_32S) return 4;
    }
    if (machine == EM_AARCH64) {
        if (type == R_AARCH64_ABS64) return 8;
        if (type == R_AARCH64_ABS32) return 4;
    }
    return 0;
}

static bool value_of(const struct elf_file *f, struct pp_str symbols, const struct relocation *r,
                     uint64_t *ret_value) {
    uint64_t at = (uint64_t)r->symbol * sizeof(Elf64_Sym);
    if (at + sizeof(Elf64_Sym) > symbols.len) return false;
    const char *symbol = symbols.data + at;
    uint16_t section = elf_u16(f, symbol + offsetof(Elf64_Sym, st_shndx));
    uint64_t value = elf_u64(f, symbol + offsetof(Elf64_Sym, st_value));
    if (section > 0 && section < f->n_sections) value += f->sections[section].addr;
    *ret_value = value + r->addend;
    return true;
}

static void put(const struct elf_file *f, unsigned char *to, uint64_t value, unsigned width) {
    if (width == 8) {
        uint64_t v = f->big_endian ? htobe64(value) : htole64(value);
        memcpy(to, &v, 8);
    } else {
        uint32_t v = f->big_endian ? htobe32((uint32_t)value) : htole32((uint32_t)value);
        memcpy(to, &v, 4);
    }
}

static void apply(const struct elf_file *f, const struct elf_section *table, unsigned char *bytes,
                  uint64_t size) {
    if (table->link >= f->n_sections) return;
    struct pp_str symbols = f->sections[table->link].bytes;
    for (size_t at = 0; at + sizeof(Elf64_Rela) <= table->bytes.len; at += sizeof(Elf64_Rela)) {
        const char *entry = table->bytes.data + at;
        uint64_t info = elf_u64(f, entry + 8), value;
        struct relocation r = {elf_u64(f, entry), elf_u64(f, entry + 16), (uint32_t)info,
                               (uint32_t)(info >> 32)};
        unsigned width = width_of(f->machine, r.type);
        if (width == 0 || r.offset > size || width > size - r.offset) continue;
        if (value_of(f, symbols, &r, &value)) put(f, bytes + r.offset, value, width);
    }
}

bool elf_relocate(const struct elf_file *f, uint32_t index, unsigned char *bytes, uint64_t size) {
    if (!f->is_64 || (f->machine != EM_X86_64 && f->machine != EM_AARCH64)) return false;
    for (uint32_t i = 1; i < f->n_sections; i++)
        if (f->sections[i].type == SHT_RELA && f->sections[i].info == index)
            apply(f, &f->sections[i], bytes, size);
    return true;
}
