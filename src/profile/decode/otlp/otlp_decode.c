#include "base/json_read.h"
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/otlp/otlp.h"

#include <inttypes.h>

/* A source may hold several messages, as the collector's file exporter writes them: each after its
 * length, or a line of JSON each. */
struct messages {
    struct wire *at;
    size_t n, cap;
    const struct otlp_layout *(*layout_of)(struct wire message); /* NULL: no profiles */
};

/* Of message number `of`. */
static bool read_resources(struct otlp_samples *s, struct wire message, size_t of,
                           struct pp_error *err) {
    struct wire_field f;
    for (size_t n = 1; message.at < message.end && wire_field(&message, &f); n++)
        if (f.number == 1 && f.type == WIRE_BYTES && !otlp_resource(s, f.bytes))
            return pp_wrap(err, "OTLP resource %zu of message %zu", n, of);
    return true;
}

/* The tables that all profiles share. */
static bool read_shared_tables(struct otlp_reader *r, struct wire message) {
    struct wire_field f, entry;
    otlp_dictionary_forget(r);
    if (r->layout->home == OTLP_IN_PROFILE) return true;
    while (message.at < message.end && wire_field(&message, &f)) {
        if (r->layout->home == OTLP_IN_MESSAGE) {
            if (f.number > 1 && !otlp_dictionary_add(r, &f)) return false;
            continue;
        }
        if (f.number != 2 || f.type != WIRE_BYTES) continue;
        while (f.bytes.at < f.bytes.end) {
            if (!wire_field(&f.bytes, &entry)) return otlp_broken(r, "the dictionary is broken");
            if (!otlp_dictionary_add(r, &entry)) return false;
        }
    }
    return otlp_dictionary_read(r);
}

static void tell(struct input *in, const struct otlp_reader *r, const struct otlp_samples *s) {
    const struct otlp_dropped *d = &r->dropped;
    const struct {
        uint64_t n;
        const char *what;
    } lost[] = {
        {d->frame_attributes, "attributes of frames"},
        {d->mapping_attributes, "attributes of mappings"},
        {d->profile_ids, "profile ids"},
        {d->payloads, "original payloads"},
        {d->timestamps, "timestamps (kept where they are asked for)"},
    };
    input_note(in, "OTLP profiles, layout of protocol %s", r->layout->name);
    if (otlp_samples_seen(s) == 0) input_note(in, "no samples in it");
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++)
        if (lost[i].n) input_note(in, "%" PRIu64 " %s left out", lost[i].n, lost[i].what);
}

static bool read_messages(struct otlp_reader *r, const struct messages *m, struct otlp_samples *s) {
    for (size_t i = 0; i < m->n; i++) {
        r->layout = m->layout_of(m->at[i]);
        if (!r->layout && i == 0) return pp_fail(r->err, PP_E_UNRECOGNIZED, "no OTLP profiles");
        if (!r->layout)
            return pp_fail(r->err, PP_E_FORMAT, "OTLP: message %zu holds no profiles", i + 1);
        if (!read_shared_tables(r, m->at[i]) || !read_resources(s, m->at[i], i + 1, r->err))
            return false;
    }
    otlp_settle_ids(r);
    return otlp_samples_finish(s);
}

static bool decode(struct input *in, const struct messages *m, struct pp_profile *ret_profile,
                   struct pp_arena *arena, struct pp_error *err) {
    enum { FREE = 64 << 20 }; /* any message may become so much */
    struct pp_error own = {.code = PP_E_NONE};
    struct otlp_reader r = {.keep_times = in->keep_times,
                            .in = in,
                            .limits = &in->limits,
                            .frames_left = input_spread(in) / sizeof(uint32_t),
                            .budget = FREE + in->limits.max_ratio * in->avail,
                            .err = &own};
    builder_init(&r.b, arena);
    struct otlp_samples *s = otlp_samples_open(&r);
    bool ok = read_messages(&r, m, s);
    if (ok) tell(in, &r, s);
    if (ok)
        ok = builder_finish(&r.b, ret_profile, &own);
    else
        builder_done(&r.b);
    otlp_samples_close(s);
    pp_arena_done(&r.scratch);
    return ok || pp_pass(err, &own);
}

/* Whether the source is messages one after the other, each behind its length in four bytes, most
 * significant first. */
static bool split(struct wire all, struct messages *ret, struct pp_arena *arena) {
    while (all.end - all.at >= 4) {
        uint64_t len = __builtin_bswap32((uint32_t)wire_fixed(all.at, 4));
        if (len == 0 || len > (uint64_t)(all.end - all.at) - 4) return false;
        struct wire message = {all.at + 4, all.at + 4 + len};
        PP_PUSH(arena, ret->at, ret->n, ret->cap, message);
        all.at = message.end;
    }
    return all.at == all.end;
}

/* Where a message that begins the source ends, if anything is behind it: resources stand in a row,
 * and so do tables; as those of a second message would be added to them, they would be taken for
 * each other. */
static const uint8_t *end_of_message(struct wire all) {
    bool seen[2] = {false, false}, last = false;
    while (all.at < all.end) {
        const uint8_t *at = all.at;
        struct wire_field f;
        if (!wire_field(&all, &f) || f.type != WIRE_BYTES) return at;
        bool is_table = f.number != 1;
        if (seen[is_table] && last != is_table) return at;
        seen[is_table] = true;
        last = is_table;
    }
    return all.end;
}

static struct wire whole(struct input *in) {
    struct pp_str all = input_all(in);
    const uint8_t *data = (const uint8_t *)all.data;
    return (struct wire){data, data + all.len};
}

static bool otlp_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                        struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct messages framed = {.layout_of = otlp_layout_of};
    struct wire all = whole(in);
    const struct messages single = {&all, 1, 1, otlp_layout_of};
    bool frames = split(all, &framed, &scratch);
    const uint8_t *end = frames ? all.end : end_of_message(all);
    size_t n = (size_t)(end - all.at);
    bool ok = end == all.end;
    if (!ok) {
        input_leave(in, n, SIZE_MAX);
        pp_fail(err, PP_E_UNRECOGNIZED,
                "OTLP profiles end at byte %zu, and something else begins there", n);
    }
    ok = ok && decode(in, frames ? &framed : &single, ret_profile, arena, err);
    pp_arena_done(&scratch);
    return ok;
}

/* ResourceProfiles come first in all that is written; its fields are messages and texts, which
 * those of a pprof sample type are not. A dictionary may stand before, and a length. */
static bool otlp_probe(struct input *in) {
    enum { HEAD = 32 };
    struct wire_field f, inner;
    input_need(in, HEAD);
    const uint8_t *data = (const uint8_t *)in->data;
    struct wire w = {data, data + in->avail};
    bool framed = in->avail > 4 && data[0] == 0 && (data[4] == 0x0a || data[4] == 0x12);
    if (framed) w.at += 4;
    if (!wire_field_head(&w, &f) || f.type != WIRE_BYTES || f.number < 1 || f.number > 2)
        return false;
    if (f.number == 2) return framed || otlp_layout_of(whole(in));
    return f.value > 1 && wire_field_head(&w, &inner) && inner.type == WIRE_BYTES &&
           inner.number >= 1 && inner.number <= 3;
}

const struct profile_decoder otlp_decoder = {
    .name = "OTLP profiles", .probe = otlp_probe, .decode = otlp_decode};

static bool otlp_json_probe(struct input *in) {
    return json_kind_of(in) == JSON_OTLP;
}

static bool otlp_json_decode(struct input *in, struct pp_profile *ret_profile,
                             struct pp_arena *arena, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct messages m = {.layout_of = otlp_json_layout};
    struct json_read end = {.text = input_all(in)};
    bool ok = true;
    while (ok && !json_read_end(&end)) {
        struct wire message;
        ok = otlp_from_json(end.text, &end.at, &scratch, &message, err);
        if (ok) PP_PUSH(&scratch, m.at, m.n, m.cap, message);
    }
    ok = ok && decode(in, &m, ret_profile, arena, err);
    if (!ok && err && err->code == PP_E_UNRECOGNIZED) err->code = PP_E_FORMAT;
    pp_arena_done(&scratch);
    return ok;
}

const struct profile_decoder otlp_json_decoder = {
    .name = "OTLP profiles as JSON", .probe = otlp_json_probe, .decode = otlp_json_decode};
