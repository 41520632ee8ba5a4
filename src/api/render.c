/* Reports, by the same way as the command line: a question, a query, report_write. */
#include "cpprof/report.h"

#include "api/api.h"
#include "base/scope.h"
#include "query/query.h"
#include "symbol/objects.h"

#include <unistd.h>

/* ---- which there are ---- */

#define COPY_SIZED(ret, from)                                                                      \
    do {                                                                                           \
        size_t size_ = (ret)->size;                                                                \
        memcpy((ret), &(from), size_ < sizeof(from) ? size_ : sizeof(from));                       \
        (ret)->size = size_;                                                                       \
    } while (0)

bool pp_report_info(const struct pp_context *ctx, size_t at, struct pp_report_info *ret_info) {
    if (at >= ctx->catalog.n_reports) return false;
    const struct report_format *f = ctx->catalog.reports[at];
    const struct pp_report_info info = {
        .name = f->name,
        .help = f->help,
        .alias = f->alias,
        .param = f->param,
        .version = f->table ? f->table->version : 0,
        .columns = f->table ? f->table->columns : NULL,
        .n_columns = f->table ? f->table->n_columns : 0,
    };
    COPY_SIZED(ret_info, info);
    return true;
}

bool pp_encoder_info(const struct pp_context *ctx, size_t at, struct pp_encoder_info *ret_info) {
    if (at >= ctx->catalog.n_encoders) return false;
    const struct encoder *e = ctx->catalog.encoders[at];
    const struct pp_encoder_info info = {.name = e->name, .help = e->help};
    COPY_SIZED(ret_info, info);
    return true;
}

/* ---- asking ---- */

struct asking {
    struct pp_context *ctx;
    const struct pp_profile *p;
    struct pp_request request;
    const struct report_format *format;
    const struct encoder *encoder;
    const struct pp_sink *sink;           /* where bytes go; or NULL */
    const struct pp_row_visitor *visitor; /* where cells go; or NULL */
    struct encoder to_visitor;
    int status;
    bool ok, refused; /* refused: the callback wanted no more */
    struct pp_error *err;
    struct pp_arena arena;
};

static bool find_names(struct asking *a) {
    const struct pp_request *r = &a->request;
    a->format = catalog_report(&a->ctx->catalog, pp_str_from(r->report));
    if (!a->format)
        return pp_fail(a->err, PP_E_NOT_FOUND, "no report \"%s\"", r->report ? r->report : "");
    if (a->format->param && !r->param && !(a->format->traits & REPORT_FREE_PARAM))
        return pp_fail(a->err, PP_E_USAGE, "%s needs %s", a->format->name, a->format->param);
    if (a->visitor && !a->format->rows)
        return pp_fail(a->err, PP_E_UNSUPPORTED, "%s has no rows", a->format->name);
    if (a->visitor) {
        a->encoder = &a->to_visitor;
    } else if (r->encoder) {
        a->encoder = catalog_encoder(&a->ctx->catalog, pp_str_from(r->encoder));
        if (!a->encoder) return pp_fail(a->err, PP_E_NOT_FOUND, "no encoder \"%s\"", r->encoder);
    }
    return true;
}

static struct source_options source_places(const struct pp_query *q, struct pp_arena *arena) {
    char here[4096];
    struct pp_str current = pp_str_from(getcwd(here, sizeof here) ? here : "/");
    current = pp_arena_copy(arena, current);
    const struct pp_query none = PP_QUERY_INIT;
    if (!q) q = &none;
    struct pp_str path = pp_str_from(q->source_path), trim = pp_str_from(q->trim_path);
    return (struct source_options){.path = path.len ? path : current,
                                   .current = current,
                                   .trim = trim.data ? trim : PP_STR(""),
                                   .none = !scope_may(SCOPE_FILES)};
}

static struct query_host host_of(struct asking *a) {
    const struct loaded *l = loaded_of(a->p);
    struct query_host host = {
        .source = l->name,
        .comparison = l->comparison,
        .symbols = &l->symbols,
        .diag = &a->ctx->diag,
    };
    if (a->format->traits & REPORT_SOURCES)
        host.sources = source_places(a->request.query, &a->arena);
    return host;
}

/* Binaries for the reports that look into them, opened for this call. */
static void open_objects(struct asking *a, struct query_host *host, struct binaries *ret_binaries) {
    static const struct objects_options no_options;
    const struct binaries_options *opt = PP_NEW(&a->arena, struct binaries_options, 1);
    binaries_init(ret_binaries, opt, NULL); /* no server is asked for */
    host->objects = objects_new(ret_binaries, &no_options, &a->arena);
}

/* All sides of a comparison after the filters; the profile that was asked about is the first new
 * one. */
static bool add_runs(struct asking *a, struct query *q, struct report_runs *ret_runs) {
    const struct pp_request *r = &a->request;
    size_t n = r->n_bases + 1 + r->n_more;
    struct pp_profile *views = PP_NEW(&a->arena, struct pp_profile, n);
    const struct pp_profile **profiles = PP_NEW(&a->arena, const struct pp_profile *, n);
    struct pp_str *names = PP_NEW(&a->arena, struct pp_str, n);
    for (size_t i = 0; i < n; i++) {
        bool is_first = i == r->n_bases;
        const struct pp_profile *p = i < r->n_bases ? r->bases[i]
                                     : is_first     ? a->p
                                                    : r->more[i - r->n_bases - 1];
        views[i] = is_first ? *q->rc.full : *p;
        profiles[i] = &views[i];
        names[i] = loaded_of(p)->name;
        if (!query_apply(q, &views[i], is_first, a->err)) return false;
    }
    *ret_runs = (struct report_runs){
        .profiles = profiles,
        .names = names,
        .n = {(uint32_t)r->n_bases, (uint32_t)(1 + r->n_more)},
        .in_turns = r->n_bases == 1 + r->n_more,
        .rules = pp_str_from(r->rules ? r->rules : ""),
        .rules_file = r->rules ? PP_STR("rules") : PP_STR(""),
    };
    q->rc.runs = ret_runs;
    return true;
}

static bool take_bytes(void *user, const void *bytes, size_t n) {
    struct asking *a = user;
    if (!a->refused) a->refused = a->sink && !a->sink->write(a->sink->user, bytes, n);
    return !a->refused;
}

static bool write_report(struct asking *a, const struct query *q) {
    struct out out;
    out_open_sink(&out, take_bytes, a);
    out_limit(&out, pp_limits_or_default(&a->ctx->limits).max_output);
    bool ok = report_write(&q->rc, a->encoder, &out, &a->status, a->err);
    ok = out_close(&out, ok ? a->err : NULL) && ok;
    if (a->refused) return pp_fail(a->err, PP_E_IO, "the caller wanted no more");
    return ok;
}

static void answer(void *args) {
    struct asking *a = args;
    struct query q;
    struct report_runs runs;
    struct binaries binaries;
    struct query_host host = host_of(a);
    bool opens = (a->format->traits & REPORT_OBJECTS) && scope_may(SCOPE_FILES);
    if (opens) open_objects(a, &host, &binaries);
    const struct query_request request = {a->p, a->format, a->request.query, a->request.param,
                                          &host};
    a->ok = query_open(&q, &request, &a->arena, a->err);
    if (a->ok && (a->format->traits & REPORT_RUNS)) a->ok = add_runs(a, &q, &runs);
    if (a->ok) a->ok = write_report(a, &q);
    query_done(&q);
    if (opens) binaries_done(&binaries);
    pp_arena_done(&a->arena);
}

static bool ask(struct asking *a, const struct pp_request *request, int *ret_status) {
    size_t size = request->size;
    a->request = (struct pp_request)PP_REQUEST_INIT;
    memcpy(&a->request, request, size < sizeof a->request ? size : sizeof a->request);
    if (!find_names(a) || !api_call(a->ctx, answer, a, a->err) || !a->ok) return false;
    if (ret_status) *ret_status = a->status;
    return true;
}

bool pp_render(struct pp_context *ctx, const struct pp_profile *p, const struct pp_request *request,
               const struct pp_sink *sink, int *ret_status, struct pp_error *err) {
    struct asking a = {.ctx = ctx, .p = p, .sink = sink, .err = err};
    return ask(&a, request, ret_status);
}

/* ---- cells: an encoder whose output is a callback ---- */

static struct asking *asking_of(const struct row_sink *sink) {
    return (struct asking *)(void *)((char *)(uintptr_t)sink->encoder -
                                     offsetof(struct asking, to_visitor));
}

static void visit_begin(struct row_sink *sink) {
    struct asking *a = asking_of(sink);
    const struct pp_row_visitor *v = a->visitor;
    if (v->begin && !v->begin(v->user, sink->head)) a->refused = true;
}

static void visit_row(struct row_sink *sink, const struct pp_cell *cells) {
    struct asking *a = asking_of(sink);
    const struct pp_row_visitor *v = a->visitor;
    if (!a->refused && !v->row(v->user, cells, sink->head->n_columns)) a->refused = true;
}

static void visit_end(struct row_sink *sink) {
    (void)sink;
}

bool pp_rows(struct pp_context *ctx, const struct pp_profile *p, const struct pp_request *request,
             const struct pp_row_visitor *visitor, int *ret_status, struct pp_error *err) {
    struct asking a = {
        .ctx = ctx,
        .p = p,
        .visitor = visitor,
        .to_visitor = {.name = "cells",
                       .help = "typed cells",
                       .begin = visit_begin,
                       .row = visit_row,
                       .end = visit_end},
        .err = err,
    };
    return ask(&a, request, ret_status);
}
