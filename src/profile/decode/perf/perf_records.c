/* What each record changes; they come in the order of time. */
#include "base/hash.h"
#include "base/path.h"
#include "profile/decode/perf/perf_session.h"

#include <inttypes.h>

enum { BUILD_ID_ROOM = 24 };

/* The rest of the record as a text; what follows it are the fields of every record. */
static uint32_t take_name(struct perf_session *s, struct perf_bytes *b) {
    return builder_string(&s->profile.b, perf_until_nul(perf_take(b, perf_left(b))));
}

/* ---- memory ---- */

static bool starts_with(struct pp_str s, const char *prefix) {
    return pp_str_has_prefix(s, pp_str_from(prefix));
}

/* Code that a program made: a compiler may have left its names in perf's place for them. */
static bool is_made_code(struct pp_str file) {
    return pp_str_eq(file, PP_STR("//anon")) || starts_with(file, "/dev/zero") ||
           starts_with(file, "/anon_hugepage") || starts_with(file, "/memfd:doublemapper");
}

/* Memory that is the process's own, whatever its name is. */
static bool is_private(struct pp_str file) {
    return file.len == 0 || starts_with(file, "[heap]") || starts_with(file, "[stack") ||
           starts_with(file, "/SYSV");
}

static void name_object(struct perf_session *s, uint32_t pid, uint32_t file,
                        struct perf_object *o) {
    struct pp_str text = builder_text(&s->profile.b, file), kernel = PP_STR("[kernel.kallsyms]");
    o->file = file;
    o->owner = PP_NONE;
    if (is_made_code(text)) {
        struct pp_str map = pp_arena_printf(&s->scratch, "/tmp/perf-%" PRIu32 ".map", pid);
        o->file = builder_string(&s->profile.b, map);
        o->owner = pid;
    } else if (is_private(text)) {
        o->owner = pid;
    } else if (pp_str_has_prefix(text, kernel)) {
        o->kernel_symbol = builder_string(&s->profile.b, pp_str_slice(text, kernel.len, text.len));
    }
}

static uint32_t owner_pid(uint16_t misc, uint32_t pid) {
    unsigned mode = misc & MISC_CPUMODE;
    if (mode == MODE_GUEST_KERNEL) return PERF_GUEST_KERNEL_PID;
    return mode == MODE_KERNEL ? PERF_KERNEL_PID : pid;
}

/* A file that comes where code was made lies there now; memory does not tell (a compiler's own, of
 * which it changes the permissions, is mapped again and again). */
static bool take_place_of_code(struct perf_session *s, uint32_t pid, struct perf_map map) {
    map.object = PP_NONE;
    return perf_process_code(&s->spaces, pid, &map, s->err);
}

/* What is mapped where; the names are string ids. */
struct mapped {
    uint32_t pid, file, build_id;
    struct perf_map map;
};

static bool add_map(struct perf_session *s, uint16_t misc, const struct mapped *m) {
    struct perf_map map = m->map;
    struct perf_object o = {.start = map.start, .len = map.end - map.start, .offset = map.offset};
    if (map.end <= map.start) return true;
    uint32_t pid = owner_pid(misc, m->pid);
    name_object(s, pid, m->file, &o);
    o.build_id = m->build_id ? m->build_id : perf_build_id_of(s, o.file);
    o.is_kernel = pid >= PERF_GUEST_KERNEL_PID;
    if (!o.is_kernel && perf_find_dump(s, pid, builder_text(&s->profile.b, m->file))) return true;
    map.object = perf_profile_object(&s->profile, &o);
    if (o.is_kernel) perf_end_samples(s);
    struct perf_process *p = perf_process_of(&s->spaces, pid);
    if (p->main_object == PP_NONE && o.owner == PP_NONE && !o.is_kernel)
        p->main_object = map.object;
    if (o.owner == PP_NONE && p->code && !take_place_of_code(s, pid, map)) return false;
    return perf_process_map(&s->spaces, pid, &map, s->err);
}

void perf_map_guest(struct perf_session *s) {
    const uint64_t kernels_half = UINT64_C(1) << 63;
    const struct mapped m = {
        .file = builder_string(&s->profile.b, PP_STR("[guest.kernel.kallsyms]")),
        .map = {.start = kernels_half, .end = UINT64_MAX, .offset = kernels_half}};
    add_map(s, MODE_GUEST_KERNEL, &m);
}

static struct perf_map read_map(struct perf_bytes *b) {
    struct perf_map m = {.start = perf_u64(b)};
    m.end = perf_u64(b);
    m.end = m.end > UINT64_MAX - m.start ? UINT64_MAX : m.start + m.end;
    m.offset = perf_u64(b);
    return m;
}

static bool take_mmap(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    struct mapped m = {.pid = perf_u32(&b)};
    perf_u32(&b);
    m.map = read_map(&b);
    m.file = take_name(s, &b);
    if (b.broken || r->misc & MISC_MMAP_DATA) return true;
    return add_map(s, r->misc, &m);
}

static bool take_mmap2(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    struct mapped m = {.pid = perf_u32(&b)};
    perf_u32(&b);
    m.map = read_map(&b);
    struct pp_str id = perf_take(&b, BUILD_ID_ROOM); /* or device, inode and generation */
    perf_u64(&b);                                    /* protection and flags */
    m.file = take_name(s, &b);
    if (b.broken || r->misc & MISC_MMAP_DATA) return true;
    size_t len = r->misc & MISC_MMAP_BUILD_ID ? (unsigned char)id.data[0] : 0;
    if (len && len <= 20) m.build_id = perf_build_id_text(s, pp_str_slice(id, 4, 4 + len));
    return add_map(s, r->misc, &m);
}

/* A function that the kernel made: of a BPF program, a trampoline. */
static bool take_ksymbol(struct perf_session *s, const struct perf_record *r) {
    enum { UNREGISTERED = 1 };
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    struct perf_map map = {.start = perf_u64(&b)};
    map.end = map.start + perf_u32(&b);
    perf_u16(&b);
    uint16_t flags = perf_u16(&b);
    uint32_t name = take_name(s, &b);
    if (b.broken || flags & UNREGISTERED || name == 0 || map.end <= map.start) return true;
    struct perf_object o = {.file = name,
                            .owner = PP_NONE,
                            .start = map.start,
                            .len = map.end - map.start,
                            .symbol = name,
                            .is_kernel = true};
    map.object = perf_profile_object(&s->profile, &o);
    perf_end_samples(s);
    return perf_process_map(&s->spaces, PERF_KERNEL_PID, &map, s->err);
}

/* ---- processes ---- */

static bool take_comm(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    uint32_t pid = perf_u32(&b), tid = perf_u32(&b), comm = take_name(s, &b);
    if (b.broken) return true;
    perf_thread_of(&s->spaces, pid, tid)->comm = comm;
    if (pid != tid) return true;
    if (r->misc & MISC_COMM_EXEC) perf_process_exec(&s->spaces, pid);
    perf_process_of(&s->spaces, pid)->comm = comm;
    return true;
}

static bool take_fork(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    uint32_t pid = perf_u32(&b), parent = perf_u32(&b);
    uint32_t tid = perf_u32(&b), parent_tid = perf_u32(&b);
    uint64_t time = perf_u64(&b);
    if (b.broken) return true;
    uint32_t comm = perf_thread_of(&s->spaces, parent, parent_tid)->comm;
    perf_thread_of(&s->spaces, pid, tid)->comm = comm;
    if (pid != parent && perf_code_waits(s, parent, time)) {
        perf_end_samples(s);
        perf_put_code(s, parent, time);
    }
    perf_process_fork(&s->spaces, pid, parent);
    return true;
}

static bool take_cgroup(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    struct perf_cgroup c = {.id = perf_u64(&b)};
    c.path = take_name(s, &b);
    if (b.broken || s->n_cgroups == PP_NONE) return true;
    index_add(&s->cgroup_index, hash_word(hash_seed(), c.id), s->n_cgroups);
    PP_PUSH(&s->scratch, s->cgroups, s->n_cgroups, s->cap_cgroups, c);
    return true;
}

/* ---- losses ---- */

static bool take_lost(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    uint64_t id = perf_u64(&b), n = perf_u64(&b);
    if (b.broken) return true;
    const struct perf_event_id *known = perf_events_find(&s->events, id);
    s->notes.lost += n;
    if (s->events.n) s->events.at[known ? known->event : 0].lost += n;
    return true;
}

static bool take_lost_samples(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    uint64_t n = perf_u64(&b);
    uint32_t event;
    if (b.broken) return true;
    s->notes.lost_samples += n;
    if (perf_sample_event(&s->events, r, s->swap, &event)) s->events.at[event].lost += n;
    return true;
}

static bool take_throttle(struct perf_session *s, const struct perf_record *r) {
    (void)r;
    s->notes.throttled++;
    return true;
}

static bool take_aux(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    perf_u64(&b);
    s->notes.aux_bytes += perf_u64(&b);
    return true;
}

/* The mean of those that were counted stands for those that were not. */
void perf_add_lost(struct perf_session *s) {
    struct profile_builder *b = &s->profile.b;
    for (uint32_t i = 0; i < s->events.n; i++) {
        const struct perf_event *e = &s->events.at[i];
        if (e->lost == 0) continue;
        uint64_t each = e->n_samples ? e->sum / e->n_samples : e->period;
        uint32_t name = builder_string(b, PP_STR("[lost]"));
        struct pp_function f = {.name = name, .system_name = name};
        struct pp_line line = {.function = builder_add_function(b, &f)};
        struct pp_location l = {.mapping = PP_NONE};
        uint32_t at = builder_add_location(b, &l, &line, 1);
        const struct perf_row lost = {
            .stack = builder_stack(b, &at, 1), .event = i, .count = e->lost, .sum = e->lost * each};
        perf_profile_count(&s->profile, lost);
    }
}

/* ---- all ---- */

static bool take_other(struct perf_session *s, const struct perf_waiting *w) {
    static bool (*const take[PERF_KERNEL_RECORDS])(struct perf_session *,
                                                   const struct perf_record *) = {
        [PERF_MMAP] = take_mmap,       [PERF_LOST] = take_lost,
        [PERF_COMM] = take_comm,       [PERF_THROTTLE] = take_throttle,
        [PERF_FORK] = take_fork,       [PERF_MMAP2] = take_mmap2,
        [PERF_AUX] = take_aux,         [PERF_LOST_SAMPLES] = take_lost_samples,
        [PERF_KSYMBOL] = take_ksymbol, [PERF_CGROUP] = take_cgroup,
    };
    const struct perf_record r = perf_waiting_record(w);
    return r.type >= PERF_KERNEL_RECORDS || !take[r.type] || take[r.type](s, &r);
}

bool perf_take_records(void *session, const struct perf_run *run) {
    struct perf_session *s = session;
    bool ok = true;
    for (size_t i = 0; i < run->n && ok;) {
        if (perf_run_at(run, i)->type == PERF_SAMPLE)
            i = perf_take_samples(s, run, i);
        else
            ok = take_other(s, perf_run_at(run, i++));
    }
    perf_end_samples(s);
    return ok;
}
