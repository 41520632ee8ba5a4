/* What DWARF knows about addresses of one unit, in two steps: first the functions and inlined
 * calls, out of the unit's tree, then their places, out of its line table. All units take the first
 * step before one takes the second, so that the trees and what the second step needs are not in
 * memory at the same time. */
#ifndef SYMBOL_DWARF_RESOLVE_H
#define SYMBOL_DWARF_RESOLVE_H

#include "symbol/dwarf_handle.h"
#include "symbol/frame.h"

/* The lookups of a unit. */
struct dwarf_job {
    uint64_t die;           /* of the unit */
    struct lookup *lookups; /* sorted by address */
    size_t n;
    /* What the first step leaves for the second: */
    bool opened, has_lines;
    bool is_missing; /* its .dwo file was not found */
    struct pp_str dir;
    uint64_t line_offset;
};

/* Calls `see` for every address in the unit's tree and line table where its answers may change.
 * False when that is more than the bound of work allows, or its .dwo file was not found. */
bool dwarf_resolve_each(struct dwarf_handle *h, uint64_t die,
                        void (*see)(void *user, uint64_t address), void *user);

/* Frames live in the handle's arena and point into the image. A lookup without an answer stays as
 * it is. */
void dwarf_resolve_calls(struct dwarf_handle *h, struct dwarf_job *j);
void dwarf_resolve_places(struct dwarf_handle *h, struct dwarf_job *j);

#endif
