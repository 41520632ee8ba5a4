/* -tree: each node with its callers above and its callees below; -peek=re: the same, of the nodes
 * that match. */
#include "graph/order.h"
#include "report/header.h"
#include "report/report.h"
#include "report/screen.h"

static const char separator[] =
    "----------------------------------------------------------+-------------\n";

struct tree {
    struct report_graph of; /* first: close and fields see only this */
    const struct report_ctx *rc;
    struct pp_str unit; /* of its text */
    struct screen_nodes nodes;
};

static bool is_asked_for(const struct tree *t, uint32_t node) {
    return !t->of.g.edges_of || t->of.g.edges_of[node];
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct tree *t = PP_NEW(rc->arena, struct tree, 1);
    t->rc = rc;
    report_graph(rc, &t->of.g, &t->of.trim);
    bool any = !rc->param_regex;
    for (uint32_t i = 0; i < t->of.g.n_selected && !any; i++)
        any = is_asked_for(t, t->of.g.selected[i]);
    *ret_found = t;
    if (any) return true;
    report_close_graph(t);
    return pp_fail(err, PP_E_NOT_FOUND, "no matches found for regexp: %.*s",
                   (int)(rc->param.len < 500 ? rc->param.len : 500), rc->param.data);
}

/* Columns before a node's name. */
enum { NUMBERS = 60 };

/* A caller or a callee; the share is of what the node accounts for. */
static void put_edge(struct tree *t, struct out *o, const struct graph_edge *e, uint32_t other,
                     int64_t cum) {
    put_value(o, t->rc, t->unit, e->weight, 50);
    out_char(o, ' ');
    screen_share(o, t->rc, e->weight, cum);
    OUT_LIT(o, " |   ");
    screen_node(o, &t->nodes, other, e->is_inline ? PP_STR(" (inline)") : PP_STR(""), NUMBERS + 2);
    out_char(o, '\n');
}

static void put_node(struct tree *t, struct out *o, uint32_t node, int64_t *sum) {
    const struct report_ctx *rc = t->rc;
    int64_t flat = graph_flat(&t->of.g, node), cum = graph_cum(&t->of.g, node);
    uint32_t n;
    out_text0(o, separator);
    struct graph_edge **in = graph_edges_in(&t->of.g, node, &n);
    for (uint32_t i = 0; i < n; i++)
        put_edge(t, o, in[i], in[i]->src, cum);
    *sum = num_add(*sum, flat);
    put_value(o, rc, t->unit, flat, 10);
    out_char(o, ' ');
    screen_share(o, rc, flat, rc->total);
    out_char(o, ' ');
    put_percentage(o, *sum, rc->total);
    out_char(o, ' ');
    put_value(o, rc, t->unit, cum, 10);
    out_char(o, ' ');
    screen_share(o, rc, cum, rc->total);
    OUT_LIT(o, "                | ");
    screen_node(o, &t->nodes, node, PP_STR(""), NUMBERS);
    out_char(o, '\n');
    struct graph_edge **out = graph_edges_out(&t->of.g, node, &n);
    for (uint32_t i = 0; i < n; i++)
        put_edge(t, o, out[i], out[i]->dest, cum);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct tree *t = rc->found;
    const struct graph *g = &t->of.g;
    t->unit = report_unit(rc, g, false);
    screen_nodes_init(&t->nodes, rc, &t->of.g);
    struct report_legend legend = {
        .unit = t->unit,
        .shown_total = graph_shown_total(g),
        .shown = g->n_selected,
        .trim = t->of.trim,
    };
    legend.trim.dropped_edges = 0;
    put_report_labels(o, rc, &legend);
    out_text0(o, separator);
    OUT_LIT(o, "      flat  flat%   sum%        cum   cum%   calls calls% + context \t \t \n");
    int64_t sum = 0;
    for (uint32_t i = 0; i < g->n_selected && !out_failed(o); i++)
        if (is_asked_for(t, g->selected[i])) put_node(t, o, g->selected[i], &sum);
    if (g->n_selected) out_text0(o, separator);
    return true;
}

/* ---- rows: one a node, then one for each caller and callee ---- */

static const char *const columns[] = {"node", "role",      "name",  "flat",       "flat_share",
                                      "cum",  "cum_share", "calls", "call_share", "inline"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_edges(struct tree *t, struct row_sink *sink, uint32_t number, uint32_t node,
                      bool callers) {
    uint32_t n;
    struct graph_edge **edges =
        callers ? graph_edges_in(&t->of.g, node, &n) : graph_edges_out(&t->of.g, node, &n);
    int64_t cum = graph_cum(&t->of.g, node);
    for (uint32_t i = 0; i < n; i++) {
        const struct graph_edge *e = edges[i];
        const struct pp_cell cells[N_COLUMNS] = {
            cell_int(number),
            cell_text(callers ? PP_STR("caller") : PP_STR("callee")),
            cell_text(graph_printable_name(&t->of.g, callers ? e->src : e->dest)),
            [7] = cell_int(e->weight),
            [8] = cell_share(e->weight, cum),
            [9] = cell_bool(e->is_inline),
        };
        rows_add(sink, cells);
    }
}

static void add_node(struct tree *t, struct row_sink *sink, uint32_t number, uint32_t node) {
    int64_t flat = graph_flat(&t->of.g, node), cum = graph_cum(&t->of.g, node);
    const struct pp_cell cells[N_COLUMNS] = {
        cell_int(number),
        cell_text(PP_STR("node")),
        cell_text(graph_printable_name(&t->of.g, node)),
        cell_int(flat),
        cell_share(flat, t->rc->total),
        cell_int(cum),
        cell_share(cum, t->rc->total),
    };
    rows_add(sink, cells);
    add_edges(t, sink, number, node, true);
    add_edges(t, sink, number, node, false);
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct tree *t = rc->found;
    const struct graph *g = &t->of.g;
    for (uint32_t i = 0; i < g->n_selected; i++)
        if (is_asked_for(t, g->selected[i])) add_node(t, sink, i + 1, g->selected[i]);
    return true;
}

static const struct report_table table = {
    .version = 2,
    .name = "tree",
    .columns = columns,
    .n_columns = N_COLUMNS,
    .fields = fields_of_graph,
};

const struct report_format tree_report = {
    .name = "tree",
    .help = "Functions with their callers and callees",
    .usage = "tree [n] [focus_regex]* [-ignore_regex]* [-cum] >f\n"
             "Each function stands between its callers and its callees.",
    .node_count = 80,
    .traits = REPORT_BY_GRAPH | REPORT_NO_LABELS,
    .collect = collect,
    .close = report_close_graph,
    .render = render,
    .rows = rows,
    .table = &table,
};

const struct report_format peek_report = {
    .name = "peek",
    .help = "Callers and callees of the functions that match",
    .usage = "peek func_regex\n"
             "Show the callers and callees of every function whose name matches, however small.",
    .param = "<func_regex>",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_BY_GRAPH | REPORT_NO_LABELS,
    .collect = collect,
    .close = report_close_graph,
    .render = render,
    .rows = rows,
    .table = &table,
};
