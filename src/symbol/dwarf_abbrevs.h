/* Tables of abbreviations: what the entries of units look like. */
#ifndef SYMBOL_DWARF_ABBREVS_H
#define SYMBOL_DWARF_ABBREVS_H

#include "base/arena.h"
#include "symbol/dwarf_read.h"

/* Sizes that a unit's header says. */
struct dwarf_sizes {
    uint16_t version;
    uint8_t address, offset;
};

struct dwarf_spec {
    uint32_t code, form;           /* DW_AT_*, DW_FORM_* */
    int32_t size;                  /* of the form; DWARF_VARIES */
    const unsigned char *constant; /* of DW_FORM_implicit_const */
};

enum { DWARF_VARIES = -1, DWARF_UNKNOWN = -2 };

struct dwarf_abbrev {
    uint64_t code;
    uint32_t tag, n_specs;
    size_t first_spec;
    bool has_children, is_known;
    int32_t size;    /* of all attributes; DWARF_VARIES */
    int32_t sibling; /* where DW_AT_sibling is among them; DWARF_VARIES; DWARF_UNKNOWN: not there */
};

struct dwarf_abbrevs {
    uint64_t offset; /* in the section */
    struct dwarf_sizes sizes;
    struct dwarf_abbrev *at; /* by code */
    size_t n, cap;
    struct dwarf_spec *specs;
    size_t n_specs, cap_specs;
    struct pp_arena arena;
    bool is_open;
    bool refers_out; /* a function's name may be in another unit */
};

/* Reads the table at an offset of .debug_abbrev; the same one again is there already. `ret_bytes`:
 * how long it is where it was read. False, with an empty table, where it is broken. */
bool dwarf_abbrevs_open(struct dwarf_abbrevs *table, struct dwarf_cursor from, uint64_t offset,
                        struct dwarf_sizes sizes, uint64_t *ret_bytes);
void dwarf_abbrevs_close(struct dwarf_abbrevs *table);

/* NULL where there is no such code. */
const struct dwarf_abbrev *dwarf_abbrevs_find(const struct dwarf_abbrevs *table, uint64_t code);

/* Steps over the value of an attribute whose size varies. False where it is none. */
bool dwarf_skip_varying(struct dwarf_cursor *c, uint32_t form, struct dwarf_sizes sizes);

static inline bool dwarf_skip(struct dwarf_cursor *c, const struct dwarf_spec *spec,
                              struct dwarf_sizes sizes) {
    if (spec->size < 0) return dwarf_skip_varying(c, spec->form, sizes);
    dwarf_bytes(c, (uint64_t)spec->size);
    return !c->failed;
}

#endif
