/* Frames of a sample: from the call chain that the kernel walked, the branches that the processor
 * kept, or the copy of the stack. Which of them there are, and whose addresses they hold, differs
 * from sample to sample. */
#include "profile/decode/perf/perf_session.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

struct owner {
    const struct perf_maps *maps, *code;
    uint32_t epoch;
};

static struct owner kernel_owner(struct perf_session *s, uint32_t pid) {
    const struct perf_process *kernel = perf_process_of(&s->spaces, pid);
    return (struct owner){kernel->maps, NULL, kernel->epoch};
}

/* Whose tables an address of that mode is looked up in. */
static struct owner owner_of(struct perf_session *s, const struct perf_process *process,
                             enum perf_cpumode mode, uint64_t address) {
    bool high = address >> 63;
    switch (mode) {
    case MODE_KERNEL:
    case MODE_HYPERVISOR:
        return kernel_owner(s, PERF_KERNEL_PID);
    case MODE_GUEST_KERNEL:
        return kernel_owner(s, PERF_GUEST_KERNEL_PID);
    case MODE_GUEST_USER:
        return (struct owner){NULL, NULL, PP_NONE}; /* the guest's processes are not in the file */
    default:
        if (high && !perf_maps_find(process->maps, address))
            return kernel_owner(s, PERF_KERNEL_PID);
        return (struct owner){process->maps, process->code, process->epoch};
    }
}

static void add_frame(struct perf_session *s, const struct perf_process *process,
                      enum perf_cpumode mode, uint64_t address, bool is_return) {
    if (s->n_frames == PERF_MAX_FRAMES) return;
    struct owner o = owner_of(s, process, mode, address);
    address -= is_return && address;
    s->addresses[s->n_frames++] = (struct perf_address){address, o.maps, o.code, o.epoch};
}

/* The marks between addresses; false when it is none. Unknown ones leave the mode as it is. */
static bool is_context(uint64_t address, enum perf_cpumode *mode) {
    static const struct {
        uint64_t mark;
        enum perf_cpumode mode;
    } contexts[] = {
        {PERF_CONTEXT(32), MODE_HYPERVISOR},     {PERF_CONTEXT(128), MODE_KERNEL},
        {PERF_CONTEXT(512), MODE_USER},          {PERF_CONTEXT(2048), MODE_GUEST_KERNEL},
        {PERF_CONTEXT(2176), MODE_GUEST_KERNEL}, {PERF_CONTEXT(2560), MODE_GUEST_USER},
    };
    if (address < PERF_CONTEXT_FIRST) return false;
    for (size_t i = 0; i < COUNT(contexts); i++)
        if (contexts[i].mark == address) *mode = contexts[i].mode;
    return true;
}

/* The chain; its first address is where the sample's own stands already. With `no_callers` it ends
 * where the program stopped. Returns whether it has addresses of the program, not only of the
 * kernel. */
static bool add_chain(struct perf_session *s, const struct perf_sample *sample,
                      const struct perf_process *process, enum perf_cpumode mode, bool no_callers) {
    struct perf_bytes b = perf_bytes_of(sample->chain, s->swap);
    enum perf_cpumode at = mode;
    bool first = true, has_user = false, stopped = true;
    while (perf_left(&b) >= 8) {
        uint64_t address = perf_u64(&b);
        if (is_context(address, &at)) {
            stopped = true; /* what follows is where it stopped, not where a call returns to */
            continue;
        }
        bool user = at == MODE_USER || at == MODE_GUEST_USER;
        has_user |= user;
        if (!first) add_frame(s, process, at, address, !stopped);
        if (no_callers && user) break;
        first = stopped = false;
    }
    return has_user;
}

/* A processor that keeps the last calls has the callers in `from`; where the program stopped is not
 * known without `has_leaf`, but the function, which the last call went to. */
static void add_branches(struct perf_session *s, const struct perf_sample *sample,
                         const struct perf_process *process, bool has_leaf) {
    struct perf_bytes b = perf_bytes_of(sample->branches, s->swap);
    while (perf_left(&b) >= 24) {
        uint64_t from = perf_u64(&b), to = perf_u64(&b);
        perf_u64(&b);
        if (!has_leaf && to) add_frame(s, process, MODE_USER, to, false);
        if (from) add_frame(s, process, MODE_USER, from, false);
        has_leaf = true;
    }
}

/* ---- copied stacks ---- */

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
    struct perf_session *s;
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

static void note_result(struct perf_notes *n, const struct unwind_result *r) {
    n->unwound++;
    n->guessed += r->n_guessed > 0;
    n->cut += r->end == UNWIND_CUT;
    n->lost_way += r->end == UNWIND_LOST;
    n->too_deep += r->end == UNWIND_TOO_DEEP;
    n->looped += r->end == UNWIND_LOOP;
}

static void *unwinder_for(struct perf_session *s, const struct machine *m) {
    const struct stack_unwinder *u = s->host ? s->host->unwinder : NULL;
    if (!s->unwinder_asked && u && m) s->unwinder = u->open(u, m->machine);
    s->unwinder_asked = true;
    return s->unwinder;
}

/* The frames of the program by its copied stack; false when there is no way to have them. */
static bool add_unwound(struct perf_session *s, const struct perf_event *event,
                        const struct perf_sample *sample, const struct perf_process *process,
                        bool in_user) {
    const struct machine *m = machine_of(s, event->regs_user);
    if (sample->regs_abi == 0) return false; /* a thread of the kernel */
    if (sample->regs_abi != 2) {
        s->notes.wrong_abi++;
        return false;
    }
    if (!unwinder_for(s, m)) {
        s->notes.not_unwound++;
        return false;
    }
    struct finder finder = {s, process->maps};
    struct unwind_stack stack = {
        .bytes = sample->stack, .big_endian = false, .find = find_place, .user = &finder};
    struct unwind_result r = {0};
    read_regs(m, s, event->regs_user, sample->regs, &stack);
    s->host->unwinder->unwind(s->unwinder, &stack, s->unwound, PERF_MAX_UNWOUND, &r);
    note_result(&s->notes, &r);
    for (uint32_t i = in_user ? 1 : 0; i < r.n; i++)
        add_frame(s, process, MODE_USER, s->unwound[i], false);
    return true;
}

uint32_t perf_stack_of(struct perf_session *s, const struct perf_event *event,
                       const struct perf_sample *sample, const struct perf_process *process,
                       enum perf_cpumode mode) {
    bool in_user = mode == MODE_USER;
    bool copied = event->sample_type & SAMPLE_STACK_USER && event->sample_type & SAMPLE_REGS_USER;
    bool calls = sample->branches.len && event->branch_type & BRANCH_CALL_STACK;
    s->n_frames = 0;
    if (event->sample_type & SAMPLE_IP) add_frame(s, process, mode, sample->ip, false);
    bool has_user = add_chain(s, sample, process, mode, calls);
    if (calls)
        add_branches(s, sample, process, in_user || has_user);
    else if (copied && !has_user)
        add_unwound(s, event, sample, process, in_user);
    perf_profile_locations(&s->profile, s->addresses, s->n_frames, s->frames);
    return builder_stack(&s->profile.b, s->frames, s->n_frames);
}
