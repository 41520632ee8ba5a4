/* Samples of a trace: each names the innermost of its stack frames, and a frame its caller. A
 * sample lasts until the next one of its thread. */
#include "profile/decode/chrome_trace.h"
#include "profile/decode/v8_nodes.h"

#include <stdlib.h>

struct sample {
    struct pp_str pid, tid, frame;
    double time, weight;
    uint32_t thread, node;
    size_t order;
};

struct sampling {
    struct trace *t;
    struct interner ids; /* of frames: any text */
    struct v8_nodes nodes;
    struct sample *samples;
    size_t n, cap;
};

struct stack_frame {
    struct pp_str name, parent;
};

static bool read_frame(struct json_walk *w, struct pp_str key, void *to) {
    static const struct walk_member members[] = {
        {"name", walk_id, offsetof(struct stack_frame, name)},
        {"parent", walk_id, offsetof(struct stack_frame, parent)},
    };
    struct sampling *s = to;
    struct stack_frame f = {0};
    if (!WALK_OBJECT(w, members, &f)) return false;
    if (s->nodes.n >= PP_NONE - 1) return walk_wrong(w, "expected fewer frames");
    struct v8_node node = {.frame = {.name = f.name}, .id = intern(&s->ids, key)};
    node.parent = PP_NONE;
    node.parent_id = f.parent.len ? intern(&s->ids, f.parent) : 0;
    PP_PUSH(s->nodes.arena, s->nodes.at, s->nodes.n, s->nodes.cap, node);
    return true;
}

static bool read_frames(struct json_walk *w, void *to) {
    return walk_members(w, read_frame, to);
}

static bool read_sample(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"pid", walk_id, offsetof(struct sample, pid)},
        {"tid", walk_id, offsetof(struct sample, tid)},
        {"sf", walk_id, offsetof(struct sample, frame)},
        {"ts", walk_number, offsetof(struct sample, time)},
        {"weight", walk_number, offsetof(struct sample, weight)},
    };
    struct sampling *s = to;
    struct sample one = {.pid = PP_STR(""), .tid = PP_STR(""), .weight = 1, .order = s->n};
    if (!WALK_OBJECT(w, members, &one)) return false;
    one.thread = trace_thread(s->t, one.pid, one.tid);
    PP_PUSH(s->nodes.arena, s->samples, s->n, s->cap, one);
    return true;
}

static bool read_samples(struct json_walk *w, void *to) {
    return walk_array(w, read_sample, to);
}

static int compare(const void *a, const void *b) {
    const struct sample *x = a, *y = b;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

static bool add(struct sampling *s) {
    struct trace *t = s->t;
    struct call_tree *tree = &t->out.tree;
    if (!v8_nodes_link(&s->nodes, tree, &t->out.why)) return false;
    if (s->n) qsort(s->samples, s->n, sizeof *s->samples, compare);
    for (size_t i = 0; i < s->n; i++) {
        const struct sample *one = &s->samples[i];
        bool is_last = i + 1 == s->n || one[1].thread != one->thread;
        double id = intern(&s->ids, one->frame);
        uint32_t node = v8_node_find(&s->nodes, id);
        if (node == PP_NONE)
            return pp_fail(&t->out.why, PP_E_FORMAT, "Chrome's trace: stack frame %.*s lacks",
                           (int)(one->frame.len < 40 ? one->frame.len : 40), one->frame.data);
        call_tree_add(tree, node, 0, walk_round(one->weight));
        if (!is_last) call_tree_add(tree, node, 1, walk_round((one[1].time - one->time) * 1e3));
        if (is_last && !trace_flush(t, one->thread)) return false;
    }
    return true;
}

bool trace_add_samples(struct trace *t) {
    struct sampling s = {.t = t, .nodes = {.arena = &t->out.scratch}};
    struct json_walk *w = &t->out.w;
    interner_init(&s.ids, &t->out.scratch);
    json_profile_time_types(&t->out, "time");
    bool ok = walk_there(w, t->frames_at, read_frames, &s) &&
              walk_there(w, t->samples_at, read_samples, &s) && add(&s);
    v8_nodes_done(&s.nodes);
    interner_done(&s.ids);
    return ok;
}
