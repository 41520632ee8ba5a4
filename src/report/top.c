/* -top: a line a node, with flat and cum. */
#include "report/header.h"
#include "report/metrics.h"
#include "report/report.h"
#include "report/screen.h"

/* "(inline)" if every edge into the node is an inlined call, "(partial-inline)" if some are. */
static struct pp_str inline_mark(const struct graph *g, uint32_t node) {
    bool any = false, all = true;
    for (uint32_t i = g->first_in[node]; i < g->first_in[node + 1]; i++) {
        const struct graph_edge *e = &g->edges[g->in_edges[i]];
        if (e->dropped) continue;
        any |= e->is_inline;
        all &= e->is_inline;
    }
    if (!any) return PP_STR("");
    return all ? PP_STR(" (inline)") : PP_STR(" (partial-inline)");
}

enum { NUMBERS = 44 }; /* columns before a name */

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct report_graph *found = rc->found;
    struct graph *g = &found->g;
    struct report_legend legend = {.trim = found->trim};
    legend.trim.dropped_edges = 0;
    legend.shown = g->n_selected;
    legend.shown_total = graph_shown_total(g);
    legend.unit = report_unit(rc, g, false);
    put_report_labels(o, rc, &legend);
    OUT_LIT(o, "      flat  flat%   sum%        cum   cum%\n");
    int64_t sum = 0;
    const struct units_rule rule = units_rule(rc->type_unit, legend.unit);
    struct screen_nodes nodes;
    screen_nodes_init(&nodes, rc, g);
    for (uint32_t i = 0; i < g->n_selected; i++) {
        uint32_t node = g->selected[i];
        int64_t flat = graph_flat(g, node), cum = graph_cum(g, node);
        sum = num_add(sum, flat);
        put_value_by(o, rc, &rule, flat, 10);
        out_char(o, ' ');
        screen_share(o, rc, flat, rc->total);
        out_char(o, ' ');
        put_percentage(o, sum, rc->total);
        out_char(o, ' ');
        put_value_by(o, rc, &rule, cum, 10);
        out_char(o, ' ');
        screen_share(o, rc, cum, rc->total);
        OUT_LIT(o, "  ");
        screen_node(o, &nodes, node, inline_mark(g, node), NUMBERS);
        out_char(o, '\n');
    }
    return true;
}

static const char *const columns[] = {"function", "file",       "line", "address",   "mapping",
                                      "flat",     "flat_share", "cum",  "cum_share", "left_out"};
static const char *const shown[] = {"function", "file",       "line", "address",
                                    "flat",     "flat_share", "cum",  "cum_share"};
enum { N_COLUMNS = sizeof columns / sizeof *columns, AT_FLAT = 5, AT_LEFT_OUT = 9 };

/* What the rows leave of all samples, if anything: a row without a function. */
static void add_left_out(const struct report_ctx *rc, struct row_sink *sink, const struct graph *g,
                         uint32_t n_nodes) {
    const struct pp_profile *p = rc->profile;
    int64_t left = 0, divisor = 0;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        left = num_add(left, pp_value(p, i, rc->type));
        if (rc->mean) divisor = num_add(divisor, pp_value(p, i, 0));
    }
    for (uint32_t i = 0; i < g->n_selected; i++) {
        left = num_add(left, num_neg(g->nodes[g->selected[i]].flat));
        if (g->divisors) divisor = num_add(divisor, num_neg(g->divisors[g->selected[i]].flat));
    }
    left = graph_mean(left, divisor);
    if (!left && n_nodes <= g->n_selected) return;
    const struct pp_cell cells[N_COLUMNS] = {
        [AT_FLAT] = cell_int(left),
        [AT_FLAT + 1] = cell_share(left, rc->total),
        [AT_LEFT_OUT] = cell_int(n_nodes > g->n_selected ? n_nodes - g->n_selected : 0),
    };
    rows_add(sink, cells);
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct report_graph *found = rc->found;
    struct graph *g = &found->g;
    struct pp_str unit = report_unit(rc, g, false);
    struct places places;
    places_init(&places, rc, g);
    for (uint32_t i = 0; i < g->n_selected; i++) {
        uint32_t node = g->selected[i];
        const struct graph_info info = graph_info_of(g, node);
        int64_t flat = graph_flat(g, node), cum = graph_cum(g, node);
        struct place place = place_of(&places, node);
        struct pp_cell none = {.kind = PP_CELL_NULL};
        const struct pp_cell cells[] = {
            cell_known(graph_name(g, node)),
            cell_known(place.file),
            place.line ? cell_int(place.line) : none,
            info.address ? cell_hex(info.address) : none,
            cell_known(place.mapping),
            cell_value(rc, unit, flat),
            cell_share(flat, rc->total),
            cell_value(rc, unit, cum),
            cell_share(cum, rc->total),
            none,
        };
        rows_add(sink, cells);
    }
    if (rc->as_series) add_left_out(rc, sink, g, found->trim.n_nodes + found->trim.dropped_nodes);
    return true;
}

static const struct metric metrics_of_rows[] = {
    {.name = "self",
     .help = "What the function costs by itself",
     .column = "flat",
     .kind = METRIC_VALUE,
     .adds = true},
    {.name = "cumulative",
     .help = "What the function costs with all that it calls",
     .column = "cum",
     .kind = METRIC_VALUE},
    {.name = "functions_left_out",
     .help = "Functions that have no series of their own",
     .column = "left_out",
     .kind = METRIC_NUMBER,
     .adds = true},
    {.name = NULL},
};
static const struct metric_label labels_of_rows[] = {
    {"function", "function"}, {"file", "file"}, {"mapping", "mapping"}, {NULL, NULL}};
static const struct report_metrics metrics = {
    .of_rows = metrics_of_rows, .labels = labels_of_rows, .of_profile = true};

static const struct report_table table = {
    .version = 2,
    .is_series = true,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .shown = shown,
    .n_shown = sizeof shown / sizeof *shown,
    .metrics = &metrics,
    .fields = fields_of_graph,
};

const struct report_format top_report = {
    .name = "top",
    .alias = "text",
    .help = "Functions by their own cost, one a line",
    .usage = "top [n] [focus_regex]* [-ignore_regex]* [-cum] >f\n"
             "Show at most n functions; -cum sorts by what a function and its callees cost;\n"
             "only samples through focus_regex, none through ignore_regex; >f writes to a file.",
    .node_count = 0,
    .traits = REPORT_PROMPT_SHORT | REPORT_FEW_EDGES | REPORT_BY_GRAPH | REPORT_NO_LABELS,
    .collect = report_collect_graph,
    .close = report_close_graph,
    .render = render,
    .rows = rows,
    .table = &table,
};
