/* V8's .cpuprofile (Chrome, node --cpu-prof): a tree of calls, which of its nodes each sample saw,
 * and the microseconds between samples. A sample lasts until the next one, the last until the end,
 * as Chrome's developer tools have it.
 *
 * Source: Chrome DevTools Protocol, Profiler.Profile. */
#include "profile/decode/call_tree.h"
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/v8_nodes.h"

#include <stdlib.h>

struct cpuprofile {
    struct v8_nodes nodes;
    struct walk_doubles samples, deltas;
    double start, end;
    struct call_tree tree;
    struct profile_builder b;
};

static bool read_nodes(struct json_walk *w, void *to) {
    return walk_array(w, v8_node_read, to);
}

static bool parse(struct json_walk *w, struct cpuprofile *c) {
    static const struct walk_member members[] = {
        {"nodes", read_nodes, offsetof(struct cpuprofile, nodes)},
        {"samples", walk_doubles, offsetof(struct cpuprofile, samples)},
        {"timeDeltas", walk_doubles, offsetof(struct cpuprofile, deltas)},
        {"startTime", walk_double, offsetof(struct cpuprofile, start)},
        {"endTime", walk_double, offsetof(struct cpuprofile, end)},
    };
    return WALK_OBJECT(w, members, c);
}

struct moment {
    double time;
    size_t sample;
};

static int compare(const void *a, const void *b) {
    const struct moment *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->sample < y->sample ? -1 : x->sample > y->sample;
}

/* Deltas may be negative: what was seen later was written first. */
static struct moment *moments(const struct cpuprofile *c, size_t n, struct pp_arena *arena) {
    struct moment *m = PP_NEW(arena, struct moment, n);
    double at = c->start;
    bool sorted = true;
    for (size_t i = 0; i < n; i++) {
        double delta = c->deltas.at[i];
        if (delta == delta) at += delta;
        m[i] = (struct moment){at, i};
        sorted &= i == 0 || m[i].time >= m[i - 1].time;
    }
    if (!sorted) qsort(m, n, sizeof *m, compare);
    return m;
}

static bool add_samples(struct cpuprofile *c, struct pp_error *err) {
    size_t n = c->samples.n < c->deltas.n ? c->samples.n : c->deltas.n;
    struct moment *m = moments(c, n, &c->tree.scratch);
    for (size_t i = 0; i < n; i++) {
        uint32_t node;
        double id = c->samples.at[m[i].sample];
        double until = i + 1 < n ? m[i + 1].time : c->end;
        if (!v8_node_find(&c->nodes, id, &node, err)) return false;
        call_tree_add(&c->tree, node, 0, 1);
        if (until > m[i].time)
            call_tree_add(&c->tree, node, 1, walk_round((until - m[i].time) * 1e3));
    }
    return true;
}

/* Without a list of samples there is how often each node was seen. */
static void add_hits(struct cpuprofile *c) {
    double hits = 0, each;
    for (size_t i = 0; i < c->nodes.n; i++)
        hits += (double)c->nodes.at[i].hits;
    each = hits > 0 && c->end > c->start ? (c->end - c->start) * 1e3 / hits : 0;
    for (size_t i = 0; i < c->nodes.n; i++) {
        const struct v8_node *n = &c->nodes.at[i];
        if (n->hits <= 0) continue;
        call_tree_add(&c->tree, n->node, 0, n->hits);
        call_tree_add(&c->tree, n->node, 1, walk_round((double)n->hits * each));
    }
}

static void add_header(struct cpuprofile *c) {
    struct profile_builder *b = &c->b;
    uint32_t ns = builder_string(b, PP_STR("nanoseconds"));
    builder_add_type(b, builder_string(b, PP_STR("samples")), builder_string(b, PP_STR("count")));
    builder_add_type(b, builder_string(b, PP_STR("cpu")), ns);
    if (c->end > c->start) b->p.duration_nanos = walk_round((c->end - c->start) * 1e3);
}

static bool fill(struct cpuprofile *c, struct pp_error *err) {
    if (!v8_nodes_link(&c->nodes, &c->tree, err)) return false;
    if (c->samples.n && c->deltas.n) {
        if (!add_samples(c, err)) return false;
    } else {
        add_hits(c);
    }
    return call_tree_flush(&c->tree, 0, err);
}

static bool cpuprofile_decode(struct input *in, struct pp_profile *ret_profile,
                              struct pp_arena *arena, struct pp_error *err) {
    struct cpuprofile c = {0};
    struct pp_arena strings = {0};
    builder_init(&c.b, arena);
    struct json_walk w = {.j = {.text = input_all(in)}, .arena = &strings};
    call_tree_init(&c.tree, &c.b, in, 2);
    c.nodes.arena = &strings;
    bool ok = parse(&w, &c) || walk_fail(&w, "V8's CPU profile", err);
    add_header(&c);
    ok = ok && fill(&c, err);
    if (ok)
        ok = builder_finish(&c.b, ret_profile, err);
    else
        builder_done(&c.b);
    v8_nodes_done(&c.nodes);
    call_tree_done(&c.tree);
    pp_arena_done(&strings);
    return ok;
}

static bool cpuprofile_probe(struct input *in) {
    return json_kind_of(in) == JSON_CPUPROFILE;
}

const struct profile_decoder cpuprofile_decoder = {"V8's CPU profile", cpuprofile_probe,
                                                   cpuprofile_decode};
