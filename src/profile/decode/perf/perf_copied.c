/* Frames of a sample by the copy of its stack: what perf keeps of the registers and of memory goes
 * to the host's unwinder. */
#include "profile/decode/perf/perf_session.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

/* perf's order of registers -> DWARF's, by machine; bits that are missing are none of DWARF's. */
static const int8_t x86_64_regs[] = {0,  3,  2,  1,  4, 5, 6,  7,  16, -1, -1, -1,
                                     -1, -1, -1, -1, 8, 9, 10, 11, 12, 13, 14, 15};
static const int8_t arm64_regs[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};

static const struct machine {
    const char *arch; /* as uname says */
    enum unwind_machine machine;
    const int8_t *regs;
    unsigned n_regs, pc, sp; /* DWARF's numbers */
} machines[] = {
    {"x86_64", UNWIND_X86_64, x86_64_regs, COUNT(x86_64_regs), 16, 7},
    {"aarch64", UNWIND_ARM64, arm64_regs, COUNT(arm64_regs), 32, 31},
    {"arm64", UNWIND_ARM64, arm64_regs, COUNT(arm64_regs), 32, 31},
};

/* By name; where the file has none (an old perf in a pipe) by the registers it kept. */
static const struct machine *machine_of(const struct perf_session *s, uint64_t mask) {
    for (size_t i = 0; i < COUNT(machines); i++)
        if (pp_str_eq(s->arch, pp_str_from(machines[i].arch))) return &machines[i];
    if (s->arch.len) return NULL;
    if (mask == 0xff0fff) return &machines[0];
    return mask == (UINT64_C(1) << 33) - 1 ? &machines[1] : NULL;
}

static void read_regs(const struct machine *m, const struct perf_session *s, uint64_t mask,
                      struct pp_str regs, struct unwind_stack *stack) {
    struct perf_bytes b = perf_bytes_of(regs, s->swap);
    for (unsigned bit = 0; bit < 64; bit++) {
        if (!(mask >> bit & 1)) continue;
        uint64_t value = perf_u64(&b);
        if (b.broken || bit >= m->n_regs || m->regs[bit] < 0) continue;
        stack->regs[m->regs[bit]] = value;
        stack->known |= UINT64_C(1) << m->regs[bit];
    }
    stack->pc = stack->regs[m->pc];
    stack->sp = stack->regs[m->sp];
}

struct finder {
    const struct perf_session *s;
    const struct perf_maps *maps;
};

static bool find_place(void *user, uint64_t address, struct unwind_place *ret_place) {
    const struct finder *f = user;
    const struct perf_map *m = perf_maps_find(f->maps, address);
    if (!m) return false;
    const struct perf_object *o = &f->s->profile.objects[m->object];
    *ret_place = (struct unwind_place){
        .module = m->object,
        .start = m->start,
        .limit = m->end,
        .offset = m->offset,
        .path = builder_text(&f->s->profile.b, o->file),
        .build_id = builder_text(&f->s->profile.b, o->build_id),
    };
    return true;
}

static void *unwinder_for(const struct perf_session *s, struct perf_walk *w,
                          const struct machine *m) {
    const struct stack_unwinder *u = s->host ? s->host->unwinder : NULL;
    if (!w->unwinder_asked && u && m) w->unwinder = u->open(u, m->machine);
    w->unwinder_asked = true;
    return w->unwinder;
}

void perf_walk_copy(const struct perf_session *s, struct perf_walk *w, struct perf_taking *t) {
    const struct perf_sample *sample = &t->sample;
    const struct machine *m = machine_of(s, t->event->regs_user);
    if (sample->regs_abi == 0) return; /* a thread of the kernel */
    if (sample->regs_abi != 2) {
        t->copy = COPY_WRONG_ABI;
        return;
    }
    if (!unwinder_for(s, w, m)) {
        t->copy = COPY_NOT_UNWOUND;
        return;
    }
    t->copy = COPY_UNWOUND;
    struct finder finder = {s, t->process.maps};
    struct unwind_stack stack = {
        .bytes = sample->stack, .big_endian = false, .find = find_place, .user = &finder};
    t->unwound = (struct unwind_result){0};
    read_regs(m, s, t->event->regs_user, sample->regs, &stack);
    s->host->unwinder->unwind(w->unwinder, &stack, w->unwound, PERF_MAX_UNWOUND, &t->unwound);
    for (uint32_t i = t->mode == MODE_USER ? 1 : 0; i < t->unwound.n; i++)
        perf_walk_add(t, w, w->unwound[i], &t->process);
}

void perf_walk_done(const struct perf_session *s, struct perf_walk *w) {
    if (w->unwinder) s->host->unwinder->close(w->unwinder);
    w->unwinder = NULL;
}
