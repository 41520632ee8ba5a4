/* See unwind_ops.h. Source: DWARF 5, 2.5; call frames use but a part of it, and no branches. */
#include "symbol/unwind_ops.h"

#include <dwarf.h>

enum { DEPTH = 32 };

struct machine {
    uint64_t at[DEPTH];
    unsigned n;
    bool broken;
};

static void push(struct machine *m, uint64_t v) {
    if (m->n == DEPTH)
        m->broken = true;
    else
        m->at[m->n++] = v;
}

static uint64_t pop(struct machine *m) {
    if (m->n) return m->at[--m->n];
    m->broken = true;
    return 0;
}

static uint64_t peek(struct machine *m, uint64_t depth) {
    if (depth < m->n) return m->at[m->n - 1 - depth];
    m->broken = true;
    return 0;
}

bool unwind_read(const struct unwind_stack *stack, uint64_t address, uint64_t *ret_v) {
    uint64_t at = address - stack->sp;
    if (address < stack->sp || stack->bytes.len < 8 || at > stack->bytes.len - 8) return false;
    memcpy(ret_v, stack->bytes.data + at, 8);
    if (stack->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__))
        *ret_v = __builtin_bswap64(*ret_v);
    return true;
}

static uint64_t reg_of(struct machine *m, const struct unwind_frame *f, uint64_t reg) {
    if (reg < UNWIND_REGS && f->known >> reg & 1) return f->regs[reg];
    m->broken = true;
    return 0;
}

/* To the right, filling with the sign: what >> does to a negative number is the compiler's choice.
 */
static uint64_t shift_signed(uint64_t a, uint64_t by) {
    uint64_t fill = a >> 63 ? UINT64_MAX : 0;
    return by > 63 ? fill : (a ^ fill) >> by ^ fill;
}

static bool two_operands(struct machine *m, uint8_t atom) {
    if (!((atom >= DW_OP_and && atom <= DW_OP_xor && atom != DW_OP_neg && atom != DW_OP_not &&
           atom != DW_OP_plus_uconst) ||
          (atom >= DW_OP_eq && atom <= DW_OP_ne)))
        return false;
    uint64_t b = pop(m), a = pop(m), v = 0;
    int64_t sa = (int64_t)a, sb = (int64_t)b;
    switch (atom) {
    case DW_OP_and:
        v = a & b;
        break;
    case DW_OP_or:
        v = a | b;
        break;
    case DW_OP_xor:
        v = a ^ b;
        break;
    case DW_OP_plus:
        v = a + b;
        break;
    case DW_OP_minus:
        v = a - b;
        break;
    case DW_OP_mul:
        v = a * b;
        break;
    case DW_OP_shl:
        v = b < 64 ? a << b : 0;
        break;
    case DW_OP_shr:
        v = b < 64 ? a >> b : 0;
        break;
    case DW_OP_shra:
        v = shift_signed(a, b);
        break;
    case DW_OP_eq:
        v = a == b;
        break;
    case DW_OP_ne:
        v = a != b;
        break;
    case DW_OP_ge:
        v = sa >= sb;
        break;
    case DW_OP_gt:
        v = sa > sb;
        break;
    case DW_OP_le:
        v = sa <= sb;
        break;
    case DW_OP_lt:
        v = sa < sb;
        break;
    default:
        m->broken = true;
        break; /* division: nobody needs it here */
    }
    push(m, v);
    return true;
}

static bool constants(struct machine *m, const struct cfi_op *op) {
    bool is_number =
        op->atom == DW_OP_addr || (op->atom >= DW_OP_const1u && op->atom <= DW_OP_consts);
    if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31)
        push(m, op->atom - DW_OP_lit0);
    else if (is_number)
        push(m, op->a);
    else
        return false;
    return true;
}

static bool registers(struct machine *m, const struct cfi_op *op, const struct unwind_frame *f) {
    if (op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31)
        push(m, reg_of(m, f, op->atom - DW_OP_breg0) + op->a);
    else if (op->atom == DW_OP_bregx)
        push(m, reg_of(m, f, op->a) + op->b);
    else if (op->atom == DW_OP_regx)
        push(m, reg_of(m, f, op->a));
    else if (op->atom == DW_OP_call_frame_cfa)
        push(m, f->cfa);
    else
        return false;
    return true;
}

static void others(struct machine *m, const struct cfi_op *op, const struct unwind_stack *stack) {
    uint64_t v = 0, other;
    switch (op->atom) {
    case DW_OP_nop:
    case DW_OP_stack_value:
        break;
    case DW_OP_deref:
        m->broken |= !unwind_read(stack, pop(m), &v);
        push(m, v);
        break;
    case DW_OP_plus_uconst:
        push(m, pop(m) + op->a);
        break;
    case DW_OP_dup:
        push(m, peek(m, 0));
        break;
    case DW_OP_over:
        push(m, peek(m, 1));
        break;
    case DW_OP_pick:
        push(m, peek(m, op->a));
        break;
    case DW_OP_drop:
        pop(m);
        break;
    case DW_OP_swap:
        v = pop(m);
        other = pop(m);
        push(m, v);
        push(m, other);
        break;
    case DW_OP_neg:
        push(m, 0 - pop(m));
        break;
    case DW_OP_not:
        push(m, ~pop(m));
        break;
    default:
        m->broken = true;
    }
}

bool unwind_eval(const struct cfi_rule *rule, const struct unwind_frame *frame,
                 const struct unwind_stack *stack, uint64_t *ret_v) {
    struct machine m = {.n = 0};
    if (!rule->is_value) push(&m, frame->cfa); /* which an expression of a register finds there */
    for (uint32_t i = 0; i < rule->n_ops && !m.broken; i++) {
        const struct cfi_op *op = &rule->ops[i];
        if (!constants(&m, op) && !registers(&m, op, frame) && !two_operands(&m, op->atom))
            others(&m, op, stack);
    }
    *ret_v = pop(&m);
    return !m.broken;
}
