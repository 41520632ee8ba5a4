/* Which unit covers an address: our own index from the unit DIEs' ranges, because .debug_aranges is
 * missing (clang writes none) or incomplete (objects of several compilers), and libdw 0.188 knows
 * nothing else. */
#ifndef SYMBOL_DWARF_UNITS_H
#define SYMBOL_DWARF_UNITS_H

#include "profile/profile.h"
#include "symbol/dwarf_handle.h"

struct dwarf_unit_range {
    uint64_t start, end;
    uint32_t unit;
    uint32_t outer; /* the nearest range before it that reaches further, or PP_NONE */
};

struct dwarf_units {
    uint64_t *dies; /* offsets of the unit DIEs in .debug_info */
    struct dwarf_unit_range *ranges;
    uint32_t n_dies, n_ranges;
    bool has_split; /* some have the rest elsewhere: see dwarf_split.h */
    bool are_alone; /* of stretches: a unit's bytes suffice to read it, a head's to know it */
};

/* Reads all unit DIEs. A unit that says no range is walked for its functions, one of version 2 for
 * the code that it has lines of. */
void dwarf_units_build(struct dwarf_units *ret_units, struct dwarf_handle *h,
                       struct pp_arena *arena);

/* The unit with the innermost range at the address, or PP_NONE. */
uint32_t dwarf_units_find(const struct dwarf_units *units, uint64_t address);

#endif
