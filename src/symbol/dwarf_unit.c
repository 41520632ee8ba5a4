/* See dwarf_unit.h. */
#include "symbol/dwarf_unit.h"

#include "base/hash.h"
#include "symbol/elf_stretches.h"

#include <dwarf.h>

enum { MAX_REFERENCES = 16 };

static int attribute_field(unsigned code) {
    switch (code) {
    case DW_AT_low_pc:
        return DIE_LOW;
    case DW_AT_high_pc:
        return DIE_HIGH;
    case DW_AT_ranges:
        return DIE_RANGES;
    case DW_AT_abstract_origin:
        return DIE_ORIGIN;
    case DW_AT_specification:
        return DIE_SPECIFICATION;
    case DW_AT_linkage_name:
    case DW_AT_MIPS_linkage_name:
        return DIE_LINKAGE;
    case DW_AT_name:
        return DIE_NAME;
    case DW_AT_decl_line:
        return DIE_DECL_LINE;
    case DW_AT_call_file:
        return DIE_CALL_FILE;
    case DW_AT_call_line:
        return DIE_CALL_LINE;
    case DW_AT_call_column:
        return DIE_CALL_COLUMN;
    default:
        return -1;
    }
}

void die_add(struct die_attributes *a, const Dwarf_Attribute *attribute) {
    int field = attribute_field(attribute->code);
    if (field < 0) return;
    a->there |= 1U << field;
    a->at[field] = *attribute;
}

static int see_attribute(Dwarf_Attribute *attribute, void *user) {
    die_add(user, attribute);
    return DWARF_CB_OK;
}

void die_read(Dwarf_Die *die, struct die_attributes *ret_attributes) {
    ret_attributes->there = 0;
    dwarf_getattrs(die, see_attribute, ret_attributes, 0);
}

uint64_t die_number(struct die_attributes *a, enum die_attribute which) {
    Dwarf_Word value = 0;
    if (!die_has(a, which) || dwarf_formudata(&a->at[which], &value) != 0) return 0;
    return value;
}

/* A cursor on the attribute's bytes. libdw has stepped over them, so they lie inside the image. */
static struct dwarf_cursor raw_cursor(const struct dwarf_handle *h, const Dwarf_Attribute *a) {
    const struct image *image = &h->file->elf->image;
    const unsigned char *end = image->bytes + image->size;
    bool inside = a->valp >= image->bytes && a->valp < end;
    return (struct dwarf_cursor){a->valp, inside ? end : a->valp, h->file->lines.big_endian, false};
}

/* The operand of the forms that are an index of 1 to 4 bytes or a LEB128. */
static uint64_t read_index(struct dwarf_cursor *c, unsigned size) {
    if (size == 0) return dwarf_uleb(c);
    if (size != 3) return dwarf_uint(c, size);
    uint64_t low = dwarf_u16(c), high = dwarf_u8(c);
    if (!c->big_endian) return high << 16 | low;
    c->at -= c->failed ? 0 : 3;
    high = dwarf_u8(c);
    return high << 16 | dwarf_u16(c);
}

static bool read_address(const struct dwarf_unit *u, Dwarf_Attribute *a, uint64_t *ret_address) {
    struct dwarf_cursor c = raw_cursor(u->handle, a);
    uint64_t index;
    switch (dwarf_whatform(a)) {
    case DW_FORM_addr:
        *ret_address = dwarf_uint(&c, u->ranges.address_size);
        return !c.failed;
    case DW_FORM_addrx:
    case DW_FORM_GNU_addr_index:
        index = read_index(&c, 0);
        break;
    case DW_FORM_addrx1:
    case DW_FORM_addrx2:
    case DW_FORM_addrx3:
    case DW_FORM_addrx4:
        index = read_index(&c, dwarf_whatform(a) - DW_FORM_addrx1 + 1);
        break;
    default:
        return false;
    }
    return !c.failed && dwarf_ranges_address(&u->ranges, index, ret_address);
}

static bool read_high(const struct dwarf_unit *u, Dwarf_Attribute *a, uint64_t low,
                      uint64_t *ret_high) {
    if (read_address(u, a, ret_high)) return true;
    Dwarf_Word size;
    if (dwarf_formudata(a, &size) != 0) return false;
    *ret_high = low + size;
    return true;
}

static bool read_list_offset(const struct dwarf_unit *u, Dwarf_Attribute *a, uint64_t *ret_offset) {
    struct dwarf_cursor c = raw_cursor(u->handle, a);
    switch (dwarf_whatform(a)) {
    case DW_FORM_rnglistx:
        return dwarf_ranges_offset(&u->ranges, dwarf_uleb(&c), ret_offset) && !c.failed;
    case DW_FORM_sec_offset:
        *ret_offset = dwarf_uint(&c, u->ranges.offset_size);
        break;
    case DW_FORM_data4:
        *ret_offset = dwarf_u32(&c);
        break;
    case DW_FORM_data8:
        *ret_offset = dwarf_u64(&c);
        break;
    default:
        return false;
    }
    *ret_offset += u->ranges.ranges_base;
    return !c.failed;
}

bool dwarf_unit_ranges(const struct dwarf_unit *u, struct die_attributes *a,
                       void (*see)(void *user, uint64_t start, uint64_t end), void *user) {
    struct dwarf_handle *h = u->handle;
    uint64_t start, end;
    if (die_has(a, DIE_LOW) && die_has(a, DIE_HIGH)) {
        if (read_address(u, &a->at[DIE_LOW], &start) &&
            read_high(u, &a->at[DIE_HIGH], start, &end) && start < end &&
            start >= h->file->lines.code_start)
            see(user, start, end);
        return true;
    }
    uint64_t offset;
    if (!die_has(a, DIE_RANGES) || !read_list_offset(u, &a->at[DIE_RANGES], &offset)) return true;
    struct dwarf_range_list list = dwarf_ranges_open(&u->ranges, offset);
    while (dwarf_ranges_next(&list, &start, &end)) {
        if (!dwarf_handle_work(h, 2)) return false;
        if (start >= h->file->lines.code_start) see(user, start, end);
    }
    return true;
}

/* A string of a unit out of a package. A split unit's offsets begin with a header from version 5
 * on. */
static struct pp_str packaged_string(const struct dwarf_handle *h, const Dwarf_Attribute *a,
                                     unsigned index_size) {
    Dwarf_Half version = 0;
    uint8_t size = 0;
    struct dwarf_cursor c = raw_cursor(h, a);
    uint64_t index = read_index(&c, index_size);
    if (dwarf_cu_info(a->cu, &version, NULL, NULL, NULL, NULL, NULL, &size) != 0 || c.failed ||
        index > h->file->str_offsets.len)
        return PP_STR("");
    uint64_t header = version < 5 ? 0 : size == 8 ? 16 : 8;
    c = dwarf_cursor(h->file->str_offsets, header + index * size, c.big_endian);
    uint64_t offset = dwarf_uint(&c, size);
    return c.failed ? PP_STR("") : dwarf_string_at(h->file->str, offset);
}

/* "" when it is none. One that is not unpacked yet (struct dwarf_file) is a pointer without a
 * length. */
static struct pp_str string_of(const struct dwarf_handle *h, Dwarf_Attribute *a) {
    unsigned form = dwarf_whatform(a);
    if (h->file->str_offsets.len) {
        if (form == DW_FORM_strx || form == DW_FORM_GNU_str_index) return packaged_string(h, a, 0);
        if (form >= DW_FORM_strx1 && form <= DW_FORM_strx4)
            return packaged_string(h, a, form - DW_FORM_strx1 + 1);
    }
    struct pp_str text = pp_str_from(dwarf_formstring(a));
    bool goes = form == DW_FORM_string && h->file->drops_trees;
    return goes ? name_budget_copy(h->names_left, text, h->arena) : text;
}

static struct pp_str text_of(const struct dwarf_handle *h, Dwarf_Die *die, unsigned code) {
    Dwarf_Attribute a;
    return dwarf_attr(die, code, &a) ? string_of(h, &a) : PP_STR("");
}

bool die_find_number(Dwarf_Die *die, unsigned code, uint64_t *ret_value) {
    Dwarf_Attribute a;
    Dwarf_Word value;
    if (!dwarf_attr(die, code, &a) || dwarf_formudata(&a, &value) != 0) return false;
    *ret_value = value;
    return true;
}

static bool is_c_language(uint64_t language) {
    return language == DW_LANG_C89 || language == DW_LANG_C || language == DW_LANG_C99 ||
           language == DW_LANG_C11;
}

/* A skeleton names the file where the rest is: version 5 by its unit type, before that by a GNU
 * attribute. */
static void read_split(struct dwarf_unit *u, uint8_t unit_type, uint64_t unit_id) {
    bool is_new = u->ranges.version >= 5;
    Dwarf_Attribute name;
    if (is_new && unit_type != DW_UT_skeleton) return;
    if (!dwarf_attr(&u->die, is_new ? DW_AT_dwo_name : DW_AT_GNU_dwo_name, &name)) return;
    u->is_split = true;
    u->split_name = string_of(u->handle, &name);
    u->split_id = unit_id;
    u->has_split_id = is_new || die_find_number(&u->die, DW_AT_GNU_dwo_id, &u->split_id);
}

static void read_bases(struct dwarf_unit *u) {
    struct dwarf_range_unit *r = &u->ranges;
    r->in = u->handle->file->ranges;
    r->addr_base = r->rnglists_base = dwarf_ranges_default_base(r->version, r->offset_size);
    if (r->version >= 5) r->addr_base = r->offset_size == 8 ? 16 : 8;
    if (!die_find_number(&u->die, DW_AT_addr_base, &r->addr_base))
        die_find_number(&u->die, DW_AT_GNU_addr_base, &r->addr_base);
    die_find_number(&u->die, DW_AT_rnglists_base, &r->rnglists_base);
    struct die_attributes a;
    die_read(&u->die, &a);
    if (die_has(&a, DIE_LOW)) read_address(u, &a.at[DIE_LOW], &r->base);
}

bool dwarf_unit_open(struct dwarf_unit *ret_unit, struct dwarf_handle *h, uint64_t die_offset) {
    struct dwarf_unit u = {.handle = h};
    Dwarf_Half version;
    uint8_t type, address_size, offset_size;
    uint64_t id = 0, language = 0;
    if (!dwarf_offdie(h->dwarf, die_offset, &u.die)) return false;
    if (dwarf_cu_info(u.die.cu, &version, &type, NULL, NULL, &id, &address_size, &offset_size) != 0)
        return false;
    u.ranges.version = version;
    u.ranges.address_size = address_size;
    u.ranges.offset_size = offset_size;
    read_bases(&u);
    read_split(&u, type, id);
    u.dir = text_of(h, &u.die, DW_AT_comp_dir);
    u.has_lines = die_find_number(&u.die, DW_AT_stmt_list, &u.line_offset);
    u.is_c = die_find_number(&u.die, DW_AT_language, &language) && is_c_language(language);
    *ret_unit = u;
    return true;
}

/* Offsets of its first byte, and of the one behind it. */
static bool extent(const struct dwarf_unit *u, Dwarf_Off *ret_from, Dwarf_Off *ret_to) {
    Dwarf_Die die = u->die;
    size_t header;
    *ret_from = dwarf_dieoffset(&die) - dwarf_cuoffset(&die);
    return dwarf_next_unit(u->handle->dwarf, *ret_from, ret_to, &header, NULL, NULL, NULL, NULL,
                           NULL, NULL) == 0;
}

bool dwarf_unit_hold(const struct dwarf_unit *u) {
    struct elf_stretches *s = u->handle->file->stretches;
    Dwarf_Off from, to;
    return !s || (extent(u, &from, &to) && elf_stretches_hold(s, from, to));
}

void dwarf_unit_release(const struct dwarf_unit *u) {
    struct elf_stretches *s = u->handle->file->stretches;
    Dwarf_Off from, to;
    if (s && extent(u, &from, &to)) elf_stretches_release(s, from, to);
}

/* Follows the references; what is found first counts. */
static struct dwarf_name find_name(const struct dwarf_handle *h, Dwarf_Die *die) {
    struct dwarf_name n = {.die = die->addr};
    Dwarf_Die at = *die;
    for (unsigned i = 0; i < MAX_REFERENCES; i++) {
        struct die_attributes a;
        die_read(&at, &a);
        if (!dwarf_name_is_set(h, n.linkage) && die_has(&a, DIE_LINKAGE))
            n.linkage = string_of(h, &a.at[DIE_LINKAGE]);
        if (!dwarf_name_is_set(h, n.name) && die_has(&a, DIE_NAME))
            n.name = string_of(h, &a.at[DIE_NAME]);
        if (n.decl_line == 0) n.decl_line = (int64_t)die_number(&a, DIE_DECL_LINE);
        enum die_attribute next = die_has(&a, DIE_SPECIFICATION) ? DIE_SPECIFICATION : DIE_ORIGIN;
        Dwarf_Die referred;
        if (!die_has(&a, next) || !dwarf_formref_die(&a.at[next], &referred)) break;
        at = referred;
    }
    return n;
}

struct dwarf_name dwarf_name_of(struct dwarf_handle *h, Dwarf_Die *die) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)(uintptr_t)die->addr);
    for (struct index_probe i = index_probe(&h->name_index, hash); index_next(&h->name_index, &i);)
        if (h->names[i.position].die == die->addr) return h->names[i.position];
    struct dwarf_name n = find_name(h, die);
    index_add(&h->name_index, hash, (uint32_t)h->n_names);
    PP_PUSH(h->arena, h->names, h->n_names, h->cap_names, n);
    return n;
}
