/* One unit, for the files dwarf_*.c: the only ones that know libdw's types. */
#ifndef SYMBOL_DWARF_UNIT_H
#define SYMBOL_DWARF_UNIT_H

#include "symbol/dwarf_handle.h"

#include <elfutils/libdw.h>

struct dwarf_unit {
    struct dwarf_handle *handle; /* that it was opened on */
    Dwarf_Die die;
    struct dwarf_range_unit ranges;
    struct pp_str dir; /* DW_AT_comp_dir */
    uint64_t line_offset;
    bool has_lines, is_c;
    bool is_split;            /* a skeleton, whose tree is elsewhere */
    struct pp_str split_name; /* its .dwo file */
    uint64_t split_id;
    bool has_split_id;
};

/* The attributes that matter; a bit a field says which are there. */
enum die_attribute {
    DIE_LOW,
    DIE_HIGH,
    DIE_RANGES,
    DIE_ORIGIN,
    DIE_SPECIFICATION,
    DIE_LINKAGE,
    DIE_NAME,
    DIE_DECL_LINE,
    DIE_CALL_FILE,
    DIE_CALL_LINE,
    DIE_CALL_COLUMN,
    DIE_N
};

struct die_attributes {
    unsigned there;
    Dwarf_Attribute at[DIE_N];
};

static inline bool die_has(const struct die_attributes *a, enum die_attribute which) {
    return a->there & (1U << which);
}

void die_add(struct die_attributes *a, const Dwarf_Attribute *attribute);
void die_read(Dwarf_Die *die, struct die_attributes *ret_attributes);
uint64_t die_number(struct die_attributes *a, enum die_attribute which);

/* A number or an offset into a section; false when the DIE has no such attribute (DW_AT_*). */
bool die_find_number(Dwarf_Die *die, unsigned code, uint64_t *ret_value);

/* Opens the unit whose DIE is at the offset; false when there is none. */
bool dwarf_unit_open(struct dwarf_unit *ret_unit, struct dwarf_handle *h, uint64_t die_offset);

/* Until the release the unit's tree is there to be read, as far as it is a part of the unit;
 * without it only the unit's own entry is. False: it can't be. */
bool dwarf_unit_hold(const struct dwarf_unit *u);
void dwarf_unit_release(const struct dwarf_unit *u);

/* Calls `see` for each range of code of a DIE; false when the bound of work is used up. */
bool dwarf_unit_ranges(const struct dwarf_unit *u, struct die_attributes *a,
                       void (*see)(void *user, uint64_t start, uint64_t end), void *user);

/* Whether there is such a name, be it unpacked or not. */
static inline bool dwarf_name_is_set(const struct dwarf_handle *h, struct pp_str name) {
    struct pp_str late = h->file->late_texts;
    return name.len || (name.data && name.data >= late.data && name.data < late.data + late.len);
}

/* Linkage name, name and line of declaration, through origins and specifications. */
struct dwarf_name dwarf_name_of(struct dwarf_handle *h, Dwarf_Die *die);

#endif
