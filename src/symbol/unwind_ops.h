/* DWARF expressions of call frames: a machine with a small stack that reads registers and the copy
 * of the program's stack. */
#ifndef SYMBOL_UNWIND_OPS_H
#define SYMBOL_UNWIND_OPS_H

#include "profile/decode/host.h"
#include "symbol/dwarf_cfi.h"

enum { UNWIND_REGS = 33 };

struct unwind_frame {
    uint64_t regs[UNWIND_REGS];
    uint64_t known; /* a bit a register */
    uint64_t cfa;
};

/* Eight bytes of the copied stack; false when they are not in it. */
bool unwind_read(const struct unwind_stack *stack, uint64_t address, uint64_t *ret_v);

/* False when it needs what is not there, or is none that a compiler writes. */
bool unwind_eval(const struct cfi_rule *rule, const struct unwind_frame *frame,
                 const struct unwind_stack *stack, uint64_t *ret_v);

#endif
