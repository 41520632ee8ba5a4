/* See address.h. */
#include "symbol/address.h"

#include <elf.h>
#include <inttypes.h>

enum { PAGE = 4096 };

static const uint64_t upper_half = UINT64_C(1) << 63;
static const uint64_t ppc64_page_offset = UINT64_C(0xc000000000000000);

/* Kernels: perf gives the address of _text or _stext as the mapping's start, and ChromeOS moves its
 * kernel to address 0. Stated values of real kernels, e.g. start 0xffffffff83200000 for a segment
 * at 0xffffffff80200000, are in google/pprof's issue tracker. */
static bool kernel_base(const struct address_map *m, const struct elf_segment *s,
                        uint64_t *ret_base) {
    bool known = m->has_kernel_offset;
    uint64_t stext = m->kernel_offset;
    if (s->vaddr == m->start - m->offset) {
        *ret_base = m->offset;
        return true;
    }
    if (m->start == 0 && m->limit != 0 && known) {
        *ret_base = m->start - stext;
        return true;
    }
    if (m->start >= upper_half && m->limit > m->start &&
        (m->offset == 0 || m->offset == ppc64_page_offset || m->offset == m->start)) {
        bool at_symbol = known && m->start % PAGE == stext % PAGE;
        *ret_base = m->start - (at_symbol ? stext : s->vaddr);
        return true;
    }
    if (m->start % PAGE != 0 && known && stext % PAGE == m->start % PAGE) {
        *ret_base = m->start - stext;
        return true;
    }
    return false;
}

/* What the loader added: file offset x of the mapping is at start + x - offset, and file offset x
 * of the segment belongs at vaddr + x - segment offset. */
static uint64_t loader_base(const struct address_map *m, const struct elf_segment *s) {
    return m->start - m->offset + s->offset - s->vaddr;
}

static bool base_of_executable(const struct address_map *m, const struct elf_segment *s,
                               uint64_t *ret_base, struct pp_error *err) {
    if (!s) {
        *ret_base = 0;
        return true;
    }
    if (!m->has_kernel_offset && m->start > 0 && m->start < upper_half) {
        *ret_base = loader_base(m, s);
        return true;
    }
    if (kernel_base(m, s, ret_base)) return true;
    if (m->start == 0 && m->limit != 0 && !m->has_kernel_offset) {
        *ret_base = m->start - s->vaddr;
        return true;
    }
    return pp_fail(err, PP_E_UNSUPPORTED,
                   "don't know how an executable with a segment at 0x%" PRIx64
                   " is mapped to 0x%" PRIx64 "-0x%" PRIx64 " from offset 0x%" PRIx64,
                   s->vaddr, m->start, m->limit, m->offset);
}

static bool find_base(const struct address_map *m, const struct elf_segment *s, uint64_t *ret_base,
                      struct pp_error *err) {
    *ret_base = m->as_image ? m->start - m->file->load_base : m->guess;
    if (m->as_image || m->guessed) return true;
    if (m->start == 0 && m->offset == 0 && (m->limit == UINT64_MAX || m->limit == 0)) return true;
    if (m->file->is_other) { /* macOS and Windows map it as a whole */
        *ret_base = m->start ? m->start - m->file->load_base : 0;
        return true;
    }
    switch (m->file->type) {
    case ET_EXEC:
        return base_of_executable(m, s, ret_base, err);
    case ET_REL:
        if (m->offset != 0)
            return pp_fail(err, PP_E_UNSUPPORTED,
                           "a relocatable file is mapped from offset 0x%" PRIx64, m->offset);
        *ret_base = m->start;
        return true;
    case ET_DYN:
        if (!s)
            *ret_base = m->start - m->offset;
        else if (!kernel_base(m, s, ret_base))
            *ret_base = loader_base(m, s);
        return true;
    default:
        return pp_fail(err, PP_E_UNSUPPORTED, "ELF type %u is not a program", m->file->type);
    }
}

/* Whether the segment can be what is mapped: it overlaps the mapping, the mapping does not start
 * before the segment's first page, and it does not run a page or more beyond a segment of which it
 * has less than the last page. */
static bool segment_may_match(const struct address_map *m, const struct elf_segment *s) {
    uint64_t map_limit = m->offset + (m->limit - m->start), segment_limit = s->offset + s->memsz;
    if (s->type != PT_LOAD || s->filesz == 0) return false;
    if (m->offset >= segment_limit || s->offset >= map_limit) return false;
    uint64_t into_page = s->vaddr & (s->align - 1);
    uint64_t first_page = s->offset > into_page ? s->offset - into_page : 0;
    if (m->offset < first_page) return false;
    return !(m->offset > s->offset && segment_limit < m->offset + PAGE &&
             map_limit >= segment_limit + PAGE);
}

static bool find_segment(const struct address_map *m, uint64_t address,
                         const struct elf_segment **ret_segment, struct pp_error *err) {
    *ret_segment = NULL;
    if (m->file->is_other || m->as_image) return true;
    if (m->guessed || m->has_kernel_offset || m->start >= m->limit || m->limit >= upper_half) {
        *ret_segment = elf_file_text_segment(m->file);
        return true;
    }
    uint64_t at = address - m->start + m->offset;
    const struct elf_segment *only = NULL, *here = NULL;
    unsigned n_loads = 0, n_match = 0, n_here = 0;
    for (uint32_t i = 0; i < m->file->n_segments; i++) {
        const struct elf_segment *s = &m->file->segments[i];
        n_loads += s->type == PT_LOAD;
        if (!segment_may_match(m, s)) continue;
        only = s;
        n_match++;
        if (at < s->offset || at >= s->offset + s->memsz) continue;
        here = s;
        n_here++;
    }
    if (n_loads == 0) return true; /* a kernel module */
    if (n_match == 0) return pp_fail(err, PP_E_NOT_FOUND, "no program header matches the mapping");
    if (n_match > 1 && n_here != 1)
        return pp_fail(err, PP_E_NOT_FOUND, "%u program headers match file offset 0x%" PRIx64,
                       n_here, at);
    *ret_segment = n_match == 1 ? only : here;
    return true;
}

struct kernel_symbol {
    struct pp_str name;
    struct address_map *map;
};

static bool see_symbol(void *user, const struct elf_symbol *symbol) {
    struct kernel_symbol *wanted = user;
    if (!pp_str_eq(symbol->name, wanted->name)) return true;
    wanted->map->has_kernel_offset = true;
    wanted->map->kernel_offset = symbol->value;
    return false;
}

static bool contains(struct pp_str s, struct pp_str part) {
    return s.len && memmem(s.data, s.len, part.data, part.len) != NULL;
}

/* ---- a debug file alone ---- */

static uint64_t page_of(uint64_t address) {
    return address - address % PAGE;
}

static bool is_code(const struct elf_segment *s) {
    return s->type == PT_LOAD && (s->flags & PF_X) && s->memsz;
}

/* What tells that a mapping is of a segment whose place in the file is unknown, the best first. */
enum match { MATCH_START, MATCH_SIZE, MATCH_FILE, MATCH_WITHIN, N_MATCHES };

/* `laid`: the address of what is mapped, if the file is laid out as memory is, which most are. */
static bool matches(const struct address_map *m, const struct elf_segment *s, uint64_t laid,
                    enum match match) {
    uint64_t from = page_of(s->vaddr), to = page_of(s->vaddr + s->memsz + PAGE - 1);
    if (match == MATCH_START) return laid == from;
    if (match == MATCH_SIZE) return m->limit - m->start == to - from;
    if (match == MATCH_FILE) return m->offset == 0; /* from the file's beginning on */
    return laid > from && laid < to;
}

/* Segments that a debug file has alone have no place in it any more (objcopy --only-keep-debug),
 * and where the mapping begins says which of them it is. */
static bool guess_base(struct address_map *m) {
    const struct elf_file *f = m->file;
    const struct elf_segment *only = NULL;
    uint64_t lowest = UINT64_MAX;
    unsigned n = 0;
    for (uint32_t i = 0; i < f->n_segments; i++) {
        const struct elf_segment *s = &f->segments[i];
        if (s->type == PT_LOAD && s->vaddr < lowest) lowest = page_of(s->vaddr);
        if (!is_code(s)) continue;
        only = s;
        n++;
    }
    if (n == 0) return false;
    m->guessed = true;
    for (enum match match = MATCH_START; match < N_MATCHES; match++)
        for (uint32_t i = 0; i < f->n_segments; i++) {
            const struct elf_segment *s = &f->segments[i];
            uint64_t laid = lowest + m->offset;
            if (!is_code(s) || !matches(m, s, laid, match)) continue;
            m->guess = m->start - (match == MATCH_SIZE ? page_of(s->vaddr) : laid);
            return true;
        }
    m->guess = m->start - page_of(only->vaddr);
    m->guessed = n == 1;
    return m->guessed;
}

/* Whether a mapping of the file has to be guessed: the program's headers say where code is in
 * memory, but not where in the file. */
static bool has_no_place(const struct address_map *m) {
    if (m->file->is_other || m->as_image || m->has_kernel_offset || m->start >= m->limit ||
        m->limit >= upper_half)
        return false;
    for (uint32_t i = 0; i < m->file->n_segments; i++)
        if (is_code(&m->file->segments[i]) && m->file->segments[i].filesz) return false;
    return m->file->n_segments > 0 && !elf_file_has_code(m->file);
}

struct address_mapping address_mapping_of(const struct pp_profile *p, const struct pp_mapping *m,
                                          struct pp_str path) {
    return (struct address_mapping){.start = m->start,
                                    .limit = m->limit,
                                    .offset = m->offset,
                                    .as_image = m->as_image,
                                    .path = path,
                                    .kernel_symbol = pp_string(p, m->kernel_symbol)};
}

bool address_map_init(struct address_map *ret_map, const struct elf_file *file,
                      const struct address_mapping *mapping, struct pp_error *err) {
    struct address_map m = {.file = file,
                            .start = mapping->start,
                            .limit = mapping->limit,
                            .offset = mapping->offset,
                            .as_image = mapping->as_image};
    struct pp_str symbol = mapping->kernel_symbol;
    bool is_kernel = contains(mapping->path, PP_STR("vmlinux")) ||
                     pp_str_has_prefix(mapping->path, PP_STR("[kernel.kallsyms]")) || symbol.len;
    if (is_kernel || (m.start | m.limit | m.offset) % PAGE != 0) {
        struct kernel_symbol wanted = {symbol.len ? symbol : PP_STR("_stext"), &m};
        for (uint32_t i = 1; i < file->n_sections; i++)
            if (file->sections[i].type == SHT_SYMTAB)
                elf_file_each_symbol(file, &file->sections[i], see_symbol, &wanted);
    }
    uint64_t base;
    if (has_no_place(&m) && !guess_base(&m))
        return pp_fail(err, PP_E_NOT_FOUND, "no segment of the debug file matches the mapping");
    if (!find_base(&m, elf_file_text_segment(file), &base, err)) return false;
    *ret_map = m;
    return true;
}

/* A mapping that was made up for a profile that has none, or one that says nothing. */
static bool is_everything(const struct address_map *map) {
    return map->start == 0 && map->limit == 0;
}

bool address_map_is_placed(const struct address_map *map, struct pp_error *err) {
    if (!is_everything(map) || map->file->is_other || map->file->type == ET_EXEC) return true;
    return pp_fail(err, PP_E_NOT_FOUND,
                   "it is position-independent, and the profile does not say where it was loaded");
}

bool address_to_object(const struct address_map *map, uint64_t address, uint64_t *ret_address,
                       struct pp_error *err) {
    if (!address_map_is_placed(map, err)) return false;
    if (!is_everything(map) && (address < map->start || address >= map->limit))
        return pp_fail(err, PP_E_NOT_FOUND, "0x%" PRIx64 " is outside the mapping", address);
    const struct elf_segment *segment;
    uint64_t base;
    if (!find_segment(map, address, &segment, err) || !find_base(map, segment, &base, err))
        return false;
    *ret_address = address - base;
    return true;
}
