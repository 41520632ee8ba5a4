/* The line table of a Go program, which survives -ldflags="-s -w" and strip: functions, files,
 * lines and inlined calls. Layouts of Go 1.18, 1.19 and of 1.20 and newer. */
#ifndef SYMBOL_GOPCLNTAB_H
#define SYMBOL_GOPCLNTAB_H

#include "symbol/elf_file.h"
#include "symbol/frame.h"
#include "symbol/name_budget.h"

struct gopclntab {
    struct pp_str table; /* all of it */
    struct pp_str names, units, files, pcs, functions;
    struct pp_str function_data; /* what the functions' inline trees are offsets into; may be "" */
    uint64_t text, n_functions;
    uint8_t quantum;
    bool has_start_lines; /* Go 1.20 */
    bool big_endian;
};

/* False when the file has no such table, or one of a layout that is not known. */
bool gopclntab_open(struct gopclntab *ret_table, const struct elf_file *f);

/* Whether the address is in the program's Go code, as opposed to C code that was linked in. */
bool gopclntab_covers(const struct gopclntab *t, uint64_t address);

/* Calls `see` for every address where answers may change. */
void gopclntab_each(const struct gopclntab *t, void (*see)(void *user, uint64_t address),
                    void *user);

/* Sets the frames of the lookup, in `arena`; leaves it alone when the address is in no function. */
void gopclntab_resolve(const struct gopclntab *t, struct lookup *l, struct name_budget *names,
                       struct pp_arena *arena);

#endif
