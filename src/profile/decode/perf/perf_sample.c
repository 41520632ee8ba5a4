/* See perf_sample.h. */
#include "profile/decode/perf/perf_sample.h"

/* The fields behind a record that is no sample, each of 8 bytes. */
static const uint32_t tail_fields[] = {SAMPLE_TID,       SAMPLE_TIME, SAMPLE_ID,
                                       SAMPLE_STREAM_ID, SAMPLE_CPU,  SAMPLE_IDENTIFIER};

enum { N_TAIL = sizeof tail_fields / sizeof *tail_fields };

static size_t tail_size(const struct perf_events *e) {
    size_t n = 0;
    if (e->n == 0 || !(e->at[0].flags & ATTR_SAMPLE_ID_ALL)) return 0;
    for (size_t i = 0; i < N_TAIL; i++)
        n += e->at[0].sample_type & tail_fields[i] ? 8 : 0;
    return n;
}

static uint64_t number_at(struct pp_str body, size_t at, bool swap) {
    uint64_t v;
    memcpy(&v, body.data + at, 8);
    return swap ? __builtin_bswap64(v) : v;
}

static uint32_t half_at(struct pp_str body, size_t at, bool swap) {
    uint32_t v;
    memcpy(&v, body.data + at, 4);
    return swap ? __builtin_bswap32(v) : v;
}

/* One of the fields at the beginning of a sample. */
static bool head_number(struct pp_str body, uint8_t at, bool swap, uint64_t *ret_v) {
    if (at == PERF_NOWHERE || at + 8u > body.len) return false;
    *ret_v = number_at(body, at, swap);
    return true;
}

static bool tail_number(const struct perf_events *e, struct pp_str body, uint32_t field, bool swap,
                        uint64_t *ret_v) {
    size_t at = 0, size = tail_size(e);
    uint64_t type = e->n ? e->at[0].sample_type : 0;
    if (!size || !(type & field) || size > body.len) return false;
    for (size_t i = 0; i < N_TAIL && tail_fields[i] != field; i++)
        at += type & tail_fields[i] ? 8 : 0;
    *ret_v = number_at(body, body.len - size + at, swap);
    return true;
}

static bool record_id(const struct perf_events *e, const struct perf_record *r, bool swap,
                      uint64_t *ret_id) {
    const struct perf_layout *l = &e->at[0].layout;
    if (r->type == PERF_SAMPLE)
        return head_number(r->body, l->identifier, swap, ret_id) ||
               head_number(r->body, l->id, swap, ret_id);
    return tail_number(e, r->body, SAMPLE_IDENTIFIER, swap, ret_id) ||
           tail_number(e, r->body, SAMPLE_ID, swap, ret_id);
}

bool perf_sample_event(const struct perf_events *e, const struct perf_record *r, bool swap,
                       uint32_t *ret_event) {
    uint64_t id;
    *ret_event = 0;
    if (e->n <= 1) return e->n == 1;
    if (!record_id(e, r, swap, &id)) return true;
    const struct perf_event_id *known = perf_events_find(e, id);
    if (known) *ret_event = known->event;
    return known || e->n_ids == 0 || id == 0;
}

uint64_t perf_record_time(const struct perf_events *e, const struct perf_record *r, bool swap) {
    uint64_t time;
    return tail_number(e, r->body, SAMPLE_TIME, swap, &time) ? time : 0;
}

uint64_t perf_sample_time(const struct perf_event *event, const struct perf_record *r, bool swap) {
    uint64_t time;
    return head_number(r->body, event->layout.time, swap, &time) ? time : 0;
}

static size_t read_size(uint64_t format, uint64_t n) {
    size_t times = (format & READ_ENABLED ? 8u : 0u) + (format & READ_RUNNING ? 8u : 0u);
    size_t each = 8u + (format & READ_ID ? 8u : 0u) + (format & READ_LOST ? 8u : 0u);
    return times + (size_t)n * each;
}

static struct pp_str take_read(struct perf_bytes *b, uint64_t format) {
    struct perf_bytes ahead = *b;
    if (!(format & READ_GROUP)) return perf_take(b, read_size(format, 1));
    uint64_t n = perf_u64(&ahead);
    if (n > perf_left(&ahead) / 8) {
        b->broken = true;
        return PP_STR("");
    }
    return perf_take(b, 8 + read_size(format, n));
}

/* An array that its length precedes. */
static struct pp_str take_array(struct perf_bytes *b, size_t size) {
    uint64_t n = perf_u64(b);
    if (n > perf_left(b) / size) {
        b->broken = true;
        return PP_STR("");
    }
    return perf_take(b, n * size);
}

static struct pp_str take_branches(struct perf_bytes *b, uint64_t branch_type) {
    uint64_t n = perf_u64(b);
    if (branch_type & BRANCH_HW_INDEX) perf_u64(b);
    if (n > perf_left(b) / 24) {
        b->broken = true;
        return PP_STR("");
    }
    struct pp_str s = perf_take(b, n * 24);
    if (branch_type & BRANCH_COUNTERS) perf_take(b, n * 8);
    return s;
}

static struct pp_str take_regs(struct perf_bytes *b, uint64_t mask, uint64_t *ret_abi) {
    *ret_abi = perf_u64(b);
    if (*ret_abi == 0) return PP_STR("");
    return perf_take(b, 8u * (unsigned)__builtin_popcountll(mask));
}

static struct pp_str take_stack(struct perf_bytes *b) {
    uint64_t size = perf_u64(b);
    if (size == 0) return PP_STR("");
    struct pp_str s = perf_take(b, size);
    uint64_t filled = perf_u64(b);
    return pp_str_slice(s, 0, filled < s.len ? (size_t)filled : s.len);
}

static void read_head(const struct perf_event *e, struct pp_str body, bool swap,
                      struct perf_sample *s) {
    const struct perf_layout *l = &e->layout;
    if (l->ip != PERF_NOWHERE) s->ip = number_at(body, l->ip, swap);
    if (l->tid != PERF_NOWHERE) {
        s->pid = half_at(body, l->tid, swap);
        s->tid = half_at(body, l->tid + 4u, swap);
    }
    if (l->time != PERF_NOWHERE) s->time = number_at(body, l->time, swap);
    if (l->cpu != PERF_NOWHERE) s->cpu = half_at(body, l->cpu, swap);
    if (l->period != PERF_NOWHERE) s->period = number_at(body, l->period, swap);
}

/* What follows these: in the order of the kernel. */
static bool read_rest(const struct perf_event *e, struct perf_bytes b, struct perf_sample *s) {
    uint64_t type = e->sample_type, abi;
    if (e->layout.only_chain) {
        s->chain = take_array(&b, 8);
        return !b.broken;
    }
    if (type & SAMPLE_READ) s->read = take_read(&b, e->read_format);
    if (type & SAMPLE_CALLCHAIN) s->chain = take_array(&b, 8);
    if (type & SAMPLE_RAW) {
        uint32_t size = perf_u32(&b);
        perf_take(&b, size);
    }
    if (type & SAMPLE_BRANCH_STACK) s->branches = take_branches(&b, e->branch_type);
    if (type & SAMPLE_REGS_USER) s->regs = take_regs(&b, e->regs_user, &s->regs_abi);
    if (type & SAMPLE_STACK_USER) s->stack = take_stack(&b);
    bool ok = !b.broken;
    if (type & (SAMPLE_WEIGHT | SAMPLE_WEIGHT_STRUCT)) perf_u64(&b);
    if (type & SAMPLE_DATA_SRC) perf_u64(&b);
    if (type & SAMPLE_TRANSACTION) perf_u64(&b);
    if (type & SAMPLE_REGS_INTR) take_regs(&b, e->regs_intr, &abi);
    if (type & SAMPLE_PHYS_ADDR) perf_u64(&b);
    if (type & SAMPLE_CGROUP) s->cgroup = perf_u64(&b);
    return ok;
}

bool perf_sample_read_head(const struct perf_event *e, const struct perf_record *r, bool swap,
                           struct perf_sample *ret_sample) {
    *ret_sample = (struct perf_sample){.period = e->period, .pid = UINT32_MAX, .tid = UINT32_MAX};
    if (r->body.len < e->layout.size) return false;
    read_head(e, r->body, swap, ret_sample);
    return true;
}

bool perf_sample_read(const struct perf_event *e, const struct perf_record *r, bool swap,
                      struct perf_sample *ret_sample) {
    if (!perf_sample_read_head(e, r, swap, ret_sample)) return false;
    struct pp_str rest = pp_str_slice(r->body, e->layout.size, r->body.len);
    return read_rest(e, perf_bytes_of(rest, swap), ret_sample);
}

void perf_sample_each_count(const struct perf_event *event, struct pp_str read, bool swap,
                            void (*see)(void *user, uint64_t id, uint64_t value), void *user) {
    uint64_t format = event->read_format;
    struct perf_bytes b = perf_bytes_of(read, swap);
    if (!(format & READ_GROUP) || !(format & READ_ID)) return;
    uint64_t n = perf_u64(&b);
    perf_take(&b, read_size(format, 0));
    for (uint64_t i = 0; i < n && !b.broken; i++) {
        uint64_t value = perf_u64(&b), id = perf_u64(&b);
        if (format & READ_LOST) perf_u64(&b);
        if (!b.broken) see(user, id, value);
    }
}
