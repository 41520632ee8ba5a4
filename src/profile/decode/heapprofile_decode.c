/* V8's .heapprofile (Chrome's allocation sampling, node --heap-prof): a tree of calls with what
 * each node's own allocations take. An old .cpuprofile, whose nodes are nested the same way and say
 * how often they were seen, is read here, too.
 *
 * Source: Chrome DevTools Protocol, HeapProfiler.SamplingHeapProfile. */
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/v8_nodes.h"

struct heapprofile {
    struct v8_nodes nodes;
    struct call_tree tree;
    struct profile_builder b;
};

static bool parse(struct json_walk *w, struct heapprofile *h) {
    static const struct walk_member members[] = {
        {"head", v8_node_read, offsetof(struct heapprofile, nodes)},
    };
    return WALK_OBJECT(w, members, h);
}

static bool fill(struct heapprofile *h, struct pp_error *err) {
    bool sizes = false, hits = false;
    if (!v8_nodes_link(&h->nodes, &h->tree, err)) return false;
    for (uint32_t i = 0; i < h->nodes.n; i++) {
        sizes |= h->nodes.at[i].self_size != 0;
        hits |= h->nodes.at[i].hits != 0;
    }
    bool heap = sizes || !hits;
    struct pp_str type = heap ? PP_STR("inuse_space") : PP_STR("samples");
    struct pp_str unit = heap ? PP_STR("bytes") : PP_STR("count");
    builder_add_type(&h->b, builder_string(&h->b, type), builder_string(&h->b, unit));
    for (uint32_t i = 0; i < h->nodes.n; i++) {
        const struct v8_node *n = &h->nodes.at[i];
        int64_t value = heap ? n->self_size : n->hits;
        if (value) call_tree_add(&h->tree, n->node, 0, value);
    }
    return call_tree_flush(&h->tree, 0, err);
}

static bool heapprofile_decode(struct input *in, struct pp_profile *ret_profile,
                               struct pp_arena *arena, struct pp_error *err) {
    struct heapprofile h = {0};
    struct pp_arena strings = {0};
    struct json_walk w = {.j = {.text = input_all(in)}, .arena = &strings};
    builder_init(&h.b, arena);
    call_tree_init(&h.tree, &h.b, in, 1);
    h.nodes.arena = &strings;
    bool ok = (parse(&w, &h) || walk_fail(&w, "V8's heap profile", err)) && fill(&h, err);
    if (ok && h.b.p.n_samples == 0) input_note(in, "V8's profile, no samples in it");
    if (ok)
        ok = builder_finish(&h.b, ret_profile, err);
    else
        builder_done(&h.b);
    v8_nodes_done(&h.nodes);
    call_tree_done(&h.tree);
    pp_arena_done(&strings);
    return ok;
}

static bool heapprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_HEAPPROFILE;
}

const struct profile_decoder heapprofile_decoder = {
    .name = "V8's heap profile", .probe = heapprofile_probe, .decode = heapprofile_decode};
