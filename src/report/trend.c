/* -trend: what the total and the functions of a history's runs cost, run after run, and where that
 * changed. It is about a history, not about a profile. */
#include "report/trend.h"
#include "base/sort.h"
#include "base/timetext.h"
#include "history/level.h"
#include "profile/units.h"
#include "report/markdown_text.h"

#include <math.h>

struct pp_str trend_subject(const struct shown_trend *s, uint32_t series) {
    return series ? s->w->functions[s->t.of[series]].name : PP_STR("total");
}

/* Without an expression: what changed by itself, and the total. */
static void choose(struct shown_trend *s, struct pp_arena *arena) {
    s->is_shown = PP_NEW(arena, bool, s->t.n_series);
    for (uint32_t i = 0; i < s->t.n_series; i++)
        s->is_shown[i] = s->rx ? regex_matches(s->rx, trend_subject(s, i)) : i == 0;
    for (uint32_t i = 0; i < s->t.n_changes && !s->rx; i++)
        if (s->t.changes[i].state != TREND_WHOLE) s->is_shown[s->t.changes[i].point.series] = true;
}

static void index_changes(struct shown_trend *s, struct pp_arena *arena) {
    uint32_t at = 0;
    s->first_change = PP_NEW(arena, uint32_t, s->t.n_series + 1);
    for (uint32_t i = 0; i <= s->t.n_series; i++) {
        while (at < s->t.n_changes && s->t.changes[at].point.series < i)
            at++;
        s->first_change[i] = at;
    }
}

/* ---- the order ---- */

static double newest(const struct shown_trend *s, uint32_t series) {
    const struct change_series *values = &s->t.series[series];
    return values->value[values->n - 1];
}

struct rank {
    uint32_t series;
    int kind;
    double size;
};

static struct rank rank_of(const struct shown_trend *s, uint32_t series) {
    enum { TOTAL, STAYS, CHANGED, REST };
    struct rank r = {series, series ? REST : TOTAL, newest(s, series)};
    double largest = 0;
    for (uint32_t i = s->first_change[series]; series && i < s->first_change[series + 1]; i++) {
        const struct trend_change *c = &s->t.changes[i];
        if (c->state == TREND_STAYS)
            largest = fmax(largest, fabs(c->point.after - c->point.before));
        else if (c->state != TREND_WHOLE)
            r.kind = CHANGED;
    }
    return largest > 0 ? (struct rank){series, STAYS, largest} : r;
}

static int by_rank(const void *a, const void *b, void *user) {
    const struct rank *x = a, *y = b;
    (void)user;
    if (x->kind != y->kind) return x->kind - y->kind;
    return (x->size < y->size) - (x->size > y->size);
}

static void put_in_order(struct shown_trend *s, struct pp_arena *arena) {
    uint32_t n = s->t.n_series;
    struct rank *ranks = PP_NEW(arena, struct rank, n);
    for (uint32_t i = 0; i < n; i++)
        ranks[i] = rank_of(s, i);
    sort_stable(ranks, n, sizeof *ranks, by_rank, NULL);
    s->order = PP_NEW(arena, uint32_t, n);
    for (uint32_t i = 0; i < n; i++)
        s->order[i] = ranks[i].series;
}

/* ---- what is found ---- */

static const bool *matching(const struct shown_trend *s, struct pp_arena *arena) {
    bool *wanted = PP_NEW(arena, bool, s->w->n_functions);
    if (!s->rx) return NULL;
    for (uint32_t i = 0; i < s->w->n_functions; i++)
        wanted[i] = regex_matches(s->rx, s->w->functions[i].name);
    return wanted;
}

bool trend_collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    struct shown_trend *s = PP_NEW(rc->arena, struct shown_trend, 1);
    if (!rc->history)
        return pp_fail(err, PP_E_USAGE, "-trend is about a history: cpprof -trend -history=FILE");
    s->w = rc->history;
    if (rc->param.len) {
        s->rx = regex_compile(rc->param, err);
        if (!s->rx) return pp_about(err, "trend");
    }
    const struct trend_options o = {rc->trim.order == GRAPH_BY_CUM, rc->trim.node_fraction,
                                    matching(s, rc->arena)};
    if (!trend_find(s->w, &o, &s->t, rc->arena, err)) {
        regex_free(s->rx);
        return false;
    }
    choose(s, rc->arena);
    index_changes(s, rc->arena);
    put_in_order(s, rc->arena);
    *ret_found = s;
    return true;
}

/* Who reads the report may take his time: who records need not wait for him. */
static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    bool ok = trend_collect(rc, ret_found, err);
    if (rc->history) history_release(rc->history);
    return ok;
}

static void close_trend(void *found) {
    struct shown_trend *s = found;
    regex_free(s->rx);
}

/* ---- texts ---- */

const char *trend_state_text(enum trend_state state) {
    static const char *const texts[] = {"stays", "back", "moved", "blessed", "whole"};
    return texts[state];
}

static struct pp_cell value_cell(const struct shown_trend *s, double value,
                                 struct pp_arena *arena) {
    struct units_text text;
    int64_t v = num_from_double(value + 0.5);
    units_label(v, s->w->unit, PP_STR("auto"), &text);
    return (struct pp_cell){
        .kind = PP_CELL_INT, .num = v, .text = pp_arena_copy(arena, units_str(&text))};
}

/* A bar for each run, or for several with their mean; the largest is a whole one. */
static struct pp_str course(const struct change_series *s, struct pp_arena *arena) {
    enum { WIDTH = 48, LEVELS = 8 };
    struct out o;
    double top = 0, mean[WIDTH];
    uint32_t width = s->n < WIDTH ? s->n : WIDTH;
    level_means(s->value, s->n, width, mean);
    for (uint32_t i = 0; i < width; i++)
        top = fmax(top, mean[i]);
    out_open_memory(&o);
    for (uint32_t i = 0; i < width; i++) {
        int level = top > 0 && mean[i] > 0 ? (int)(mean[i] / top * (LEVELS - 1) + 0.5) : 0;
        const char bar[] = {'\xE2', '\x96', (char)('\x81' + level)};
        out_bytes(&o, bar, sizeof bar);
    }
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

static void put_growth(struct out *o, const struct change_point *p) {
    if (p->before > 0)
        out_printf(o, "%+.1f%%", 100 * (p->after / p->before - 1));
    else
        OUT_LIT(o, "new");
}

/* "2006-01-02 15:04", local time. */
static void put_minute(struct out *o, int64_t time_ns) {
    enum { UP_TO_MINUTES = 16 };
    struct out text;
    out_open_memory(&text);
    time_short(&text, time_ns);
    out_str(o, pp_str_slice(out_text(&text), 0, UP_TO_MINUTES));
    out_close(&text, NULL);
}

static void put_run(struct out *o, const struct shown_trend *s, uint32_t at) {
    if (s->w->runs[at].time_ns) {
        put_minute(o, s->w->runs[at].time_ns);
        OUT_LIT(o, ", ");
    }
    out_printf(o, "run %u", at + 1);
}

static struct pp_str growth_text(const struct change_point *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    put_growth(&o, p);
    struct pp_str text = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return text;
}

static void put_change(struct out *o, const struct shown_trend *s, const struct trend_change *c,
                       struct pp_arena *arena) {
    const struct change_point *p = &c->point;
    struct pp_str commit = s->w->runs[p->at].commit;
    out_printf(o, "    %-7s %8.*s  ", trend_state_text(c->state),
               PP_STR_ARG(growth_text(p, arena)));
    out_str(o, value_cell(s, p->before, arena).text);
    OUT_LIT(o, " to ");
    out_str(o, value_cell(s, p->after, arena).text);
    OUT_LIT(o, ", since ");
    if (commit.len) {
        out_str(o, commit);
        OUT_LIT(o, ", ");
    }
    put_run(o, s, p->at);
    if (c->reason.len) {
        OUT_LIT(o, ": ");
        out_str(o, c->reason);
    }
    out_char(o, '\n');
}

static void put_series(struct out *o, const struct shown_trend *s, uint32_t series,
                       struct pp_arena *arena) {
    out_str(o, course(&s->t.series[series], arena));
    out_printf(o, " %10.*s  ", PP_STR_ARG(value_cell(s, newest(s, series), arena).text));
    out_str(o, trend_subject(s, series));
    out_char(o, '\n');
    for (uint32_t i = s->first_change[series]; i < s->first_change[series + 1]; i++)
        put_change(o, s, &s->t.changes[i], arena);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct shown_trend *s = rc->found;
    const struct history_window *w = s->w;
    OUT_LIT(o, "Type: ");
    out_str(o, w->type);
    OUT_LIT(o, "\nMachine: ");
    out_str(o, w->machine);
    out_printf(o, "\n%u run%s, %u functions, %u of them looked at\n", w->n_runs,
               w->n_runs == 1 ? "" : "s", w->n_functions, s->t.n_series - 1);
    for (uint32_t i = 0; i < s->t.n_series && !out_failed(o); i++)
        if (s->is_shown[s->order[i]]) put_series(o, s, s->order[i], rc->arena);
    return true;
}

/* ---- for people who read it elsewhere ---- */

enum { MARKDOWN_NAME = 70 };

static void put_markdown_change(struct out *o, const struct shown_trend *s,
                                const struct trend_change *c, struct pp_arena *arena) {
    const struct change_point *p = &c->point;
    struct pp_str commit = s->w->runs[p->at].commit;
    out_char(o, ' ');
    put_growth(o, p);
    OUT_LIT(o, " | ");
    out_str(o, value_cell(s, p->before, arena).text);
    OUT_LIT(o, " | ");
    out_str(o, value_cell(s, p->after, arena).text);
    OUT_LIT(o, " | ");
    if (commit.len) {
        markdown_cell(o, commit, MARKDOWN_NAME);
        OUT_LIT(o, ", ");
    }
    put_run(o, s, p->at);
    OUT_LIT(o, " | ");
    out_str(o, pp_str_from(trend_state_text(c->state)));
    if (c->reason.len) {
        OUT_LIT(o, ": ");
        markdown_cell(o, c->reason, MARKDOWN_NAME);
    }
    OUT_LIT(o, " |\n");
}

/* A row a change; what is of the function is in the first. */
static void put_markdown_series(struct out *o, const struct shown_trend *s, uint32_t series,
                                struct pp_arena *arena) {
    uint32_t from = s->first_change[series], to = s->first_change[series + 1];
    OUT_LIT(o, "| ");
    if (series)
        markdown_cell(o, trend_subject(s, series), MARKDOWN_NAME);
    else
        OUT_LIT(o, "**total**");
    OUT_LIT(o, " | ");
    out_str(o, course(&s->t.series[series], arena));
    OUT_LIT(o, " | ");
    out_str(o, value_cell(s, newest(s, series), arena).text);
    OUT_LIT(o, " |");
    if (from == to) OUT_LIT(o, " | | | | |\n");
    for (uint32_t i = from; i < to; i++) {
        if (i > from) OUT_LIT(o, "| | | |");
        put_markdown_change(o, s, &s->t.changes[i], arena);
    }
}

static bool render_markdown(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct shown_trend *s = rc->found;
    const struct history_window *w = s->w;
    OUT_LIT(o, "### cpprof trend\n\n");
    markdown_code(o, w->type, MARKDOWN_NAME);
    out_printf(o, " of %u runs on ", w->n_runs);
    markdown_code(o, w->machine, 2 * MARKDOWN_NAME);
    out_printf(o, ": %u functions, %u of them looked at\n\n", w->n_functions, s->t.n_series - 1);
    OUT_LIT(o, "| function | course | newest | change | from | to | since | |\n"
               "|---|---|---:|---:|---:|---:|---|---|\n");
    for (uint32_t i = 0; i < s->t.n_series && !out_failed(o); i++)
        if (s->is_shown[s->order[i]]) put_markdown_series(o, s, s->order[i], rc->arena);
    return true;
}

/* ---- rows ---- */

static const char *const columns[] = {
    "function", "file",  "run",    "commit", "time_ns", "time",   "duration_ns",
    "value",    "share", "change", "p",      "before",  "after",  "state",
    "reason",   "type",  "unit",   "source", "machine", "labels",
};
enum { N_COLUMNS = sizeof columns / sizeof *columns, MAX_LABELS = 64 };

/* "\nkey=value\n...": texts of labels by turns. */
static size_t split_labels(struct pp_str text, struct pp_str ret_texts[2 * MAX_LABELS]) {
    size_t n = 0, from = 1;
    for (size_t at = 1; at < text.len && n + 2 <= 2 * MAX_LABELS; at++) {
        if (text.data[at] != '\n') continue;
        struct pp_str line = pp_str_slice(text, from, at);
        const char *equal = memchr(line.data, '=', line.len);
        from = at + 1;
        if (!equal) continue;
        size_t len = (size_t)(equal - line.data);
        ret_texts[n++] = pp_str_slice(line, 0, len);
        ret_texts[n++] = pp_str_slice(line, len + 1, line.len);
    }
    return n;
}

static void change_cells(const struct shown_trend *s, const struct trend_change *c,
                         struct pp_cell *ret_cells, struct pp_arena *arena) {
    const struct change_point *p = &c->point;
    const struct pp_cell none = {.kind = PP_CELL_NULL};
    const struct pp_cell cells[] = {
        p->before > 0 ? cell_double(p->after / p->before - 1) : none,
        cell_double(p->p),
        value_cell(s, p->before, arena),
        value_cell(s, p->after, arena),
        cell_text(pp_str_from(trend_state_text(c->state))),
        cell_known(c->reason),
    };
    memcpy(ret_cells, cells, sizeof cells);
}

/* `change`: the one that begins with this run, or NULL. */
static void add_row(const struct report_ctx *rc, struct row_sink *sink, uint32_t series,
                    uint32_t run, const struct trend_change *change) {
    const struct shown_trend *s = rc->found;
    const struct history_run *r = &s->w->runs[run];
    const struct history_function *f = series ? &s->w->functions[s->t.of[series]] : NULL;
    double value = s->t.series[series].value[run], total = s->w->total[run];
    struct pp_str labels[2 * MAX_LABELS];
    const struct pp_cell none = {.kind = PP_CELL_NULL};
    struct pp_cell cells[N_COLUMNS] = {
        cell_text(trend_subject(s, series)),
        f ? cell_known(f->file) : none,
        cell_int((int64_t)run + 1),
        cell_known(r->commit),
        cell_int(r->time_ns),
        cell_time(r->time_ns, rc->arena),
        cell_int(r->duration_ns),
        value_cell(s, value, rc->arena),
        total != 0 ? cell_double(value / total) : none,
        [15] = cell_text(s->w->type),
        cell_text(s->w->unit),
        cell_text(r->source),
        cell_text(r->machine),
        {.kind = PP_CELL_LABELS, .texts = labels, .n_texts = split_labels(r->labels, labels)},
    };
    if (change) change_cells(s, change, &cells[9], rc->arena);
    rows_add(sink, cells);
}

static void add_series(const struct report_ctx *rc, struct row_sink *sink, uint32_t series) {
    const struct shown_trend *s = rc->found;
    uint32_t at = s->first_change[series], end = s->first_change[series + 1];
    for (uint32_t run = 0; run < s->w->n_runs; run++) {
        bool begins = at < end && s->t.changes[at].point.at == run;
        add_row(rc, sink, series, run, begins ? &s->t.changes[at++] : NULL);
    }
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    const struct shown_trend *s = rc->found;
    for (uint32_t i = 0; i < s->t.n_series; i++)
        if (s->is_shown[s->order[i]]) add_series(rc, sink, s->order[i]);
    return true;
}

static void fields(const struct report_ctx *rc, struct report_fields *ret_fields) {
    const struct history_window *w = rc->history;
    const struct shown_trend *s = rc->found;
    fields_add(ret_fields, NULL, "sample_type", cell_text(w->type));
    fields_add(ret_fields, NULL, "unit", cell_text(w->unit));
    fields_add(ret_fields, NULL, "machine", cell_text(w->machine));
    fields_add(ret_fields, NULL, "runs", cell_int(w->n_runs));
    fields_add(ret_fields, NULL, "other_machines", cell_int(w->n_elsewhere));
    fields_add(ret_fields, NULL, "functions", cell_int(w->n_functions));
    fields_add(ret_fields, NULL, "looked_at", cell_int(s->t.n_series - 1));
}

static const struct report_table table = {
    .version = 1,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .fields = fields,
};

const struct report_format trend_report = {
    .name = "trend",
    .help = "What a history's runs cost, and where that changed",
    .param = "<func_regex>",
    .traits = REPORT_FREE_PARAM | REPORT_SAFE | REPORT_HISTORY,
    .collect = collect,
    .close = close_trend,
    .render = render,
    .markdown = render_markdown,
    .rows = rows,
    .table = &table,
};
