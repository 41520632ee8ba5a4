/* -dot: the call graph in the DOT language. The drawing is the reference's (its internal/graph). */
#include "report/report.h"

#include "base/path.h"
#include "graph/order.h"
#include "report/dot_tags.h"
#include "report/dot_text.h"
#include "report/header.h"
#include "report/labels.h"
#include "report/shorten.h"

#include <inttypes.h>
#include <math.h>

struct drawing {
    const struct report_ctx *rc;
    struct out *out;
    struct graph g;
    struct trim_result trim;
    struct pp_str unit;
    int64_t max_flat;
    uint32_t *number; /* by node: from 1 in the order of the report; 0 is not drawn */
    bool *has_tags;   /* by node */
};

static struct pp_str title(const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    if (!p->n_mappings || !p->mappings[0].file) return PP_STR("");
    return path_base(pp_string(p, p->mappings[0].file));
}

/* How much of the legend is its first entry, which may hold newlines. */
static size_t first_entry(const struct report_ctx *rc, struct pp_str legend) {
    const struct pp_profile *p = rc->profile;
    if (title(rc).len) return sizeof "File: " - 1 + title(rc).len;
    if (p->n_mappings && p->mappings[0].build_id)
        return sizeof "Build ID: " - 1 + pp_string(p, p->mappings[0].build_id).len;
    for (uint32_t i = 0; i < p->n_comments; i++) {
        struct pp_str comment = pp_string(p, p->comments[i]);
        if (!pp_str_has_prefix(comment, PP_STR("#"))) return comment.len;
    }
    const char *end = legend.len ? memchr(legend.data, '\n', legend.len) : NULL;
    return end ? (size_t)(end - legend.data) : legend.len;
}

static void put_legend(struct drawing *d) {
    struct report_legend legend = {
        .unit = d->unit,
        .shown_total = graph_shown_total(&d->g),
        .shown = d->g.n_selected,
        .trim = d->trim,
        .full = true,
    };
    struct out lines;
    out_open_memory(&lines);
    put_report_labels(&lines, d->rc, &legend);
    struct pp_str text = out_text(&lines);
    OUT_LIT(d->out, "subgraph cluster_L { \"");
    put_dot_text(d->out, pp_str_slice(text, 0, first_entry(d->rc, text)));
    OUT_LIT(d->out, "\" [shape=box fontsize=16 label=\"");
    put_dot_text(d->out, text);
    out_char(d->out, '"');
    if (title(d->rc).len) {
        OUT_LIT(d->out, " tooltip=\"");
        put_dot_raw(d->out, title(d->rc));
        out_char(d->out, '"');
    }
    OUT_LIT(d->out, "] }\n");
    out_close(&lines, NULL);
}

static void put_value_text(struct drawing *d, int64_t value) {
    put_value(d->out, d->rc, d->unit, value, 0);
}

/* " (12.3%)" without the padding. */
static void put_share(struct drawing *d, int64_t value) {
    struct units_text text;
    units_percentage(value, d->rc->total, &text);
    struct pp_str s = units_str(&text);
    while (s.len && s.data[0] == ' ')
        s = pp_str_slice(s, 1, s.len);
    OUT_LIT(d->out, " (");
    out_str(d->out, s);
    out_char(d->out, ')');
}

/* The name with a line for each part: "::" and "." break it; Go's "[...]" becomes one character. */
static void put_parts(struct out *o, struct pp_str name) {
    struct out escaped;
    out_open_memory(&escaped);
    put_dot_text(&escaped, name);
    struct pp_str s = out_text(&escaped);
    for (size_t i = 0; i < s.len; i++) {
        struct pp_str rest = pp_str_slice(s, i, s.len);
        if (pp_str_has_prefix(rest, PP_STR("::"))) {
            OUT_LIT(o, "\\n");
            i++;
        } else if (pp_str_has_prefix(rest, PP_STR("[...]"))) {
            OUT_LIT(o, "[\xE2\x80\xA6]");
            i += 4;
        } else if (rest.data[0] == '.') {
            OUT_LIT(o, "\\n");
        } else {
            out_char(o, rest.data[0]);
        }
    }
    out_close(&escaped, NULL);
}

static void put_place(struct drawing *d, uint32_t node) {
    struct out *o = d->out;
    const struct graph_info info = graph_info_of(&d->g, node);
    struct pp_str name = graph_name(&d->g, node), file = graph_file(&d->g, node);
    struct pp_str objfile = graph_objfile(&d->g, node);
    if (file.len) file = path_base(file);
    if (info.address) out_printf(o, "%016" PRIx64 "\\n", info.address);
    if (name.len) {
        put_parts(o, shorten_function(name, d->rc->arena));
        OUT_LIT(o, "\\n");
    }
    if (info.line) {
        put_dot_raw(o, file);
        out_printf(o, ":%" PRId64, info.line);
        if (info.column) out_printf(o, ":%" PRId64, info.column);
    } else if (file.len) {
        put_dot_raw(o, file);
    } else if (name.len) {
        return;
    } else if (objfile.len) {
        out_char(o, '[');
        put_dot_raw(o, path_base(objfile));
        out_char(o, ']');
    } else {
        OUT_LIT(o, "<unknown>");
    }
    OUT_LIT(o, "\\n");
}

/* From 8 to 24, by the root of the share of the largest. */
static int64_t font_size(const struct drawing *d, int64_t flat) {
    double own = (double)num_abs(flat), largest = (double)d->max_flat;
    if (largest == 0 || own == 0 || own > largest) return 8;
    return 8 + num_from_double(ceil(16 * sqrt(own / largest))); /* of INT64_MIN: no number */
}

static void put_node(struct drawing *d, uint32_t node) {
    struct out *o = d->out;
    int64_t flat = graph_flat(&d->g, node), cum = graph_cum(&d->g, node);
    out_printf(o, "N%" PRIu32 " [label=\"", d->number[node]);
    put_place(d, node);
    if (flat != 0) {
        put_value_text(d, flat);
        put_share(d, flat);
    } else {
        out_char(o, '0');
    }
    if (cum != flat) {
        if (flat != 0)
            OUT_LIT(o, "\\nof ");
        else
            OUT_LIT(o, " of ");
        put_value_text(d, cum);
        put_share(d, cum);
    }
    out_printf(o, "\" id=\"node%" PRIu32 "\" fontsize=%" PRId64 " shape=box tooltip=\"",
               d->number[node], font_size(d, flat));
    put_dot_text(o, graph_printable_name(&d->g, node));
    OUT_LIT(o, " (");
    put_value_text(d, cum);
    double score = (double)cum / (double)num_abs(d->rc->total);
    OUT_LIT(o, ")\" color=\"");
    put_dot_color(o, score, false);
    OUT_LIT(o, "\" fillcolor=\"");
    put_dot_color(o, score, true);
    OUT_LIT(o, "\"]\n");
}

static bool has_callees(const struct graph *g, uint32_t node) {
    for (uint32_t i = g->first_out[node]; i < g->first_out[node + 1]; i++)
        if (!g->edges[g->out_edges[i]].dropped) return true;
    return false;
}

static void put_nodes(struct drawing *d) {
    struct pp_str from = label_units_find(&d->rc->label_units, PP_STR("bytes"));
    struct tag_options opt = {from, d->rc->unit, d->trim.node_cutoff};
    struct dot_tags tags_out = {d->rc, d->unit, from, d->out};
    struct tag_reader reader;
    tags_open(&reader, &d->g, d->g.selected, d->g.n_selected, &opt);
    for (uint32_t i = 0; i < d->g.n_selected; i++) {
        uint32_t node = d->g.selected[i];
        struct pp_arena scratch = {0};
        struct node_tags tags;
        put_node(d, node);
        tags_read(&reader, i, &tags, &scratch);
        d->has_tags[node] = put_dot_tags(&tags_out, &tags, i + 1, has_callees(&d->g, node));
        pp_arena_done(&scratch);
    }
    tags_close(&reader);
}

/* 1, and up to `most` more by the share of the total. */
static int64_t thickness(const struct drawing *d, int64_t weight, int64_t most) {
    int64_t part = num_abs(num_div((int64_t)((uint64_t)weight * (uint64_t)most), d->rc->total));
    return 1 + (part < most ? part : most);
}

static void put_edge_tip(struct drawing *d, const struct graph_edge *e, int64_t weight) {
    struct out *o = d->out;
    out_char(o, '"');
    put_dot_text(o, graph_printable_name(&d->g, e->src));
    out_text0(o, e->residual ? " ... " : " -> ");
    put_dot_text(o, graph_printable_name(&d->g, e->dest));
    OUT_LIT(o, " (");
    put_value_text(d, weight);
    OUT_LIT(o, ")\"");
}

static void put_edge(struct drawing *d, const struct graph_edge *e) {
    struct out *o = d->out;
    int64_t weight = graph_mean(e->weight, e->weight_div);
    out_printf(o, "N%" PRIu32 " -> N%" PRIu32 " [label=\" ", d->number[e->src], d->number[e->dest]);
    put_value_text(d, weight);
    if (e->is_inline) OUT_LIT(o, "\\n (inline)");
    out_char(o, '"');
    if (d->rc->total != 0) {
        int64_t force = thickness(d, weight, 100), width = thickness(d, weight, 5);
        if (force > 1) out_printf(o, " weight=%" PRId64, force);
        if (width > 1) out_printf(o, " penwidth=%" PRId64, width);
        OUT_LIT(o, " color=\"");
        put_dot_color(o, (double)weight / (double)num_abs(d->rc->total), false);
        out_char(o, '"');
    }
    OUT_LIT(o, " tooltip=");
    put_edge_tip(d, e, weight);
    OUT_LIT(o, " labeltooltip=");
    put_edge_tip(d, e, weight);
    if (e->residual) OUT_LIT(o, " style=\"dotted\"");
    if (d->has_tags[e->src]) OUT_LIT(o, " minlen=2");
    OUT_LIT(o, "]\n");
}

/* Heaviest first: a hint for the layout. */
static void put_edges(struct drawing *d) {
    struct graph *g = &d->g;
    struct graph_edge **edges = PP_NEW(g->arena, struct graph_edge *, g->n_edges);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_edges; i++)
        if (!g->edges[i].dropped && d->number[g->edges[i].src]) edges[n++] = &g->edges[i];
    graph_sort_edges(g, edges, n);
    for (uint32_t i = 0; i < n; i++)
        put_edge(d, edges[i]);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct drawing d = {.rc = rc, .out = o};
    report_graph(rc, &d.g, &d.trim);
    d.unit = report_unit(rc, &d.g, false);
    d.number = PP_NEW(rc->arena, uint32_t, d.g.n_nodes);
    d.has_tags = PP_NEW(rc->arena, bool, d.g.n_nodes);
    for (uint32_t i = 0; i < d.g.n_selected; i++) {
        int64_t flat = num_abs(graph_flat(&d.g, d.g.selected[i]));
        if (i == 0 || flat > d.max_flat) d.max_flat = flat; /* INT64_MIN stays negative */
        d.number[d.g.selected[i]] = i + 1;
    }
    OUT_LIT(o, "digraph \"");
    put_dot_raw(o, title(rc).len ? title(rc) : PP_STR("unnamed"));
    OUT_LIT(o, "\" {\nnode [style=filled fillcolor=\"#f8f8f8\"]\n");
    put_legend(&d);
    if (d.g.n_selected) {
        put_nodes(&d);
        put_edges(&d);
    }
    OUT_LIT(o, "}\n");
    graph_done(&d.g);
    return true;
}

const struct report_format dot_report = {
    .name = "dot",
    .help = "The call graph, for graphviz",
    .node_count = 80,
    .traits = REPORT_CALL_TREE | REPORT_PICTURE | REPORT_BY_GRAPH,
    .suffix = "dot",
    .render = render,
};
