/* See dwarf_ranges.h. DWARF 4, section 2.17.3; DWARF 5, sections 2.17.3 and 7.28. */
#include "symbol/dwarf_ranges.h"

#include <dwarf.h>

bool dwarf_ranges_address(const struct dwarf_range_unit *u, uint64_t index, uint64_t *ret_address) {
    if (index > u->in.addr.len) return false;
    uint64_t at = u->addr_base + index * u->address_size;
    if (at < u->addr_base) return false;
    struct dwarf_cursor c = dwarf_cursor(u->in.addr, at, u->in.big_endian);
    *ret_address = dwarf_uint(&c, u->address_size);
    return !c.failed;
}

bool dwarf_ranges_offset(const struct dwarf_range_unit *u, uint64_t index, uint64_t *ret_offset) {
    if (index > u->in.rnglists.len) return false;
    uint64_t at = u->rnglists_base + index * u->offset_size;
    struct dwarf_cursor c = dwarf_cursor(u->in.rnglists, at, u->in.big_endian);
    *ret_offset = u->rnglists_base + dwarf_uint(&c, u->offset_size);
    return !c.failed;
}

struct dwarf_range_list dwarf_ranges_open(const struct dwarf_range_unit *u, uint64_t offset) {
    struct pp_str section = u->version < 5 ? u->in.ranges : u->in.rnglists;
    return (struct dwarf_range_list){u, dwarf_cursor(section, offset, u->in.big_endian), u->base};
}

/* Pairs of addresses; an all-ones start chooses a base, two zeros end. */
static bool next_pair(struct dwarf_range_list *l, uint64_t *ret_start, uint64_t *ret_end) {
    uint64_t ones = l->unit->address_size == 8 ? UINT64_MAX : UINT32_MAX;
    for (;;) {
        uint64_t start = dwarf_uint(&l->c, l->unit->address_size);
        uint64_t end = dwarf_uint(&l->c, l->unit->address_size);
        if (l->c.failed || (start == 0 && end == 0)) return false;
        if (start == ones) {
            l->base = end;
        } else if (start < end) {
            *ret_start = l->base + start;
            *ret_end = l->base + end;
            return true;
        }
    }
}

static uint64_t indexed(struct dwarf_range_list *l) {
    uint64_t address = 0;
    if (!dwarf_ranges_address(l->unit, dwarf_uleb(&l->c), &address)) l->c.failed = true;
    return address;
}

/* One entry of a version 5 list; false at its end. An entry that sets the base gives an empty
 * range. */
static bool read_entry(struct dwarf_range_list *l, uint64_t *ret_start, uint64_t *ret_end) {
    uint8_t size = l->unit->address_size;
    *ret_start = *ret_end = 0;
    switch (dwarf_u8(&l->c)) {
    case DW_RLE_base_addressx:
        l->base = indexed(l);
        break;
    case DW_RLE_base_address:
        l->base = dwarf_uint(&l->c, size);
        break;
    case DW_RLE_startx_endx:
        *ret_start = indexed(l);
        *ret_end = indexed(l);
        break;
    case DW_RLE_startx_length:
        *ret_start = indexed(l);
        *ret_end = *ret_start + dwarf_uleb(&l->c);
        break;
    case DW_RLE_offset_pair:
        *ret_start = l->base + dwarf_uleb(&l->c);
        *ret_end = l->base + dwarf_uleb(&l->c);
        break;
    case DW_RLE_start_end:
        *ret_start = dwarf_uint(&l->c, size);
        *ret_end = dwarf_uint(&l->c, size);
        break;
    case DW_RLE_start_length:
        *ret_start = dwarf_uint(&l->c, size);
        *ret_end = *ret_start + dwarf_uleb(&l->c);
        break;
    default:
        return false; /* DW_RLE_end_of_list, or nothing that is known */
    }
    return !l->c.failed;
}

bool dwarf_ranges_next(struct dwarf_range_list *list, uint64_t *ret_start, uint64_t *ret_end) {
    if (list->unit->version < 5) return next_pair(list, ret_start, ret_end);
    while (read_entry(list, ret_start, ret_end))
        if (*ret_start < *ret_end) return true;
    return false;
}
