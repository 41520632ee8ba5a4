/* The functions and inlined calls around addresses of one unit: one walk of its tree for all of
 * them, which leaves out what no address is in. */
#ifndef SYMBOL_DWARF_SCOPES_H
#define SYMBOL_DWARF_SCOPES_H

#include "profile/profile.h"
#include "symbol/dwarf_unit.h"
#include "symbol/frame.h"

struct dwarf_scope {
    Dwarf_Die die;
    uint32_t caller; /* what it is inlined into, or PP_NONE */
    uint64_t call_file, call_line, call_column;
};

struct dwarf_scopes {
    struct dwarf_scope *scopes;
    uint32_t *innermost; /* a lookup's scope, or PP_NONE */
};

/* Calls `see` with the ranges of every function and inlined call of a unit: where answers may
 * change. */
void dwarf_scopes_each(const struct dwarf_unit *u,
                       void (*see)(void *user, uint64_t start, uint64_t end), void *user);

/* `lookups` are `n`, sorted by address. What one is answered does not depend on the others. */
void dwarf_scopes_find(struct dwarf_scopes *ret_scopes, const struct dwarf_unit *u,
                       const struct lookup *lookups, size_t n, struct pp_arena *scratch);

#endif
