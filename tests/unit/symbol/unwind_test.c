/* Unwinding: this program's own stack, copied with its registers as perf does, and copies that are
 * too short, lie or never end. */
#include "symbol/unwind.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <link.h>
#include <ucontext.h>
#include <unistd.h>

enum { COPY = 32 << 10, MAX_FRAMES = 64 };

struct copy {
    struct unwind_stack stack;
    char bytes[COPY];
    uint64_t callers[8]; /* return addresses, as the compiler knows them */
};

extern void *__libc_stack_end; /* where the program's own frames end */

struct module {
    uint64_t address;
    uint32_t n;
    struct unwind_place *place;
};

static int see_module(struct dl_phdr_info *info, size_t size, void *user) {
    (void)size;
    static char self[4096];
    struct module *m = user;
    m->n++;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + ph->p_vaddr;
        if (ph->p_type != PT_LOAD || m->address < start || m->address >= start + ph->p_memsz)
            continue;
        struct pp_str name = pp_str_from(info->dlpi_name);
        if (name.len == 0) {
            ssize_t n = readlink("/proc/self/exe", self, sizeof self);
            name = (struct pp_str){self, n > 0 ? (size_t)n : 0};
        }
        *m->place = (struct unwind_place){.module = m->n,
                                          .start = start,
                                          .limit = start + ph->p_memsz,
                                          .offset = ph->p_offset,
                                          .path = name};
        return 1;
    }
    return 0;
}

static bool find(void *user, uint64_t address, struct unwind_place *ret_place) {
    (void)user;
    struct module m = {.address = address, .place = ret_place};
    return dl_iterate_phdr(see_module, &m) == 1;
}

/* A file that can't be opened: it has code, and no rules. */
static bool find_bare(void *user, uint64_t address, struct unwind_place *ret_place) {
    (void)user;
    *ret_place = (struct unwind_place){.start = 0x400000, .limit = 0x401000};
    return address >= 0x400000 && address < 0x401000;
}

static bool find_nothing(void *user, uint64_t address, struct unwind_place *ret_place) {
    (void)user;
    (void)address;
    (void)ret_place;
    return false;
}

#if defined(__x86_64__)
static const enum unwind_machine machine = UNWIND_X86_64;
enum { FP = 6 };

static void take_registers(struct unwind_stack *s, const ucontext_t *u) {
    static const int order[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        s->regs[i] = (uint64_t)u->uc_mcontext.gregs[order[i]];
    s->known = 0x1ffff;
    s->pc = s->regs[16];
    s->sp = s->regs[7];
}
#elif defined(__aarch64__)
static const enum unwind_machine machine = UNWIND_ARM64;
enum { FP = 29 };

static void take_registers(struct unwind_stack *s, const ucontext_t *u) {
    for (size_t i = 0; i < 31; i++)
        s->regs[i] = u->uc_mcontext.regs[i];
    s->regs[31] = s->sp = u->uc_mcontext.sp;
    s->regs[32] = s->pc = u->uc_mcontext.pc;
    s->known = (UINT64_C(1) << 33) - 1;
}
#else
static const enum unwind_machine machine = UNWIND_NONE;
enum { FP = 0 };

static void take_registers(struct unwind_stack *s, const ucontext_t *u) {
    (void)s;
    (void)u;
}
#endif

/* The copy is made byte by byte: it reads frames that are another function's. */
__attribute__((noinline, no_sanitize("address"))) static void take(struct copy *c) {
    ucontext_t u;
    getcontext(&u);
    take_registers(&c->stack, &u);
    const volatile char *from = (const volatile char *)c->stack.sp;
    size_t len = (size_t)((uintptr_t)__libc_stack_end - c->stack.sp);
    if (len > COPY) len = COPY;
    for (size_t i = 0; i < len; i++)
        c->bytes[i] = from[i];
    c->stack.bytes = (struct pp_str){c->bytes, len};
    c->stack.find = find;
    c->callers[0] = (uint64_t)__builtin_extract_return_addr(__builtin_return_address(0));
}

__attribute__((noinline)) static void inner(struct copy *c, unsigned depth) {
    char room[100];
    memset(room, (int)depth, sizeof room);
    __asm__ volatile("" : : "r"(room) : "memory");
    if (depth)
        inner(c, depth - 1);
    else
        take(c);
    __asm__ volatile("" : : "r"(room) : "memory");
}

static void run(const struct unwind_stack *stack, uint64_t *frames, struct unwind_result *ret) {
    struct cfi_unwinder u;
    cfi_unwinder_init(&u, NULL, 0);
    void *state = u.unwinder.open(&u.unwinder, machine);
    u.unwinder.unwind(state, stack, frames, MAX_FRAMES, ret);
    u.unwinder.close(state);
}

static struct copy *own_stack(void) {
    static struct copy c;
    memset(&c, 0, sizeof c);
    if (machine == UNWIND_NONE) skip();
    inner(&c, 3);
    return &c;
}

static void its_own_stack(void **state) {
    (void)state;
    struct copy *c = own_stack();
    uint64_t frames[MAX_FRAMES];
    struct unwind_result r;
    run(&c->stack, frames, &r);
    assert_int_equal(r.n_guessed, 0);
    assert_int_equal(r.end, UNWIND_COMPLETE);
    assert_true(r.n > 8); /* take, four of inner, this test, cmocka, main */
    assert_int_equal(frames[0], c->stack.pc);
    assert_int_equal(frames[1], c->callers[0] - 1);
    assert_int_equal(frames[3], frames[4]); /* the recursive call */
    assert_int_not_equal(frames[4], frames[5]);
}

static void a_short_copy_is_cut(void **state) {
    (void)state;
    struct copy *c = own_stack();
    uint64_t frames[MAX_FRAMES];
    struct unwind_result whole, r;
    const size_t whole_len = c->stack.bytes.len;
    run(&c->stack, frames, &whole);
    for (size_t len = 0; len < whole_len; len += 64) {
        c->stack.bytes.len = len;
        run(&c->stack, frames, &r);
        assert_true(r.n >= 1 && r.n <= whole.n);
        assert_true(r.end == UNWIND_CUT || r.end == UNWIND_COMPLETE);
        assert_true(r.end == UNWIND_CUT || r.n == whole.n);
    }
}

static void a_chain_of_frame_pointers(void **state) {
    (void)state;
    uint64_t words[8] = {0}, frames[MAX_FRAMES];
    struct unwind_result r;
    const uint64_t sp = 0x1000;
    struct unwind_stack s = {
        .pc = 0x400000, .sp = sp, .find = find_bare, .known = UINT64_MAX >> 31};
    if (machine == UNWIND_NONE) skip();
    s.bytes = (struct pp_str){(const char *)words, sizeof words};
    s.regs[machine == UNWIND_X86_64 ? 7 : 31] = sp;
    s.regs[FP] = sp + 16;
    const uint64_t code = 0x400100;
    words[2] = sp + 32;
    words[3] = code + 1;
    words[4] = sp + 16; /* back to where it came from */
    words[5] = code + 1;
    run(&s, frames, &r);
    assert_int_equal(r.end, UNWIND_LOST); /* it leads back */
    words[4] = 0;
    run(&s, frames, &r);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.n_guessed, 2);
    assert_int_equal(r.end, UNWIND_COMPLETE); /* the outermost frame has none */
    s.find = find_nothing;
    run(&s, frames, &r);
    assert_int_equal(r.n, 1); /* what is in no file is no caller */
    assert_int_equal(r.end, UNWIND_LOST);
}

static void noise(void **state) {
    (void)state;
    struct copy *c = own_stack();
    uint64_t frames[MAX_FRAMES], random = 88172645463325252u;
    struct unwind_result r;
    for (int round = 0; round < 3000; round++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t at = random % (COPY - 8);
        memcpy(c->bytes + at, round % 2 ? &random : (uint64_t[]){c->stack.sp}, 8);
        if (round % 100) continue;
        run(&c->stack, frames, &r);
        assert_true(r.n >= 1 && r.n <= MAX_FRAMES);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_own_stack),
        cmocka_unit_test(a_short_copy_is_cut),
        cmocka_unit_test(a_chain_of_frame_pointers),
        cmocka_unit_test(noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
