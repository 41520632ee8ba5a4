/* V8's .cpuprofile (Chrome, node --cpu-prof).
 *
 * Source: Chrome DevTools Protocol, Profiler.Profile. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_profile.h"
#include "profile/decode/v8_profile.h"

static bool read_nodes(struct json_walk *w, void *to) {
    return walk_array(w, v8_node_read, to);
}

static bool parse(struct json_walk *w, struct v8_profile *p) {
    static const struct walk_member members[] = {
        {"nodes", read_nodes, offsetof(struct v8_profile, nodes)},
        {"samples", walk_doubles, offsetof(struct v8_profile, samples)},
        {"timeDeltas", walk_doubles, offsetof(struct v8_profile, deltas)},
        {"startTime", walk_double, offsetof(struct v8_profile, start)},
        {"endTime", walk_double, offsetof(struct v8_profile, end)},
    };
    return WALK_OBJECT(w, members, p);
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
