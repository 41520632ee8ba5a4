/* The frame of a file: what stands where. In a file that was written to a disk a header leads to
 * the events' attributes, to the records, and behind those to the features; in one that went
 * through a pipe all of these are records. */
#include "profile/decode/perf/perf_inflate.h"
#include "profile/decode/perf/perf_session.h"

#include <inttypes.h>

enum {
    MAGIC = 8,
    HEADER = 104, /* of a file on disk */
    PIPE_HEADER = 16,
    SECTION = 16,
    MAX_HEADER_BYTES = 64 << 20 /* of the attributes and of one feature */
};

struct section {
    uint64_t at, size;
};

static struct section read_section(struct perf_bytes *b) {
    struct section s = {.at = perf_u64(b)};
    s.size = perf_u64(b);
    return s;
}

/* The bytes of a section: as they have come, or read ahead of them. */
static bool section_bytes(struct perf_session *s, struct section at, struct pp_str *ret_bytes) {
    if (at.at > UINT64_MAX - at.size) return false;
    if (at.at + at.size > s->end) s->end = at.at + at.size;
    if (at.size > MAX_HEADER_BYTES) return false;
    if (at.at + at.size <= s->in->avail) {
        *ret_bytes = (struct pp_str){s->in->data + at.at, at.size};
        return true;
    }
    char *copy = PP_NEW(&s->scratch, char, at.size);
    *ret_bytes = (struct pp_str){copy, at.size};
    if (input_peek(s->in, at.at, copy, at.size)) return true;
    if (!input_need(s->in, at.at + at.size)) return false;
    *ret_bytes = (struct pp_str){s->in->data + at.at, at.size};
    return true;
}

/* ---- events ---- */

static bool add_event(struct perf_session *s, const struct perf_event *event, uint32_t *ret_at) {
    return perf_events_add(&s->events, event, ret_at) ||
           pp_fail_limit(s->err, NULL, "events", (uint64_t)s->events.n + 1, PERF_MAX_EVENTS);
}

static void add_ids(struct perf_session *s, struct perf_bytes b, uint32_t event) {
    while (perf_left(&b) >= 8)
        perf_events_add_id(&s->events, perf_u64(&b), event);
}

/* Each attribute is followed by where its ids are. */
static bool read_attributes(struct perf_session *s, struct section attrs, uint64_t size) {
    struct pp_str bytes, ids;
    if (size < PERF_ATTR_MIN + SECTION || size > UINT16_MAX)
        return pp_fail(s->err, PP_E_FORMAT, "attributes of %" PRIu64 " bytes", size);
    if (!section_bytes(s, attrs, &bytes))
        return pp_fail(s->err, PP_E_FORMAT, "the events' attributes are outside of the file");
    struct perf_bytes b = perf_bytes_of(bytes, s->swap);
    while (perf_left(&b) >= size) {
        struct perf_event event;
        uint32_t at;
        struct pp_str one = perf_take(&b, size);
        struct perf_bytes attr = perf_bytes_of(one, s->swap);
        struct perf_bytes where =
            perf_bytes_of(pp_str_slice(one, size - SECTION, one.len), s->swap);
        if (!perf_event_read(&attr, size - SECTION, &event))
            return pp_fail(s->err, PP_E_FORMAT, "an event's attributes are cut short");
        if (!add_event(s, &event, &at)) return false;
        if (section_bytes(s, read_section(&where), &ids))
            add_ids(s, perf_bytes_of(ids, s->swap), at);
    }
    return true;
}

static bool take_attribute(struct perf_session *s, struct pp_str body) {
    struct perf_bytes b = perf_bytes_of(body, s->swap), size_at = b;
    struct perf_event event;
    uint32_t at;
    perf_u32(&size_at);
    uint32_t size = perf_u32(&size_at);
    if (size < PERF_ATTR_MIN) size = PERF_ATTR_MIN;
    if (!perf_event_read(&b, size, &event))
        return pp_fail(s->err, PP_E_FORMAT, "an event's attributes are cut short");
    perf_take(&b, size);
    if (!add_event(s, &event, &at)) return false;
    add_ids(s, b, at);
    return true;
}

static bool take_update(struct perf_session *s, struct pp_str body) {
    enum { NAME = 2 };
    struct perf_bytes b = perf_bytes_of(body, s->swap);
    uint64_t kind = perf_u64(&b), id = perf_u64(&b);
    const struct perf_event_id *known = perf_events_find(&s->events, id);
    struct pp_str name = perf_until_nul(perf_take(&b, perf_left(&b)));
    if (kind == NAME && known && name.len)
        s->events.at[known->event].name = pp_arena_copy(s->arena, name);
    return true;
}

static bool take_feature_record(struct perf_session *s, struct pp_str body) {
    struct perf_bytes b = perf_bytes_of(body, s->swap);
    uint64_t feature = perf_u64(&b);
    if (!b.broken && feature < FEATURE_BITS)
        perf_take_feature(s, (unsigned)feature, perf_take(&b, perf_left(&b)));
    return true;
}

/* ---- records ---- */

/* Gives back what no record waits in. */
static void release_input(struct perf_session *s, size_t read_so_far) {
    size_t before = read_so_far;
    for (size_t i = 0; i < s->queue.n; i++) {
        const struct perf_waiting *w = &s->queue.at[i];
        if (!w->spool && (size_t)(w->at - s->in->data) < before)
            before = (size_t)(w->at - s->in->data);
    }
    input_release(s->in, before);
}

static bool end_round(struct perf_session *s, const char *record, uint32_t size) {
    if (!perf_queue_round(&s->queue, perf_take_records, s)) return false;
    if (!s->inflating) release_input(s, (size_t)(record + size - s->in->data));
    return true;
}

static bool take_at_once(struct perf_session *s, const struct perf_waiting *w) {
    const struct perf_turn turn = {.time = w->time};
    const struct perf_run run = {w, &turn, 1};
    return perf_take_records(s, &run);
}

/* One record, at its place in the input or in s->spool. */
static bool take_or_queue(struct perf_session *s, const struct perf_record *r, const char *record,
                          uint32_t size, struct perf_spool *spool) {
    switch (r->type) {
    case PERF_HEADER_ATTR:
        return take_attribute(s, r->body);
    case PERF_HEADER_BUILD_ID:
        perf_take_build_id(s, r->misc, r->body);
        return true;
    case PERF_EVENT_UPDATE:
        return take_update(s, r->body);
    case PERF_HEADER_FEATURE:
        return take_feature_record(s, r->body);
    case PERF_FINISHED_ROUND:
        return end_round(s, record, size);
    case PERF_COMPRESSED:
    case PERF_COMPRESSED2:
        return spool || perf_inflate(s, r);
    default:
        break;
    }
    if (r->type >= PERF_KERNEL_RECORDS) return true;
    struct perf_waiting w = {.at = record,
                             .spool = spool,
                             .size = (uint16_t)size,
                             .type = (uint16_t)r->type,
                             .misc = r->misc};
    if (r->type == PERF_SAMPLE)
        perf_see_sample(s, r, &w);
    else
        w.time = perf_record_time(&s->events, r, s->swap);
    if (w.time == 0 || w.time == UINT64_MAX) return take_at_once(s, &w);
    perf_queue_add(&s->queue, &w);
    return true;
}

static struct perf_record read_header(const struct perf_session *s, const char *at,
                                      uint32_t *ret_size) {
    struct perf_bytes b = perf_bytes_of((struct pp_str){at, PERF_RECORD_HEADER}, s->swap);
    struct perf_record r = {.type = perf_u32(&b), .misc = perf_u16(&b)};
    *ret_size = perf_u16(&b);
    if (*ret_size >= PERF_RECORD_HEADER)
        r.body = (struct pp_str){at + PERF_RECORD_HEADER, *ret_size - PERF_RECORD_HEADER};
    return r;
}

bool perf_take_run(struct perf_session *s, struct perf_spool *spool, struct pp_str bytes,
                   size_t *ret_taken) {
    size_t at = 0;
    while (bytes.len - at >= PERF_RECORD_HEADER) {
        uint32_t size;
        struct perf_record r = read_header(s, bytes.data + at, &size);
        if (size < PERF_RECORD_HEADER)
            return pp_fail(s->err, PP_E_FORMAT, "a compressed record holds none");
        if (size > bytes.len - at) break;
        if (!take_or_queue(s, &r, bytes.data + at, size, spool)) return false;
        at += size;
    }
    *ret_taken = at;
    return true;
}

/* What follows a record and is none: hardware traces, tables of tracepoints. */
static uint64_t payload_of(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    uint64_t n = 0;
    if (r->type == PERF_AUXTRACE) s->notes.aux_bytes += n = perf_u64(&b);
    if (r->type == PERF_TRACING_DATA) n = ((uint64_t)perf_u32(&b) + 7) & ~UINT64_C(7);
    return n;
}

/* Has what is read soon fetched from memory, as much as is read now: by itself the processor does
 * it page by page. */
static void expect(const char *record, uint32_t size) {
    enum { AHEAD = 2048, LINE = 64 };
    for (uint32_t at = 0; at < size; at += LINE)
        __builtin_prefetch(record + AHEAD + at);
}

static bool read_records(struct perf_session *s, uint64_t at, uint64_t end) {
    while (at < end) {
        uint32_t size;
        if (!input_need(s->in, at + PERF_RECORD_HEADER)) {
            s->notes.is_cut = end != UINT64_MAX || s->in->avail > at;
            return true;
        }
        struct perf_record r = read_header(s, s->in->data + at, &size);
        if (size < PERF_RECORD_HEADER || r.type >= PERF_NO_RECORDS) {
            input_leave(s->in, at, SIZE_MAX);
            s->notes.bad_record = true;
            s->notes.bad_at = at;
            return true;
        }
        if (!input_need(s->in, at + size)) {
            s->notes.is_cut = true;
            return true;
        }
        r.body.data = s->in->data + at + PERF_RECORD_HEADER;
        expect(s->in->data + at, size);
        if (!take_or_queue(s, &r, s->in->data + at, size, NULL)) return false;
        uint64_t more = payload_of(s, &r);
        if (more > UINT64_MAX / 2 - at) more = UINT64_MAX / 2 - at;
        at += size + more;
    }
    return true;
}

/* ---- files ---- */

/* The bitmap of features is one of words, and of what size they are depends on the machine. */
static void read_feature_bits(struct perf_bytes b, uint64_t words[FEATURE_BITS / 64]) {
    uint64_t halves[FEATURE_BITS / 64];
    for (size_t i = 0; i < FEATURE_BITS / 64; i++) {
        words[i] = perf_u64(&b);
        halves[i] = words[i] << 32 | words[i] >> 32;
    }
    if (perf_is_big(&b) && !(words[0] >> FEATURE_HOSTNAME & 1) && halves[0] >> FEATURE_HOSTNAME & 1)
        memcpy(words, halves, sizeof halves);
}

static void read_features(struct perf_session *s, const uint64_t *words, uint64_t at) {
    for (unsigned feature = 0; feature < FEATURE_BITS; feature++) {
        struct pp_str entry, bytes;
        if (!(words[feature / 64] >> feature % 64 & 1)) continue;
        if (!section_bytes(s, (struct section){at, SECTION}, &entry)) {
            s->notes.is_cut = true;
            return;
        }
        at += SECTION;
        struct perf_bytes b = perf_bytes_of(entry, s->swap);
        if (section_bytes(s, read_section(&b), &bytes))
            perf_take_feature(s, feature, bytes);
        else
            s->notes.is_cut = true;
    }
}

static bool read_file(struct perf_session *s) {
    uint64_t words[FEATURE_BITS / 64];
    if (!input_need(s->in, HEADER)) return pp_fail(s->err, PP_E_FORMAT, "the header is cut short");
    struct perf_bytes b =
        perf_bytes_of((struct pp_str){s->in->data + PIPE_HEADER, HEADER - PIPE_HEADER}, s->swap);
    uint64_t attr_size = perf_u64(&b);
    struct section attrs = read_section(&b), data = read_section(&b);
    read_section(&b); /* of event types, as old perfs had them */
    read_feature_bits(b, words);
    if (!read_attributes(s, attrs, attr_size)) return false;
    if (data.at > UINT64_MAX - data.size || data.at < HEADER)
        return pp_fail(s->err, PP_E_FORMAT, "the records are outside of the file");
    s->notes.no_data_size = data.size == 0;
    if (data.size == 0) return read_records(s, data.at, UINT64_MAX);
    s->end = data.at + data.size;
    read_features(s, words, data.at + data.size);
    if (!read_records(s, data.at, data.at + data.size)) return false;
    /* some versions of perf leave a word behind the last feature */
    if (!s->notes.bad_record && input_need(s->in, s->end + PERF_RECORD_HEADER))
        input_leave(s->in, s->end, SIZE_MAX);
    return true;
}

bool perf_read(struct perf_session *s) {
    input_need(s->in, HEADER);
    struct perf_bytes b =
        perf_bytes_of((struct pp_str){s->in->data + MAGIC, s->in->avail - MAGIC}, s->swap);
    bool ok = perf_u64(&b) == PIPE_HEADER ? read_records(s, PIPE_HEADER, UINT64_MAX) : read_file(s);
    return ok && perf_queue_rest(&s->queue, perf_take_records, s);
}
