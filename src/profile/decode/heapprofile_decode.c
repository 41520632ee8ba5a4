/* V8's .heapprofile (Chrome's allocation sampling, node --heap-prof): a tree of calls with what
 * each node's own allocations take. An old .cpuprofile, whose nodes are nested the same way and say
 * how often they were seen, is read here, too.
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
    struct pp_error *err = &h->p.why;
    bool sizes = false, hits = false;
    if (!v8_nodes_link(&h->nodes, &h->p.tree, err)) return false;
    for (uint32_t i = 0; i < h->nodes.n; i++) {
        sizes |= h->nodes.at[i].self_size != 0;
        hits |= h->nodes.at[i].hits != 0;
    }
    bool heap = sizes || !hits;
    struct pp_str type = heap ? PP_STR("inuse_space") : PP_STR("samples");
    struct pp_str unit = heap ? PP_STR("bytes") : PP_STR("count");
    builder_add_type(&h->p.b, builder_string(&h->p.b, type), builder_string(&h->p.b, unit));
    for (uint32_t i = 0; i < h->nodes.n; i++) {
        const struct v8_node *n = &h->nodes.at[i];
        int64_t value = heap ? n->self_size : n->hits;
        if (value) call_tree_add(&h->p.tree, n->node, 0, value);
    }
    return call_tree_flush(&h->p.tree, 0, err);
}

static bool heapprofile_decode(struct input *in, struct pp_profile *ret_profile,
                               struct pp_arena *arena, struct pp_error *err) {
    struct heapprofile h = {.nodes = {.arena = &h.p.scratch}};
    json_profile_open(&h.p, in, arena, 1);
    bool ok = parse(&h.p.w, &h) && fill(&h);
    if (ok && h.p.b.p.n_samples == 0) input_note(in, "V8's profile, no samples in it");
    v8_nodes_done(&h.nodes);
    return json_profile_close(&h.p, ok, heapprofile_decoder.name, ret_profile, err);
}

static bool heapprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_HEAPPROFILE;
}

const struct profile_decoder heapprofile_decoder = {
    .name = "V8's heap profile", .probe = heapprofile_probe, .decode = heapprofile_decode};
