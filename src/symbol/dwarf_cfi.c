/* See dwarf_cfi.h. */
#include "symbol/dwarf_cfi.h"

#include "base/hash.h"
#include "base/scope.h"
#include "symbol/elf_unpack.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

enum { MAX_OPS = 64, MAX_REGS = 64, FIRST_PLACES = 1 << 8, BLOCK = 256 };

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
    *ret_cfi = (struct cfi_file){.arena = arena, .n_places = FIRST_PLACES};
    ret_cfi->places = pp_calloc(FIRST_PLACES, sizeof *ret_cfi->places);
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
    pp_free(c->places);
    index_done(&c->row_index);
    index_done(&c->range_index);
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
    bool based = n == 1 && ops[0].atom >= DW_OP_breg0 && ops[0].atom <= DW_OP_breg31;
    bool indexed = n == 1 && ops[0].atom == DW_OP_bregx && ops[0].number < MAX_REGS;
    if (!based && !indexed) {
        ret_cfa->n_ops = (uint32_t)n;
        ret_cfa->ops = copy_ops(c, ops, n);
        return true;
    }
    ret_cfa->is_value = false;
    ret_cfa->kind = CFI_AT_CFA;
    ret_cfa->reg = (uint8_t)(based ? (unsigned)(ops[0].atom - DW_OP_breg0) : ops[0].number);
    ret_cfa->offset = (int64_t)(based ? ops[0].number : ops[0].number2);
    return true;
}

/* ---- rows ---- */

static bool same_rule(const struct cfi_rule *a, const struct cfi_rule *b) {
    bool same = a->reg == b->reg && a->kind == b->kind && a->is_value == b->is_value &&
                a->offset == b->offset && a->n_ops == b->n_ops;
    for (uint32_t i = 0; same && i < a->n_ops; i++)
        same = a->ops[i].atom == b->ops[i].atom && a->ops[i].a == b->ops[i].a &&
               a->ops[i].b == b->ops[i].b;
    return same;
}

static bool same_row(const struct cfi_row *a, const struct cfi_row *b) {
    bool same = a->is_known == b->is_known && a->is_signal == b->is_signal &&
                a->return_reg == b->return_reg && a->n_rules == b->n_rules &&
                same_rule(&a->cfa, &b->cfa);
    for (uint32_t i = 0; same && i < a->n_rules; i++)
        same = same_rule(&a->rules[i], &b->rules[i]);
    return same;
}

static uint64_t add_rule(uint64_t hash, const struct cfi_rule *r) {
    hash = hash_mix(hash ^ (uint64_t)r->reg << 8 ^ r->kind, (uint64_t)r->offset ^ hash_seed());
    for (uint32_t i = 0; i < r->n_ops; i++)
        hash = hash_mix(hash ^ r->ops[i].atom, r->ops[i].a ^ r->ops[i].b << 32 ^ hash_seed());
    return hash;
}

static uint64_t row_hash(const struct cfi_row *row) {
    uint64_t hash = add_rule(hash_seed(), &row->cfa);
    for (uint32_t i = 0; i < row->n_rules; i++)
        hash = add_rule(hash, &row->rules[i]);
    return hash_word(hash, row->n_rules);
}

/* The row that is kept for all that say the same. */
static const struct cfi_row *keep_row(struct cfi_file *c, const struct cfi_row *row) {
    uint64_t hash = row_hash(row);
    for (struct index_probe i = index_probe(&c->row_index, hash); index_next(&c->row_index, &i);)
        if (same_row(c->rows[i.position], row)) return c->rows[i.position];
    struct cfi_row *kept = PP_NEW(c->arena, struct cfi_row, 1);
    struct cfi_rule *rules = PP_NEW(c->arena, struct cfi_rule, row->n_rules);
    if (row->n_rules) memcpy(rules, row->rules, row->n_rules * sizeof *rules);
    *kept = *row;
    kept->rules = rules;
    index_add(&c->row_index, hash, c->n_rows);
    PP_PUSH(c->arena, c->rows, c->n_rows, c->cap_rows, kept);
    return kept;
}

/* The rules of a frame go to row->rules, where there is room for MAX_REGS. */
static void read_row(struct cfi_file *c, Dwarf_Frame *frame, unsigned n_regs, struct cfi_row *row,
                     struct cfi_rule *rules) {
    int return_reg = dwarf_frame_info(frame, NULL, NULL, &row->is_signal);
    if (return_reg < 0 || return_reg >= (int)n_regs || !read_cfa(c, frame, &row->cfa)) return;
    for (unsigned reg = 0; reg < n_regs; reg++) {
        struct cfi_rule r = register_rule(c, frame, reg);
        if (r.kind != CFI_SAME) rules[row->n_rules++] = r;
    }
    row->rules = rules;
    row->return_reg = (uint8_t)return_reg;
    row->is_known = true;
}

/* The range begins at the address itself: where a row begins libdw forgets when a state that was
 * remembered comes back. */
static const struct cfi_row *read_from(struct cfi_file *c, Dwarf_CFI *cfi, uint64_t address,
                                       unsigned n_regs, struct cfi_range *ret_range) {
    struct cfi_rule rules[MAX_REGS];
    struct cfi_row row = {0};
    Dwarf_Frame *frame = NULL;
    Dwarf_Addr end = 0;
    if (!cfi || dwarf_cfi_addrframe(cfi, address, &frame) != 0) return NULL;
    read_row(c, frame, n_regs, &row, rules);
    dwarf_frame_info(frame, NULL, &end, NULL);
    free(frame);
    if (!row.is_known) return NULL;
    *ret_range = (struct cfi_range){address, end, keep_row(c, &row)};
    return ret_range->row;
}

static const struct cfi_row *read_at(struct cfi_file *c, uint64_t address, unsigned n_regs) {
    const struct cfi_row none = {0};
    struct cfi_range range;
    uint64_t hash = hash_word(hash_seed(), address / BLOCK);
    for (struct index_probe i = index_probe(&c->range_index, hash);
         index_next(&c->range_index, &i);) {
        const struct cfi_range *r = &c->ranges[i.position];
        if (address >= r->start && address < r->end) return r->row;
    }
    bool in_eh = read_from(c, c->eh, address, n_regs, &range) != NULL;
    if (!in_eh && !read_from(c, c->debug, address, n_regs, &range)) return keep_row(c, &none);
    if (!in_eh && c->eh) return range.row; /* what is near may have other rules there */
    index_add(&c->range_index, hash, c->n_ranges);
    PP_PUSH(c->arena, c->ranges, c->n_ranges, c->cap_ranges, range);
    return range.row;
}

/* ---- places ---- */

/* Where the address is or would be put. */
static struct cfi_place *place_of(const struct cfi_file *c, uint64_t address) {
    size_t slot = hash_word(hash_seed(), address);
    for (;; slot++) {
        struct cfi_place *p = &c->places[slot & (c->n_places - 1)];
        if (p->address == address || !p->row) return p;
    }
}

/* A table that is half full is made twice as large. */
static void make_room(struct cfi_file *c) {
    if (c->n_put < c->n_places / 2) return;
    struct cfi_place *old = c->places;
    size_t n_old = c->n_places;
    c->n_places *= 2;
    c->places = pp_calloc_used(c->n_places, sizeof *c->places);
    for (size_t i = 0; i < n_old; i++)
        if (old[i].row) *place_of(c, old[i].address) = old[i];
    pp_free(old);
}

const struct cfi_row *cfi_find(struct cfi_file *c, uint64_t address, unsigned n_regs) {
    const struct cfi_place *known = place_of(c, address);
    if (known->row) return known->row;
    const struct cfi_row *row = read_at(c, address, n_regs);
    make_room(c);
    *place_of(c, address) = (struct cfi_place){address, row};
    c->n_put++;
    return row;
}
