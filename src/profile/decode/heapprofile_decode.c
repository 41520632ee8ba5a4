/* V8's .heapprofile (Chrome's allocation sampling, node --heap-prof): a tree of calls with what
 * each node's own allocations take.
 *
 * Source: Chrome DevTools Protocol, HeapProfiler.SamplingHeapProfile. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_profile.h"
#include "profile/decode/v8_nodes.h"

struct heapprofile {
    struct v8_nodes nodes;
    struct json_profile p;
};

static bool parse(struct json_walk *w, struct heapprofile *h) {
    static const struct walk_member members[] = {
        {"head", v8_node_read, offsetof(struct heapprofile, nodes)},
    };
    return WALK_OBJECT(w, members, h);
}

static bool fill(struct heapprofile *h) {
    struct profile_builder *b = &h->p.b;
    if (!v8_nodes_link(&h->nodes, &h->p.tree, &h->p.why)) return false;
    builder_add_type(b, builder_string(b, PP_STR("inuse_space")),
                     builder_string(b, PP_STR("bytes")));
    for (uint32_t i = 0; i < h->nodes.n; i++) {
        const struct v8_node *n = &h->nodes.at[i];
        if (n->self_size) call_tree_add(&h->p.tree, n->node, 0, n->self_size);
    }
    return call_tree_flush(&h->p.tree, 0, &h->p.why);
}

static bool heapprofile_decode(struct input *in, struct pp_profile *ret_profile,
                               struct pp_arena *arena, struct pp_error *err) {
    struct heapprofile h = {.nodes = {.arena = &h.p.scratch}};
    json_profile_open(&h.p, in, arena, 1);
    bool ok = parse(&h.p.w, &h) && fill(&h);
    v8_nodes_done(&h.nodes);
    return json_profile_close(&h.p, ok, heapprofile_decoder.name, ret_profile, err);
}

static bool heapprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_HEAPPROFILE;
}

const struct profile_decoder heapprofile_decoder = {
    .name = "V8's heap profile", .probe = heapprofile_probe, .decode = heapprofile_decode};
