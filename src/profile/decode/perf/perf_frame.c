/* See perf_frame.h. */
#include "profile/decode/perf/perf_frame.h"

#include "profile/profile.h"

bool perf_frame_header(const struct perf_framer *f, struct perf_record *ret_record) {
    const char *at = f->bytes.data + f->at;
    struct perf_bytes b = perf_bytes_of((struct pp_str){at, PERF_RECORD_HEADER}, f->swap);
    struct perf_record r = {.type = perf_u32(&b), .misc = perf_u16(&b)};
    uint32_t size = perf_u16(&b);
    if (size < PERF_RECORD_HEADER || r.type >= PERF_NO_RECORDS) return false;
    r.body = (struct pp_str){at + PERF_RECORD_HEADER, size - PERF_RECORD_HEADER};
    *ret_record = r;
    return true;
}

uint64_t perf_frame_payload(const struct perf_record *r, bool swap) {
    struct perf_bytes b = perf_bytes_of(r->body, swap);
    if (r->type == PERF_AUXTRACE) return perf_u64(&b);
    if (r->type == PERF_TRACING_DATA) return ((uint64_t)perf_u32(&b) + 7) & ~UINT64_C(7);
    return 0;
}

static void see_sample(const struct perf_framer *f, const struct perf_record *r,
                       struct perf_waiting *w) {
    struct perf_sample sample;
    bool is_known = perf_sample_event(f->events, r, f->swap, &w->event);
    if (f->events->n) {
        const struct perf_event *event = &f->events->at[w->event];
        bool has_sums = event->layout.only_chain && !__atomic_load_n(f->is_vain, __ATOMIC_RELAXED);
        bool is_whole = has_sums ? perf_sample_read(event, r, f->swap, &sample)
                                 : perf_sample_read_head(event, r, f->swap, &sample);
        w->time = is_whole ? sample.time : perf_sample_time(event, r, f->swap);
        w->pid = sample.pid;
        w->period = sample.period;
        w->has_sums = has_sums && is_whole;
        if (w->has_sums) w->sums = known_mix_bytes(known_begin(sample.ip), sample.chain);
    }
    if (!is_known) w->event = PP_NONE;
}

static bool may_turn(uint32_t type) {
    return type == PERF_HEADER_ATTR || type == PERF_EVENT_UPDATE || type == PERF_HEADER_FEATURE ||
           type == PERF_COMPRESSED || type == PERF_COMPRESSED2;
}

static bool has_record(const struct perf_framer *f, struct perf_record *ret_record) {
    if (f->at >= f->end || f->at > f->bytes.len) return false;
    size_t left = f->bytes.len - (size_t)f->at;
    return left >= PERF_RECORD_HEADER && perf_frame_header(f, ret_record) &&
           left - PERF_RECORD_HEADER >= ret_record->body.len;
}

size_t perf_frame(struct perf_framer *f, struct perf_waiting *ret_records, size_t most) {
    struct perf_record r;
    size_t n = 0;
    f->has_turned = false;
    for (; n < most && !f->has_turned && has_record(f, &r); n++) {
        struct perf_waiting *w = &ret_records[n];
        *w = (struct perf_waiting){.at = f->bytes.data + f->at,
                                   .size = (uint16_t)(PERF_RECORD_HEADER + r.body.len),
                                   .type = (uint16_t)r.type,
                                   .misc = r.misc};
        if (r.type == PERF_SAMPLE)
            see_sample(f, &r, w);
        else if (r.type < PERF_KERNEL_RECORDS)
            w->time = perf_record_time(f->events, &r, f->swap);
        uint64_t more = perf_frame_payload(&r, f->swap);
        if (more > UINT64_MAX / 2 - f->at) more = UINT64_MAX / 2 - f->at;
        f->at += w->size + more;
        f->has_turned = may_turn(r.type);
    }
    return n;
}
