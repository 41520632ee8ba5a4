/* The Firefox profiler's processed profiles, which samply writes, too: threads with samples, and
 * tables of stacks, frames, functions and strings, in each thread or shared by all.
 *
 * Source: docs-developer/processed-profile-format.md of firefox-devtools/profiler. */
#include "profile/decode/call_tree.h"
#include "profile/decode/decode.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_walk.h"

#include <inttypes.h>

struct texts {
    struct pp_str *at;
    size_t n, cap;
};

struct tables {
    struct texts strings;
    struct walk_doubles func_name, func_file, func_line;
    struct walk_doubles frame_func, frame_line, frame_column;
    struct walk_doubles stack_frame, stack_prefix;
};

struct ff_samples {
    struct walk_doubles stack, weight;
    struct pp_str weight_type;
    bool foreign; /* a table as Firefox itself keeps it, with a schema */
};

struct ff_thread {
    struct tables t;
    struct ff_samples samples;
    struct pp_str name, process, pid, tid;
};

struct firefox {
    struct profile_builder b;
    struct call_tree tree;
    struct pp_arena scratch;
    struct tables shared;
    double interval, start_time; /* milliseconds */
    size_t threads_at;
    uint64_t n_threads;
    struct pp_error *err;
};

/* ---- tables ---- */

static bool read_text_element(struct json_walk *w, void *to) {
    struct texts *list = to;
    struct pp_str s;
    if (!walk_text(w, &s)) return false;
    PP_PUSH(w->arena, list->at, list->n, list->cap, s);
    return true;
}

static bool read_texts(struct json_walk *w, void *to) {
    if (json_read_peek(&w->j) != '[') return json_read_skip(&w->j);
    ((struct texts *)to)->n = 0;
    return walk_array(w, read_text_element, to);
}

/* A column; what else stands there is of no version that is read. */
static bool read_column(struct json_walk *w, void *to) {
    if (json_read_peek(&w->j) == '[') return walk_doubles(w, to);
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

static bool read_funcs(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"name", read_column, offsetof(struct tables, func_name)},
        {"fileName", read_column, offsetof(struct tables, func_file)},
        {"lineNumber", read_column, offsetof(struct tables, func_line)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_frames(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"func", read_column, offsetof(struct tables, frame_func)},
        {"line", read_column, offsetof(struct tables, frame_line)},
        {"column", read_column, offsetof(struct tables, frame_column)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_stacks(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"frame", read_column, offsetof(struct tables, stack_frame)},
        {"prefix", read_column, offsetof(struct tables, stack_prefix)},
    };
    return WALK_OBJECT(w, members, to);
}

#define TABLE_MEMBERS(place)                                                                       \
    {"stringArray", read_texts, (place) + offsetof(struct tables, strings)},                       \
        {"stringTable", read_texts, (place) + offsetof(struct tables, strings)},                   \
        {"funcTable", read_funcs, (place)}, {"frameTable", read_frames, (place)}, {                \
        "stackTable", read_stacks, (place)                                                         \
    }

static bool read_shared(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {TABLE_MEMBERS(0)};
    return WALK_OBJECT(w, members, to);
}

/* ---- stacks ---- */

static bool nothing_there(struct firefox *f, const char *what, double at) {
    return pp_fail(f->err, PP_E_FORMAT, "Firefox profile: %s %.0f does not exist", what, at);
}

static double cell(const struct walk_doubles *column, double row) {
    return row >= 0 && row < (double)column->n ? column->at[(size_t)row] : -1;
}

/* A text by its place; "" for null. */
static struct pp_str text(const struct tables *t, double at) {
    return at >= 0 && at < (double)t->strings.n ? t->strings.at[(size_t)at] : PP_STR("");
}

static bool location(struct firefox *f, const struct tables *t, double frame, uint32_t *ret) {
    double func = cell(&t->frame_func, frame);
    double name = cell(&t->func_name, func);
    if (!(name >= 0 && name < (double)t->strings.n)) return nothing_there(f, "function", func);
    double line = cell(&t->frame_line, frame), column = cell(&t->frame_column, frame);
    double start = cell(&t->func_line, func);
    struct call_frame c = {.name = text(t, name), .file = text(t, cell(&t->func_file, func))};
    c.start_line = start > 0 ? walk_round(start) : 0;
    c.line = line > 0 ? walk_round(line) : 0;
    c.column = column > 0 ? walk_round(column) : 0;
    *ret = call_tree_frame(&f->tree, &c);
    return true;
}

/* The nodes of all stacks: what a stack is called from stands before it. */
static bool link_stacks(struct firefox *f, const struct tables *t, uint32_t **ret_nodes) {
    size_t n = t->stack_frame.n;
    uint32_t *nodes = PP_NEW(&f->scratch, uint32_t, n);
    uint32_t *locations = PP_NEW(&f->scratch, uint32_t, t->frame_func.n);
    for (size_t i = 0; i < t->frame_func.n; i++)
        if (!location(f, t, (double)i, &locations[i])) return false;
    for (size_t i = 0; i < n; i++) {
        double frame = t->stack_frame.at[i], prefix = cell(&t->stack_prefix, (double)i);
        if (!(frame >= 0 && frame < (double)t->frame_func.n))
            return nothing_there(f, "frame", frame);
        if (prefix >= (double)i)
            return pp_fail(f->err, PP_E_FORMAT,
                           "Firefox profile: stack %zu is called from a later one", i);
        uint32_t parent = prefix >= 0 ? nodes[(size_t)prefix] : CALL_ROOT;
        if (!call_tree_child(&f->tree, parent, locations[(size_t)frame], &nodes[i], f->err))
            return false;
    }
    *ret_nodes = nodes;
    return true;
}

/* ---- threads ---- */

static bool read_foreign(struct json_walk *w, void *to_bool) {
    *(bool *)to_bool = true;
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

static bool read_samples(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"stack", read_column, offsetof(struct ff_samples, stack)},
        {"weight", read_column, offsetof(struct ff_samples, weight)},
        {"weightType", walk_text, offsetof(struct ff_samples, weight_type)},
        {"schema", read_foreign, offsetof(struct ff_samples, foreign)},
    };
    return WALK_OBJECT(w, members, to);
}

/* A process's or a thread's number, as a number or a text. */
static bool read_id(struct json_walk *w, void *to_str) {
    if (json_read_peek(&w->j) == '"') return walk_text(w, to_str);
    return json_read_number(&w->j, to_str) || walk_wrong(w, "expected a number");
}

static void add_label(struct firefox *f, struct pp_label *labels, uint32_t *n, const char *key,
                      struct pp_str value) {
    if (!value.len) return;
    labels[(*n)++] = (struct pp_label){.key = builder_string(&f->b, pp_str_from(key)),
                                       .text = builder_string(&f->b, value)};
}

static uint32_t thread_labels(struct firefox *f, const struct ff_thread *t) {
    struct pp_label labels[4];
    uint32_t n = 0;
    add_label(f, labels, &n, "thread", t->name);
    add_label(f, labels, &n, "process", t->process);
    add_label(f, labels, &n, "pid", t->pid);
    add_label(f, labels, &n, "tid", t->tid);
    return builder_label_set(&f->b, labels, n, 0);
}

/* A weight is a number of samples, or the milliseconds that one stands for. */
static bool add_samples(struct firefox *f, const struct ff_thread *t, const uint32_t *nodes,
                        size_t n_nodes) {
    const struct ff_samples *s = &t->samples;
    bool milliseconds = pp_str_eq(s->weight_type, PP_STR("tracing-ms"));
    for (size_t i = 0; i < s->stack.n; i++) {
        double stack = s->stack.at[i], weight = i < s->weight.n ? s->weight.at[i] : 1;
        if (stack != stack || weight != weight) continue;
        if (!(stack >= 0 && stack < (double)n_nodes)) return nothing_there(f, "stack", stack);
        double time = milliseconds ? weight : weight * f->interval;
        call_tree_add(&f->tree, nodes[(size_t)stack], 0, milliseconds ? 1 : walk_round(weight));
        call_tree_add(&f->tree, nodes[(size_t)stack], 1, walk_round(time * 1e6));
    }
    return call_tree_flush(&f->tree, thread_labels(f, t), f->err);
}

/* Its own tables, or where it has none the shared ones. */
static struct tables tables_of(const struct firefox *f, const struct ff_thread *t) {
    struct tables all = t->t;
    if (!all.strings.n) all.strings = f->shared.strings;
    if (!all.func_name.n) {
        all.func_name = f->shared.func_name;
        all.func_file = f->shared.func_file;
        all.func_line = f->shared.func_line;
    }
    if (!all.frame_func.n) {
        all.frame_func = f->shared.frame_func;
        all.frame_line = f->shared.frame_line;
        all.frame_column = f->shared.frame_column;
    }
    if (!all.stack_frame.n) {
        all.stack_frame = f->shared.stack_frame;
        all.stack_prefix = f->shared.stack_prefix;
    }
    return all;
}

static bool read_thread(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        TABLE_MEMBERS(offsetof(struct ff_thread, t)),
        {"samples", read_samples, offsetof(struct ff_thread, samples)},
        {"name", walk_text, offsetof(struct ff_thread, name)},
        {"processName", walk_text, offsetof(struct ff_thread, process)},
        {"pid", read_id, offsetof(struct ff_thread, pid)},
        {"tid", read_id, offsetof(struct ff_thread, tid)},
    };
    struct firefox *f = to;
    struct ff_thread t = {0};
    uint32_t *nodes;
    if (!WALK_OBJECT(w, members, &t)) return false;
    if (t.samples.foreign)
        return pp_fail(f->err, PP_E_UNSUPPORTED,
                       "a Firefox profile as the browser keeps it; load it at "
                       "profiler.firefox.com and save it there");
    if (!t.samples.stack.n) return true;
    struct tables tables = tables_of(f, &t);
    f->n_threads++;
    return link_stacks(f, &tables, &nodes) && add_samples(f, &t, nodes, tables.stack_frame.n);
}

static bool read_meta(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"interval", walk_double, offsetof(struct firefox, interval)},
        {"startTime", walk_double, offsetof(struct firefox, start_time)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool remember(struct json_walk *w, void *to_size) {
    *(size_t *)to_size = w->j.at;
    return json_read_skip(&w->j) || walk_wrong(w, "expected a value");
}

static bool parse(struct json_walk *w, struct firefox *f) {
    static const struct walk_member members[] = {
        {"meta", read_meta, 0},
        {"shared", read_shared, offsetof(struct firefox, shared)},
        {"threads", remember, offsetof(struct firefox, threads_at)},
    };
    if (!WALK_OBJECT(w, members, f)) return false;
    if (!f->threads_at) return walk_wrong(w, "expected threads");
    w->j.at = f->threads_at;
    return walk_array(w, read_thread, f);
}

static void add_header(struct firefox *f) {
    struct profile_builder *b = &f->b;
    uint32_t ns = builder_string(b, PP_STR("nanoseconds"));
    builder_add_type(b, builder_string(b, PP_STR("samples")), builder_string(b, PP_STR("count")));
    builder_add_type(b, builder_string(b, PP_STR("time")), ns);
    b->p.period_type = (struct pp_value_type){builder_string(b, PP_STR("time")), ns};
    b->p.period = walk_round(f->interval * 1e6);
    b->p.time_nanos = walk_round(f->start_time * 1e6);
}

static bool firefox_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                           struct pp_error *err) {
    struct pp_error why = {.code = PP_E_NONE};
    struct firefox f = {.err = &why};
    struct json_walk w = {.j = {.text = input_all(in)}, .arena = &f.scratch};
    builder_init(&f.b, arena);
    call_tree_init(&f.tree, &f.b, in, 2);
    bool ok = parse(&w, &f);
    if (!ok)
        ok = why.code != PP_E_NONE ? pp_pass(err, &why) : walk_fail(&w, "Firefox profile", err);
    add_header(&f);
    if (ok)
        input_note(in, "Firefox profile, %" PRIu64 " threads with samples; markers are left out",
                   f.n_threads);
    if (ok)
        ok = builder_finish(&f.b, ret_profile, err);
    else
        builder_done(&f.b);
    call_tree_done(&f.tree);
    pp_arena_done(&f.scratch);
    return ok;
}

static bool firefox_probe(struct input *in) {
    return json_kind_of(in) == JSON_FIREFOX;
}

const struct profile_decoder firefox_decoder = {
    .name = "Firefox profile", .probe = firefox_probe, .decode = firefox_decode};
