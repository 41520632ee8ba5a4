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

/* Of the many rows of a file's table most say the same as another: those are one. */
struct cfi_row {
    bool is_known;  /* false: there are no rules */
    bool is_signal; /* a signal interrupted the caller: it goes on at the address itself */
    uint8_t return_reg;
    uint8_t n_rules;
    struct cfi_rule cfa;          /* in `offset` to register `reg`, or an expression */
    const struct cfi_rule *rules; /* of registers that don't stay the same */
};

struct cfi_place {
    uint64_t address;
    const struct cfi_row *row; /* NULL: the place is free */
};

/* Addresses for which one row holds, as far as they were asked about. */
struct cfi_range {
    uint64_t start, end;
    const struct cfi_row *row;
};

struct cfi_file {
    struct elf_file frames; /* .debug_frame alone, unpacked; open if there is one */
    struct Dwarf *dwarf;    /* of that */
    struct Dwarf_CFI_s *eh, *debug;
    struct scope_mark *marks[2];
    struct pp_arena *arena;
    struct cfi_place *places; /* of every address that was asked about */
    size_t n_places, n_put;   /* a power of two; that are taken */
    const struct cfi_row **rows;
    struct cfi_range *ranges;
    uint32_t n_rows, n_ranges;
    size_t cap_rows, cap_ranges;
    struct hash_index row_index, range_index;
};

/* What is kept lives in `arena`. */
void cfi_open(struct cfi_file *ret_cfi, const struct elf_file *file, struct pp_arena *arena);
void cfi_close(struct cfi_file *c);

/* The rules at an address of the file, for the first n_regs of DWARF's registers: as many in every
 * call. */
const struct cfi_row *cfi_find(struct cfi_file *c, uint64_t address, unsigned n_regs);

#endif
