/* V8's .cpuprofile (Chrome, node --cpu-prof). An old one has its nodes nested, and seconds where
 * today's has microseconds.
 *
 * Source: Chrome DevTools Protocol, Profiler.Profile and, before 2017, Profiler.CPUProfile. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_profile.h"
#include "profile/decode/v8_profile.h"

static bool read_nodes(struct json_walk *w, void *to) {
    return walk_array(w, v8_node_read, to);
}

static bool read_head(struct json_walk *w, void *to) {
    struct v8_profile *p = to;
    p->is_old = true;
    return v8_node_read(w, &p->nodes);
}

/* Begin and end are seconds, often whole ones; the samples know better. */
static void old_times(struct v8_profile *p) {
    p->start *= 1e6;
    p->end *= 1e6;
    if (!p->times.n) return;
    p->start = p->times.at[0];
    p->end = p->times.at[p->times.n - 1];
}

static bool parse(struct json_walk *w, struct v8_profile *p) {
    static const struct walk_member members[] = {
        {"nodes", read_nodes, offsetof(struct v8_profile, nodes)},
        {"head", read_head, 0},
        {"samples", walk_doubles, offsetof(struct v8_profile, samples)},
        {"timeDeltas", walk_doubles, offsetof(struct v8_profile, deltas)},
        {"timestamps", walk_doubles, offsetof(struct v8_profile, times)},
        {"startTime", walk_number, offsetof(struct v8_profile, start)},
        {"endTime", walk_number, offsetof(struct v8_profile, end)},
    };
    if (!WALK_OBJECT(w, members, p)) return false;
    if (p->is_old) old_times(p);
    return true;
}

static bool cpuprofile_decode(struct input *in, struct pp_profile *ret_profile,
                              struct pp_arena *arena, struct pp_error *err) {
    struct json_profile p;
    struct v8_profile v8 = {.nodes = {.arena = &p.scratch}};
    json_profile_open(&p, in, arena, 2);
    json_profile_time_types(&p, "cpu");
    bool ok = parse(&p.w, &v8) && v8_profile_add(&v8, &p.tree, &p.why) &&
              call_tree_flush(&p.tree, 0, &p.why);
    if (v8.end > v8.start) p.b.p.duration_nanos = walk_round((v8.end - v8.start) * 1e3);
    v8_nodes_done(&v8.nodes);
    return json_profile_close(&p, ok, cpuprofile_decoder.name, ret_profile, err);
}

static bool cpuprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_CPUPROFILE;
}

const struct profile_decoder cpuprofile_decoder = {
    .name = "V8's CPU profile", .probe = cpuprofile_probe, .decode = cpuprofile_decode};
