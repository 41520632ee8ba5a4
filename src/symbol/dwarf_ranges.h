/* Address ranges and indexed addresses of a unit, DWARF 2 to 5. Read by ourselves and not by libdw,
 * because a split unit's indexes refer to sections of another file, and because libdw would go and
 * open that file. */
#ifndef SYMBOL_DWARF_RANGES_H
#define SYMBOL_DWARF_RANGES_H

#include "symbol/dwarf_read.h"

struct dwarf_range_sections {
    struct pp_str addr, ranges, rnglists;
    bool big_endian;
};

/* What a unit contributes to reading its addresses. */
struct dwarf_range_unit {
    struct dwarf_range_sections in;
    uint16_t version;
    uint8_t address_size, offset_size;
    uint64_t addr_base, rnglists_base, ranges_base;
    uint64_t base; /* the unit's low_pc, or 0 */
};

bool dwarf_ranges_address(const struct dwarf_range_unit *u, uint64_t index, uint64_t *ret_address);

/* The offset of a list that a DW_FORM_rnglistx index stands for. */
bool dwarf_ranges_offset(const struct dwarf_range_unit *u, uint64_t index, uint64_t *ret_offset);

struct dwarf_range_list {
    const struct dwarf_range_unit *unit;
    struct dwarf_cursor c;
    uint64_t base;
};

/* Walks a list: dwarf_ranges_next gives ranges that are not empty, and false at the end. */
struct dwarf_range_list dwarf_ranges_open(const struct dwarf_range_unit *u, uint64_t offset);
bool dwarf_ranges_next(struct dwarf_range_list *list, uint64_t *ret_start, uint64_t *ret_end);

/* The size of the header in front of an array in .debug_addr, .debug_rnglists, ...: where the array
 * starts in a split unit, which says nothing about it. */
static inline uint64_t dwarf_ranges_default_base(uint16_t version, uint8_t offset_size) {
    return version < 5 ? 0 : offset_size == 8 ? 20 : 12;
}

#endif
