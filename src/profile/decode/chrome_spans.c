/* Spans of time in a trace: events that last (X) or that begin and end (B, E), nested by their
 * times. A span's own time is what the spans inside it leave. */
#include "profile/decode/chrome_trace.h"

#include <inttypes.h>
#include <stdlib.h>

struct span {
    int64_t start, end; /* nanoseconds */
    uint32_t thread, location, name;
    uint32_t below; /* while it is open: one more than the span that was open before it, or 0 */
    uint32_t order;
    char phase; /* X, B or E; B while it is open, then X */
};

struct spans {
    struct trace *t;
    struct span *at;
    uint32_t n;
    size_t cap;
};

static bool read_detail(struct json_walk *w, void *to_str) {
    return json_read_peek(&w->j) == '"' ? walk_text(w, to_str) : walk_skip(w);
}

/* What clang's -ftime-trace says of a span: which file, which function. */
static bool read_args(struct json_walk *w, void *to_str) {
    static const struct walk_member members[] = {{"detail", read_detail, 0}};
    return json_read_peek(&w->j) == '{' ? WALK_OBJECT(w, members, to_str) : walk_skip(w);
}

static bool location_of(struct json_walk *w, struct spans *s, const struct trace_event *e,
                        uint32_t *ret_location) {
    struct pp_str detail = {0};
    struct call_frame f = {.name = e->name};
    if (e->args_at && !walk_there(w, e->args_at, read_args, &detail)) return false;
    if (detail.len) f.name = e->name.len ? pp_arena_join(w->arena, e->name, ' ', detail) : detail;
    *ret_location = call_tree_frame(&s->t->out.tree, &f);
    return true;
}

static bool read_event(struct json_walk *w, void *to) {
    struct spans *s = to;
    struct trace_event e;
    if (!trace_read_event(w, &e)) return false;
    char phase = e.phase.len == 1 ? e.phase.data[0] : '\0';
    if (phase != 'X' && phase != 'B' && phase != 'E') return true;
    if (s->n >= PP_NONE - 1) return walk_wrong(w, "expected fewer events");
    s->t->n_others--;
    struct span span = {.order = s->n, .phase = phase, .start = walk_round(e.time * 1e3)};
    double duration = e.duration > 0 ? e.duration : e.thread_duration;
    span.end = walk_round((e.time + (phase == 'X' && duration > 0 ? duration : 0)) * 1e3);
    span.thread = trace_thread(s->t, e.pid, e.tid);
    span.name = builder_string(&s->t->out.b, e.name);
    if (phase != 'E' && !location_of(w, s, &e, &span.location)) return false;
    PP_PUSH(&s->t->out.scratch, s->at, s->n, s->cap, span);
    return true;
}

static bool read_events(struct json_walk *w, void *to) {
    return trace_read_events(w, read_event, to);
}

/* ---- events that begin and end ---- */

static int by_time(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Ends the spans from the innermost open one to `last`: positions, one more each. */
static void close_open(struct spans *s, uint32_t *innermost, uint32_t last, int64_t now) {
    for (uint32_t i = *innermost, until = last ? s->at[last - 1].below : 0; i != until;) {
        struct span *span = &s->at[i - 1];
        s->t->n_partners += i != last;
        span->phase = 'X';
        span->end = now;
        *innermost = i = span->below;
    }
}

/* The innermost open span of this name; an end without a name ends any. */
static uint32_t find_open(const struct spans *s, uint32_t innermost, uint32_t name) {
    enum { FARTHEST = 256 };
    uint32_t at = innermost;
    for (unsigned i = 0; at && name && s->at[at - 1].name != name; i++)
        at = i < FARTHEST ? s->at[at - 1].below : 0;
    return at;
}

/* Makes spans of what begins and ends. */
static void pair(struct spans *s) {
    uint32_t innermost = 0;
    int64_t latest = INT64_MIN; /* of the thread */
    for (uint32_t i = 0; i < s->n; i++) {
        struct span *span = &s->at[i];
        if (latest < span->end) latest = span->end;
        if (span->phase == 'B') {
            span->below = innermost;
            innermost = i + 1;
        } else if (span->phase == 'E') {
            uint32_t begun = find_open(s, innermost, span->name);
            if (begun)
                close_open(s, &innermost, begun, span->start);
            else
                s->t->n_partners++;
        }
        bool is_last = i + 1 == s->n || span[1].thread != span->thread;
        if (!is_last) continue;
        close_open(s, &innermost, 0, latest);
        latest = INT64_MIN;
    }
}

/* ---- nesting ---- */

/* By thread, then outer ones before inner ones. */
static int by_depth(const void *a, const void *b) {
    const struct span *x = a, *y = b;
    if (x->thread != y->thread) return x->thread < y->thread ? -1 : 1;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    if (x->end != y->end) return x->end > y->end ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

struct nested {
    uint32_t node;
    int64_t start, end;
};

static int64_t length(const struct nested *n) {
    return (int64_t)((uint64_t)n->end - (uint64_t)n->start);
}

/* Puts a span under the innermost that holds its beginning, and takes its time from that. One that
 * lasts longer than what it is in is cut. */
static bool add_span(struct spans *s, const struct span *span, struct nested *stack, uint32_t *n) {
    struct call_tree *tree = &s->t->out.tree;
    struct nested new = {.start = span->start, .end = span->end};
    while (*n && stack[*n - 1].end <= new.start)
        --*n;
    struct nested *outer = *n ? &stack[*n - 1] : NULL;
    if (outer && new.end > outer->end) new.end = outer->end;
    if (!call_tree_child(tree, outer ? outer->node : CALL_ROOT, span->location, &new.node,
                         &s->t->out.why))
        return false;
    call_tree_add(tree, new.node, 0, 1);
    call_tree_add(tree, new.node, 1, length(&new));
    if (outer) call_tree_add(tree, outer->node, 1, (int64_t)(0 - (uint64_t)length(&new)));
    stack[(*n)++] = new;
    return true;
}

static bool add(struct spans *s) {
    struct nested *stack = PP_NEW(&s->t->out.scratch, struct nested, s->n);
    uint32_t depth = 0;
    qsort(s->at, s->n, sizeof *s->at, by_time);
    pair(s);
    qsort(s->at, s->n, sizeof *s->at, by_depth);
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->at[i].phase == 'X' && !add_span(s, &s->at[i], stack, &depth)) return false;
        if (i + 1 < s->n && s->at[i + 1].thread == s->at[i].thread) continue;
        depth = 0;
        if (!trace_flush(s->t, s->at[i].thread)) return false;
    }
    return true;
}

bool trace_add_spans(struct trace *t) {
    struct spans s = {.t = t};
    struct profile_builder *b = &t->out.b;
    if (!walk_there(&t->out.w, t->events_at, read_events, &s)) return false;
    if (s.n == 0)
        return pp_fail(&t->out.why, PP_E_UNSUPPORTED,
                       "a trace of Chrome with %" PRIu64
                       " events, but neither samples nor spans of time; record it with JavaScript "
                       "samples",
                       t->n_events);
    builder_add_type(b, builder_string(b, PP_STR("calls")), builder_string(b, PP_STR("count")));
    builder_add_type(b, builder_string(b, PP_STR("time")),
                     builder_string(b, PP_STR("nanoseconds")));
    return add(&s);
}
