/* The frame of a file: what stands where. In a file that was written to a disk a header leads to
 * the events' attributes, to the records, and behind those to the features; in one that went
 * through a pipe all of these are records. */
#include "profile/decode/perf/perf_ahead.h"
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

static bool end_round(struct perf_session *s, const struct perf_waiting *w) {
    if (!perf_queue_round(&s->queue, perf_take_records, s)) return false;
    if (!s->inflating) release_input(s, (size_t)(w->at + w->size - s->in->data));
    return true;
}

static bool take_at_once(struct perf_session *s, const struct perf_waiting *w) {
    const struct perf_turn turn = {.time = w->time};
    const struct perf_run run = {w, &turn, 1};
    return perf_take_records(s, &run);
}

/* A record that perf wrote, and not the kernel. */
static bool take_now(struct perf_session *s, const struct perf_waiting *w) {
    const struct perf_record r = perf_waiting_record(w);
    switch (r.type) {
    case PERF_HEADER_ATTR:
        return take_attribute(s, r.body);
    case PERF_HEADER_BUILD_ID:
        perf_take_build_id(s, r.misc, r.body);
        return true;
    case PERF_EVENT_UPDATE:
        return take_update(s, r.body);
    case PERF_HEADER_FEATURE:
        return take_feature_record(s, r.body);
    case PERF_FINISHED_ROUND:
        return end_round(s, w);
    case PERF_AUXTRACE:
        s->notes.aux_bytes += perf_frame_payload(&r, s->swap);
        return true;
    case PERF_COMPRESSED:
    case PERF_COMPRESSED2:
        return w->spool || perf_inflate(s, &r);
    default:
        return true;
    }
}

static bool take_or_queue(struct perf_session *s, const struct perf_waiting *records, size_t n) {
    for (const struct perf_waiting *w = records; w < records + n; w++) {
        if (w->type >= PERF_KERNEL_RECORDS) {
            if (!take_now(s, w)) return false;
        } else if (w->time == 0 || w->time == UINT64_MAX) {
            if (!take_at_once(s, w)) return false;
        } else {
            perf_queue_add(&s->queue, w);
        }
    }
    return true;
}

static struct perf_framer framer_of(const struct perf_session *s, struct pp_str bytes, uint64_t at,
                                    uint64_t end) {
    return (struct perf_framer){.events = &s->events,
                                .swap = s->swap,
                                .is_vain = &s->sums_are_vain,
                                .bytes = bytes,
                                .at = at,
                                .end = end};
}

enum { SOME = 64 }; /* records that are framed together */

bool perf_take_run(struct perf_session *s, struct perf_spool *spool, struct pp_str bytes,
                   size_t *ret_taken) {
    struct perf_framer f = framer_of(s, bytes, 0, UINT64_MAX);
    struct perf_waiting records[SOME];
    struct perf_record r;
    for (size_t n; (n = perf_frame(&f, records, SOME));) {
        for (size_t i = 0; i < n; i++)
            records[i].spool = spool;
        if (!take_or_queue(s, records, n)) return false;
    }
    *ret_taken = f.at < bytes.len ? (size_t)f.at : bytes.len;
    if (bytes.len - *ret_taken < PERF_RECORD_HEADER || perf_frame_header(&f, &r)) return true;
    return pp_fail(s->err, PP_E_FORMAT, "a compressed record holds none");
}

/* Takes what a thread frames ahead, in a file that is all there. */
static bool read_ahead(struct perf_session *s, struct perf_framer *f) {
    enum { WORTH_IT = 1 << 20 };
    const struct perf_waiting *records;
    bool ok = true;
    if (!s->in->done || s->in->avail < WORTH_IT) return true;
    f->bytes = (struct pp_str){s->in->data, s->in->avail};
    struct perf_ahead *ahead = perf_ahead_start(f);
    if (!ahead) return true;
    for (size_t n; ok && (n = perf_ahead_next(ahead, &records));)
        ok = take_or_queue(s, records, n);
    *f = perf_ahead_stop(ahead);
    return ok;
}

/* Why no record could be framed; true: more bytes have come. */
static bool wait_for_more(struct perf_session *s, const struct perf_framer *f) {
    struct perf_framer now = *f;
    struct perf_record r;
    if (!input_need(s->in, f->at + PERF_RECORD_HEADER)) {
        s->notes.is_cut = f->end != UINT64_MAX || s->in->avail > f->at;
        return false;
    }
    now.bytes = (struct pp_str){s->in->data, s->in->avail};
    if (!perf_frame_header(&now, &r)) {
        input_leave(s->in, f->at, SIZE_MAX);
        s->notes.bad_record = true;
        s->notes.bad_at = f->at;
        return false;
    }
    s->notes.is_cut = !input_need(s->in, f->at + PERF_RECORD_HEADER + r.body.len);
    return !s->notes.is_cut;
}

static bool read_records(struct perf_session *s, uint64_t at, uint64_t end) {
    struct perf_framer f = framer_of(s, PP_STR(""), at, end);
    struct perf_waiting records[SOME];
    bool ok = read_ahead(s, &f);
    while (ok && f.at < end) {
        f.bytes = (struct pp_str){s->in->data, s->in->avail};
        size_t n = perf_frame(&f, records, SOME);
        if (n)
            ok = take_or_queue(s, records, n);
        else if (!wait_for_more(s, &f))
            break;
    }
    return ok;
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
    s->notes.is_cut |= s->inflated_is_cut;
    return ok && perf_queue_rest(&s->queue, perf_take_records, s);
}
