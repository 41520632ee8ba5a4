/* Mach-O: see other_file.h. The layout is that of mach-o/loader.h, nlist.h and fat.h. */
#include "symbol/other_file.h"

#include "symbol/elf_notes.h"

#include <elf.h>

enum {
    MAX_COMMANDS = 10000,
    MAX_SLICES = 30, /* more is a Java class, which begins with the same word */
    SEGMENT = 0x1,
    SYMBOLS = 0x2,
    SEGMENT_64 = 0x19,
    UUID = 0x1b,
    CPU_X86_64 = 0x01000007,
    CPU_ARM64 = 0x0100000c,
};

static const uint32_t magic_32 = 0xfeedface, magic_64 = 0xfeedfacf;
static const uint32_t magic_fat = 0xcafebabe, magic_fat_64 = 0xcafebabf;

/* Little or big endian, or neither. */
static bool has_magic(const unsigned char *at, uint32_t magic, bool big_endian) {
    for (int i = 0; i < 4; i++)
        if (at[i] != (magic >> 8 * (big_endian ? 3 - i : i) & 0xff)) return false;
    return true;
}

static bool is_thin(const unsigned char *at, bool *ret_64, bool *ret_big_endian) {
    for (int i = 0; i < 4; i++) {
        *ret_64 = i & 1;
        *ret_big_endian = i & 2;
        if (has_magic(at, *ret_64 ? magic_64 : magic_32, *ret_big_endian)) return true;
    }
    return false;
}

static bool is_fat(const struct image *image) {
    return image->size >= 8 &&
           (has_magic(image->bytes, magic_fat, true) ||
            has_magic(image->bytes, magic_fat_64, true)) &&
           image->bytes[4] == 0 && image->bytes[5] == 0 && image->bytes[6] == 0 &&
           image->bytes[7] <= MAX_SLICES;
}

static bool is_macho(const struct image *image) {
    bool is_64, big_endian;
    return image->size >= 32 && (is_fat(image) || is_thin(image->bytes, &is_64, &big_endian));
}

struct macho {
    struct elf_file *f;
    struct pp_arena *arena;
    uint64_t slice; /* where it begins in the file */
    struct pp_str commands;
    uint32_t n_commands;
    size_t n_sections, n_segments; /* that the commands claim, within bounds */
    struct pp_str symbols, names;
};

static uint32_t u32(const struct macho *m, struct pp_str s, size_t at) {
    return at + 4 <= s.len ? elf_u32(m->f, s.data + at) : 0;
}

static uint64_t u64(const struct macho *m, struct pp_str s, size_t at) {
    return at + 8 <= s.len ? elf_u64(m->f, s.data + at) : 0;
}

/* A number of the file's own width. */
static uint64_t word(const struct macho *m, struct pp_str s, size_t at) {
    return m->f->is_64 ? u64(m, s, at) : u32(m, s, at);
}

/* ---- fat files ---- */

static uint64_t big(struct pp_str s, size_t at, size_t size) {
    uint64_t v = 0;
    for (size_t i = 0; i < size; i++)
        v = v << 8 | (unsigned char)s.data[at + i];
    return v;
}

/* The slice of this machine's kind, as google/pprof takes it; else the first. */
static bool find_slice(struct macho *m) {
#ifdef __aarch64__
    const uint32_t wanted = CPU_ARM64;
#else
    const uint32_t wanted = CPU_X86_64;
#endif
    struct pp_str all = other_bytes(m->f, 0, m->f->image.size);
    bool wide = has_magic(m->f->image.bytes, magic_fat_64, true);
    size_t n = (size_t)big(all, 4, 4), size = wide ? 32 : 20;
    bool found = false;
    for (size_t i = 0; i < n && 8 + (i + 1) * size <= all.len; i++) {
        struct pp_str arch = pp_str_slice(all, 8 + i * size, 8 + (i + 1) * size);
        if (i && big(arch, 0, 4) != wanted) continue;
        m->slice = big(arch, 8, wide ? 8 : 4);
        found = true;
        if (big(arch, 0, 4) == wanted) break;
    }
    return found && m->slice < all.len;
}

/* ---- segments and sections ---- */

static struct pp_str fixed_name(struct pp_str s, size_t at) {
    return (struct pp_str){s.data + at, strnlen(s.data + at, 16)};
}

/* __debug_info is .debug_info; a name has 16 letters at most. */
static struct pp_str elf_name(const struct macho *m, struct pp_str name) {
    if (pp_str_eq(name, PP_STR("__debug_str_offs"))) return PP_STR(".debug_str_offsets");
    if (!pp_str_has_prefix(name, PP_STR("__"))) return name;
    return pp_arena_printf(m->arena, ".%.*s", (int)name.len - 2, name.data + 2);
}

static bool has_no_bytes(uint32_t flags) {
    uint32_t type = flags & 0xff;
    return type == 1 || type == 0xc || type == 0x12; /* zero filled: plain, large, of threads */
}

static void add_section(struct macho *m, struct pp_str s, const struct elf_segment *segment) {
    bool is_64 = m->f->is_64;
    uint32_t flags = u32(m, s, is_64 ? 64 : 56);
    uint64_t offset = u32(m, s, is_64 ? 48 : 40) + m->slice;
    struct elf_section made = {.name = elf_name(m, fixed_name(s, 0)),
                               .type = has_no_bytes(flags) ? SHT_NOBITS : SHT_PROGBITS,
                               .addr = word(m, s, 32),
                               .size = word(m, s, is_64 ? 40 : 36),
                               .flags = segment->flags & PF_R ? SHF_ALLOC : 0};
    if (pp_str_eq(fixed_name(s, 16), PP_STR("__DWARF"))) made.flags = 0;
    if (made.flags && (segment->flags & PF_W)) made.flags |= SHF_WRITE;
    if (made.flags && flags & 0x80000400)
        made.flags |= SHF_EXECINSTR; /* instructions, some or all */
    /* A dSYM has the headers of code without it. */
    bool inside = offset >= segment->offset && made.size <= segment->filesz &&
                  offset - segment->offset <= segment->filesz - made.size;
    if (made.type == SHT_PROGBITS && inside) made.bytes = other_bytes(m->f, offset, made.size);
    other_add_section(m->f, made);
}

static uint32_t elf_flags(uint32_t protection) {
    return (protection & 1 ? PF_R : 0) | (protection & 2 ? PF_W : 0) | (protection & 4 ? PF_X : 0);
}

static size_t section_size(const struct macho *m) {
    return m->f->is_64 ? 80 : 68;
}

static size_t segment_size(const struct macho *m) {
    return m->f->is_64 ? 72 : 56;
}

static uint32_t claimed_sections(const struct macho *m, struct pp_str command) {
    uint32_t n = u32(m, command, m->f->is_64 ? 64 : 48);
    size_t room = command.len < segment_size(m) ? 0 : command.len - segment_size(m);
    return n < room / section_size(m) ? n : (uint32_t)(room / section_size(m));
}

static void add_segment(struct macho *m, struct pp_str command) {
    bool is_64 = m->f->is_64;
    if (command.len < segment_size(m)) return;
    struct elf_segment s = {.type = PT_LOAD,
                            .flags = elf_flags(u32(m, command, is_64 ? 60 : 44)),
                            .vaddr = word(m, command, 24),
                            .memsz = word(m, command, is_64 ? 32 : 28),
                            .offset = word(m, command, is_64 ? 40 : 32) + m->slice,
                            .filesz = word(m, command, is_64 ? 48 : 36),
                            .align = 1};
    if (pp_str_eq(fixed_name(command, 8), PP_STR("__TEXT"))) m->f->load_base = s.vaddr;
    if (s.filesz) m->f->segments[m->f->n_segments++] = s;
    for (uint32_t i = 0; i < claimed_sections(m, command); i++) {
        size_t at = segment_size(m) + i * section_size(m);
        add_section(m, pp_str_slice(command, at, at + section_size(m)), &s);
    }
}

/* ---- symbols ---- */

static void read_symbols(struct macho *m) {
    size_t size = m->f->is_64 ? 16 : 12, n = 0, max = m->symbols.len / size;
    struct elf_symbol *at = PP_NEW(m->arena, struct elf_symbol, max);
    for (size_t i = 0; i < max; i++) {
        struct pp_str s = pp_str_slice(m->symbols, i * size, (i + 1) * size);
        unsigned type = (unsigned char)s.data[4], section = (unsigned char)s.data[5];
        uint32_t name = u32(m, s, 0);
        /* Not of a debugger, and defined in a section. */
        if ((type & 0xe0) || (type & 0x0e) != 0x0e || section == 0 || section >= m->f->n_sections ||
            name >= m->names.len)
            continue;
        struct pp_str text = pp_str_slice(m->names, name, m->names.len);
        text.len = strnlen(text.data, text.len);
        if (text.len > 1 && text.data[0] == '_') text = pp_str_slice(text, 1, text.len);
        bool code = m->f->sections[section].flags & SHF_EXECINSTR;
        at[n++] = (struct elf_symbol){.value = word(m, s, 8),
                                      .name = text,
                                      .type = code ? STT_FUNC : STT_OBJECT,
                                      .binding = type & 1 ? STB_GLOBAL : STB_LOCAL,
                                      .section = section};
    }
    other_set_symbols(m->f, at, n);
}

/* ---- commands ---- */

static void count(struct macho *m, uint32_t kind, struct pp_str command) {
    if (kind != SEGMENT && kind != SEGMENT_64) return;
    m->n_segments++;
    m->n_sections += claimed_sections(m, command);
}

static void obey(struct macho *m, uint32_t kind, struct pp_str command) {
    if (kind == SEGMENT || kind == SEGMENT_64) {
        add_segment(m, command);
    } else if (kind == UUID && command.len >= 24) {
        m->f->build_id = elf_notes_hex(pp_str_slice(command, 8, 24), m->arena);
    } else if (kind == SYMBOLS && command.len >= 24) {
        uint64_t size = (uint64_t)u32(m, command, 12) * (m->f->is_64 ? 16 : 12);
        m->symbols = other_bytes(m->f, m->slice + u32(m, command, 8), size);
        m->names = other_bytes(m->f, m->slice + u32(m, command, 16), u32(m, command, 20));
    }
}

static void each_command(struct macho *m,
                         void (*see)(struct macho *m, uint32_t kind, struct pp_str command)) {
    size_t at = 0;
    for (uint32_t i = 0; i < m->n_commands && i < MAX_COMMANDS && at + 8 <= m->commands.len; i++) {
        uint32_t size = u32(m, m->commands, at + 4);
        if (size < 8 || size > m->commands.len - at) return;
        see(m, u32(m, m->commands, at), pp_str_slice(m->commands, at, at + size));
        at += size;
    }
}

static uint16_t elf_machine(uint32_t cpu) {
    return cpu == CPU_X86_64 ? EM_X86_64 : cpu == CPU_ARM64 ? EM_AARCH64 : EM_NONE;
}

static bool read_macho(struct elf_file *f, struct pp_arena *arena, struct pp_error *err) {
    struct macho m = {.f = f, .arena = arena};
    if (is_fat(&f->image) && !find_slice(&m))
        return pp_fail(err, PP_E_FORMAT, "broken fat Mach-O header");
    struct pp_str header = other_bytes(f, m.slice, 32);
    if (!header.len || !is_thin((const unsigned char *)header.data, &f->is_64, &f->big_endian))
        return pp_fail(err, PP_E_FORMAT, "broken Mach-O header");
    f->type = ET_DYN;
    f->machine = elf_machine(u32(&m, header, 4));
    m.n_commands = u32(&m, header, 16);
    m.commands = other_bytes(f, m.slice + (f->is_64 ? 32 : 28), u32(&m, header, 20));
    each_command(&m, count);
    f->segments = PP_NEW(arena, struct elf_segment, m.n_segments);
    other_begin_sections(f, m.n_sections, arena);
    each_command(&m, obey);
    read_symbols(&m);
    return true;
}

const struct other_format macho_format = {is_macho, read_macho};
