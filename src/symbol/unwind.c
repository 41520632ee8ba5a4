/* See unwind.h. */
#include "symbol/unwind.h"

#include "base/path.h"
#include "symbol/debug_file.h"
#include "symbol/elf_notes.h"
#include "symbol/unwind_ops.h"

#include <elf.h>

/* What the machines have: DWARF's numbers. */
static const struct unwind_abi {
    uint16_t elf_machine;
    unsigned n_regs, sp, fp, pc; /* pc: where the program counter is kept for expressions */
    uint64_t address_mask;       /* the rest of a return address may be its signature */
} abis[] = {
    [UNWIND_X86_64] = {EM_X86_64, 17, 7, 6, 16, UINT64_MAX},
    [UNWIND_ARM64] = {EM_AARCH64, 33, 31, 29, 32, (UINT64_C(1) << 48) - 1},
};

struct module {
    bool tried, is_open;
    struct elf_file file;
    struct cfi_file cfi;
};

enum { MAX_MODULES = 4096 }; /* that are opened: a stranger's file may name any number */

struct unwinder {
    struct pp_arena arena;
    uint32_t n_open;
    const struct unwind_abi *abi;
    const struct cfi_unwinder *with;
    struct module **modules; /* by the decoder's numbers */
    uint32_t n;
    size_t cap;
};

static void *open_unwinder(const struct stack_unwinder *u, enum unwind_machine machine) {
    struct unwinder *w = pp_calloc(1, sizeof *w);
    w->abi = &abis[machine];
    w->with = (const struct cfi_unwinder *)u; /* its first member */
    return w;
}

static void close_unwinder(void *state) {
    struct unwinder *w = state;
    for (uint32_t i = 0; i < w->n; i++)
        if (w->modules[i] && w->modules[i]->is_open) {
            cfi_close(&w->modules[i]->cfi);
            elf_file_close(&w->modules[i]->file);
        }
    pp_arena_done(&w->arena);
    pp_free(w);
}

/* ---- binaries ---- */

/* A file of another build or for another machine is of no use. */
static bool is_mine(struct unwinder *w, struct module *m, const struct unwind_place *place) {
    bool other = place->build_id.len && !pp_str_eq(place->build_id, m->file.build_id);
    if (!other && m->file.machine == w->abi->elf_machine && m->file.is_64) return true;
    elf_file_close(&m->file);
    return false;
}

static bool open_at(struct unwinder *w, struct module *m, const struct unwind_place *place,
                    struct pp_str path) {
    struct pp_str text = pp_arena_copy(&w->arena, path);
    return elf_file_open(&m->file, text.data, &w->arena, NULL) && is_mine(w, m, place);
}

/* What perf or a debug package keeps of this build. */
static bool find_kept(struct unwinder *w, struct module *m, const struct unwind_place *place,
                      struct pp_str dir) {
    if (place->build_id.len < 4 || !elf_notes_is_id(place->build_id)) return false;
    struct debug_search s = {.arena = &w->arena, .dirs = {.at = &dir, .n = 1}};
    struct pp_str path;
    return debug_file_find_program(&s, place->build_id, &m->file, &path) && is_mine(w, m, place);
}

static bool find_file(struct unwinder *w, struct module *m, const struct unwind_place *place) {
    struct pp_str path = place->path;
    bool is_path = path.len && path.data[0] == '/' && !memchr(path.data, 0, path.len);
    if (is_path && open_at(w, m, place, path)) return true;
    for (size_t i = 0; i < w->with->n_dirs; i++) {
        struct pp_str dir = w->with->dirs[i];
        if (dir.len == 0) continue;
        if (is_path && (open_at(w, m, place, path_join(dir, path_base(path), &w->arena)) ||
                        open_at(w, m, place, path_join(dir, path, &w->arena))))
            return true;
        if (find_kept(w, m, place, dir)) return true;
    }
    return false;
}

static void open_module(struct unwinder *w, struct module *m, const struct unwind_place *place) {
    m->tried = true;
    if (w->n_open == MAX_MODULES || !find_file(w, m, place)) return;
    cfi_open(&m->cfi, &m->file, &w->arena);
    m->is_open = true;
    w->n_open++;
}

static struct module *module_of(struct unwinder *w, const struct unwind_place *place) {
    uint32_t i = place->module;
    if (i >= w->n) {
        PP_RESERVE(&w->arena, w->modules, w->n, w->cap, i + 1 - w->n);
        memset(w->modules + w->n, 0, (i + 1 - w->n) * sizeof *w->modules);
        w->n = i + 1;
    }
    if (!w->modules[i]) w->modules[i] = PP_NEW(&w->arena, struct module, 1);
    if (!w->modules[i]->tried) open_module(w, w->modules[i], place);
    return w->modules[i];
}

/* The file's own address of what lies at `offset` in it. */
static bool to_object(const struct elf_file *f, uint64_t offset, uint64_t *ret_address) {
    for (uint32_t i = 0; i < f->n_segments; i++) {
        const struct elf_segment *s = &f->segments[i];
        if (s->type != PT_LOAD || offset < s->offset || offset - s->offset >= s->filesz) continue;
        *ret_address = offset - s->offset + s->vaddr;
        if (s->flags & PF_X) return true;
    }
    return false;
}

/* The rules at an address of the process, or NULL. */
static const struct cfi_row *find_row(struct unwinder *w, const struct unwind_stack *stack,
                                      uint64_t address) {
    struct unwind_place place;
    uint64_t own;
    if (!stack->find(stack->user, address, &place)) return NULL;
    struct module *m = module_of(w, &place);
    if (!m->is_open || !to_object(&m->file, address - place.start + place.offset, &own))
        return NULL;
    const struct cfi_row *row = cfi_find(&m->cfi, own, w->abi->n_regs);
    return row->is_known ? row : NULL;
}

/* ---- one step ---- */

enum step { STEP_OK, STEP_END, STEP_CUT, STEP_LOST, STEP_LOOP };

static bool cfa_of(const struct cfi_row *row, const struct unwind_stack *stack,
                   struct unwind_frame *f) {
    const struct cfi_rule *cfa = &row->cfa;
    if (cfa->kind == CFI_OPS) return unwind_eval(cfa, f, stack, &f->cfa);
    if (cfa->reg >= UNWIND_REGS || !(f->known >> cfa->reg & 1)) return false;
    f->cfa = f->regs[cfa->reg] + (uint64_t)cfa->offset;
    return true;
}

/* The caller's value of a register; false when it is not known. */
static bool restore(const struct cfi_rule *rule, const struct unwind_frame *f,
                    const struct unwind_stack *stack, uint64_t *ret_v) {
    uint64_t at;
    if (rule->kind == CFI_AT_CFA) return unwind_read(stack, f->cfa + (uint64_t)rule->offset, ret_v);
    if (rule->kind != CFI_OPS || !unwind_eval(rule, f, stack, &at)) return false;
    *ret_v = at;
    return rule->is_value || unwind_read(stack, at, ret_v);
}

static void set_reg(struct unwind_frame *f, unsigned reg, bool known, uint64_t v) {
    uint64_t bit = UINT64_C(1) << reg;
    f->regs[reg] = v;
    f->known = known ? f->known | bit : f->known & ~bit;
}

/* From a frame to its caller's, whose program counter goes to *ret_pc. */
static enum step step_by_rules(const struct unwind_abi *abi, const struct cfi_row *row,
                               const struct unwind_stack *stack, struct unwind_frame *f,
                               uint64_t *ret_pc) {
    uint64_t values[UNWIND_REGS], known = 0; /* by the rules' order: all read the old ones */
    if (!cfa_of(row, stack, f)) return STEP_LOST;
    for (uint32_t i = 0; i < row->n_rules; i++) {
        const struct cfi_rule *rule = &row->rules[i];
        values[i] = 0;
        if (restore(rule, f, stack, &values[i]))
            known |= UINT64_C(1) << i;
        else if (rule->reg == row->return_reg)
            return rule->kind == CFI_UNDEFINED ? STEP_END : STEP_CUT;
    }
    for (uint32_t i = 0; i < row->n_rules; i++)
        set_reg(f, row->rules[i].reg, known >> i & 1, values[i]);
    if (!(f->known >> row->return_reg & 1)) return STEP_LOST;
    set_reg(f, abi->sp, true, f->cfa);
    *ret_pc = f->regs[row->return_reg] & abi->address_mask;
    return STEP_OK;
}

static enum step step_by_frame_pointer(const struct unwind_abi *abi,
                                       const struct unwind_stack *stack, struct unwind_frame *f,
                                       uint64_t *ret_pc) {
    uint64_t fp = f->regs[abi->fp], next, pc;
    if (!(f->known >> abi->fp & 1)) return STEP_LOST;
    if (fp == 0) return STEP_END; /* what the outermost frame has, by the machines' conventions */
    if (fp < f->regs[abi->sp] || fp % 8) return STEP_LOST;
    if (!unwind_read(stack, fp, &next) || !unwind_read(stack, fp + 8, &pc)) return STEP_LOST;
    set_reg(f, abi->fp, true, next);
    set_reg(f, abi->sp, true, fp + 16);
    *ret_pc = pc & abi->address_mask;
    return STEP_OK;
}

/* ---- a stack ---- */

static enum unwind_end end_of(enum step step) {
    static const enum unwind_end ends[] = {[STEP_END] = UNWIND_COMPLETE,
                                           [STEP_CUT] = UNWIND_CUT,
                                           [STEP_LOST] = UNWIND_LOST,
                                           [STEP_LOOP] = UNWIND_LOOP};
    return ends[step];
}

/* Whether a frame by the frame pointer is one: its address must be in code. */
static bool is_code(const struct unwind_stack *stack, uint64_t pc) {
    struct unwind_place place;
    return pc && stack->find(stack->user, pc - 1, &place);
}

/* From the frame at *at to its caller's, which *at becomes. */
static enum step step(struct unwinder *w, const struct unwind_stack *stack, struct unwind_frame *f,
                      uint64_t *at, struct unwind_result *r) {
    const struct unwind_abi *abi = w->abi;
    const struct cfi_row *row = find_row(w, stack, *at);
    uint64_t pc = 0, sp = f->regs[abi->sp];
    enum step s =
        row ? step_by_rules(abi, row, stack, f, &pc) : step_by_frame_pointer(abi, stack, f, &pc);
    bool is_signal = row && row->is_signal;
    if (s != STEP_OK) return s;
    if (!row && !is_code(stack, pc)) return pc ? STEP_LOST : STEP_END;
    r->n_guessed += !row;
    if (pc == 0) return STEP_END;
    uint64_t now = f->regs[abi->sp];
    if (!is_signal && (now < sp || (now == sp && r->n > 1))) return STEP_LOOP;
    set_reg(f, abi->pc, true, pc);
    *at = is_signal ? pc : pc - 1;
    return STEP_OK;
}

static void unwind(void *state, const struct unwind_stack *stack, uint64_t *ret_frames,
                   uint32_t max_frames, struct unwind_result *ret_result) {
    struct unwinder *w = state;
    struct unwind_frame f = {.known = stack->known};
    struct unwind_result r = {.end = UNWIND_TOO_DEEP};
    uint64_t at = stack->pc;
    memcpy(f.regs, stack->regs, sizeof f.regs);
    while (r.n < max_frames) {
        ret_frames[r.n++] = at;
        enum step s = step(w, stack, &f, &at, &r);
        if (s == STEP_OK) continue;
        r.end = end_of(s);
        break;
    }
    *ret_result = r;
}

void cfi_unwinder_init(struct cfi_unwinder *ret_u, const struct pp_str *dirs, size_t n_dirs) {
    *ret_u = (struct cfi_unwinder){{open_unwinder, unwind, close_unwinder}, dirs, n_dirs};
}
