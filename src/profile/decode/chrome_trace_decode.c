/* Chrome's traces (trace event format): the CPU profiles that V8 recorded into them, whole or in
 * chunks. All other events are left out, which is said.
 *
 * Source: "Trace Event Format"; Chrome's categories v8.cpu_profiler. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/v8_profile.h"

#include <inttypes.h>

/* The chunks of one process and one id are one profile. */
struct traced {
    struct pp_str pid, tid, id;
    struct v8_profile profile;
};

struct event {
    struct pp_str name, pid, tid, id;
    size_t args_at; /* where they stand in the text; 0: nowhere */
};

struct trace {
    struct profile_builder b;
    struct call_tree tree;
    struct pp_arena scratch;
    struct traced *profiles;
    uint32_t n_profiles;
    size_t cap_profiles;
    uint64_t n_events, n_others;
    struct pp_error *err;
};

enum { MAX_PROFILES = 4096 };

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
static struct traced *profile_of(struct trace *t, const struct event *e, bool whole) {
    for (uint32_t i = t->n_profiles; i-- > 0 && !whole;)
        if (pp_str_eq(t->profiles[i].pid, e->pid) && pp_str_eq(t->profiles[i].id, e->id))
            return &t->profiles[i];
    if (t->n_profiles == MAX_PROFILES) return NULL;
    struct traced new = {.pid = e->pid, .tid = e->tid, .id = e->id};
    new.profile.nodes.arena = &t->scratch;
    PP_PUSH(&t->scratch, t->profiles, t->n_profiles, t->cap_profiles, new);
    return &t->profiles[t->n_profiles - 1];
}

/* What is read later, when the event's name is known. */
static bool remember(struct json_walk *w, void *to_size) {
    *(size_t *)to_size = w->j.at;
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

/* A number or a text. */
static bool read_id(struct json_walk *w, void *to_str) {
    if (json_read_peek(&w->j) == '"') return walk_text(w, to_str);
    return json_read_number(&w->j, to_str) || walk_wrong(w, "expected a number");
}

static bool read_event(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"name", walk_text, offsetof(struct event, name)},
        {"pid", read_id, offsetof(struct event, pid)},
        {"tid", read_id, offsetof(struct event, tid)},
        {"id", read_id, offsetof(struct event, id)},
        {"args", remember, offsetof(struct event, args_at)},
    };
    struct trace *t = to;
    struct event e = {0};
    if (!WALK_OBJECT(w, members, &e)) return false;
    t->n_events++;
    bool whole = pp_str_eq(e.name, PP_STR("CpuProfile"));
    bool part = pp_str_eq(e.name, PP_STR("Profile")) || pp_str_eq(e.name, PP_STR("ProfileChunk"));
    if (!e.args_at || (!whole && !part)) {
        t->n_others++;
        return true;
    }
    struct traced *p = profile_of(t, &e, whole);
    size_t here = w->j.at;
    if (!p) return walk_wrong(w, "more than 4096 profiles");
    w->j.at = e.args_at;
    if (!read_args(w, &p->profile)) return false;
    w->j.at = here;
    return true;
}

static bool read_events(struct json_walk *w, void *to) {
    return walk_array(w, read_event, to);
}

static bool parse(struct json_walk *w, struct trace *t) {
    static const struct walk_member members[] = {{"traceEvents", read_events, 0}};
    if (json_read_peek(&w->j) == '[') return read_events(w, t);
    return WALK_OBJECT(w, members, t);
}

static bool add_profile(struct trace *t, struct traced *p) {
    struct pp_label labels[2] = {
        {.key = builder_string(&t->b, PP_STR("pid")), .text = builder_string(&t->b, p->pid)},
        {.key = builder_string(&t->b, PP_STR("tid")), .text = builder_string(&t->b, p->tid)}};
    return v8_profile_add(&p->profile, &t->tree, t->err) &&
           call_tree_flush(&t->tree, builder_label_set(&t->b, labels, 2, 0), t->err);
}

static bool add_profiles(struct trace *t) {
    if (t->n_profiles == 0)
        return pp_fail(t->err, PP_E_UNSUPPORTED,
                       "a trace of Chrome with %" PRIu64 " events, but without samples of V8's CPU "
                       "profiler; record it with JavaScript samples",
                       t->n_events);
    for (uint32_t i = 0; i < t->n_profiles; i++)
        if (!add_profile(t, &t->profiles[i])) return false;
    return true;
}

static bool chrome_trace_decode(struct input *in, struct pp_profile *ret_profile,
                                struct pp_arena *arena, struct pp_error *err) {
    struct pp_error why = {.code = PP_E_NONE};
    struct trace t = {.err = &why};
    struct json_walk w = {.j = {.text = input_all(in)}, .arena = &t.scratch};
    builder_init(&t.b, arena);
    call_tree_init(&t.tree, &t.b, in, 2);
    v8_profile_types(&t.b);
    bool ok = parse(&w, &t) || walk_fail(&w, "Chrome's trace", &why);
    ok = (ok && add_profiles(&t)) || pp_pass(err, &why);
    if (ok)
        input_note(in,
                   "Chrome's trace, %" PRIu32 " CPU profiles; %" PRIu64 " other events left out",
                   t.n_profiles, t.n_others);
    if (ok)
        ok = builder_finish(&t.b, ret_profile, err);
    else
        builder_done(&t.b);
    for (uint32_t i = 0; i < t.n_profiles; i++)
        v8_nodes_done(&t.profiles[i].profile.nodes);
    call_tree_done(&t.tree);
    pp_arena_done(&t.scratch);
    return ok;
}

static bool chrome_trace_probe(struct input *in) {
    return json_kind_of(in) == JSON_CHROME_TRACE;
}

const struct profile_decoder chrome_trace_decoder = {
    .name = "Chrome's trace", .probe = chrome_trace_probe, .decode = chrome_trace_decode};
