/* -diff: what changed against the base (-diff_base or -base): a row a node, what changed most
 * first. */
#include "report/diff.h"

#include "base/path.h"
#include "base/sort.h"
#include "graph/name.h"
#include "profile/base_mark.h"
#include "report/header.h"
#include "report/homonyms.h"
#include "report/labels.h"
#include "report/places.h"
#include "report/report.h"
#include "report/screen.h"

#include <inttypes.h>
#include <stdio.h>

/* Larger changes first. */
static int by_change(struct change a, struct change b) {
    int64_t x = num_abs(diff_delta(a)), y = num_abs(diff_delta(b));
    return (x < y) - (x > y);
}

static int compare_rows(const void *left, const void *right, void *user) {
    struct diff *d = user;
    const struct changed *a = left, *b = right;
    bool cum = d->rc->trim.order == GRAPH_BY_CUM;
    int c = by_change(cum ? a->cum : a->flat, cum ? b->cum : b->flat);
    if (!c) c = by_change(cum ? a->flat : a->cum, cum ? b->flat : b->cum);
    if (!c)
        c = pp_str_cmp(graph_printable_name(&d->now, a->node),
                       graph_printable_name(&d->now, b->node));
    return c ? c : (a->node > b->node) - (a->node < b->node);
}

/* The mean of a side's runs, rounded. */
static int64_t mean_of(const struct diff *d, bool base, int64_t sum) {
    int64_t n = d->rc->mean ? 1 : d->rc->means_of[!base], half = sum < 0 ? -(n / 2) : n / 2;
    return n > 1 ? num_add(sum, half) / n : sum;
}

/* Sums the samples of one side. Those of the base are negative, a mean of theirs is not. */
static void sum_side(struct diff *d, bool base, struct pp_profile *side, struct graph *g) {
    const struct report_ctx *rc = d->rc;
    *side = base_mark_side(&d->named, base, rc->arena);
    int64_t sum = 0, divisor = 0;
    for (uint32_t i = 0; i < side->n_samples; i++) {
        sum = num_add(sum, pp_value(side, i, rc->type));
        if (rc->mean) divisor = num_add(divisor, pp_value(side, i, 0));
    }
    bool negate = base && !divisor;
    sum = graph_mean(sum, divisor);
    *(base ? &d->total.base : &d->total.now) = mean_of(d, base, negate ? num_neg(sum) : sum);
    graph_init(g, side, &d->nodes, rc->arena);
    graph_sum(g, NULL);
}

/* Those of the base are negative, unless they are divided. */
static int64_t of_base(const struct diff *d, int64_t value, int64_t divisor) {
    return mean_of(d, true, divisor ? value : num_neg(value));
}

static struct changed compare_node(struct diff *d, uint32_t node) {
    struct graph_divisor none = {0}, by = d->base.divisors ? d->base.divisors[node] : none;
    return (struct changed){
        .node = node,
        .flat = {of_base(d, graph_flat(&d->base, node), by.flat),
                 mean_of(d, false, graph_flat(&d->now, node))},
        .cum = {of_base(d, graph_cum(&d->base, node), by.cum),
                mean_of(d, false, graph_cum(&d->now, node))},
    };
}

static bool is_there(const struct changed *c) {
    return c->flat.base || c->flat.now || c->cum.base || c->cum.now;
}

static int64_t larger_total(const struct diff *d) {
    int64_t base = num_abs(d->total.base), now = num_abs(d->total.now);
    return base > now ? base : now;
}

/* ---- names ---- */

static bool is_node_of(const struct diff *d, uint32_t node, uint32_t function) {
    const struct pp_function *f = &d->named.functions[function];
    if (d->now.nodes[node].name != f->name) return false;
    struct pp_arena scratch = {0};
    struct pp_str file = name_file(pp_string(&d->named, f->filename), &d->nodes, &scratch);
    bool is_it = d->nodes.blanks.filename || pp_str_eq(graph_file(&d->now, node), file);
    pp_arena_done(&scratch);
    return is_it;
}

/* What the pairing calls by the name of the row's function. */
static void find_names(struct diff *d) {
    const struct report_paired *paired = d->rc->paired;
    if (!paired) return;
    uint32_t *next = PP_NEW(d->rc->arena, uint32_t, d->named.n_functions); /* of the same name */
    uint32_t *first = PP_NEW(d->rc->arena, uint32_t, d->named.n_strings);
    for (uint32_t i = d->named.n_functions; i-- > 0;) {
        if (!paired->of[i].n_was && !paired->of[i].n_with) continue;
        next[i] = first[d->named.functions[i].name];
        first[d->named.functions[i].name] = i + 1;
    }
    for (uint32_t r = 0; r < d->n; r++) {
        uint32_t at = first[d->now.nodes[d->rows[r].node].name];
        while (at && !is_node_of(d, d->rows[r].node, at - 1))
            at = next[at - 1];
        if (at) d->rows[r].also = paired->of[at - 1];
    }
}

struct pp_str diff_name_of(const struct diff *d, uint32_t function) {
    return pp_string(&d->named, d->named.functions[function].name);
}

static bool is_heavy(const struct changed *c, int64_t cutoff) {
    return num_abs(diff_delta(c->flat)) >= cutoff || num_abs(diff_delta(c->cum)) >= cutoff;
}

static void compare(struct diff *d) {
    const struct report_ctx *rc = d->rc;
    int64_t cutoff = num_from_double((double)larger_total(d) * rc->trim.node_fraction);
    d->rows = PP_NEW(rc->arena, struct changed, d->now.n_nodes);
    for (uint32_t i = 0; i < d->now.n_nodes; i++) {
        struct changed c = compare_node(d, i);
        if (is_there(&c)) d->rows[d->n++] = c;
    }
    find_names(d);
    uint32_t n = d->n_compared = d->n;
    d->n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (is_heavy(&d->rows[i], cutoff)) d->rows[d->n++] = d->rows[i];
    sort_stable(d->rows, d->n, sizeof *d->rows, compare_rows, d);
    d->n_all = d->n;
    if (rc->trim.node_count && d->n > rc->trim.node_count) d->n = rc->trim.node_count;
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    if (!rc->comparison.len)
        return pp_fail(err, PP_E_USAGE, "-diff compares: add -diff_base=FILE or -base=FILE");
    struct diff *d = PP_NEW(rc->arena, struct diff, 1);
    struct pp_profile *sides = PP_NEW(rc->arena, struct pp_profile, 2);
    d->rc = rc;
    homonyms_tell_apart(rc, &d->named, &d->nodes);
    sum_side(d, true, &sides[0], &d->base);
    if (!sides[0].n_samples && pp_str_has_prefix(rc->comparison, PP_STR("-base="))) {
        graph_done(&d->base);
        return pp_fail(err, PP_E_USAGE,
                       "the base's samples can't be told apart; use -diff_base=FILE");
    }
    sum_side(d, false, &sides[1], &d->now);
    compare(d);
    /* One unit for all, which the smallest change shown can be read in. */
    for (uint32_t i = 0; i < d->n; i++)
        d->now.selected[i] = d->rows[i].node;
    d->now.n_selected = d->n;
    d->unit = report_unit(rc, &d->now, false);
    *ret_found = d;
    return true;
}

static void close_diff(void *found) {
    struct diff *d = found;
    graph_done(&d->base);
    graph_done(&d->now);
}

/* ---- text ---- */

static void put_delta(struct out *o, const struct diff *d, struct change c) {
    struct units_text text;
    int64_t v = diff_delta(c);
    report_value(d->rc, d->unit, v, &text);
    size_t width = text.len + (v > 0);
    out_spaces(o, width < 10 ? 10 - width : 0);
    if (v > 0) out_char(o, '+');
    out_str(o, units_str(&text));
}

/* "1.25x", or what became of it. */
static void put_ratio(struct out *o, struct change c) {
    char text[40];
    if (diff_mark(c))
        snprintf(text, sizeof text, "%s", diff_mark(c));
    else if (c.base == 0)
        snprintf(text, sizeof text, "-");
    else
        snprintf(text, sizeof text, "%.2fx", (double)c.now / (double)c.base);
    out_right(o, pp_str_from(text), 7);
}

static void put_change(struct out *o, const struct diff *d, struct change c) {
    put_value(o, d->rc, d->unit, c.base, 10);
    out_char(o, ' ');
    put_value(o, d->rc, d->unit, c.now, 10);
    out_char(o, ' ');
    screen_change(o, d->rc, diff_delta(c));
    put_delta(o, d, c);
    out_char(o, ' ');
    put_ratio(o, c);
    screen_plain(o, d->rc);
}

/* Both sides take 82 columns: where a name would have no place beside them, the one that the rows
 * are sorted by is shown. */
struct shown {
    bool flat, cum;
};

enum { CHANGE = 40 }; /* columns of one side */

static struct shown choose_columns(const struct report_ctx *rc) {
    enum { ROOMY = 110 };
    bool both = !rc->screen.width || rc->screen.width >= ROOMY,
         cum = rc->trim.order == GRAPH_BY_CUM;
    return (struct shown){both || !cum, both || cum};
}

static void put_changes(struct out *o, const struct diff *d, struct shown shown, struct change flat,
                        struct change cum) {
    if (shown.flat) put_change(o, d, flat);
    if (shown.flat && shown.cum) out_char(o, ' ');
    if (shown.cum) put_change(o, d, cum);
}

static void put_head(struct out *o, const struct diff *d) {
    const struct pp_profile *p = d->rc->profile;
    if (p->n_mappings && p->mappings[0].file) {
        OUT_LIT(o, "File: ");
        out_str(o, path_base(pp_string(p, p->mappings[0].file)));
        out_char(o, '\n');
    }
    OUT_LIT(o, "Type: ");
    out_str(o, d->rc->type_name);
    OUT_LIT(o, "\nCompared: ");
    out_str(o, d->rc->comparison);
    out_char(o, '\n');
    for (size_t i = 0; i < d->rc->n_filters; i++) {
        OUT_LIT(o, "Filter: ");
        out_str(o, d->rc->filters[i]);
        out_char(o, '\n');
    }
    if (d->n < d->n_all)
        out_printf(o, "Showing top %" PRIu32 " nodes out of %" PRIu32 "\n", d->n, d->n_all);
    const struct shown shown = choose_columns(d->rc);
    if (shown.flat) OUT_LIT(o, "      base        now      delta   ratio");
    if (shown.flat && shown.cum) out_char(o, ' ');
    if (shown.cum) OUT_LIT(o, "  cum base    cum now  cum delta   ratio");
    out_char(o, '\n');
    put_changes(o, d, shown, d->total, d->total);
    OUT_LIT(o, "  total\n");
}

static void put_others(struct out *o, struct pp_str first, uint32_t n) {
    out_str(o, first);
    if (n > 1) out_printf(o, " and %" PRIu32 " more", n - 1);
}

/* "(was f)", "(with g; was f and 1 more)". */
static void put_names(struct out *o, const struct diff *d, const struct changed *c) {
    const struct paired_names *n = &c->also;
    if (!n->n_was && !n->n_with) return;
    OUT_LIT(o, " (");
    if (n->n_with) {
        OUT_LIT(o, "with ");
        put_others(o, diff_name_of(d, n->with), n->n_with);
    }
    if (n->n_was) {
        out_text0(o, n->n_with ? "; was " : "was ");
        put_others(o, diff_name_of(d, n->was), n->n_was);
    }
    out_char(o, ')');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct diff *d = rc->found;
    struct screen_nodes nodes;
    screen_nodes_init(&nodes, rc, &d->now);
    put_head(o, d);
    for (uint32_t i = 0; i < d->n && !out_failed(o); i++) {
        const struct shown shown = choose_columns(rc);
        put_changes(o, d, shown, d->rows[i].flat, d->rows[i].cum);
        OUT_LIT(o, "  ");
        screen_node(o, &nodes, d->rows[i].node, PP_STR(""),
                    shown.flat && shown.cum ? 2 * CHANGE + 3 : CHANGE + 2);
        put_names(o, d, &d->rows[i]);
        out_char(o, '\n');
    }
    return true;
}

/* ---- rows ---- */

static const char *const columns[] = {
    "function",     "file",       "line",        "address",      "mapping",    "base_flat",
    "flat",         "delta_flat", "ratio_flat",  "base_cum",     "cum",        "delta_cum",
    "ratio_cum",    "mark",       "was",         "left_out",     "base_total", "total",
    "base_time_ns", "base_time",  "base_source", "base_build_id"};
enum {
    N_COLUMNS = sizeof columns / sizeof *columns,
    AT_BASE_FLAT = 5,
    AT_LEFT_OUT = 15,
    AT_BASE_TOTAL
};

static struct pp_cell base_time_ns(const struct report_ctx *rc) {
    return rc->base ? cell_int(rc->base->time_nanos) : (struct pp_cell){.kind = PP_CELL_NULL};
}

/* What ends each row: the base's own facts (those of the new side are common to all reports). */
static void set_base(const struct diff *d, struct pp_cell ret_cells[N_COLUMNS]) {
    const struct report_ctx *rc = d->rc;
    const struct profile_facts none = {0}, *base = rc->base ? rc->base : &none;
    const struct pp_cell cells[N_COLUMNS - AT_BASE_TOTAL] = {
        cell_int(d->total.base), cell_int(d->total.now),
        base_time_ns(rc),        cell_time(base->time_nanos, rc->arena),
        cell_text(base->source), cell_text(base->build_id),
    };
    memcpy(ret_cells + AT_BASE_TOTAL, cells, sizeof cells);
}

static struct pp_cell ratio_cell(struct change c) {
    return cell_share(c.now, c.base);
}

static void add_row(struct row_sink *sink, struct diff *d, struct places *places,
                    const struct changed *c) {
    struct place place = place_of(places, c->node);
    const struct graph_info info = graph_info_of(&d->now, c->node);
    struct pp_cell none = {.kind = PP_CELL_NULL};
    const char *what = diff_mark(c->cum);
    const struct report_ctx *rc = d->rc;
    struct pp_cell cells[N_COLUMNS] = {
        cell_known(graph_name(&d->now, c->node)),
        cell_known(place.file),
        place.line ? cell_int(place.line) : none,
        info.address ? cell_hex(info.address) : none,
        cell_known(place.mapping),
        cell_value(rc, d->unit, c->flat.base),
        cell_value(rc, d->unit, c->flat.now),
        cell_value(rc, d->unit, diff_delta(c->flat)),
        ratio_cell(c->flat),
        cell_value(rc, d->unit, c->cum.base),
        cell_value(rc, d->unit, c->cum.now),
        cell_value(rc, d->unit, diff_delta(c->cum)),
        ratio_cell(c->cum),
        what ? cell_text(pp_str_from(what)) : none,
        c->also.n_was ? cell_known(diff_name_of(d, c->also.was)) : none,
    };
    set_base(d, cells);
    rows_add(sink, cells);
}

/* What the rows leave of both totals, if anything: a row without a function. Means add up to
 * nothing. */
static void add_left_out(struct row_sink *sink, const struct diff *d) {
    struct change left = d->total;
    uint32_t n = d->n_compared - d->n;
    if (d->rc->mean) return;
    for (uint32_t i = 0; i < d->n; i++) {
        left.base = num_add(left.base, num_neg(d->rows[i].flat.base));
        left.now = num_add(left.now, num_neg(d->rows[i].flat.now));
    }
    if (!n && !left.base && !left.now) return;
    struct pp_cell cells[N_COLUMNS] = {
        [AT_BASE_FLAT] = cell_int(left.base),
        [AT_BASE_FLAT + 1] = cell_int(left.now),
        [AT_BASE_FLAT + 2] = cell_int(diff_delta(left)),
        [AT_BASE_FLAT + 3] = ratio_cell(left),
        [AT_LEFT_OUT] = cell_int(n),
    };
    set_base(d, cells);
    rows_add(sink, cells);
}

static void fields(const struct report_ctx *rc, struct report_fields *ret_fields) {
    const struct diff *d = rc->found;
    const struct profile_facts none = {0};
    fields_of_side(rc, rc->base ? rc->base : &none, "base", ret_fields);
    fields_of_side(rc, &rc->facts, "new", ret_fields);
    fields_add(ret_fields, NULL, "sample_type", cell_text(rc->type_name));
    fields_add(ret_fields, NULL, "unit", cell_text(rc->type_unit));
    fields_add(ret_fields, NULL, "compared", cell_text(rc->comparison));
    fields_add(ret_fields, NULL, "base_total", cell_value(rc, rc->unit, d->total.base));
    fields_add(ret_fields, NULL, "now_total", cell_value(rc, rc->unit, d->total.now));
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct diff *d = rc->found;
    struct places places;
    places_init(&places, rc, &d->now);
    for (uint32_t i = 0; i < d->n; i++)
        add_row(sink, d, &places, &d->rows[i]);
    if (rc->as_series) add_left_out(sink, d);
    return true;
}

static const struct report_table table = {
    .version = 3,
    .is_series = true,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .fields = fields,
};

const struct report_format diff_report = {
    .name = "diff",
    .help = "What changed against the base, most first",
    .usage =
        "diff [n] [focus_regex]* [-ignore_regex]* [-cum] >f\n"
        "A line a function: its cost in the base and now, the change and the ratio, by itself\n"
        "and with its callees. -nodefraction=f leaves out smaller changes.",
    .node_count = 0,
    .traits = REPORT_COMPARES | REPORT_SAFE | REPORT_BY_GRAPH | REPORT_PAIRS | REPORT_PAIR_GROUPS,
    .collect = collect,
    .close = close_diff,
    .render = render,
    .markdown = diff_markdown,
    .rows = rows,
    .table = &table,
};
