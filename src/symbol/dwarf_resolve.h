/* Addresses of one unit to frames. */
#ifndef SYMBOL_DWARF_RESOLVE_H
#define SYMBOL_DWARF_RESOLVE_H

#include "symbol/dwarf_handle.h"
#include "symbol/frame.h"

struct dwarf_resolve_report {
    uint32_t n_split_missing; /* units whose .dwo file was not found */
};

/* Answers the lookups, which are sorted by address and all of the unit whose DIE is at `unit`.
 * Frames live in the handle's arena and point into the image. A lookup without an answer stays as
 * it is. */
void dwarf_resolve(struct dwarf_handle *h, uint64_t unit, struct lookup *lookups, size_t n,
                   struct dwarf_resolve_report *report);

#endif
