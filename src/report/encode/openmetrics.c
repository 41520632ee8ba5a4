/* OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), kept to what
 * Prometheus' older text format reads as well: gauges, no timestamps. How many series there may be
 * is bounded: rows past MOST_ROWS have no labels of their own and count together. */
#include "base/intern.h"
#include "base/json.h"
#include "base/text.h"
#include "base/utf8.h"
#include "profile/units.h"
#include "report/encode/columns.h"
#include "report/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_ROWS = 1000, MOST_BYTES = 1000, MOST_FAMILIES = 32, SHOWN_ROWS = 30 };

struct sample {
    uint32_t labels; /* an id; in the order in which they came */
    double value;
};

struct family {
    const struct metric *metric;
    const char *unit; /* "seconds"; or "" */
    struct sample *at;
    size_t n, cap;
};

struct writer {
    struct pp_arena arena;
    struct interner labels; /* "a=\"b\",c=\"d\"" */
    struct pp_str unit;
    struct pp_str part; /* labels of all rows that come */
    struct family families[MOST_FAMILIES];
    size_t n_families;
    uint32_t n_parts, n_rows; /* rows: of this part */
};

/* What each profile, and each of its sample types, is by itself: columns of series.c. */
static const struct metric of_profile[] = {
    {.name = "profile",
     .help = "What all samples cost together",
     .column = "total",
     .kind = METRIC_VALUE,
     .adds = true},
    {.name = "profile_duration",
     .help = "How long was profiled",
     .column = "duration_ns",
     .kind = METRIC_SECONDS},
    {.name = "profile_timestamp",
     .help = "When the profile was taken",
     .column = "time_ns",
     .kind = METRIC_SECONDS},
    {.name = "profile_info",
     .help = "Build id of the program",
     .column = "build_id",
     .kind = METRIC_TEXT},
    {.name = NULL},
};

/* ---- labels ---- */

static void put_value(struct out *o, struct pp_str s) {
    if (s.len > MOST_BYTES) s.len = utf8_floor(s, MOST_BYTES);
    out_char(o, '"');
    while (s.len) {
        size_t plain = 0;
        while (plain < s.len && !memchr("\\\"\n", s.data[plain], 3))
            plain++;
        out_utf8(o, pp_str_slice(s, 0, plain));
        if (plain < s.len) {
            out_char(o, '\\');
            out_char(o, s.data[plain] == '\n' ? 'n' : s.data[plain]);
            plain++;
        }
        s = pp_str_slice(s, plain, s.len);
    }
    out_char(o, '"');
}

/* A label without a value is none. */
static void put_label(struct out *o, const char *name, struct pp_str value) {
    if (!value.len) return;
    if (out_text(o).len) out_char(o, ',');
    out_text0(o, name);
    out_char(o, '=');
    put_value(o, value);
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Names that a label of the user's may not have: those of ours, in all reports. */
static const char *const own_labels[] = {
    "build_id", "file", "function", "mapping", "rule", "source", "type", "unit", "verdict",
};

static bool is_taken(struct pp_str name, const struct pp_str *taken, size_t n_taken) {
    for (size_t i = 0; i < sizeof own_labels / sizeof *own_labels; i++)
        if (pp_str_eq(name, pp_str_from(own_labels[i]))) return true;
    for (size_t i = 0; i < n_taken; i++)
        if (pp_str_eq(name, taken[i])) return true;
    return false;
}

/* A key as a name: what a name may not have becomes '_', one that begins with none of the letters
 * (with "__" it would be Prometheus' own) gets a word in front, one that is taken a '_' more. */
static struct pp_str label_name(struct pp_str key, const struct pp_str *taken, size_t n_taken,
                                struct pp_arena *arena) {
    bool begins = key.len && is_letter(key.data[0]);
    struct pp_str name = pp_arena_printf(arena, "%s%.*s", begins ? "" : "label_", PP_STR_ARG(key));
    char *at = (char *)(uintptr_t)name.data;
    for (size_t i = 0; i < name.len; i++)
        if (!is_letter(at[i]) && !text_is_digit(at[i])) at[i] = '_';
    while (is_taken(name, taken, n_taken))
        name = pp_arena_printf(arena, "%.*s_", PP_STR_ARG(name));
    return name;
}

static void put_user_labels(struct out *o, const struct pp_cell *labels, struct pp_arena *arena) {
    size_t n = labels ? labels->n_texts / 2 : 0;
    struct pp_str *names = PP_NEW(arena, struct pp_str, n);
    for (size_t i = 0; i < n; i++) {
        names[i] = label_name(labels->texts[2 * i], names, i, arena);
        put_label(o, names[i].data, labels->texts[2 * i + 1]);
    }
}

static struct pp_str text_of(const struct pp_table *head, const struct pp_cell *cells,
                             const char *column) {
    const struct pp_cell *c = row_cell(head, cells, column);
    return c ? c->text : PP_STR("");
}

static void put_labels(struct out *o, const struct metric_label *labels,
                       const struct pp_table *head, const struct pp_cell *cells) {
    for (; labels && labels->name; labels++)
        put_label(o, labels->name, text_of(head, cells, labels->column));
}

/* ---- samples ---- */

static struct family *find_family(struct writer *w, const struct metric *m, const char *unit) {
    size_t i = 0;
    while (i < w->n_families && (w->families[i].metric != m || strcmp(w->families[i].unit, unit)))
        i++;
    if (i == MOST_FAMILIES) return NULL; /* the tables have fewer */
    if (i == w->n_families)
        w->families[w->n_families++] = (struct family){.metric = m, .unit = unit};
    return &w->families[i];
}

static void add_sample(struct writer *w, struct family *f, struct pp_str labels, double value) {
    if (!f || !isfinite(value)) return;
    const struct sample s = {intern(&w->labels, labels), value};
    PP_PUSH(&w->arena, f->at, f->n, f->cap, s);
}

static bool number_of(const struct pp_cell *c, double *ret_number) {
    switch (c->kind) {
    case PP_CELL_INT:
    case PP_CELL_BOOL:
        *ret_number = (double)c->num;
        return true;
    case PP_CELL_SHARE:
        *ret_number = (double)c->num / (double)c->total;
        return true;
    case PP_CELL_DOUBLE:
        *ret_number = c->real;
        return true;
    default:
        return false;
    }
}

/* One label more; lives in the writer's arena. */
static struct pp_str with_label(struct writer *w, struct pp_str labels, const char *name,
                                struct pp_str value) {
    struct out o;
    out_open_memory(&o);
    out_str(&o, labels);
    put_label(&o, name, value);
    struct pp_str all = pp_arena_copy(&w->arena, out_text(&o));
    out_close(&o, NULL);
    return all;
}

/* Seconds and bytes are what these readers expect; other units are a label. */
static void add_value(struct writer *w, const struct metric *m, int64_t value,
                      struct pp_str labels) {
    struct pp_str base;
    double number = units_scale(value, w->unit, PP_STR("count"), &base);
    if (pp_str_eq(base, PP_STR("s")))
        add_sample(w, find_family(w, m, "seconds"), labels, number);
    else if (pp_str_eq(base, PP_STR("B")))
        add_sample(w, find_family(w, m, "bytes"), labels, number);
    else
        add_sample(w, find_family(w, m, "value"),
                   with_label(w, labels, "unit", base.len ? base : w->unit), number);
}

static void add_metric(struct writer *w, const struct metric *m, const struct pp_cell *c,
                       struct pp_str labels) {
    double number;
    if (m->kind == METRIC_TEXT)
        add_sample(w, find_family(w, m, ""), with_label(w, labels, m->column, c->text), 1);
    else if (m->kind == METRIC_IS)
        add_sample(w, find_family(w, m, ""), labels, pp_str_eq(c->text, pp_str_from(m->text)));
    else if (m->kind == METRIC_VALUE && c->kind == PP_CELL_INT)
        add_value(w, m, c->num, labels);
    else if (number_of(c, &number) && m->kind == METRIC_SECONDS)
        add_sample(w, find_family(w, m, "seconds"), labels, number / 1e9);
    else if (number_of(c, &number))
        add_sample(w, find_family(w, m, ""), labels, number);
}

static void add_row(struct writer *w, const struct metric *list, const struct pp_table *head,
                    const struct pp_cell *cells, struct pp_str labels) {
    bool is_named = w->n_rows <= MOST_ROWS;
    for (const struct metric *m = list; m && m->name; m++) {
        const struct pp_cell *c = row_cell(head, cells, m->column);
        if (c && (m->adds || is_named)) add_metric(w, m, c, labels);
    }
}

/* ---- writing ---- */

static int by_labels(const void *a, const void *b) {
    const struct sample *x = a, *y = b;
    if (x->labels != y->labels) return x->labels < y->labels ? -1 : 1;
    return (x->value > y->value) - (x->value < y->value);
}

/* Of equal labels, which names that are cut may have, too, there may be one. */
static void join_equal(struct family *f) {
    size_t n = 0;
    qsort(f->at, f->n, sizeof *f->at, by_labels);
    for (size_t i = 0; i < f->n; i++) {
        bool is_same = n && f->at[n - 1].labels == f->at[i].labels;
        if (!is_same)
            f->at[n++] = f->at[i];
        else if (f->metric->adds)
            f->at[n - 1].value += f->at[i].value;
        else
            f->at[n - 1].value = f->at[i].value; /* the largest */
    }
    f->n = n;
}

static void put_family(struct out *o, const struct writer *w, const struct family *f) {
    char name[80];
    bool has_unit = *f->unit && strcmp(f->unit, "value") != 0;
    snprintf(name, sizeof name, "cpprof_%s%s%s", f->metric->name, *f->unit ? "_" : "", f->unit);
    out_printf(o, "# TYPE %s gauge\n", name);
    if (has_unit) out_printf(o, "# UNIT %s %s\n", name, f->unit);
    out_printf(o, "# HELP %s %s\n", name, f->metric->help);
    for (size_t i = 0; i < f->n; i++) {
        struct pp_str labels = w->labels.strings[f->at[i].labels];
        struct json number;
        out_text0(o, name);
        if (labels.len) {
            out_char(o, '{');
            out_str(o, labels);
            out_char(o, '}');
        }
        out_char(o, ' ');
        json_begin(&number, o);
        json_double(&number, f->at[i].value);
        out_char(o, '\n');
    }
}

/* ---- the encoder ---- */

static void begin(struct row_sink *sink) {
    struct writer *w = sink->state = pp_malloc(sizeof *w);
    *w = (struct writer){.n_parts = 0};
    interner_init(&w->labels, &w->arena);
}

/* `labels`: those of the user. */
static void add_head(struct writer *w, const struct row_sink *sink, struct pp_str labels) {
    for (const struct metric *m = sink->metrics->of_head; m && m->name; m++) {
        const struct pp_cell *c = head_cell(sink->head, m->column);
        if (c) add_metric(w, m, c, labels);
    }
}

static void part(struct row_sink *sink, const struct pp_table *head, const struct pp_cell *cells) {
    static const struct metric_label labels[] = {
        {"source", "source"}, {"type", "type"}, {NULL, NULL}};
    struct writer *w = sink->state;
    struct out o;
    out_open_memory(&o);
    put_user_labels(&o, row_cell(head, cells, "labels"), &w->arena);
    if (!w->n_parts++) add_head(w, sink, out_text(&o));
    if (sink->metrics->of_profile) put_labels(&o, labels, head, cells);
    w->part = pp_arena_copy(&w->arena, out_text(&o));
    w->unit = pp_arena_copy(&w->arena, text_of(head, cells, "unit"));
    w->n_rows = 0;
    if (sink->metrics->of_profile) add_row(w, of_profile, head, cells, w->part);
    out_close(&o, NULL);
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct writer *w = sink->state;
    struct out o;
    out_open_memory(&o);
    out_str(&o, w->part);
    if (++w->n_rows <= MOST_ROWS) put_labels(&o, sink->metrics->labels, sink->head, cells);
    add_row(w, sink->metrics->of_rows, sink->head, cells, out_text(&o));
    out_close(&o, NULL);
}

static void end(struct row_sink *sink) {
    struct writer *w = sink->state;
    for (size_t i = 0; i < w->n_families; i++) {
        join_equal(&w->families[i]);
        put_family(sink->out, w, &w->families[i]);
    }
    OUT_LIT(sink->out, "# EOF\n");
    interner_done(&w->labels);
    pp_arena_done(&w->arena);
    pp_free(w);
}

const struct encoder openmetrics_encoder = {
    .name = "openmetrics",
    .help = "as OpenMetrics text, for Prometheus: the total and the first functions",
    .is_series = true,
    .is_metrics = true,
    .node_count = SHOWN_ROWS,
    .begin = begin,
    .part = part,
    .row = row,
    .end = end,
};
