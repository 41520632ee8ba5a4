/* -flame: the call tree as text with bars; its rows are the nested set that Grafana's flame graph
 * panel wants: level, value, self, label, depth first; in a comparison value and self are the sums
 * of both sides, valueRight and selfRight are what is compared with the base. */
#include "base/utf8.h"
#include "report/flame_tree.h"
#include "report/header.h"
#include "report/screen.h"

#include <inttypes.h>

enum { LEAST_BAR = 16, DEFAULT_WIDTH = 120, LEAST_WIDTH = 60 };

struct branch {
    uint32_t level;
    bool last; /* nothing follows beside it */
};

struct flame {
    struct flame_tree *t;
    const struct report_ctx *rc;
    struct out *out;
    struct screen_nodes nodes;
    struct pp_str unit;
    size_t width, bar;       /* columns */
    struct branch *branches; /* where the way to the current node had several callees */
    size_t n_branches, cap_branches;
};

/* ---- a line ---- */

static void put_color(const struct flame *f, const char *code) {
    if (f->rc->screen.color) out_style(f->out, code);
}

/* Eighths of a column, as Unicode has them; at least a sliver. */
static void put_bar(struct flame *f, uint64_t part, const char *color) {
    double share = f->t->whole ? (double)part / (double)f->t->whole : 0;
    unsigned eighths =
        share < 1 ? (unsigned)(share * (double)f->bar * 8 + 0.5) : (unsigned)f->bar * 8;
    unsigned columns = 0;
    if (eighths == 0 && part) eighths = 1;
    put_color(f, color);
    for (; eighths >= 8; eighths -= 8, columns++)
        OUT_LIT(f->out, "\u2588");
    if (eighths) {
        char buffer[4];
        out_bytes(f->out, buffer, utf8_encode(0x2590 - eighths, buffer));
        columns++;
    }
    put_color(f, "0");
    out_spaces(f->out, f->bar - columns);
}

/* At most `room` columns: a long name loses its middle; control characters are blanks. */
static void put_name(struct out *o, struct pp_str name, size_t room) {
    size_t n = utf8_count(name), head = n <= room ? n : (room - 1) / 2;
    struct pp_str tail = n <= room ? (struct pp_str){0} : utf8_skip(name, n - (room - 1 - head));
    for (int part = 0; part < 2; part++) {
        struct pp_str s = part ? tail : name;
        for (size_t i = 0; s.len && (part || i < head); i++) {
            size_t len;
            char buffer[4];
            uint32_t c = utf8_decode(s, &len);
            out_bytes(o, buffer, utf8_encode(c < 0x20 || c == 0x7f ? ' ' : c, buffer));
            s = pp_str_slice(s, len, s.len);
        }
        if (!part && n > room) OUT_LIT(o, "\u2026");
    }
}

/* Returns the columns used. */
static size_t put_numbers(struct flame *f, const struct flame_value *v,
                          const struct flame_value *base) {
    struct out *o = f->out;
    put_value(o, f->rc, f->unit, v->total, 10);
    if (!base) {
        out_char(o, ' ');
        put_percentage(o, v->total, (int64_t)f->t->whole);
        out_char(o, ' ');
        put_bar(f, (uint64_t)num_abs(v->total), v->total < 0 ? "32" : "33");
        return 10 + 1 + 6 + 1 + f->bar;
    }
    int64_t change = num_add(v->total, num_neg(base->total));
    struct units_text text;
    report_value(f->rc, f->unit, change, &text);
    out_spaces(o, text.len < 10 ? 10 - text.len : 0);
    if (change > 0)
        out_char(o, '+');
    else
        out_char(o, ' ');
    out_str(o, units_str(&text));
    out_char(o, ' ');
    put_bar(f, (uint64_t)num_abs(change), change < 0 ? "32" : "31");
    return 10 + 11 + 1 + f->bar;
}

/* Keeps the list of branches that lead to the current node. */
static void follow_branches(struct flame *f, const struct flame_walk *w) {
    while (f->n_branches && f->branches[f->n_branches - 1].level >= w->level)
        f->n_branches--;
    uint32_t last;
    if (flame_callees(f->t, w->level ? flame_at(w, w->level - 1) : PP_NONE, &last) < 2) return;
    struct branch b = {w->level, last == w->node};
    PP_PUSH(f->rc->arena, f->branches, f->n_branches, f->cap_branches, b);
}

/* The lines that lead to the node; the first ones go where there is no room. Returns the columns.
 */
static size_t put_branches(struct flame *f, const struct flame_walk *w, size_t room) {
    size_t n = f->n_branches, first = n > room / 2 ? n - room / 2 : 0;
    put_color(f, "2");
    for (size_t i = first; i < n; i++) {
        if (f->branches[i].level == w->level)
            out_text0(f->out, f->branches[i].last ? "\u2514 " : "\u251c ");
        else
            out_text0(f->out, f->branches[i].last ? "  " : "\u2502 ");
    }
    put_color(f, "0");
    return 2 * (n - first);
}

static void put_node(struct flame *f, const struct flame_walk *w) {
    const struct flame_value *v = &f->t->value[w->node];
    const struct flame_value *base = f->t->base ? &f->t->base[w->node] : NULL;
    size_t used = put_numbers(f, v, base) + 1;
    follow_branches(f, w);
    out_char(f->out, ' ');
    used += put_branches(f, w, (f->width - used) / 2);
    bool is_link = screen_node_link(f->out, &f->nodes, f->t->place[w->node]);
    put_name(f->out, flame_name(f->t, w->node), f->width - used);
    screen_link_end(f->out, is_link);
    out_char(f->out, '\n');
}

static void put_head(struct flame *f) {
    struct out *o = f->out;
    struct flame_value all = {0, f->t->sum.total};
    put_profile_labels(o, f->rc, f->unit);
    if (f->t->base)
        OUT_LIT(o, "       now      change");
    else
        OUT_LIT(o, "     total         ");
    out_spaces(o, f->bar + 2);
    OUT_LIT(o, "callers above their callees\n");
    put_numbers(f, &all, f->t->base ? &f->t->base_sum : NULL);
    OUT_LIT(o, " all\n");
}

/* One unit that the smallest value shown can be read in. */
static struct pp_str choose_unit(struct flame *f) {
    const struct pp_str minimum = PP_STR("minimum");
    if (!pp_str_eq(f->rc->unit, minimum)) return f->rc->unit;
    int64_t least = (int64_t)f->t->whole;
    struct flame_walk w = {0};
    while (flame_next(f->t, &w)) {
        int64_t v = num_abs(f->t->value[w.node].total);
        if (v && v < least) least = v;
    }
    struct pp_str unit;
    if (least >= 0 && least <= INT64_MAX / 100 && least * 100 < (int64_t)f->t->whole) least *= 100;
    units_scale(least, f->rc->type_unit, minimum, &unit);
    return unit.len ? unit : f->rc->type_unit;
}

/* For machines nothing is left out. */
static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct flame_tree *t = PP_NEW(rc->arena, struct flame_tree, 1);
    *ret_found = t;
    const struct flame_cut cut = {.fraction = rc->as_rows ? 0 : rc->trim.node_fraction,
                                  .most = rc->trim.node_count,
                                  .levels = rc->depth,
                                  .counts = true};
    return flame_open(t, rc, cut, err);
}

static void close_tree(void *found) {
    flame_close(found);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct flame f = {.rc = rc, .out = o, .t = rc->found};
    f.width = rc->screen.width ? rc->screen.width : DEFAULT_WIDTH;
    if (f.width < LEAST_WIDTH) f.width = LEAST_WIDTH;
    /* A third of what a wide terminal has more is the bar's. */
    f.bar = LEAST_BAR + (f.width > DEFAULT_WIDTH ? (f.width - DEFAULT_WIDTH) / 3 : 0);
    f.unit = choose_unit(&f);
    screen_nodes_init(&f.nodes, rc, &f.t->list.g);
    put_head(&f);
    struct flame_walk w = {0};
    while (!out_failed(o) && flame_next(f.t, &w))
        put_node(&f, &w);
    flame_walk_done(&w);
    if (f.t->n_dropped && (rc->depth || rc->trim.node_count)) {
        out_printf(o, "%" PRIu64 " calls are not shown\n", f.t->n_dropped);
    } else if (f.t->n_dropped) {
        out_printf(o, "%" PRIu64 " calls below ", f.t->n_dropped);
        put_value(o, rc, f.unit, (int64_t)f.t->cutoff, 0);
        OUT_LIT(o, " are not shown\n");
    }
    return true;
}

/* ---- rows ---- */

static const char *const columns[] = {"level", "value", "self", "label", "valueRight", "selfRight"};

static void add_row(struct row_sink *sink, uint32_t level, const struct flame_value *v,
                    const struct flame_value *base, struct pp_str label) {
    const struct pp_cell cells[] = {
        cell_int(level),
        cell_int(base ? num_add(v->total, base->total) : v->total),
        cell_int(base ? num_add(v->self, base->self) : v->self),
        cell_text(label),
        cell_int(v->total),
        cell_int(v->self),
    };
    rows_add(sink, cells);
}

static void add_tree(struct row_sink *sink, struct flame_tree *t, uint32_t level, bool zeros) {
    struct flame_walk w = {0};
    while (!out_failed(sink->out) && flame_next(t, &w))
        if (zeros || t->value[w.node].total)
            add_row(sink, w.level + level, &t->value[w.node], t->base ? &t->base[w.node] : NULL,
                    flame_name(t, w.node));
    flame_walk_done(&w);
}

/* No box has a negative width: what sank below zero is a box "lost" beside the others. */
static bool add_split(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    struct flame_tree kept, lost;
    const struct flame_cut above = {.sign = 1, .most = rc->trim.node_count, .levels = rc->depth};
    struct flame_cut below = above;
    below.sign = -1;
    if (!flame_open(&kept, rc, above, err)) return false;
    bool ok = flame_open(&lost, rc, below, err);
    if (ok) {
        const struct flame_value all = {kept.sum.self, num_add(kept.sum.total, lost.sum.total)};
        add_row(sink, 0, &all, NULL, PP_STR("total"));
        add_tree(sink, &kept, 1, false);
        add_row(sink, 1, &lost.sum, NULL, PP_STR("lost"));
        add_tree(sink, &lost, 2, false);
        flame_close(&lost);
    }
    flame_close(&kept);
    return ok;
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    struct flame_tree *t = rc->found;
    if (!t->base && t->below_zero) return add_split(rc, sink, err);
    add_row(sink, 0, &t->sum, t->base ? &t->base_sum : NULL, PP_STR("total"));
    add_tree(sink, t, 1, true);
    return true;
}

/* Those of a base only where there is one. */
static size_t n_columns(const struct report_ctx *rc) {
    const struct flame_tree *t = rc->found;
    return t->base ? 6 : 4;
}

static const struct report_table table = {
    .version = 2,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
    .n_columns_now = n_columns,
};

const struct report_format flame_report = {
    .name = "flame",
    .help = "The call tree with bars; as rows, for Grafana",
    .usage =
        "flame [focus_regex]* [-ignore_regex]* >f\n"
        "A line for each way to reach a function, callees below their caller; -nodefraction=f\n"
        "leaves out what is below that share.",
    .node_count = 0,
    .traits = REPORT_SAFE | REPORT_BY_GRAPH | REPORT_NO_LABELS | REPORT_PAIRS,
    .collect = collect,
    .close = close_tree,
    .render = render,
    .rows = rows,
    .table = &table,
};
