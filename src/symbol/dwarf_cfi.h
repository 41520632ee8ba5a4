/* Call frame information of one file, through libdw: where a function keeps what its caller had in
 * its registers. The rules of an address are read once and kept. */
#ifndef SYMBOL_DWARF_CFI_H
#define SYMBOL_DWARF_CFI_H

#include "base/index.h"
#include "symbol/elf_file.h"

struct cfi_op {
    uint8_t atom; /* DW_OP_* */
    uint64_t a, b;
};

enum cfi_kind {
    CFI_SAME,
    CFI_UNDEFINED,
    CFI_AT_CFA, /* in memory, at the CFA and an offset: the usual one */
    CFI_OPS     /* an expression: of where it is, or (CFI_VALUE) of its value */
};

struct cfi_rule {
    uint8_t reg, kind;
    bool is_value;
    uint32_t n_ops;
    int64_t offset;
    const struct cfi_op *ops;
};

struct cfi_row {
    uint64_t address;
    bool is_known;  /* there are rules for this address */
    bool is_signal; /* a signal interrupted the caller: it goes on at the address itself */
    uint8_t return_reg;
    uint8_t n_rules;
    struct cfi_rule cfa;          /* in `offset` to register `reg`, or an expression */
    const struct cfi_rule *rules; /* of registers that don't stay the same */
};

struct cfi_file {
    struct elf_file frames; /* .debug_frame alone, unpacked; open if there is one */
    struct Dwarf *dwarf;    /* of that */
    struct Dwarf_CFI_s *eh, *debug;
    struct scope_mark *marks[2];
    struct pp_arena *arena;
    struct cfi_row *rows;
    uint32_t n_rows;
    size_t cap_rows;
    struct hash_index index;
};

/* What is kept lives in `arena`. */
void cfi_open(struct cfi_file *ret_cfi, const struct elf_file *file, struct pp_arena *arena);
void cfi_close(struct cfi_file *c);

/* The rules at an address of the file, for the first n_regs of DWARF's registers. Valid until the
 * next call. */
const struct cfi_row *cfi_find(struct cfi_file *c, uint64_t address, unsigned n_regs);

#endif
