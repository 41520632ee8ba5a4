#include "query/query.h"

#include "base/text.h"
#include "graph/order.h"
#include "report/paired.h"

#include <inttypes.h>

/* ---- the question ---- */

static void known_text(const char **text) {
    if (!*text) *text = "";
}

static void known_other(const void *value) {
    (void)value;
}

/* As far as the caller's structure goes; the rest is the default, and no text is NULL. */
static struct pp_query read_question(const struct pp_query *q) {
    struct pp_query own = PP_QUERY_INIT;
    if (q) memcpy(&own, q, q->size < sizeof own ? q->size : sizeof own);
    own.size = sizeof own;
#define KNOWN(type, name, def)                                                                     \
    _Generic(own.name, const char * : known_text, default : known_other)(&own.name);
    PP_QUERY(KNOWN)
#undef KNOWN
    return own;
}

bool query_filters_by_labels(const struct pp_query *question) {
    const struct pp_query q = read_question(question);
    const char *const texts[] = {q.tagfocus, q.tagignore, q.tagshow,
                                 q.taghide,  q.tagroot,   q.tagleaf};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (*texts[i]) return true;
    return false;
}

bool query_asks_for_labels(const struct pp_query *question, const struct report_format *format) {
    return query_filters_by_labels(question) || !(format->traits & REPORT_NO_LABELS);
}

static bool read_value(struct report_ctx *rc, const struct pp_query *q, const struct pp_profile *p,
                       struct pp_error *err) {
    if (!query_sample_type(p, q->sample_index, &rc->type, err)) return false;
    const struct pp_value_type type = p->sample_types[rc->type];
    rc->mean = q->mean;
    rc->type_name = pp_string(p, type.type);
    if (rc->mean)
        rc->type_name = pp_arena_printf(rc->arena, "mean_%.*s", PP_STR_ARG(rc->type_name));
    rc->type_unit = pp_string(p, type.unit);
    rc->unit = pp_str_from(q->unit);
    if (q->divide_by == 0) {
        pp_fail(err, PP_E_USAGE, "not zero");
        return pp_about(err, "divide_by");
    }
    rc->ratio = 1 / q->divide_by;
    return true;
}

static bool read_param(struct query *q, const char *param, struct pp_error *err) {
    struct report_ctx *rc = &q->rc;
    if (!param) return true;
    rc->param = pp_str_from(param);
    rc->listing.param_is_address = text_u64(rc->param, 0, &rc->listing.param_address);
    if (rc->format->traits & REPORT_FREE_PARAM) return true;
    rc->param_regex = q->param_regex = regex_compile(rc->param, err);
    return q->param_regex || pp_about(err, rc->format->name);
}

static bool read_graph(struct report_ctx *rc, const struct pp_query *q, struct pp_error *err) {
    const struct report_format *f = rc->format;
    int count = q->nodecount == -1 ? f->node_count : q->nodecount;
    bool trim = q->trim && !(f->traits & REPORT_KEEP_ALL);
    rc->trim = (struct trim_options){
        .node_count = trim && count > 0 ? (uint32_t)count : 0,
        .node_fraction = trim ? q->nodefraction : 0,
        .edge_fraction = trim ? q->edgefraction : 0,
        .picture = (f->traits & REPORT_PICTURE) != 0,
        .call_tree = q->call_tree && (f->traits & REPORT_CALL_TREE),
        .tag_from = label_units_find(&rc->label_units, PP_STR("bytes")),
        .tag_to = rc->unit,
    };
    rc->depth = q->depth > 0 ? (uint32_t)q->depth : 0;
    rc->graph = (struct graph_options){
        .type = rc->type,
        .mean = rc->mean,
        .object_names = (f->traits & REPORT_OBJECT_NAMES) != 0,
        .drop_negative = q->drop_negative,
        .inlined_edges = (f->traits & REPORT_FEW_EDGES) != 0,
        .trim_path = pp_str_from(q->trim_path),
        .source_path = pp_str_from(q->source_path),
    };
    return !*q->sort || graph_order_find(pp_str_from(q->sort), &rc->trim.order) ||
           pp_fail(err, PP_E_USAGE, "no such order") || pp_about(err, "sort");
}

/* ---- the views ---- */

/* The total is that of what the filters leave, or of what they were given. */
static bool derive_full(struct query *q, bool relative, struct pp_error *err) {
    struct report_ctx *rc = &q->rc;
    if (!filters_add_frames(&q->filters, &q->full, err)) return false;
    if (!relative) rc->total = report_total(&q->full, rc->type, rc->mean);
    filters_apply(&q->filters, &q->full);
    if (relative) rc->total = report_total(&q->full, rc->type, rc->mean);
    return true;
}

static bool derive_view(struct query *q, const struct pp_query *question, struct pp_error *err) {
    const struct report_format *f = q->rc.format;
    const char *level = f->granularity ? f->granularity : question->granularity;
    bool inlines =
        (f->traits & REPORT_INLINES) || !(question->noinlines || (f->traits & REPORT_NO_INLINES));
    struct view_blanks blanks;
    if (!view_blanks_of(pp_str_from(level), inlines, question->showcolumns, &blanks, err))
        return pp_about(err, "granularity");
    q->view = q->full;
    if (f->traits & REPORT_BY_GRAPH)
        q->rc.graph.blanks = blanks;
    else
        view_aggregate(&q->full, &blanks, &q->view, q->rc.arena);
    return true;
}

bool query_apply(struct query *q, struct pp_profile *profile, bool is_first, struct pp_error *err) {
    if (!is_first && !filters_add_frames(&q->filters, profile, err)) return false;
    if (!is_first) filters_apply(&q->filters, profile);
    const struct view_blanks blanks = {.inlines = true, .column = true}; /* as of addresses */
    if (q->noinlines) view_aggregate(profile, &blanks, profile, q->rc.arena);
    return true;
}

static void cut_out_of_proportion(struct query *q) {
    struct view_cuts cuts;
    unsigned traits = q->rc.format->traits;
    bool has_tables = traits & REPORT_NAMES_ONCE;
    if (has_tables && !(traits & REPORT_LABELS_EACH)) return;
    view_keep_in_proportion(&q->full, has_tables, &q->full, &cuts, q->rc.arena);
    if (cuts.name)
        pp_say(q->rc.diag, "names are cut to %" PRIu64 " bytes: they are shown too often",
               cuts.name);
    if (cuts.calls)
        pp_say(q->rc.diag, "inlined calls are cut to %" PRIu64 " a place: they are shown too often",
               cuts.calls);
}

/* ---- the whole ---- */

static void read_host(struct report_ctx *rc, const struct query_host *host,
                      const struct pp_profile *p) {
    rc->facts = host->sides ? host->sides[1] : profile_facts(p, host->only_source);
    rc->base = host->sides;
    rc->labels = host->labels;
    rc->n_labels = host->n_labels;
    rc->source = host->source;
    rc->comparison = host->comparison;
    rc->is_scaled = host->is_scaled;
    rc->exact_names = host->exact_names;
    for (int side = 0; side < 2; side++)
        rc->means_of[side] = host->runs[side] ? host->runs[side] : 1;
    rc->listing.sources = host->sources;
    rc->listing.objects = host->objects;
    rc->listing.most = host->most_listed;
    rc->screen = host->screen;
    rc->symbols = host->symbols;
    rc->diag = host->diag;
}

bool query_open(struct query *ret_query, const struct query_request *request,
                struct pp_arena *arena, struct pp_error *err) {
    struct query *q = ret_query;
    struct report_ctx *rc = &q->rc;
    const struct pp_profile *p = request->profile;
    const struct pp_query question = read_question(request->question);
    *q = (struct query){.full = *p, .noinlines = question.noinlines};
    *rc = (struct report_ctx){.format = request->format, .arena = arena};
    rc->full = &q->full;
    rc->profile = &q->view;
    read_host(rc, request->host, p);
    rc->compact_labels = question.compact_labels;
    rc->listing.intel_syntax = question.intel_syntax;
    rc->listing.count_recursion = question.count_recursion;
    if (!read_param(q, request->param, err) || !read_value(rc, &question, p, err) ||
        !filters_compile(&question, &q->filters, arena, rc->diag, err))
        return false;
    rc->n_filters = filters_texts(&q->filters, (struct pp_str **)&rc->filters);
    view_label_units(p, &rc->label_units, arena, rc->diag);
    q->filters.units = rc->label_units;
    if (!read_graph(rc, &question, err) || !derive_full(q, question.relative_percentages, err))
        return false;
    rc->graph.sums = request->host->sums;
    cut_out_of_proportion(q);
    if (!derive_view(q, &question, err)) return false;
    if (rc->format->traits & REPORT_PAIRS) rc->paired = paired_view(rc, &q->view);
    return true;
}

void query_done(struct query *q) {
    regex_free(q->param_regex);
    filters_done(&q->filters);
}
