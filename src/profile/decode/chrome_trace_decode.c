/* Chrome's traces: the CPU profiles that V8 recorded into them, whole or in chunks; where there are
 * none, samples or spans of time. All other events are left out, which is said.
 *
 * Source: "Trace Event Format"; Chrome's categories v8.cpu_profiler. */
#include "base/hash.h"
#include "profile/decode/chrome_trace.h"
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/v8_profile.h"

#include <inttypes.h>

/* The chunks of one process and one id are one profile. */
struct traced {
    struct pp_str pid, id;
    uint32_t thread;
    struct v8_profile profile;
};

enum { MAX_PROFILES = 4096 };

/* ---- threads ---- */

uint32_t trace_thread(struct trace *t, struct pp_str pid, struct pp_str tid) {
    uint64_t hash = hash_bytes(hash_word(hash_seed(), pid.len), pid.data, pid.len);
    hash = hash_bytes(hash, tid.data, tid.len);
    for (struct index_probe i = index_probe(&t->thread_index, hash);
         index_next(&t->thread_index, &i);) {
        const struct trace_thread *have = &t->threads[i.position];
        if (pp_str_eq(have->pid, pid) && pp_str_eq(have->tid, tid)) return i.position;
    }
    struct trace_thread new = {.pid = pid, .tid = tid};
    index_add(&t->thread_index, hash, t->n_threads);
    PP_PUSH(&t->out.scratch, t->threads, t->n_threads, t->cap_threads, new);
    return t->n_threads - 1;
}

bool trace_flush(struct trace *t, uint32_t thread) {
    struct trace_thread of = t->threads[thread];
    uint32_t process = trace_thread(t, of.pid, PP_STR("")); /* may move the table */
    struct pp_label labels[4];
    uint32_t n = 0;
    json_profile_label(&t->out, labels, &n, "thread", of.name);
    json_profile_label(&t->out, labels, &n, "process", t->threads[process].name);
    json_profile_label(&t->out, labels, &n, "pid", of.pid);
    json_profile_label(&t->out, labels, &n, "tid", of.tid);
    return call_tree_flush(&t->out.tree, builder_label_set(&t->out.b, labels, n, 0), &t->out.why);
}

static bool read_name(struct json_walk *w, void *to_str) {
    static const struct walk_member members[] = {{"name", walk_id, 0}};
    return WALK_OBJECT(w, members, to_str);
}

/* "thread_name" and "process_name": what the names are is in the arguments. */
static bool read_metadata(struct json_walk *w, struct trace *t, const struct trace_event *e) {
    struct pp_str name = {0};
    bool is_process = pp_str_eq(e->name, PP_STR("process_name"));
    if (!e->args_at || (!is_process && !pp_str_eq(e->name, PP_STR("thread_name")))) return true;
    if (!walk_there(w, e->args_at, read_name, &name)) return false;
    uint32_t thread = trace_thread(t, e->pid, is_process ? PP_STR("") : e->tid);
    t->threads[thread].name = name;
    return true;
}

/* ---- V8's profiles ---- */

static bool read_nodes(struct json_walk *w, void *to) {
    return walk_array(w, v8_node_read, to);
}

static bool read_cpu_profile(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"nodes", read_nodes, offsetof(struct v8_profile, nodes)},
        {"samples", walk_more_doubles, offsetof(struct v8_profile, samples)},
        {"timeDeltas", walk_more_doubles, offsetof(struct v8_profile, deltas)},
        {"startTime", walk_double, offsetof(struct v8_profile, start)},
        {"endTime", walk_double, offsetof(struct v8_profile, end)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_data(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"cpuProfile", read_cpu_profile, 0},
        {"timeDeltas", walk_more_doubles, offsetof(struct v8_profile, deltas)},
        {"startTime", walk_double, offsetof(struct v8_profile, start)},
        {"endTime", walk_double, offsetof(struct v8_profile, end)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_args(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {{"data", read_data, 0}};
    return WALK_OBJECT(w, members, to);
}

/* The profile of this event; a whole one is always new. */
static struct traced *profile_of(struct trace *t, const struct trace_event *e, bool whole) {
    for (uint32_t i = t->n_profiles; i-- > 0 && !whole;)
        if (pp_str_eq(t->profiles[i].pid, e->pid) && pp_str_eq(t->profiles[i].id, e->id))
            return &t->profiles[i];
    if (t->n_profiles == MAX_PROFILES) return NULL;
    struct traced new = {.pid = e->pid, .id = e->id, .thread = trace_thread(t, e->pid, e->tid)};
    new.profile.nodes.arena = &t->out.scratch;
    new.profile.nodes.may_lack = !whole;
    PP_PUSH(&t->out.scratch, t->profiles, t->n_profiles, t->cap_profiles, new);
    return &t->profiles[t->n_profiles - 1];
}

static bool add_profiles(struct trace *t) {
    json_profile_time_types(&t->out, "cpu");
    for (uint32_t i = 0; i < t->n_profiles; i++) {
        struct traced *p = &t->profiles[i];
        if (!v8_profile_add(&p->profile, &t->out.tree, &t->out.why) || !trace_flush(t, p->thread))
            return false;
        t->n_lost += p->profile.n_lost;
    }
    return true;
}

/* ---- events ---- */

bool trace_read_event(struct json_walk *w, struct trace_event *ret_event) {
    static const struct walk_member members[] = {
        {"name", walk_id, offsetof(struct trace_event, name)},
        {"ph", walk_text, offsetof(struct trace_event, phase)},
        {"pid", walk_id, offsetof(struct trace_event, pid)},
        {"tid", walk_id, offsetof(struct trace_event, tid)},
        {"id", walk_id, offsetof(struct trace_event, id)},
        {"ts", walk_number, offsetof(struct trace_event, time)},
        {"dur", walk_number, offsetof(struct trace_event, duration)},
        {"tdur", walk_number, offsetof(struct trace_event, thread_duration)},
        {"args", walk_place, offsetof(struct trace_event, args_at)},
    };
    *ret_event = (struct trace_event){.pid = PP_STR(""), .tid = PP_STR("")};
    return WALK_OBJECT(w, members, ret_event);
}

bool trace_read_events(struct json_walk *w, walk_value read, void *to) {
    if (!json_read_take(&w->j, '[')) return walk_wrong(w, "expected an array");
    while (!json_read_take(&w->j, ']') && !json_read_end(&w->j)) {
        if (!read(w, to)) return false;
        if (json_read_take(&w->j, ',')) continue;
        return json_read_take(&w->j, ']') || json_read_end(&w->j) ||
               walk_wrong(w, "expected ',' or ']'");
    }
    return true;
}

static bool read_event(struct json_walk *w, void *to) {
    struct trace *t = to;
    struct trace_event e;
    size_t from = w->j.at;
    if (!trace_read_event(w, &e)) return false;
    if (!e.phase.len) input_leave(t->out.in, from, w->j.at);
    t->n_events++;
    if (pp_str_eq(e.phase, PP_STR("M"))) return read_metadata(w, t, &e);
    bool whole = pp_str_eq(e.name, PP_STR("CpuProfile"));
    bool part = pp_str_eq(e.name, PP_STR("Profile")) || pp_str_eq(e.name, PP_STR("ProfileChunk"));
    if (!e.args_at || (!whole && !part)) {
        t->n_others++;
        return true;
    }
    struct traced *p = profile_of(t, &e, whole);
    if (!p) return walk_wrong(w, "more than 4096 profiles");
    return walk_there(w, e.args_at, read_args, &p->profile);
}

static bool read_events(struct json_walk *w, void *to) {
    struct trace *t = to;
    t->events_at = w->j.at;
    t->has_events = true;
    return trace_read_events(w, read_event, t);
}

static bool parse(struct json_walk *w, struct trace *t) {
    static const struct walk_member members[] = {
        {"traceEvents", read_events, 0},
        {"samples", walk_place, offsetof(struct trace, samples_at)},
        {"stackFrames", walk_place, offsetof(struct trace, frames_at)},
    };
    if (json_read_peek(&w->j) == '[') return read_events(w, t);
    return WALK_OBJECT(w, members, t);
}

static bool add(struct trace *t) {
    if (t->n_profiles) return add_profiles(t);
    if (t->samples_at && t->frames_at) return trace_add_samples(t);
    return t->has_events ? trace_add_spans(t) : walk_wrong(&t->out.w, "expected traceEvents");
}

static void say(const struct trace *t, struct input *in) {
    if (t->n_profiles)
        input_note(in,
                   "Chrome's trace, %" PRIu32 " CPU profiles; %" PRIu64 " other events left out",
                   t->n_profiles, t->n_others);
    else
        input_note(in, "Chrome's trace, %s; %" PRIu64 " other events left out",
                   t->samples_at && t->frames_at ? "its samples" : "its spans of time",
                   t->n_others);
    if (t->n_lost)
        input_note(in, "%" PRIu64 " samples are (lost), for it began after their calls", t->n_lost);
    if (t->n_partners)
        input_note(in, "%" PRIu64 " events without an end or a beginning", t->n_partners);
}

static bool chrome_trace_decode(struct input *in, struct pp_profile *ret_profile,
                                struct pp_arena *arena, struct pp_error *err) {
    struct trace t = {0};
    json_profile_open(&t.out, in, arena, 2);
    bool ok = parse(&t.out.w, &t) && add(&t);
    if (ok) say(&t, in);
    for (uint32_t i = 0; i < t.n_profiles; i++)
        v8_nodes_done(&t.profiles[i].profile.nodes);
    index_done(&t.thread_index);
    return json_profile_close(&t.out, ok, chrome_trace_decoder.name, ret_profile, err);
}

static bool chrome_trace_probe(struct input *in) {
    return json_kind_of(in) == JSON_CHROME_TRACE;
}

const struct profile_decoder chrome_trace_decoder = {
    .name = "Chrome's trace", .probe = chrome_trace_probe, .decode = chrome_trace_decode};
