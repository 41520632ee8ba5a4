/* perf.data, as `perf record` of Linux writes it: on disk or through a pipe, in either byte order.
 * Nothing of it is kept but the profile and the records that may still come out of order. */
#include "profile/decode/decode.h"
#include "profile/decode/perf/perf_bytes.h"
#include "profile/decode/perf/perf_inflate.h"
#include "profile/decode/perf/perf_session.h"

#include <inttypes.h>

static bool magic(const struct input *in, bool *ret_other_order) {
    struct pp_str head = {in->data, in->avail};
    const struct pp_str little = PP_STR("PERFILE2"), big = PP_STR("2ELIFREP");
    bool is_little = pp_str_has_prefix(head, little);
    if (!is_little && !pp_str_has_prefix(head, big)) return false;
    *ret_other_order = is_little == PERF_HOST_IS_BIG;
    return true;
}

static bool probe(struct input *in) {
    bool other_order;
    return input_need(in, 16) && magic(in, &other_order);
}

static void name_modes(struct perf_session *s) {
    static const char *const names[MODE_N] = {"unknown",      "kernel",     "user",    "hypervisor",
                                              "guest kernel", "guest user", "unknown", "unknown"};
    for (size_t i = 0; i < MODE_N; i++)
        s->mode_texts[i] = builder_string(&s->profile.b, pp_str_from(names[i]));
}

static void add_comment(struct perf_session *s, const char *name, struct pp_str text) {
    if (text.len == 0) return;
    struct pp_str line = pp_arena_printf(&s->scratch, "%s%.*s", name, PP_STR_ARG(text));
    builder_add_comment(&s->profile.b, builder_string(&s->profile.b, line));
}

/* The program is the process that was sampled most. */
static uint32_t main_object(const struct perf_session *s) {
    uint32_t object = PP_NONE;
    uint64_t most = 0;
    for (uint32_t i = 0; i < s->spaces.n_processes; i++) {
        const struct perf_process *p = &s->spaces.processes[i];
        if (p->main_object == PP_NONE || p->n_samples <= most) continue;
        most = p->n_samples;
        object = p->main_object;
    }
    return object;
}

static void put_header(struct perf_session *s) {
    struct pp_profile *p = &s->profile.b.p;
    add_comment(s, "perf-version:", s->version);
    add_comment(s, "perf-command:", s->command);
    if (s->has_clock && s->first_time)
        p->time_nanos = (int64_t)(s->wall_clock + (s->first_time - s->clock));
    p->duration_nanos = (int64_t)(s->last_time - s->first_time);
    if (s->events.n == 0) return;
    const struct perf_event *first = &s->events.at[0];
    p->period_type.type = builder_string(&s->profile.b, perf_event_name(&s->events, first));
    p->period_type.unit = builder_string(&s->profile.b, PP_STR("count"));
    if (!(first->flags & ATTR_FREQ)) p->period = (int64_t)first->period;
}

static bool holds_samples(struct perf_session *s) {
    if (s->profile.n_rows == 0 && s->notes.bad_record)
        return pp_fail(s->err, PP_E_FORMAT, "no record at byte %" PRIu64, s->notes.bad_at);
    if (s->profile.n_rows == 0 && s->notes.is_cut)
        return pp_fail(s->err, PP_E_FORMAT, "the file is cut short before its first sample");
    return true;
}

static bool finish(struct perf_session *s, struct pp_profile *ret_profile) {
    perf_add_lost(s);
    perf_spread_build_ids(s);
    put_header(s);
    return perf_profile_finish(&s->profile, &s->events, main_object(s), ret_profile, s->err);
}

static void session_done(struct perf_session *s) {
    perf_batch_done(s);
    known_done(&s->known);
    perf_close_dumps(s);
    perf_inflate_done(s);
    perf_queue_done(&s->queue);
    perf_spaces_done(&s->spaces);
    perf_events_done(&s->events);
    perf_profile_done(&s->profile);
    index_done(&s->build_id_index);
    index_done(&s->cgroup_index);
    struct pp_arena scratch = s->scratch; /* the session lives in it */
    pp_arena_done(&scratch);
}

static bool decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                   struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct perf_session *s = PP_NEW(&scratch, struct perf_session, 1);
    s->scratch = scratch;
    s->in = in;
    s->host = in->host;
    s->arena = arena;
    s->err = err;
    magic(in, &s->swap);
    input_map(in);
    perf_events_init(&s->events, arena);
    perf_spaces_init(&s->spaces, &s->scratch);
    perf_profile_init(&s->profile, arena, &s->scratch);
    name_modes(s);
    bool ok = perf_read(s);
    ok = ok && holds_samples(s);
    if (!ok) builder_done(&s->profile.b);
    ok = ok && finish(s, ret_profile);
    if (ok) perf_say_notes(s);
    session_done(s);
    return ok;
}

const struct profile_decoder perf_decoder = {.name = "perf.data", .probe = probe, .decode = decode};
