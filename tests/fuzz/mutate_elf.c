/* Mutates the parts of a valid ELF file: the contents of one section, a field of a header. A byte
 * that is changed anywhere dies in the header, or hits what nobody reads. */
#include "world.h"

#include <elf.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

struct elf64 {
    uint8_t *bytes;
    size_t size;
    Elf64_Ehdr header;
};

static bool get_section(const struct elf64 *f, uint32_t i, Elf64_Shdr *ret_section) {
    uint64_t at = f->header.e_shoff + (uint64_t)i * sizeof *ret_section;
    if (f->size < sizeof *ret_section || at > f->size - sizeof *ret_section) return false;
    memcpy(ret_section, f->bytes + at, sizeof *ret_section);
    return true;
}

static bool is_read(const struct elf64 *f, const Elf64_Shdr *s) {
    Elf64_Shdr names;
    if (s->sh_type == SHT_NOBITS || s->sh_offset > f->size || s->sh_size > f->size - s->sh_offset)
        return false;
    if (s->sh_type != SHT_PROGBITS) return s->sh_size > 0;
    if (s->sh_flags & SHF_EXECINSTR || !get_section(f, f->header.e_shstrndx, &names)) return false;
    uint64_t at = names.sh_offset + s->sh_name;
    if (s->sh_size == 0 || at < names.sh_offset || at > f->size - 8) return false;
    const char *name = (const char *)f->bytes + at;
    return !memcmp(name, ".debug_", 7) || !memcmp(name, ".zdebug", 7) ||
           !memcmp(name, ".gopcln", 7) || !memcmp(name, ".gnu_de", 7);
}

/* The contents of a section that somebody reads, chosen evenly. */
static bool mutate_contents(struct elf64 *f, uint32_t *state) {
    Elf64_Shdr s, chosen = {0};
    uint32_t seen = 0;
    for (uint32_t i = 1; i < f->header.e_shnum && get_section(f, i, &s); i++)
        if (is_read(f, &s) && random_below(state, ++seen) == 0) chosen = s;
    if (!seen) return false;
    uint8_t copy[1 << 16];
    size_t from = 0, n = chosen.sh_size;
    if (n > 64 && random_below(state, 2)) { /* a window: what is small is hit more often */
        from = random_below(state, (uint32_t)n - 48);
        n = 48;
    }
    if (n > sizeof copy) n = sizeof copy;
    memcpy(copy, f->bytes + chosen.sh_offset + from, n);
    size_t done = LLVMFuzzerMutate(copy, n, n);
    memcpy(f->bytes + chosen.sh_offset + from, copy, done < n ? done : n);
    return true;
}

static uint64_t odd_number(uint32_t *state, size_t file_size) {
    const uint64_t odd[] = {0,         1,          UINT64_MAX,    UINT32_MAX, INT64_MAX,
                            file_size, 1ULL << 40, file_size - 1, 24,         0x10000};
    return odd[random_below(state, sizeof odd / sizeof *odd)];
}

/* A word of the header, of a section's header or of a segment's. */
static void mutate_field(struct elf64 *f, uint32_t *state) {
    uint64_t base = 16, length = sizeof f->header - 16;
    uint32_t which = random_below(state, 8);
    if (which > 0 && f->header.e_shnum) {
        base = f->header.e_shoff +
               (uint64_t)random_below(state, f->header.e_shnum) * sizeof(Elf64_Shdr);
        length = sizeof(Elf64_Shdr);
    }
    if (which > 5 && f->header.e_phnum) {
        base = f->header.e_phoff +
               (uint64_t)random_below(state, f->header.e_phnum) * sizeof(Elf64_Phdr);
        length = sizeof(Elf64_Phdr);
    }
    uint64_t at = base + random_below(state, (uint32_t)length / 4) * 4,
             v = odd_number(state, f->size);
    size_t n = random_below(state, 2) ? 8 : 4;
    if (at >= base && at <= f->size - 8) memcpy(f->bytes + at, &v, n);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    uint32_t state = seed;
    struct elf64 f = {data, size, {0}};
    if (size < 2 * sizeof f.header || memcmp(data, ELFMAG, SELFMAG) != 0 ||
        random_below(&state, 16) == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    memcpy(&f.header, data, sizeof f.header);
    for (uint32_t n = 1 + random_below(&state, 4); n > 0; n--)
        if (random_below(&state, 5) == 0 || !mutate_contents(&f, &state)) mutate_field(&f, &state);
    return size;
}
