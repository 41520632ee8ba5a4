/* See perf_inflate.h. */
#include "profile/decode/perf/perf_inflate.h"

#include "base/inflate.h"
#include "base/scope.h"

enum {
    SPOOL = 1 << 20,
    LARGEST_RECORD = 1 << 16,
    RATIO_FROM = 64 << 20 /* so much may come out of any file */
};

static bool open_inflater(struct perf_session *s) {
    if (s->inflater) return true;
    s->inflater = inflate_zstd.open();
    if (!s->inflater) return pp_fail(s->err, PP_E_LIMIT, "no memory to decompress the records");
    s->inflater_mark = scope_hold(inflate_zstd.close, s->inflater);
    return true;
}

void perf_inflate_done(struct perf_session *s) {
    scope_drop(s->inflater_mark);
    if (s->inflater) inflate_zstd.close(s->inflater);
    s->inflater = NULL;
}

static bool within_limits(struct perf_session *s) {
    const struct pp_limits *l = &s->in->limits;
    if (s->inflated > l->max_bytes)
        return pp_fail_limit(s->err, "max_bytes", "bytes of records", s->inflated, l->max_bytes);
    uint64_t ratio = s->inflated / s->inflated_from;
    if (s->inflated > RATIO_FROM && ratio > l->max_ratio)
        return pp_fail_limit(s->err, "max_ratio", "times the compressed size", ratio, l->max_ratio);
    return true;
}

/* A spool with room for a record; the beginning of one that is not complete moves there. */
static void make_room(struct perf_session *s) {
    struct perf_spool *old = s->spool;
    if (old && old->cap - old->len >= LARGEST_RECORD) return;
    struct perf_spool *now = perf_spool_new(&s->queue, SPOOL);
    if (old) {
        now->len = old->len - s->spool_at;
        memcpy(now->bytes, old->bytes + s->spool_at, now->len);
        old->n_waiting--;
        perf_spool_settle(old);
    }
    s->spool = now;
    s->spool_at = 0;
}

static bool take_complete(struct perf_session *s) {
    size_t taken;
    struct pp_str bytes = {s->spool->bytes + s->spool_at, s->spool->len - s->spool_at};
    if (!perf_take_run(s, s->spool, bytes, &taken)) return false;
    s->spool_at += taken;
    return true;
}

static bool inflate_all(struct perf_session *s, struct pp_str packed) {
    struct inflate_io io = {.in = (const unsigned char *)packed.data, .in_len = packed.len};
    bool full = false;
    while (io.in_len || full) {
        const char *why = NULL;
        make_room(s);
        size_t room = s->spool->cap - s->spool->len;
        io.out = (unsigned char *)s->spool->bytes + s->spool->len;
        io.out_len = room;
        if (inflate_zstd.step(s->inflater, &io, &why) == INFLATE_BROKEN)
            return pp_fail(s->err, PP_E_FORMAT, "a compressed record is broken: %s", why);
        s->spool->len += room - io.out_len;
        s->inflated += room - io.out_len;
        full = io.out_len == 0;
        if (!within_limits(s) || !take_complete(s)) return false;
    }
    s->inflated_is_cut = io.is_amid || s->spool_at < s->spool->len;
    return true;
}

bool perf_inflate(struct perf_session *s, const struct perf_record *r) {
    struct perf_bytes b = perf_bytes_of(r->body, s->swap);
    if (r->type == PERF_COMPRESSED2) {
        uint64_t size = perf_u64(&b);
        if (size < perf_left(&b)) b.end = b.at + size;
    }
    struct pp_str packed = perf_take(&b, perf_left(&b));
    if (packed.len == 0) return true;
    s->inflated_from += packed.len;
    if (!open_inflater(s)) return false;
    s->inflating = true;
    bool ok = inflate_all(s, packed);
    s->inflating = false;
    return ok;
}
