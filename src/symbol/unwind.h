/* Unwinds stacks that were copied with their registers (profile/decode/host.h), by the call frame
 * information of the binaries; where there is none, by the frame pointer. Only the copy is read:
 * what lies outside of it ends the stack. */
#ifndef SYMBOL_UNWIND_H
#define SYMBOL_UNWIND_H

#include "profile/decode/host.h"

struct cfi_unwinder {
    struct stack_unwinder unwinder;
    const struct pp_str *dirs; /* where binaries may be besides their own places */
    size_t n_dirs;
};

/* `dirs` must outlive it. */
void cfi_unwinder_init(struct cfi_unwinder *ret_u, const struct pp_str *dirs, size_t n_dirs);

#endif
