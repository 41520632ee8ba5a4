/* See perf_event.h. */
#include "profile/decode/perf/perf_event.h"

#include "base/hash.h"

#include <inttypes.h>

enum { TYPE_HARDWARE, TYPE_SOFTWARE, TYPE_TRACEPOINT, TYPE_CACHE, TYPE_RAW, TYPE_BREAKPOINT };
enum { SOFTWARE_DUMMY = 9 };

static const char *const hardware_names[] = {"cycles",
                                             "instructions",
                                             "cache-references",
                                             "cache-misses",
                                             "branches",
                                             "branch-misses",
                                             "bus-cycles",
                                             "stalled-cycles-frontend",
                                             "stalled-cycles-backend",
                                             "ref-cycles"};
static const char *const software_names[] = {
    "cpu-clock",        "task-clock",   "page-faults",  "context-switches",
    "cpu-migrations",   "minor-faults", "major-faults", "alignment-faults",
    "emulation-faults", "dummy",        "bpf-output",   "cgroup-switches"};
static const char *const cache_names[] = {"L1-dcache", "L1-icache", "LLC", "dTLB",
                                          "iTLB",      "branch",    "node"};
static const char *const cache_ops[] = {"load", "store", "prefetch"};

#define COUNT(table) (sizeof(table) / sizeof *(table))

void perf_events_init(struct perf_events *e, struct pp_arena *arena) {
    *e = (struct perf_events){.arena = arena};
}

void perf_events_done(struct perf_events *e) {
    index_done(&e->index);
}

/* The kernel's bit fields count from the highest bit of each byte on a big-endian machine. */
static uint64_t read_flags(struct perf_bytes *b) {
    uint64_t v = 0;
    struct pp_str s = perf_take(b, 8);
    for (size_t i = 0; i < s.len; i++) {
        uint64_t byte = (unsigned char)s.data[i], turned = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            turned |= (byte >> bit & 1) << (7 - bit);
        v |= (perf_is_big(b) ? turned : byte) << 8 * i;
    }
    return v;
}

bool perf_event_read(struct perf_bytes *from, size_t size, struct perf_event *ret_event) {
    struct perf_bytes b = *from;
    b.end = b.at + (size < perf_left(from) ? size : perf_left(from));
    struct perf_event e = {.type = perf_u32(&b)};
    uint32_t own = perf_u32(&b);
    if (own >= PERF_ATTR_MIN && own < size) b.end = from->at + own;
    e.config = perf_u64(&b);
    e.period = perf_u64(&b);
    e.sample_type = perf_u64(&b);
    e.read_format = perf_u64(&b);
    e.flags = read_flags(&b);
    perf_u64(&b); /* when to wake up; kind of breakpoint */
    perf_u64(&b); /* config1 */
    if (b.broken) return false;
    perf_u64(&b); /* what follows came with later kernels */
    e.branch_type = perf_u64(&b);
    e.regs_user = perf_u64(&b);
    perf_u32(&b); /* size of stacks */
    e.clock = perf_u32(&b);
    e.regs_intr = perf_u64(&b);
    *ret_event = e;
    return true;
}

static struct perf_layout lay_out(uint64_t sample_type) {
    struct perf_layout l;
    uint8_t others;
    uint64_t rest = sample_type;
    const struct {
        uint32_t field;
        uint8_t *at;
    } fields[] = {{SAMPLE_IDENTIFIER, &l.identifier},
                  {SAMPLE_IP, &l.ip},
                  {SAMPLE_TID, &l.tid},
                  {SAMPLE_TIME, &l.time},
                  {SAMPLE_ADDR, &others},
                  {SAMPLE_ID, &l.id},
                  {SAMPLE_STREAM_ID, &others},
                  {SAMPLE_CPU, &l.cpu},
                  {SAMPLE_PERIOD, &l.period}};
    l.size = 0;
    for (size_t i = 0; i < COUNT(fields); i++) {
        bool has = sample_type & fields[i].field;
        *fields[i].at = has ? l.size : PERF_NOWHERE;
        l.size = (uint8_t)(l.size + (has ? 8 : 0));
        rest &= ~(uint64_t)fields[i].field;
    }
    l.only_chain = rest == SAMPLE_CALLCHAIN;
    return l;
}

bool perf_events_add(struct perf_events *e, const struct perf_event *event, uint32_t *ret_at) {
    if (e->n >= PERF_MAX_EVENTS) return false;
    *ret_at = e->n;
    PP_PUSH(e->arena, e->at, e->n, e->cap, *event);
    e->at[*ret_at].layout = lay_out(event->sample_type);
    return true;
}

void perf_events_add_id(struct perf_events *e, uint64_t id, uint32_t event) {
    if (perf_events_find(e, id) || e->n_ids == UINT32_MAX - 1) return;
    index_add(&e->index, hash_word(hash_seed(), id), e->n_ids);
    struct perf_event_id one = {id, 0, event};
    PP_PUSH(e->arena, e->ids, e->n_ids, e->cap_ids, one);
}

struct perf_event_id *perf_events_find(const struct perf_events *e, uint64_t id) {
    uint64_t hash = hash_word(hash_seed(), id);
    for (struct index_probe i = index_probe(&e->index, hash); index_next(&e->index, &i);)
        if (e->ids[i.position].id == id) return &e->ids[i.position];
    return NULL;
}

void perf_events_describe(struct perf_events *e, struct perf_bytes b) {
    uint32_t n = perf_u32(&b), size = perf_u32(&b);
    for (uint32_t i = 0; i < n && i < e->n && !b.broken; i++) {
        perf_take(&b, size);
        uint32_t n_ids = perf_u32(&b);
        struct pp_str name = perf_text(&b);
        if (b.broken) return;
        /* The order is that of the attributes, but an id is surer. */
        uint32_t event = i;
        for (uint32_t k = 0; k < n_ids && !b.broken; k++) {
            uint64_t id = perf_u64(&b);
            const struct perf_event_id *known = b.broken ? NULL : perf_events_find(e, id);
            if (known)
                event = known->event;
            else if (!b.broken)
                perf_events_add_id(e, id, event);
        }
        e->at[event].name = pp_arena_copy(e->arena, name);
    }
}

void perf_events_pmus(struct perf_events *e, struct perf_bytes b) {
    uint32_t n = perf_u32(&b);
    for (uint32_t i = 0; i < n && !b.broken; i++) {
        struct perf_pmu pmu = {.type = perf_u32(&b)};
        struct pp_str name = perf_text(&b);
        if (b.broken) return;
        pmu.name = pp_arena_copy(e->arena, name);
        PP_PUSH(e->arena, e->pmus, e->n_pmus, e->cap_pmus, pmu);
    }
}

static struct pp_str pmu_name(const struct perf_events *e, uint64_t type) {
    for (size_t i = 0; i < e->n_pmus; i++)
        if (e->pmus[i].type == type) return e->pmus[i].name;
    return PP_STR("");
}

static struct pp_str cache_name(const struct perf_events *e, uint64_t config) {
    uint64_t cache = config & 0xff, op = config >> 8 & 0xff, miss = config >> 16 & 0xff;
    if (cache >= COUNT(cache_names) || op >= COUNT(cache_ops) || miss > 1)
        return pp_arena_printf(e->arena, "cache 0x%" PRIx64, config);
    return pp_arena_printf(e->arena, "%s-%s%s", cache_names[cache], cache_ops[op],
                           miss ? "-misses" : "s");
}

/* Processors with cores of several kinds count an event on each kind by itself. */
static struct pp_str of_core(const struct perf_events *e, uint64_t pmu, struct pp_str name) {
    struct pp_str core = pmu ? pmu_name(e, pmu) : PP_STR("");
    if (core.len == 0) return name;
    return pp_arena_printf(e->arena, "%.*s/%.*s/", PP_STR_ARG(core), PP_STR_ARG(name));
}

struct pp_str perf_event_name(const struct perf_events *e, const struct perf_event *event) {
    if (event->name.len) return event->name;
    uint64_t config = event->config, kind = config & UINT32_MAX, pmu = config >> 32;
    switch (event->type) {
    case TYPE_HARDWARE:
        if (kind >= COUNT(hardware_names)) break;
        return of_core(e, pmu, pp_str_from(hardware_names[kind]));
    case TYPE_SOFTWARE:
        if (config < COUNT(software_names)) return pp_str_from(software_names[config]);
        break;
    case TYPE_TRACEPOINT:
        return pp_arena_printf(e->arena, "tracepoint %" PRIu64, config);
    case TYPE_CACHE:
        return of_core(e, pmu, cache_name(e, kind));
    case TYPE_RAW:
        return pp_arena_printf(e->arena, "raw 0x%" PRIx64, config);
    case TYPE_BREAKPOINT:
        return PP_STR("breakpoint");
    default:
        break;
    }
    struct pp_str name = pmu_name(e, event->type);
    if (name.len) return pp_arena_printf(e->arena, "%.*s/0x%" PRIx64 "/", PP_STR_ARG(name), config);
    return pp_arena_printf(e->arena, "event %" PRIu32 ":0x%" PRIx64, event->type, config);
}

bool perf_event_is_dummy(const struct perf_event *event) {
    return event->type == TYPE_SOFTWARE && event->config == SOFTWARE_DUMMY;
}
