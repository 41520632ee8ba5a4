/* The Firefox profiler's processed profiles, which samply writes, too: threads with samples, and
 * tables of stacks, frames, functions and strings, in each thread or shared by all.
 *
 * Source: docs-developer/processed-profile-format.md of firefox-devtools/profiler. */
#include "profile/decode/decode.h"
#include "profile/decode/firefox_native.h"
#include "profile/decode/json_kind.h"
#include "profile/decode/json_profile.h"

#include <inttypes.h>

struct ff_thread {
    struct firefox_tables t;
    struct firefox_libs libs;
    struct pp_str weight_type, name, process, pid, tid;
};

/* By stack: its node as the innermost of a sample, and as what calls others. They differ where
 * frames that call are return addresses. */
struct ff_nodes {
    uint32_t *inner, *caller;
};

/* What stands at the top of a profile; one of Firefox itself holds one for each child process. */
struct ff_process {
    struct firefox_tables shared;
    struct firefox_libs libs;
    double interval, start_time; /* milliseconds */
    double version;              /* of the processed format; 0: Firefox's own */
    size_t threads_at, processes_at, libs_at;
    size_t profile_at;            /* where the developer tools put it */
    struct ff_nodes shared_nodes; /* of the shared stacks, once a thread has used them */
};

struct firefox {
    struct json_profile out;
    struct firefox_native native;
    struct ff_process *p; /* at hand */
    double interval, start_time;
    unsigned depth;    /* of processes */
    uint64_t n_linked; /* rows of tables: each thread may go through shared ones */
    uint64_t n_threads;
};

enum { DEEPEST = 8 };

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

#define ROW_MEMBERS(rows)                                                                          \
    {"schema", walk_place, offsetof(struct firefox_tables, rows.schema_at)}, {                     \
        "data", walk_place, offsetof(struct firefox_tables, rows.data_at)                          \
    }

static bool read_funcs(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"name", read_column, offsetof(struct firefox_tables, func_name)},
        {"fileName", read_column, offsetof(struct firefox_tables, func_file)},
        {"source", read_column, offsetof(struct firefox_tables, func_source)},
        {"lineNumber", read_column, offsetof(struct firefox_tables, func_line)},
        {"resource", read_column, offsetof(struct firefox_tables, func_resource)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_frames(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"func", read_column, offsetof(struct firefox_tables, frame_func)},
        {"line", read_column, offsetof(struct firefox_tables, frame_line)},
        {"column", read_column, offsetof(struct firefox_tables, frame_column)},
        {"address", read_column, offsetof(struct firefox_tables, frame_address)},
        {"lib", read_column, offsetof(struct firefox_tables, frame_lib)},
        ROW_MEMBERS(frame_rows),
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_stacks(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"frame", read_column, offsetof(struct firefox_tables, stack_frame)},
        {"prefix", read_column, offsetof(struct firefox_tables, stack_prefix)},
        {"prefixOffset", read_column, offsetof(struct firefox_tables, stack_offset)},
        ROW_MEMBERS(stack_rows),
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_resources(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"lib", read_column, offsetof(struct firefox_tables, resource_lib)},
    };
    return WALK_OBJECT(w, members, to);
}

#define TABLE_MEMBERS(place)                                                                       \
    {"stringArray", read_texts, (place) + offsetof(struct firefox_tables, strings)},               \
        {"stringTable", read_texts, (place) + offsetof(struct firefox_tables, strings)},           \
        {"funcTable", read_funcs, (place)}, {"frameTable", read_frames, (place)},                  \
        {"resourceTable", read_resources, (place)}, {                                              \
        "stackTable", read_stacks, (place)                                                         \
    }

static bool read_sources(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"filename", read_column, offsetof(struct firefox_tables, source_file)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_shared(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {TABLE_MEMBERS(0), {"sources", read_sources, 0}};
    return WALK_OBJECT(w, members, to);
}

/* ---- stacks ---- */

static bool nothing_there(struct firefox *f, const char *what, double at) {
    return pp_fail(&f->out.why, PP_E_FORMAT, "Firefox profile: %s %.0f does not exist", what, at);
}

/* A text by its place; "" for null. */
static struct pp_str text(const struct firefox_tables *t, double at) {
    return at >= 0 && at < (double)t->strings.n ? t->strings.at[(size_t)at] : PP_STR("");
}

static struct pp_str file_of(const struct firefox_tables *t, double func) {
    double source = firefox_cell(&t->func_source, func);
    return text(t, source >= 0 ? firefox_cell(&t->source_file, source)
                               : firefox_cell(&t->func_file, func));
}

static bool named_location(struct firefox *f, const struct firefox_tables *t, double frame,
                           uint32_t *ret) {
    double func = firefox_cell(&t->frame_func, frame);
    double name = firefox_cell(&t->func_name, func);
    if (!(name >= 0 && name < (double)t->strings.n)) return nothing_there(f, "function", func);
    double line = firefox_cell(&t->frame_line, frame);
    double column = firefox_cell(&t->frame_column, frame);
    double start = firefox_cell(&t->func_line, func);
    struct call_frame c = {.name = text(t, name), .file = file_of(t, func)};
    c.start_line = start > 0 ? walk_round(start) : 0;
    c.line = line > 0 ? walk_round(line) : 0;
    c.column = column > 0 ? walk_round(column) : 0;
    *ret = call_tree_frame(&f->out.tree, &c);
    return true;
}

/* Of frame i, when it is the innermost and when it calls: up to version 37 an address is then the
 * one to return to, and the call stands before it. */
static bool location(struct firefox *f, const struct firefox_tables *t, size_t i,
                     const struct ff_nodes *ret) {
    enum { CALLS_SINCE = 38 };
    struct native_frame n;
    if (!firefox_native_frame(&f->native, t, i, &n)) {
        bool ok = named_location(f, t, (double)i, &ret->inner[i]);
        ret->caller[i] = ret->inner[i];
        return ok;
    }
    uint64_t call = n.address - (f->p->version < CALLS_SINCE && n.address);
    ret->inner[i] = call_tree_address(&f->out.tree, n.address, n.mapping);
    ret->caller[i] = call_tree_address(&f->out.tree, call, n.mapping);
    return true;
}

static struct ff_nodes new_nodes(struct firefox *f, size_t n) {
    return (struct ff_nodes){PP_NEW(&f->out.scratch, uint32_t, n),
                             PP_NEW(&f->out.scratch, uint32_t, n)};
}

/* The place of what stack i is called from; none: below 0. i itself: it cannot be. */
static double caller_of(const struct firefox_tables *t, size_t i) {
    double offset = firefox_cell(&t->stack_offset, (double)i);
    if (offset > 0) return offset <= (double)i ? (double)i - offset : (double)i;
    return firefox_cell(&t->stack_prefix, (double)i);
}

/* The nodes of all stacks: what a stack is called from stands before it. */
static bool link_stacks(struct firefox *f, const struct firefox_tables *t,
                        struct ff_nodes *ret_nodes) {
    enum { FREE = 16 << 20 }; /* any file may have so many */
    size_t n = t->stack_frame.n;
    f->n_linked += n + t->frame_func.n;
    if (f->n_linked > FREE && f->n_linked > f->out.w.j.text.len)
        return pp_fail(&f->out.why, PP_E_LIMIT,
                       "Firefox profile: too many threads share its tables");
    if (t->stack_prefix.n < n && t->stack_offset.n < n)
        return pp_fail(&f->out.why, PP_E_FORMAT,
                       "Firefox profile: what stacks are called from is missing, or written as a "
                       "newer version does");
    struct ff_nodes nodes = new_nodes(f, n), at = new_nodes(f, t->frame_func.n);
    for (size_t i = 0; i < t->frame_func.n; i++)
        if (!location(f, t, i, &at)) return false;
    for (size_t i = 0; i < n; i++) {
        double frame = t->stack_frame.at[i], prefix = caller_of(t, i);
        if (!(frame >= 0 && frame < (double)t->frame_func.n))
            return nothing_there(f, "frame", frame);
        if (prefix >= (double)i)
            return pp_fail(&f->out.why, PP_E_FORMAT,
                           "Firefox profile: stack %zu is called from none that stands before it",
                           i);
        uint32_t parent = prefix >= 0 ? nodes.caller[(size_t)prefix] : CALL_ROOT;
        uint32_t inner = at.inner[(size_t)frame], caller = at.caller[(size_t)frame];
        if (!call_tree_child(&f->out.tree, parent, inner, &nodes.inner[i], &f->out.why) ||
            !call_tree_child(&f->out.tree, parent, caller, &nodes.caller[i], &f->out.why))
            return false;
    }
    *ret_nodes = nodes;
    return true;
}

/* ---- threads ---- */

static bool read_samples(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"stack", read_column, offsetof(struct ff_thread, t.sample_stack)},
        {"weight", read_column, offsetof(struct ff_thread, t.sample_weight)},
        {"weightType", walk_text, offsetof(struct ff_thread, weight_type)},
        {"schema", walk_place, offsetof(struct ff_thread, t.sample_rows.schema_at)},
        {"data", walk_place, offsetof(struct ff_thread, t.sample_rows.data_at)},
    };
    return WALK_OBJECT(w, members, to);
}

static uint32_t thread_labels(struct firefox *f, const struct ff_thread *t) {
    struct pp_label labels[4];
    uint32_t n = 0;
    json_profile_label(&f->out, labels, &n, "thread", t->name);
    json_profile_label(&f->out, labels, &n, "process", t->process);
    json_profile_label(&f->out, labels, &n, "pid", t->pid);
    json_profile_label(&f->out, labels, &n, "tid", t->tid);
    return builder_label_set(&f->out.b, labels, n, 0);
}

/* A weight is a number of samples, or the milliseconds that one stands for. */
static bool add_samples(struct firefox *f, const struct ff_thread *t, const uint32_t *nodes,
                        size_t n_nodes) {
    const struct walk_doubles *stacks = &t->t.sample_stack, *weights = &t->t.sample_weight;
    bool milliseconds = pp_str_eq(t->weight_type, PP_STR("tracing-ms"));
    for (size_t i = 0; i < stacks->n; i++) {
        double stack = stacks->at[i], weight = i < weights->n ? weights->at[i] : 1;
        if (stack != stack || weight != weight) continue;
        if (!(stack >= 0 && stack < (double)n_nodes)) return nothing_there(f, "stack", stack);
        double time = milliseconds ? weight : weight * f->p->interval;
        call_tree_add(&f->out.tree, nodes[(size_t)stack], 0, milliseconds ? 1 : walk_round(weight));
        call_tree_add(&f->out.tree, nodes[(size_t)stack], 1, walk_round(time * 1e6));
    }
    return call_tree_flush(&f->out.tree, thread_labels(f, t), &f->out.why);
}

/* Its own tables, or where it has none the shared ones. */
static struct firefox_tables tables_of(const struct firefox *f, const struct ff_thread *t) {
    struct firefox_tables all = t->t;
    if (!all.strings.n) all.strings = f->p->shared.strings;
    if (!all.func_name.n) {
        all.func_name = f->p->shared.func_name;
        all.func_file = f->p->shared.func_file;
        all.func_source = f->p->shared.func_source;
        all.func_line = f->p->shared.func_line;
        all.func_resource = f->p->shared.func_resource;
    }
    if (!all.resource_lib.n) all.resource_lib = f->p->shared.resource_lib;
    if (!all.frame_func.n) {
        all.frame_func = f->p->shared.frame_func;
        all.frame_line = f->p->shared.frame_line;
        all.frame_column = f->p->shared.frame_column;
        all.frame_address = f->p->shared.frame_address;
        all.frame_lib = f->p->shared.frame_lib;
    }
    if (!all.stack_frame.n) {
        all.stack_frame = f->p->shared.stack_frame;
        all.stack_prefix = f->p->shared.stack_prefix;
        all.stack_offset = f->p->shared.stack_offset;
    }
    all.source_file = f->p->shared.source_file;
    return all;
}

/* Stacks that all threads share are linked once. */
static bool nodes_of(struct firefox *f, const struct firefox_tables *own,
                     const struct firefox_tables *all, struct ff_nodes *ret_nodes) {
    bool is_shared = !own->strings.n && !own->func_name.n && !own->frame_func.n &&
                     !own->stack_frame.n && all->stack_frame.n;
    if (is_shared && f->p->shared_nodes.inner) {
        *ret_nodes = f->p->shared_nodes;
        return true;
    }
    if (!link_stacks(f, all, ret_nodes)) return false;
    if (is_shared) f->p->shared_nodes = *ret_nodes;
    return true;
}

static bool parse_process(struct json_walk *w, struct firefox *f);

/* A process of its own, which early versions put here as a text. */
static bool read_packed_process(struct json_walk *w, struct firefox *f) {
    struct pp_str text;
    if (!walk_text(w, &text)) return false;
    struct json_read outer = w->j;
    w->j = (struct json_read){.text = text};
    if (!parse_process(w, f)) return false;
    w->j = outer;
    return true;
}

static bool read_thread(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        TABLE_MEMBERS(offsetof(struct ff_thread, t)),
        {"samples", read_samples, 0},
        {"libs", firefox_read_libs, offsetof(struct ff_thread, libs)},
        {"name", walk_text, offsetof(struct ff_thread, name)},
        {"processName", walk_text, offsetof(struct ff_thread, process)},
        {"pid", walk_id, offsetof(struct ff_thread, pid)},
        {"tid", walk_id, offsetof(struct ff_thread, tid)},
    };
    struct firefox *f = to;
    struct ff_thread t = {0};
    struct ff_nodes nodes;
    if (json_read_peek(&w->j) == '"') return read_packed_process(w, f);
    if (!WALK_OBJECT(w, members, &t) || !firefox_take_rows(w, &t.t)) return false;
    if (!t.t.sample_stack.n) return true;
    struct firefox_tables tables = tables_of(f, &t);
    f->native.libs = t.libs.n ? &t.libs : &f->p->libs;
    firefox_main_lib(&f->native, t.process);
    f->n_threads++;
    return nodes_of(f, &t.t, &tables, &nodes) &&
           add_samples(f, &t, nodes.inner, tables.stack_frame.n);
}

static bool read_meta(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"interval", walk_double, offsetof(struct ff_process, interval)},
        {"startTime", walk_double, offsetof(struct ff_process, start_time)},
        {"preprocessedProfileVersion", walk_double, offsetof(struct ff_process, version)},
    };
    return WALK_OBJECT(w, members, to);
}

static bool read_threads(struct json_walk *w, void *to) {
    return walk_array(w, read_thread, to);
}

static bool read_process(struct json_walk *w, void *to) {
    return parse_process(w, to);
}

static bool read_processes(struct json_walk *w, void *to) {
    return walk_array(w, read_process, to);
}

static bool read_parts(struct json_walk *w, struct firefox *f, struct ff_process *p) {
    if (!p->threads_at && p->profile_at) return walk_there(w, p->profile_at, read_process, f);
    if (!p->threads_at)
        return pp_fail(&f->out.why, PP_E_UNRECOGNIZED,
                       "JSON, but no profile of Firefox: it has no "
                       "threads");
    if (!f->p) { /* the outermost */
        f->interval = p->interval;
        f->start_time = p->start_time;
    }
    f->p = p;
    if (p->libs_at && !walk_there(w, p->libs_at, firefox_read_libs, &p->libs)) return false;
    if (!walk_there(w, p->threads_at, read_threads, f)) return false;
    return !p->processes_at || walk_there(w, p->processes_at, read_processes, f);
}

/* A profile, whose threads may hold others. */
static bool parse_process(struct json_walk *w, struct firefox *f) {
    static const struct walk_member members[] = {
        {"meta", read_meta, 0},
        {"shared", read_shared, offsetof(struct ff_process, shared)},
        {"libs", walk_place, offsetof(struct ff_process, libs_at)},
        {"threads", walk_place, offsetof(struct ff_process, threads_at)},
        {"processes", walk_place, offsetof(struct ff_process, processes_at)},
        {"profile", walk_place, offsetof(struct ff_process, profile_at)},
    };
    struct ff_process p = {0}, *outer = f->p;
    if (++f->depth > DEEPEST) return walk_wrong(w, "processes nest too deeply");
    if (!WALK_OBJECT(w, members, &p) || !read_parts(w, f, &p)) return false;
    f->p = outer;
    f->depth--;
    return true;
}

static bool firefox_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                           struct pp_error *err) {
    struct firefox f = {0};
    json_profile_open(&f.out, in, arena, 2);
    f.native = (struct firefox_native){.b = &f.out.b, .scratch = &f.out.scratch};
    bool ok = parse_process(&f.out.w, &f);
    struct profile_builder *b = &f.out.b;
    json_profile_time_types(&f.out, "time");
    b->p.period_type = b->p.sample_types[1];
    b->p.period = walk_round(f.interval * 1e6);
    b->p.time_nanos = walk_round(f.start_time * 1e6);
    if (ok)
        input_note(in, "Firefox profile, %" PRIu64 " threads with samples; markers are left out",
                   f.n_threads);
    index_done(&f.native.mappings);
    return json_profile_close(&f.out, ok, firefox_decoder.name, ret_profile, err);
}

static bool firefox_probe(struct input *in) {
    return json_kind_of(in) == JSON_FIREFOX;
}

const struct profile_decoder firefox_decoder = {
    .name = "Firefox profile", .probe = firefox_probe, .decode = firefox_decode};
