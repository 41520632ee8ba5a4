/* See perf_walk.h. Which of chain, branches and copy a sample has, and whose addresses they hold,
 * differs from sample to sample. */
#include "profile/decode/perf/perf_walk.h"

#include "profile/decode/perf/perf_session.h"

/* What lies in no table: a guest's processes are not in the file. */
static const struct perf_owner nobody = {.epoch = PP_NONE};

/* Whose tables addresses of that mode are looked up in; those of user mode have a choice. */
static const struct perf_owner *owner_of(const struct perf_taking *t, enum perf_cpumode mode) {
    switch (mode) {
    case MODE_KERNEL:
    case MODE_HYPERVISOR:
        return &t->kernels->host;
    case MODE_GUEST_KERNEL:
        return &t->kernels->guest;
    case MODE_GUEST_USER:
        return &nobody;
    default:
        return &t->process;
    }
}

static inline struct perf_found *found_at(struct perf_walk *w, uint64_t address, uint32_t epoch) {
    uint64_t slot = address >> 16 ^ epoch * UINT64_C(0x9e37);
    return &w->found[slot & (PERF_FOUND - 1)];
}

/* Of the tables in which what is found at an address may be kept; PP_NONE: that changes with code
 * that is made. */
static uint32_t kept_epoch(const struct perf_owner *owner) {
    return owner->code ? PP_NONE : owner->epoch;
}

/* What lies at the address, of the process or else of the kernel; NULL. */
static const struct perf_map *search_map(const struct perf_taking *t, struct perf_walk *w,
                                         uint64_t address, const struct perf_owner *owner) {
    const struct perf_map *m = owner->code ? perf_maps_find(owner->code, address) : NULL;
    if (m) return m;
    m = perf_maps_find(owner->maps, address);
    if (!m) m = perf_maps_find(owner->before, address);
    if (m) *found_at(w, address, kept_epoch(owner)) = (struct perf_found){m, kept_epoch(owner)};
    if (!m && address >> 63 && owner == &t->process)
        return search_map(t, w, address, &t->kernels->host);
    return m;
}

/* The same. What was found is kept by 64 kB of code. */
static inline const struct perf_map *find_map(const struct perf_taking *t, struct perf_walk *w,
                                              uint64_t address, const struct perf_owner *owner,
                                              uint32_t epoch) {
    const struct perf_found *f = found_at(w, address, epoch);
    bool found = f->epoch == epoch && epoch != PP_NONE &&
                 address - f->map->start < f->map->end - f->map->start;
    return found ? f->map : search_map(t, w, address, owner);
}

static inline void add(const struct perf_taking *t, struct perf_walk *w, uint64_t address,
                       const struct perf_owner *owner, uint32_t epoch) {
    const struct perf_map *m = find_map(t, w, address, owner, epoch);
    if (w->n == PERF_MAX_FRAMES) return;
    struct perf_address *a = &w->at[w->n++];
    a->offset = m ? address - m->start + m->offset : address;
    a->object = m ? m->object : PP_NONE;
}

void perf_walk_add(const struct perf_taking *t, struct perf_walk *w, uint64_t address,
                   const struct perf_owner *owner) {
    add(t, w, address, owner, kept_epoch(owner));
}

/* The marks between addresses; unknown ones leave the mode as it is. */
static enum perf_cpumode mode_of_mark(uint64_t mark, enum perf_cpumode mode) {
    static const struct {
        uint64_t mark;
        enum perf_cpumode mode;
    } contexts[] = {
        {PERF_CONTEXT(32), MODE_HYPERVISOR},     {PERF_CONTEXT(128), MODE_KERNEL},
        {PERF_CONTEXT(512), MODE_USER},          {PERF_CONTEXT(2048), MODE_GUEST_KERNEL},
        {PERF_CONTEXT(2176), MODE_GUEST_KERNEL}, {PERF_CONTEXT(2560), MODE_GUEST_USER},
    };
    for (size_t i = 0; i < sizeof contexts / sizeof *contexts; i++)
        if (contexts[i].mark == mark) return contexts[i].mode;
    return mode;
}

static uint64_t chain_number(struct pp_str chain, size_t i, bool swap) {
    uint64_t v;
    memcpy(&v, chain.data + 8 * i, 8);
    return swap ? __builtin_bswap64(v) : v;
}

/* Adds those from i on that calls return to, up to a mark; returns how far that is. */
static size_t add_callers(const struct perf_session *s, const struct perf_taking *t,
                          struct perf_walk *w, const struct perf_owner *owner, size_t i) {
    const struct pp_str chain = t->sample.chain;
    const uint32_t epoch = kept_epoch(owner);
    for (size_t n = chain.len / 8; i < n; i++) {
        uint64_t address = chain_number(chain, i, s->swap);
        if (address >= PERF_CONTEXT_FIRST) return i;
        add(t, w, address - (address != 0), owner, epoch);
    }
    return i;
}

/* The chain; its first address is where the sample's own stands already. With `no_callers` it ends
 * where the program stopped. Returns whether it has addresses of the program, not only of the
 * kernel. */
static bool add_chain(const struct perf_session *s, const struct perf_taking *t,
                      struct perf_walk *w, bool no_callers) {
    const struct pp_str chain = t->sample.chain;
    enum perf_cpumode mode = t->mode;
    const struct perf_owner *owner = owner_of(t, mode);
    bool first = true, has_user = false, stopped = true;
    for (size_t i = 0; i < chain.len / 8; i++) {
        uint64_t address = chain_number(chain, i, s->swap);
        if (address >= PERF_CONTEXT_FIRST) {
            mode = mode_of_mark(address, mode);
            owner = owner_of(t, mode);
            stopped = true; /* what follows is where it stopped, not where a call returns to */
            continue;
        }
        bool user = mode == MODE_USER || mode == MODE_GUEST_USER;
        has_user |= user;
        if (!first) perf_walk_add(t, w, address - (!stopped && address), owner);
        if (no_callers && user) break;
        first = stopped = false;
        i = add_callers(s, t, w, owner, i + 1) - 1;
    }
    return has_user;
}

/* A processor that keeps the last calls has the callers in `from`; where the program stopped is not
 * known without `has_leaf`, but the function, which the last call went to. */
static void add_branches(const struct perf_session *s, const struct perf_taking *t,
                         struct perf_walk *w, bool has_leaf) {
    struct perf_bytes b = perf_bytes_of(t->sample.branches, s->swap);
    while (perf_left(&b) >= 24) {
        uint64_t from = perf_u64(&b), to = perf_u64(&b);
        perf_u64(&b);
        if (!has_leaf && to) perf_walk_add(t, w, to, &t->process);
        if (from) perf_walk_add(t, w, from, &t->process);
        has_leaf = true;
    }
}

bool perf_is_copied(const struct perf_event *event) {
    return event->sample_type & SAMPLE_STACK_USER && event->sample_type & SAMPLE_REGS_USER;
}

void perf_walk_sample(const struct perf_session *s, struct perf_walk *w, struct perf_taking *t) {
    const struct perf_event *event = t->event;
    bool in_user = t->mode == MODE_USER;
    bool calls = t->sample.branches.len && event->branch_type & BRANCH_CALL_STACK;
    w->n = 0;
    t->copy = COPY_NONE;
    if (event->sample_type & SAMPLE_IP) perf_walk_add(t, w, t->sample.ip, owner_of(t, t->mode));
    bool has_user = add_chain(s, t, w, calls);
    if (calls)
        add_branches(s, t, w, in_user || has_user);
    else if (perf_is_copied(event) && !has_user)
        perf_walk_copy(s, w, t);
}
