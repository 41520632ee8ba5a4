/* See dwarf_package.h. The index is a header, a hash table of ids, the rows that its slots mean,
 * the kinds of the columns, and two tables of a row a unit: offsets and sizes. */
#include "symbol/dwarf_package.h"

#include "symbol/dwarf_read.h"
#include "symbol/elf_unpack.h"

enum { HEADER = 16, MAX_COLUMNS = 8, MAX_PROBES = 1024 };

enum section { INFO, ABBREV, STR_OFFSETS, RNGLISTS, OTHER };

/* What a column's number means. */
static enum section section_of(uint32_t version, uint32_t column) {
    switch (column) {
    case 1:
        return INFO;
    case 3:
        return ABBREV;
    case 6:
        return STR_OFFSETS;
    case 8:
        return version == 5 ? RNGLISTS : OTHER;
    default:
        return OTHER;
    }
}

static struct pp_str bytes_of(const struct elf_file *f, struct pp_str name) {
    const struct elf_section *s = elf_file_section(f, name);
    return s ? s->bytes : PP_STR("");
}

/* Where the parts of the index begin. */
static uint64_t rows_at(const struct dwarf_package *p) {
    return HEADER + UINT64_C(8) * p->n_slots;
}

static uint64_t columns_at(const struct dwarf_package *p) {
    return rows_at(p) + UINT64_C(4) * p->n_slots;
}

static uint64_t cell_at(const struct dwarf_package *p, bool size, uint64_t row, uint32_t column) {
    uint64_t cells = UINT64_C(4) * p->n_columns;
    return columns_at(p) + cells * (1 + row + (size ? p->n_units : 0)) + UINT64_C(4) * column;
}

static uint64_t word_at(const struct dwarf_package *p, uint64_t at, unsigned size) {
    struct dwarf_cursor c = dwarf_cursor(p->index, at, p->big_endian);
    return dwarf_uint(&c, size);
}

static bool read_index(struct dwarf_package *p, struct pp_error *err) {
    struct dwarf_cursor c = dwarf_cursor(p->index, 0, p->big_endian);
    p->version = dwarf_u32(&c);
    if (p->version != 2) {
        c = dwarf_cursor(p->index, 0, p->big_endian);
        p->version = dwarf_u16(&c);
        dwarf_u16(&c);
    }
    p->n_columns = dwarf_u32(&c);
    p->n_units = dwarf_u32(&c);
    p->n_slots = dwarf_u32(&c);
    if (c.failed) return pp_fail(err, PP_E_FORMAT, "has no .debug_cu_index");
    if (p->version != 2 && p->version != 5)
        return pp_fail(err, PP_E_UNSUPPORTED, "its index is of version %u", p->version);
    if (p->n_columns > MAX_COLUMNS || (p->n_slots & (p->n_slots - 1)) ||
        cell_at(p, true, p->n_units, 0) > p->index.len)
        return pp_fail(err, PP_E_FORMAT, "its .debug_cu_index is broken");
    return true;
}

static void find_sections(struct dwarf_package *p, const struct elf_file *plain) {
    static const struct pp_str names[] = {[INFO] = {".debug_info.dwo", 15},
                                          [ABBREV] = {".debug_abbrev.dwo", 17},
                                          [STR_OFFSETS] = {".debug_str_offsets.dwo", 22},
                                          [RNGLISTS] = {".debug_rnglists.dwo", 19}};
    for (size_t i = 0; i < OTHER; i++)
        p->sections[i] = bytes_of(plain, names[i]);
    p->str = bytes_of(plain, PP_STR(".debug_str.dwo"));
    p->index = bytes_of(plain, PP_STR(".debug_cu_index"));
    p->big_endian = plain->big_endian;
}

bool dwarf_package_open(struct dwarf_package *ret_package, const char *path, struct pp_arena *arena,
                        struct pp_error *err) {
    struct dwarf_package p = {0};
    if (!elf_file_open(&p.files[0], path, arena, err)) return false;
    const struct elf_file *plain = &p.files[0];
    if (elf_is_packed(plain)) {
        if (!elf_unpack(&p.files[0], &p.files[1], arena, err)) goto fail;
        plain = &p.files[1];
    }
    find_sections(&p, plain);
    if (!read_index(&p, err)) goto fail;
    *ret_package = p;
    return true;
fail:
    dwarf_package_close(&p);
    return false;
}

void dwarf_package_close(struct dwarf_package *p) {
    elf_file_close(&p->files[1]);
    elf_file_close(&p->files[0]);
    *p = (struct dwarf_package){0};
}

/* The row of an id, from 1; 0: none. */
static uint64_t row_of(const struct dwarf_package *p, uint64_t id) {
    if (p->n_slots == 0) return 0;
    uint64_t mask = p->n_slots - 1, step = ((id >> 32) & mask) | 1, slot = id & mask;
    for (unsigned i = 0; i < MAX_PROBES && i < p->n_slots; i++) {
        uint64_t row = word_at(p, rows_at(p) + 4 * slot, 4);
        if (row == 0) return 0;
        if (word_at(p, HEADER + 8 * slot, 8) == id) return row <= p->n_units ? row : 0;
        slot = (slot + step) & mask;
    }
    return 0;
}

bool dwarf_package_find(const struct dwarf_package *p, uint64_t id,
                        struct dwarf_package_unit *ret_unit) {
    struct pp_str parts[OTHER + 1] = {0};
    uint64_t row = row_of(p, id);
    if (row == 0) return false;
    for (uint32_t column = 0; column < p->n_columns; column++) {
        uint32_t number = (uint32_t)word_at(p, columns_at(p) + UINT64_C(4) * column, 4);
        enum section section = section_of(p->version, number);
        uint64_t offset = word_at(p, cell_at(p, false, row - 1, column), 4);
        uint64_t size = word_at(p, cell_at(p, true, row - 1, column), 4);
        if (section == OTHER) continue;
        struct pp_str whole = p->sections[section];
        if (offset > whole.len || size > whole.len - offset) return false;
        parts[section] = pp_str_slice(whole, offset, offset + size);
    }
    *ret_unit = (struct dwarf_package_unit){parts[INFO], parts[ABBREV], parts[STR_OFFSETS],
                                            parts[RNGLISTS]};
    return ret_unit->info.len && ret_unit->abbrev.len;
}

uint64_t dwarf_package_work(const struct dwarf_package *p) {
    return 2 * (p->sections[INFO].len + p->sections[ABBREV].len);
}
