/* See elf_build.h. Header, contents, section names, section headers, in this order. */
#include "symbol/elf_build.h"

#include <elf.h>
#include <endian.h>

struct writer {
    unsigned char *bytes;
    bool big_endian;
};

static uint16_t as16(const struct writer *w, uint16_t v) {
    return w->big_endian ? htobe16(v) : htole16(v);
}

static uint32_t as32(const struct writer *w, uint32_t v) {
    return w->big_endian ? htobe32(v) : htole32(v);
}

static uint64_t as64(const struct writer *w, uint64_t v) {
    return w->big_endian ? htobe64(v) : htole64(v);
}

static uint64_t aligned(uint64_t v) {
    return (v + 15) & ~UINT64_C(15);
}

struct layout {
    uint64_t names, names_size, headers, size;
};

static struct layout lay_out(const struct elf_part *parts, size_t n) {
    struct layout l = {0};
    uint64_t at = aligned(sizeof(Elf64_Ehdr));
    l.names_size = 1 + sizeof ".shstrtab";
    for (size_t i = 0; i < n; i++) {
        uint64_t next = aligned(at + parts[i].size + 1);
        if (next < at || parts[i].size > UINT64_MAX / 4) return (struct layout){.size = UINT64_MAX};
        at = next;
        l.names_size += parts[i].name.len + 1;
    }
    l.names = at;
    l.headers = aligned(at + l.names_size);
    l.size = l.headers + (n + 2) * sizeof(Elf64_Shdr);
    return l;
}

static void write_header(const struct writer *w, const struct layout *l, size_t n,
                         uint16_t machine) {
    Elf64_Ehdr h = {.e_type = as16(w, ET_DYN),
                    .e_machine = as16(w, machine),
                    .e_version = as32(w, EV_CURRENT),
                    .e_shoff = as64(w, l->headers),
                    .e_ehsize = as16(w, sizeof(Elf64_Ehdr)),
                    .e_phentsize = as16(w, sizeof(Elf64_Phdr)),
                    .e_shentsize = as16(w, sizeof(Elf64_Shdr)),
                    .e_shnum = as16(w, (uint16_t)(n + 2)),
                    .e_shstrndx = as16(w, (uint16_t)(n + 1))};
    memcpy(h.e_ident, ELFMAG, SELFMAG);
    h.e_ident[EI_CLASS] = ELFCLASS64;
    h.e_ident[EI_DATA] = w->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
    h.e_ident[EI_VERSION] = EV_CURRENT;
    memcpy(w->bytes, &h, sizeof h);
}

/* `s` is in this machine's byte order. */
static void write_section(const struct writer *w, const struct layout *l, size_t index,
                          const Elf64_Shdr *s) {
    Elf64_Shdr sh = {.sh_name = as32(w, s->sh_name),
                     .sh_type = as32(w, s->sh_type),
                     .sh_offset = as64(w, s->sh_offset),
                     .sh_size = as64(w, s->sh_size),
                     .sh_addralign = as64(w, 1)};
    memcpy(w->bytes + l->headers + index * sizeof sh, &sh, sizeof sh);
}

bool elf_build(struct image *ret_image, struct elf_part *parts, size_t n,
               const struct elf_file *like, struct pp_error *err) {
    struct layout l = lay_out(parts, n);
    struct image image;
    if (n > 1000) return pp_fail(err, PP_E_LIMIT, "%zu sections are too many", n);
    if (!image_reserve(&image, l.size, err)) return false;
    struct writer w = {image.bytes, like->big_endian};
    write_header(&w, &l, n, like->machine);
    uint64_t at = aligned(sizeof(Elf64_Ehdr));
    Elf64_Word name = 1;
    for (size_t i = 0; i < n; i++) {
        parts[i].at = image.bytes + at;
        const Elf64_Shdr section = {name, SHT_PROGBITS, .sh_offset = at, .sh_size = parts[i].size};
        write_section(&w, &l, i + 1, &section);
        if (parts[i].name.len)
            memcpy(image.bytes + l.names + name, parts[i].name.data, parts[i].name.len);
        name += (Elf64_Word)parts[i].name.len + 1;
        at = aligned(at + parts[i].size + 1);
    }
    memcpy(image.bytes + l.names + name, ".shstrtab", sizeof ".shstrtab");
    const Elf64_Shdr names = {name, SHT_STRTAB, .sh_offset = l.names, .sh_size = l.names_size};
    write_section(&w, &l, n + 1, &names);
    *ret_image = image;
    return true;
}
