/* V8's .cpuprofile (Chrome, node --cpu-prof).
 *
 * Source: Chrome DevTools Protocol, Profiler.Profile. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
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
    struct profile_builder b;
    struct call_tree tree;
    struct pp_arena strings = {0};
    struct v8_profile p = {.nodes = {.arena = &strings}};
    struct json_walk w = {.j = {.text = input_all(in)}, .arena = &strings};
    builder_init(&b, arena);
    call_tree_init(&tree, &b, in, 2);
    v8_profile_types(&b);
    bool ok = (parse(&w, &p) || walk_fail(&w, "V8's CPU profile", err)) &&
              v8_profile_add(&p, &tree, err) && call_tree_flush(&tree, 0, err);
    if (p.end > p.start) b.p.duration_nanos = walk_round((p.end - p.start) * 1e3);
    if (ok)
        ok = builder_finish(&b, ret_profile, err);
    else
        builder_done(&b);
    v8_nodes_done(&p.nodes);
    call_tree_done(&tree);
    pp_arena_done(&strings);
    return ok;
}

static bool cpuprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_CPUPROFILE;
}

const struct profile_decoder cpuprofile_decoder = {
    .name = "V8's CPU profile", .probe = cpuprofile_probe, .decode = cpuprofile_decode};
