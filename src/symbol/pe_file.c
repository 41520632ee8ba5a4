/* PE, with a COFF symbol table if there is one: see other_file.h. The layout is that of Microsoft's
 * "PE Format". */
#include "symbol/other_file.h"

#include "base/text.h"
#include "symbol/elf_notes.h"

#include <elf.h>
#include <endian.h>

enum {
    MAX_SECTIONS = 10000,
    SECTION_SIZE = 40,
    SYMBOL_SIZE = 18,
    I386 = 0x14c,
    AMD64 = 0x8664,
    ARM64 = 0xaa64,
    PE32_PLUS = 0x20b,
    IS_CODE = 0x20000000,     /* executable */
    IS_READABLE = 0x40000000, /* in memory */
    DEBUG_DIRECTORY = 6,
    IS_DISCARDED = 0x02000000,
};

static const uint32_t is_writable = 0x80000000;

static uint16_t u16(struct pp_str s, size_t at) {
    uint16_t v;
    if (at + 2 > s.len) return 0;
    memcpy(&v, s.data + at, sizeof v);
    return le16toh(v);
}

static uint32_t u32(struct pp_str s, size_t at) {
    return at + 4 <= s.len ? u16(s, at) | (uint32_t)u16(s, at + 2) << 16 : 0;
}

static uint64_t u64(struct pp_str s, size_t at) {
    return at + 8 <= s.len ? u32(s, at) | (uint64_t)u32(s, at + 4) << 32 : 0;
}

/* Where the PE header begins, behind a program for DOS; 0: nowhere. */
static uint64_t header_at(const struct image *image) {
    struct pp_str all = {(const char *)image->bytes, image->size};
    if (image->size < 64 || memcmp(all.data, "MZ", 2) != 0) return 0;
    uint64_t at = u32(all, 0x3c);
    if (at + 24 > image->size || memcmp(all.data + at, "PE\0\0", 4) != 0) return 0;
    return at;
}

static bool is_pe(const struct image *image) {
    return image->size >= 2 && memcmp(image->bytes, "MZ", 2) == 0;
}

struct pe {
    struct elf_file *f;
    struct pp_arena *arena;
    struct pp_str header, optional, sections, symbols, names;
};

/* A name of up to 8 letters, or "/4": a place in the table of long names. */
static struct pp_str long_name(const struct pe *p, uint64_t at) {
    if (at >= p->names.len) return PP_STR("");
    struct pp_str s = pp_str_slice(p->names, at, p->names.len);
    return (struct pp_str){s.data, strnlen(s.data, s.len)};
}

static struct pp_str section_name(const struct pe *p, struct pp_str header) {
    struct pp_str name = {header.data, strnlen(header.data, 8)};
    uint64_t at = 0;
    if (name.len < 2 || name.data[0] != '/') return name;
    for (size_t i = 1; i < name.len; i++) {
        if (!text_is_digit(name.data[i])) return name;
        at = 10 * at + (uint64_t)(name.data[i] - '0');
    }
    return long_name(p, at);
}

static void add_section(struct pe *p, struct pp_str header) {
    uint32_t flags = u32(header, 36), size = u32(header, 8), raw = u32(header, 16);
    bool loaded = (flags & IS_READABLE) && !(flags & IS_DISCARDED);
    struct elf_section s = {.name = section_name(p, header),
                            .type = raw ? SHT_PROGBITS : SHT_NOBITS,
                            .addr = p->f->load_base + u32(header, 12),
                            .size = size ? size : raw};
    if (loaded) s.flags = SHF_ALLOC;
    if (loaded && (flags & is_writable)) s.flags |= SHF_WRITE;
    if (loaded && (flags & IS_CODE)) s.flags |= SHF_EXECINSTR;
    /* What is in the file is rounded up. */
    uint64_t in_file = size && size < raw ? size : raw;
    s.bytes = other_bytes(p->f, u32(header, 20), in_file);
    if (loaded && s.bytes.len)
        p->f->segments[p->f->n_segments++] =
            (struct elf_segment){.type = PT_LOAD,
                                 .flags = flags & IS_CODE ? PF_R | PF_X : PF_R,
                                 .offset = u32(header, 20),
                                 .vaddr = s.addr,
                                 .filesz = s.bytes.len,
                                 .memsz = s.size,
                                 .align = 1};
    other_add_section(p->f, s);
}

/* ---- symbols ---- */

static struct pp_str symbol_name(const struct pe *p, struct pp_str s) {
    struct pp_str name =
        u32(s, 0) ? (struct pp_str){s.data, strnlen(s.data, 8)} : long_name(p, u32(s, 4));
    /* C's names have an underscore there. */
    if (u16(p->header, 4) == I386 && name.len > 1 && name.data[0] == '_')
        name = pp_str_slice(name, 1, name.len);
    return name;
}

static bool is_file(struct pp_str s) {
    return (unsigned char)s.data[16] == 103;
}

static void read_symbols(struct pe *p) {
    size_t max = p->symbols.len / SYMBOL_SIZE, n = 0;
    uint32_t n_sections = p->f->n_sections;
    struct elf_symbol *at = PP_NEW(p->arena, struct elf_symbol, max);
    for (size_t i = 0; i < max; i++) {
        struct pp_str s = pp_str_slice(p->symbols, i * SYMBOL_SIZE, (i + 1) * SYMBOL_SIZE);
        unsigned section = u16(s, 12), storage = (unsigned char)s.data[16];
        unsigned more = (unsigned char)s.data[17];
        if (is_file(s) && i + 1 < max) {
            const char *name = s.data + SYMBOL_SIZE;
            at[n++] =
                (struct elf_symbol){.name = {name, strnlen(name, SYMBOL_SIZE)}, .type = STT_FILE};
        }
        i += more;
        bool is_section = storage == 3 && more && u16(s, 14) == 0;
        if ((storage != 2 && storage != 3) || is_section || section == 0 || section >= n_sections)
            continue;
        const struct elf_section *in = &p->f->sections[section];
        at[n++] = (struct elf_symbol){.value = in->addr + u32(s, 8),
                                      .name = symbol_name(p, s),
                                      .type = in->flags & SHF_EXECINSTR ? STT_FUNC : STT_OBJECT,
                                      .binding = storage == 2 ? STB_GLOBAL : STB_LOCAL,
                                      .section = section};
    }
    other_set_symbols(p->f, at, n);
}

/* ---- Go's line table: it is in .rdata, and begins with a word of its own ---- */

static bool is_line_table(struct pp_str s, uint64_t text) {
    uint32_t magic = u32(s, 0);
    return (magic == 0xfffffff0 || magic == 0xfffffff1) && u16(s, 4) == 0 && s.len > 72 &&
           s.data[7] == 8 && u64(s, 24) == text;
}

static void find_line_table(struct pe *p) {
    uint64_t text = 0;
    uint32_t n = p->f->n_sections;
    for (uint32_t i = 1; i < n; i++)
        if (pp_str_eq(p->f->sections[i].name, PP_STR(".text"))) text = p->f->sections[i].addr;
    for (uint32_t i = 1; i < n; i++) {
        const struct elf_section *s = &p->f->sections[i];
        if (!(s->flags & SHF_ALLOC) || (s->flags & SHF_EXECINSTR)) continue;
        for (size_t at = 0; at + 72 < s->bytes.len; at += 16) {
            struct pp_str rest = pp_str_slice(s->bytes, at, s->bytes.len);
            if (!is_line_table(rest, text)) continue;
            p->f->sections[p->f->n_sections++] = (struct elf_section){.name = PP_STR(".gopclntab"),
                                                                      .type = SHT_PROGBITS,
                                                                      .addr = s->addr + at,
                                                                      .size = rest.len,
                                                                      .bytes = rest};
            return;
        }
    }
}

/* ---- the identity that a PDB file has too ---- */

static struct pp_str at_address(const struct elf_file *f, uint64_t address, uint64_t size) {
    struct pp_str s = elf_file_at(f, address);
    return s.len < size ? PP_STR("") : pp_str_slice(s, 0, size);
}

/* The GUID, as it is written: its first three numbers are little endian in the file. */
static struct pp_str guid(struct pp_str bytes, struct pp_arena *arena) {
    static const unsigned char order[] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
    char text[16];
    for (size_t i = 0; i < 16; i++)
        text[i] = bytes.data[order[i]];
    return elf_notes_hex((struct pp_str){text, 16}, arena);
}

static void read_identity(struct pe *p) {
    size_t directories = p->f->is_64 ? 112 : 96;
    size_t at = directories + (size_t)8 * DEBUG_DIRECTORY;
    uint64_t place = p->f->load_base + u32(p->optional, at);
    uint32_t size = u32(p->optional, at + 4);
    for (uint32_t i = 0; i < size / 28 && i < 64; i++) {
        struct pp_str entry = at_address(p->f, place + (uint64_t)28 * i, 28);
        if (u32(entry, 12) != 2) continue; /* CodeView */
        struct pp_str record = other_bytes(p->f, u32(entry, 24), 24);
        if (!pp_str_has_prefix(record, PP_STR("RSDS"))) continue;
        p->f->build_id = guid(pp_str_slice(record, 4, 20), p->arena);
        return;
    }
}

static uint16_t elf_machine(uint16_t machine) {
    return machine == AMD64   ? EM_X86_64
           : machine == ARM64 ? EM_AARCH64
           : machine == I386  ? EM_386
                              : EM_NONE;
}

static void find_symbols(struct pe *p) {
    uint64_t at = u32(p->header, 12), size = (uint64_t)u32(p->header, 16) * SYMBOL_SIZE;
    p->symbols = other_bytes(p->f, at, at ? size : 0);
    if (!at) return;
    struct pp_str length = other_bytes(p->f, at + size, 4);
    p->names = other_bytes(p->f, at + size, u32(length, 0));
}

static bool read_pe(struct elf_file *f, struct pp_arena *arena, struct pp_error *err) {
    struct pe p = {.f = f, .arena = arena};
    uint64_t at = header_at(&f->image);
    if (!at) return pp_fail(err, PP_E_FORMAT, "broken PE header");
    p.header = other_bytes(f, at, 24);
    p.optional = other_bytes(f, at + 24, u16(p.header, 20));
    size_t n = u16(p.header, 6);
    p.sections = other_bytes(f, at + 24 + p.optional.len, n * SECTION_SIZE);
    if (n > MAX_SECTIONS || p.sections.len == 0 || p.optional.len < 32)
        return pp_fail(err, PP_E_FORMAT, "broken PE header");
    f->type = ET_DYN;
    f->is_64 = u16(p.optional, 0) == PE32_PLUS;
    f->machine = elf_machine(u16(p.header, 4));
    f->load_base = f->is_64 ? u64(p.optional, 24) : u32(p.optional, 28);
    find_symbols(&p);
    f->segments = PP_NEW(arena, struct elf_segment, n);
    other_begin_sections(f, n + 1, arena);
    for (size_t i = 0; i < n; i++)
        add_section(&p, pp_str_slice(p.sections, i * SECTION_SIZE, (i + 1) * SECTION_SIZE));
    find_line_table(&p);
    read_identity(&p);
    read_symbols(&p);
    return true;
}

const struct other_format pe_format = {is_pe, read_pe};
