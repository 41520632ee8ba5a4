/* -top: a line a node, with flat and cum. */
#include "report/header.h"
#include "report/places.h"
#include "report/report.h"

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
    for (uint32_t i = 0; i < g->n_selected; i++) {
        uint32_t node = g->selected[i];
        int64_t flat = graph_flat(g, node), cum = graph_cum(g, node);
        sum = num_add(sum, flat);
        put_value(o, rc, legend.unit, flat, 10);
        out_char(o, ' ');
        put_percentage(o, flat, rc->total);
        out_char(o, ' ');
        put_percentage(o, sum, rc->total);
        out_char(o, ' ');
        put_value(o, rc, legend.unit, cum, 10);
        out_char(o, ' ');
        put_percentage(o, cum, rc->total);
        OUT_LIT(o, "  ");
        out_str(o, graph_printable_name(g, node));
        out_str(o, inline_mark(g, node));
        out_char(o, '\n');
    }
    return true;
}

static const char *const columns[] = {"function", "file",       "line", "address",  "mapping",
                                      "flat",     "flat_share", "cum",  "cum_share"};

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct report_graph *found = rc->found;
    struct graph *g = &found->g;
    struct places places;
    places_init(&places, rc, g);
    for (uint32_t i = 0; i < g->n_selected; i++) {
        uint32_t node = g->selected[i];
        const struct graph_info *info = &g->nodes[node].info;
        int64_t flat = graph_flat(g, node), cum = graph_cum(g, node);
        struct place place = place_of(&places, node);
        struct pp_cell none = {.kind = PP_CELL_NULL};
        const struct pp_cell cells[] = {
            cell_known(graph_name(g, node)),
            cell_known(place.file),
            place.line ? cell_int(place.line) : none,
            info->address ? cell_hex(info->address) : none,
            cell_known(place.mapping),
            cell_int(flat),
            cell_share(flat, rc->total),
            cell_int(cum),
            cell_share(cum, rc->total),
        };
        rows_add(sink, cells);
    }
    return true;
}

static const struct report_table table = {
    .version = 1,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
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
    .traits = REPORT_PROMPT_SHORT | REPORT_FEW_EDGES,
    .collect = report_collect_graph,
    .close = report_close_graph,
    .render = render,
    .rows = rows,
    .table = &table,
};
