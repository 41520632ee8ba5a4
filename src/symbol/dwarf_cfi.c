/* See dwarf_cfi.h. */
#include "symbol/dwarf_cfi.h"

#include "base/hash.h"
#include "base/scope.h"
#include "symbol/elf_unpack.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

enum { MAX_OPS = 64, MAX_REGS = 64 };

__attribute__((noreturn)) static void out_of_memory(void) {
    pp_out_of_memory(0);
}

static void end_eh(void *cfi) {
    dwarf_cfi_end(cfi);
}

static void end_dwarf(void *dwarf) {
    dwarf_end(dwarf);
}

static const struct elf_section *frame_section(const struct elf_file *file) {
    const struct elf_section *s = elf_file_section(file, PP_STR(".debug_frame"));
    return s ? s : elf_file_section(file, PP_STR(".zdebug_frame"));
}

/* libdw would unpack a section in place, in an image that is read-only. */
static void open_debug_frame(struct cfi_file *c, const struct elf_file *file) {
    const struct elf_section *section = frame_section(file);
    if (!section || file->is_other) return;
    if (!elf_unpack_section(file, section, &c->frames, c->arena, NULL)) return;
    c->dwarf = dwarf_begin_elf(c->frames.elf, DWARF_C_READ, NULL);
    if (!c->dwarf) return;
    c->marks[1] = scope_hold(end_dwarf, c->dwarf);
    dwarf_new_oom_handler(c->dwarf, out_of_memory);
    c->debug = dwarf_getcfi(c->dwarf);
}

void cfi_open(struct cfi_file *ret_cfi, const struct elf_file *file, struct pp_arena *arena) {
    *ret_cfi = (struct cfi_file){.arena = arena};
    ret_cfi->eh = dwarf_getcfi_elf(file->elf);
    if (ret_cfi->eh) ret_cfi->marks[0] = scope_hold(end_eh, ret_cfi->eh);
    open_debug_frame(ret_cfi, file);
}

void cfi_close(struct cfi_file *c) {
    scope_drop(c->marks[0]);
    scope_drop(c->marks[1]);
    if (c->eh) dwarf_cfi_end(c->eh);
    if (c->dwarf) dwarf_end(c->dwarf);
    if (elf_file_is_open(&c->frames)) elf_file_close(&c->frames);
    index_done(&c->index);
}

static const struct cfi_op *copy_ops(struct cfi_file *c, const Dwarf_Op *ops, size_t n) {
    struct cfi_op *copy = PP_NEW(c->arena, struct cfi_op, n);
    for (size_t i = 0; i < n; i++)
        copy[i] = (struct cfi_op){ops[i].atom, ops[i].number, ops[i].number2};
    return copy;
}

/* Expressions end in DW_OP_stack_value when they are of the value itself. */
static struct cfi_rule rule_of_ops(struct cfi_file *c, const Dwarf_Op *ops, size_t n) {
    struct cfi_rule r = {.kind = CFI_OPS};
    r.is_value = ops[n - 1].atom == DW_OP_stack_value || ops[0].atom == DW_OP_regx;
    bool plus = n == 2 && ops[1].atom == DW_OP_plus_uconst;
    if (ops[0].atom == DW_OP_call_frame_cfa && (n == 1 || plus)) {
        r.kind = CFI_AT_CFA;
        r.offset = plus ? (int64_t)ops[1].number : 0;
        return r;
    }
    if (n > MAX_OPS) return (struct cfi_rule){.kind = CFI_UNDEFINED};
    r.n_ops = (uint32_t)n;
    r.ops = copy_ops(c, ops, n);
    return r;
}

static struct cfi_rule register_rule(struct cfi_file *c, Dwarf_Frame *frame, unsigned reg) {
    Dwarf_Op room[3], *ops = room;
    size_t n = 0;
    struct cfi_rule r = {.kind = CFI_UNDEFINED};
    if (dwarf_frame_register(frame, (int)reg, room, &ops, &n) == 0) {
        if (n)
            r = rule_of_ops(c, ops, n);
        else if (!ops)
            r.kind = CFI_SAME;
    }
    r.reg = (uint8_t)reg;
    return r;
}

static bool read_cfa(struct cfi_file *c, Dwarf_Frame *frame, struct cfi_rule *ret_cfa) {
    Dwarf_Op *ops;
    size_t n;
    if (dwarf_frame_cfa(frame, &ops, &n) != 0 || n == 0 || n > MAX_OPS) return false;
    *ret_cfa = (struct cfi_rule){.kind = CFI_OPS, .is_value = true};
    ret_cfa->n_ops = (uint32_t)n;
    ret_cfa->ops = copy_ops(c, ops, n);
    bool based = n == 1 && ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31;
    bool indexed = n == 1 && ops[0].atom == DW_OP_bregx && ops[0].number < MAX_REGS;
    if (!based && !indexed) return true;
    ret_cfa->kind = CFI_AT_CFA;
    ret_cfa->reg = (uint8_t)(based ? (unsigned)(ops[0].atom - DW_OP_breg0) : ops[0].number);
    ret_cfa->offset = (int64_t)(based ? ops[0].number : ops[0].number2);
    return true;
}

static void read_row(struct cfi_file *c, Dwarf_Frame *frame, unsigned n_regs, struct cfi_row *row) {
    struct cfi_rule rules[MAX_REGS];
    bool is_signal = false;
    int return_reg = dwarf_frame_info(frame, NULL, NULL, &is_signal);
    if (return_reg < 0 || return_reg >= (int)n_regs || !read_cfa(c, frame, &row->cfa)) return;
    for (unsigned reg = 0; reg < n_regs; reg++) {
        struct cfi_rule r = register_rule(c, frame, reg);
        if (r.kind != CFI_SAME) rules[row->n_rules++] = r;
    }
    struct cfi_rule *kept = PP_NEW(c->arena, struct cfi_rule, row->n_rules);
    memcpy(kept, rules, row->n_rules * sizeof *kept);
    row->rules = kept;
    row->is_signal = is_signal;
    row->return_reg = (uint8_t)return_reg;
    row->is_known = true;
}

static bool read_from(struct cfi_file *c, Dwarf_CFI *cfi, unsigned n_regs, struct cfi_row *row) {
    Dwarf_Frame *frame = NULL;
    if (!cfi || dwarf_cfi_addrframe(cfi, row->address, &frame) != 0) return false;
    read_row(c, frame, n_regs, row);
    free(frame);
    return row->is_known;
}

const struct cfi_row *cfi_find(struct cfi_file *c, uint64_t address, unsigned n_regs) {
    uint64_t hash = hash_word(hash_seed(), address);
    for (struct index_probe i = index_probe(&c->index, hash); index_next(&c->index, &i);)
        if (c->rows[i.position].address == address) return &c->rows[i.position];
    struct cfi_row row = {.address = address};
    if (!read_from(c, c->eh, n_regs, &row)) read_from(c, c->debug, n_regs, &row);
    index_add(&c->index, hash, c->n_rows);
    PP_PUSH(c->arena, c->rows, c->n_rows, c->cap_rows, row);
    return &c->rows[c->n_rows - 1];
}
