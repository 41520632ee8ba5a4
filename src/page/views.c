#include "page/views.h"

#include "base/text.h"
#include "page/configs.h"
#include "profile/source_mark.h"
#include "report/page_data.h"
#include "report/report.h"

enum {
    MOST_BOXES = 30000,
    TOP_NODES = 500,
    PEEK_NODES = 80,
    GRAPH_NODES = 80,
    MOST_LISTED = 50,   /* functions with their lines or instructions */
    MOST_VALUES = 1000, /* of each label */
};

/* ---- the table ---- */

struct page_view {
    const char *name;
    const struct report_format *formats[3]; /* its tables, as the page names them; none: boxes */
    const char *param;                      /* which parameter is the report's own; or NULL */
    const struct report_format *asked;      /* the only table where that is given; or NULL */
    void (*force)(struct pp_query *q, const struct page_call *c);
    uint32_t most; /* so much of what it lists; 0: all */
    bool of_base, binaries, picture, verdict, courses;
};

static void force_flame(struct pp_query *q, const struct page_call *c) {
    (void)c;
    q->trim = false;
    q->call_tree = true;
    if (!*q->granularity) q->granularity = "filefunctions";
}

static void force_top(struct pp_query *q, const struct page_call *c) {
    (void)c;
    q->nodecount = TOP_NODES;
}

/* pprof's peek, which has the expression as `f`, is by lines. */
static void force_peek(struct pp_query *q, const struct page_call *c) {
    if (*q->focus && !params_get(&c->params, "peek").len) q->granularity = "lines";
    if (q->nodecount < 0) q->nodecount = PEEK_NODES;
}

/* Where the page draws it itself: what calls much stands above what costs much. */
static void force_graph(struct pp_query *q, const struct page_call *c) {
    if (!params_get(&c->params, "sort").len) q->sort = "cum";
    if (q->nodecount < 0) q->nodecount = GRAPH_NODES;
}

static const struct page_view views[] = {
    {.name = "flamegraph", .force = force_flame},
    {.name = "graph", .formats = {&tree_report}, .force = force_graph, .picture = true},
    {.name = "top", .formats = {&top_report, &diff_report}, .force = force_top},
    {.name = "peek",
     .formats = {&tree_report},
     .param = "peek",
     .asked = &peek_report,
     .force = force_peek},
    {.name = "source",
     .formats = {&weblist_report},
     .param = "f",
     .most = MOST_LISTED,
     .binaries = true},
    {.name = "disasm",
     .formats = {&disasm_report},
     .param = "f",
     .most = MOST_LISTED,
     .binaries = true},
    {.name = "diff", .formats = {&diff_report}, .force = force_top, .of_base = true},
    {.name = "labels", .formats = {&tags_report}, .most = MOST_VALUES},
    {.name = "symbols", .formats = {&symbols_report}},
    {.name = "gate", .verdict = true},
    {.name = "trend", .courses = true},
};

enum { N_VIEWS = sizeof views / sizeof *views };

const struct page_view *page_view_find(struct pp_str name) {
    for (size_t i = 0; i < N_VIEWS; i++)
        if (pp_str_eq(name, pp_str_from(views[i].name))) return &views[i];
    return NULL;
}

/* ---- messages that a question causes ---- */

struct messages {
    struct pp_arena *arena;
    struct pp_str *at;
    size_t n, cap;
};

/* Each once: several reports of a view may ask the same. */
static void keep(void *user, const char *line) {
    enum { MOST = 20 };
    struct messages *m = user;
    if (m->n == MOST) return;
    for (size_t i = 0; i < m->n; i++)
        if (pp_str_eq(m->at[i], pp_str_from(line))) return;
    struct pp_str copy = pp_arena_copy(m->arena, pp_str_from(line));
    PP_PUSH(m->arena, m->at, m->n, m->cap, copy);
}

/* ---- a question ---- */

struct asking {
    struct page_call *call;
    struct messages messages;
    struct pp_diag diag;
    struct query_host host;
    struct pp_query question;
    const struct pp_profile *profile; /* what the question is about */
    struct pp_profile compared;
    struct profile_facts sides[2];
    uint32_t base; /* the source that was picked as the base; PP_NONE */
};

/* base=N: the N-th of the sources, from 1, is what the others are compared with. */
static bool pick_base(struct asking *a, struct pp_error *err) {
    const struct page_world *w = a->call->world;
    struct pp_str text = params_get(&a->call->params, "base");
    uint64_t n = 0;
    if (!text.len) return true;
    if (!text_u64(text, 10, &n) || n < 1 || n > w->sources.n)
        return pp_fail(err, PP_E_USAGE, "base=%.*s: there is no such profile", PP_STR_ARG(text));
    a->base = (uint32_t)n - 1;
    source_mark_compare(w->profile, w->sources.of_sample, a->base, &a->compared, a->call->arena);
    source_mark_facts(w->profile, &w->sources, a->base, a->sides);
    a->profile = &a->compared;
    a->host.sides = a->sides;
    for (int side = 0; side < 2; side++)
        a->host.runs[side] = a->sides[side].runs;
    a->host.comparison =
        pp_arena_printf(a->call->arena, "with %.*s", PP_STR_ARG(w->sources.names[a->base]));
    return true;
}

static bool begin(struct asking *a, struct page_call *c, uint32_t most, struct pp_error *err) {
    *a = (struct asking){.call = c,
                         .messages = {.arena = c->arena},
                         .host = c->world->host,
                         .profile = c->world->profile,
                         .base = PP_NONE};
    a->diag = (struct pp_diag){.user = &a->messages, .say = keep};
    a->host.diag = &a->diag;
    a->host.most_listed = most;
    a->question = c->world->question;
    return params_apply(&c->params, &a->question, err) && pick_base(a, err);
}

static bool is_offered(const struct page_view *v, const struct asking *a) {
    if (v->of_base && !a->host.comparison.len) return false;
    if (v->verdict && !a->call->world->verdict.len) return false;
    if (v->courses && !a->call->world->courses) return false;
    return !v->binaries || a->host.objects;
}

/* A report, about what, and how it is written. */
struct wanted {
    const struct report_format *format;
    const char *param;
    const struct encoder *encoder; /* NULL: text */
};

/* A comparison that was picked has its labels: sources are told apart by some while they are read.
 */
static const struct pp_profile *profile_for(const struct asking *a,
                                            const struct report_format *format) {
    const struct page_world *w = a->call->world;
    bool whole = a->profile == w->profile && query_asks_for_labels(&a->question, format);
    return whole ? page_labels_of(w->labels, w->profile) : a->profile;
}

static bool open_query(struct asking *a, const struct wanted *w, struct query *ret_query,
                       struct pp_error *err) {
    const struct query_request request = {profile_for(a, w->format), w->format, &a->question,
                                          w->param, &a->host};
    return query_open(ret_query, &request, a->call->arena, err);
}

static bool lock_for(const struct page_world *w, const struct report_format *format) {
    bool needed = (format->traits & REPORT_OBJECTS) && w->one_at_a_time;
    if (needed) pthread_mutex_lock(w->one_at_a_time);
    return needed;
}

/* Asks and writes one report. */
static bool write_report(struct asking *a, const struct wanted *wanted, struct out *o,
                         struct pp_error *err) {
    const struct page_world *w = a->call->world;
    struct query q;
    bool locked = lock_for(w, wanted->format);
    bool ok = open_query(a, wanted, &q, err) && report_write(&q.rc, wanted->encoder, o, NULL, err);
    query_done(&q);
    if (locked) pthread_mutex_unlock(w->one_at_a_time);
    return ok;
}

/* ---- data of views ---- */

static void put_views(struct json *j, const struct asking *a) {
    json_key(j, "views");
    json_array(j);
    for (size_t i = 0; i < N_VIEWS; i++)
        if (is_offered(&views[i], a)) json_str(j, pp_str_from(views[i].name));
    json_array_end(j);
}

static void put_messages(struct json *j, const struct messages *m) {
    json_key(j, "errors");
    json_array(j);
    for (size_t i = 0; i < m->n; i++)
        json_str(j, m->at[i]);
    json_array_end(j);
}

/* ---- what was made before the page was served, whatever the page filters ---- */

/* The gate's rules are about the runs as they were given. */
static bool find_verdict(const struct asking *a, const struct report_ctx *rc,
                         struct pp_str *ret_table, struct pp_error *err) {
    (void)rc, (void)err;
    *ret_table = a->call->world->verdict;
    return true;
}

static bool find_courses(const struct asking *a, const struct report_ctx *rc,
                         struct pp_str *ret_table, struct pp_error *err) {
    *ret_table = a->call->world->courses[rc->type];
    return ret_table->len || pp_fail(err, PP_E_NOT_FOUND, "the history has no runs of %.*s",
                                     PP_STR_ARG(rc->type_name));
}

/* The facts, and a table. */
static bool put_made(struct json *j, const struct page_view *v, struct asking *a,
                     struct pp_error *err) {
    struct query q;
    struct pp_str table = {0};
    bool ok = open_query(a, &(struct wanted){.format = &top_report}, &q, err) &&
              (v->verdict ? find_verdict : find_courses)(a, &q.rc, &table, err);
    if (ok) {
        page_begin(j, &q.rc);
        json_key(j, "tables");
        json_object(j);
        json_key(j, v->name);
        out_str(json_raw(j), table);
        json_object_end(j);
    }
    query_done(&q);
    return ok;
}

/* under=STACK.LEVEL, as "cut" of an answer has it; anything else is the whole. */
static struct flame_spot read_spot(struct pp_str text) {
    const char *dot = text.len ? memchr(text.data, '.', text.len) : NULL;
    size_t at = dot ? (size_t)(dot - text.data) : 0;
    uint64_t stack = 0, level = 0;
    bool ok = dot && text_u64(pp_str_slice(text, 0, at), 10, &stack) &&
              text_u64(pp_str_slice(text, at + 1, text.len), 10, &level) && stack < PP_NONE &&
              level < PP_NONE;
    return ok ? (struct flame_spot){(uint32_t)stack, (uint32_t)level} : (struct flame_spot){0};
}

static bool put_boxes(struct json *j, struct asking *a, struct pp_error *err) {
    struct pp_str up = params_get(&a->call->params, "up");
    const struct flame_cut cut = {.most = MOST_BOXES,
                                  .under = read_spot(params_get(&a->call->params, "under")),
                                  .from_leaf = pp_str_eq(up, PP_STR("t"))};
    struct query q;
    bool ok = open_query(a, &(struct wanted){.format = &flame_report}, &q, err);
    if (ok) {
        page_begin(j, &q.rc);
        json_key(j, "boxes");
        ok = page_boxes(j, &q.rc, cut, NULL, err);
    }
    query_done(&q);
    return ok;
}

static const char *param_of(const struct page_view *v, const struct page_call *c) {
    struct pp_str text = v->param ? params_get(&c->params, v->param) : PP_STR("");
    if (!text.len && v->param) text = params_get(&c->params, "f");
    return text.len ? text.data : v->binaries ? "" : NULL;
}

static bool put_tables(struct json *j, const struct page_view *v, struct asking *a,
                       struct pp_error *err) {
    struct query q;
    const char *param = param_of(v, a->call);
    const struct report_format *const asked[] = {v->asked, NULL};
    const struct report_format *const *formats = v->asked && param ? asked : v->formats;
    const struct wanted wanted = {formats[0], param, NULL};
    bool ok = open_query(a, &wanted, &q, err);
    if (ok) page_begin(j, &q.rc);
    query_done(&q);
    if (!ok) return false;
    json_key(j, "tables");
    json_object(j);
    for (size_t i = 0; formats[i]; i++) {
        if (formats[i] == &diff_report && !a->host.comparison.len) continue;
        json_key(j, formats[i]->name);
        const struct wanted table = {formats[i], param, &page_encoder};
        if (!write_report(a, &table, json_raw(j), err)) return false;
    }
    json_object_end(j);
    return true;
}

/* The graph by graphviz, where there is one; else why there is none. */
static void put_picture(struct json *j, struct asking *a) {
    struct pp_error why;
    struct out svg;
    out_open_memory(&svg);
    const struct wanted picture = {.format = &svg_report};
    bool ok = write_report(a, &picture, &svg, &why);
    json_key(j, ok ? "svg" : "no_svg");
    json_str(j, ok ? out_text(&svg) : pp_str_from(why.text));
    out_close(&svg, NULL);
}

static bool put_view(struct json *j, const struct page_view *v, struct asking *a,
                     struct pp_error *err) {
    if (v->verdict || v->courses) return put_made(j, v, a, err);
    return v->formats[0] ? put_tables(j, v, a, err) : put_boxes(j, a, err);
}

bool page_view_data(struct page_call *c, struct pp_error *err) {
    struct pp_str prefix = PP_STR("/ui/data/"), path = c->request->path;
    const struct page_view *v = page_view_find(pp_str_slice(path, prefix.len, path.len));
    struct asking a;
    struct json j;
    if (!begin(&a, c, v ? v->most : 0, err)) return false;
    if (!v || !is_offered(v, &a)) return pp_fail(err, PP_E_NOT_FOUND, "no such view");
    if (v->force) v->force(&a.question, c);
    json_begin(&j, &c->answer->body);
    if (!put_view(&j, v, &a, err)) return false;
    if (v->picture) put_picture(&j, &a);
    put_views(&j, &a);
    if (c->world->sources.n) page_sources(&j, c->world->sources.names, c->world->sources.n, a.base);
    configs_put(&j, c->world, c->arena);
    put_messages(&j, &a.messages);
    json_key(&j, "most"); /* so much of what it lists, or 0 */
    json_u64(&j, v->most);
    json_key(&j, "token");
    json_str(&j, c->world->token);
    json_object_end(&j);
    return true;
}

/* ---- reports for programs ---- */

static const struct {
    const char *encoder, *type;
} types[] = {
    {"json", "application/json"},
    {"ndjson", "application/x-ndjson"},
    {"csv", "text/csv; charset=utf-8"},
    {"markdown", "text/markdown; charset=utf-8"},
};

static const struct encoder *find_encoder(struct pp_str name, const char **ret_type) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!pp_str_eq(name, pp_str_from(types[i].encoder))) continue;
        *ret_type = types[i].type;
        for (size_t k = 0; encoder_table[k]; k++)
            if (!strcmp(encoder_table[k]->name, types[i].encoder)) return encoder_table[k];
    }
    return NULL;
}

/* Rows for databases are all of them, unless the address or the command line says how many. */
static bool is_whole(const struct page_call *c, const struct report_format *format,
                     const struct encoder *encoder) {
    static const char *const trimming[] = {"n", "nf", "ef", "trim"};
    for (size_t i = 0; i < sizeof trimming / sizeof *trimming; i++)
        if (params_get(&c->params, trimming[i]).len) return false;
    return encoder->is_series && format->table->is_series && !c->world->trims;
}

bool page_report(struct page_call *c, struct pp_error *err) {
    struct pp_str prefix = PP_STR("/api/"), path = c->request->path;
    struct pp_str name = pp_str_slice(path, prefix.len, path.len), kind = PP_STR("json");
    const char *dot = memchr(name.data, '.', name.len);
    if (dot) {
        size_t len = (size_t)(dot - name.data);
        kind = pp_str_slice(name, len + 1, name.len);
        name.len = len;
    }
    const struct report_format *format = report_find(name);
    const struct encoder *encoder = find_encoder(kind, &c->answer->type);
    struct pp_str param = params_get(&c->params, "param");
    struct asking a;
    if (!format || !format->rows || (format->traits & (REPORT_RUNS | REPORT_HISTORY)) || !encoder)
        return pp_fail(err, PP_E_NOT_FOUND, "no such report, or not in this format");
    if ((format->traits & REPORT_OBJECTS) && !c->world->host.objects)
        return pp_fail(err, PP_E_NOT_FOUND, "binaries are not looked into (-nosource)");
    if (format->param && !param.len) param = params_get(&c->params, "f");
    if (format->param && !param.len && format != &tree_report)
        return pp_fail(err, PP_E_USAGE, "add param=FUNCTION");
    uint32_t most = format->traits & REPORT_OBJECTS ? MOST_LISTED : 0;
    if (!begin(&a, c, most, err)) return false;
    if (is_whole(c, format, encoder)) a.question.trim = false;
    const struct wanted wanted = {format, format->param ? param.data : NULL, encoder};
    return write_report(&a, &wanted, &c->answer->body, err);
}
