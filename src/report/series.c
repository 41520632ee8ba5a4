#include "report/series.h"

/* The columns that end each row, after the report's own. */
enum common {
    COMMON_TYPE,
    COMMON_UNIT,
    COMMON_TOTAL,
    COMMON_TIME_NS,
    COMMON_TIME,
    COMMON_DURATION_NS,
    COMMON_SOURCE,
    COMMON_BUILD_ID,
    COMMON_LABELS,
    N_COMMON
};

static const char *const names[N_COMMON] = {
    "type", "unit", "total", "time_ns", "time", "duration_ns", "source", "build_id", "labels",
};

/* Those that people see, where parts differ in them. */
static bool is_for_people(const struct series *s, size_t i) {
    return (s->many_types && (i == COMMON_TYPE || i == COMMON_UNIT)) ||
           (s->many_sources && i == COMMON_SOURCE);
}

static void common_cells(const struct report_ctx *rc, struct pp_cell ret_cells[N_COMMON]) {
    const struct profile_facts *f = &rc->facts;
    const struct pp_cell cells[N_COMMON] = {
        [COMMON_TYPE] = cell_text(rc->type_name),
        [COMMON_UNIT] = cell_text(rc->type_unit),
        [COMMON_TOTAL] = cell_int(rc->total),
        [COMMON_TIME_NS] = cell_int(f->time_nanos),
        [COMMON_TIME] = cell_time(f->time_nanos, rc->arena),
        [COMMON_DURATION_NS] = cell_int(f->duration_nanos),
        [COMMON_SOURCE] = cell_text(f->source),
        [COMMON_BUILD_ID] = cell_text(f->build_id),
        [COMMON_LABELS] = {.kind = PP_CELL_LABELS, .texts = rc->labels, .n_texts = rc->n_labels},
    };
    memcpy(ret_cells, cells, sizeof cells);
}

static bool has_column(const char *const *columns, size_t n, const char *name) {
    size_t i = 0;
    while (i < n && strcmp(columns[i], name))
        i++;
    return i < n;
}

/* Whether the report's rows need this column: it is not its own already. */
static bool adds(const struct series *s, const struct report_ctx *rc, size_t n_own, size_t i) {
    const struct report_table *t = rc->format->table;
    bool always = s->encoder->is_series && (t->is_series || rc->n_labels);
    return (always || s->many_types || s->many_sources) && !has_column(t->columns, n_own, names[i]);
}

/* The same columns in the same order as the head has them. */
static size_t pick_cells(const struct series *s, const struct report_ctx *rc, size_t n_own,
                         struct pp_cell ret_cells[N_COMMON]) {
    struct pp_cell all[N_COMMON];
    size_t n = 0;
    common_cells(rc, all);
    for (size_t i = 0; i < N_COMMON; i++)
        if (adds(s, rc, n_own, i)) ret_cells[n++] = all[i];
    return n;
}

static void set_columns(struct series *s, const struct report_ctx *rc, size_t n_own) {
    const struct report_table *t = rc->format->table;
    const char **columns = PP_NEW(&s->arena, const char *, n_own + N_COMMON);
    const char **shown =
        PP_NEW(&s->arena, const char *, (t->shown ? t->n_shown : n_own) + N_COMMON);
    size_t n_shown = t->shown ? t->n_shown : n_own;
    memcpy(columns, t->columns, n_own * sizeof *columns);
    memcpy(shown, t->shown ? t->shown : t->columns, n_shown * sizeof *shown);
    s->head.columns = columns;
    s->head.n_columns = n_own;
    for (size_t i = 0; i < N_COMMON; i++) {
        if (!adds(s, rc, n_own, i)) continue;
        columns[s->head.n_columns++] = names[i];
        if (is_for_people(s, i)) shown[n_shown++] = names[i];
    }
    s->head.shown = shown;
    s->head.n_shown = n_shown;
}

/* The head is written at the end by encoders that align: then the part that it is from is gone. */
static void keep(struct pp_cell *cell, struct pp_arena *arena) {
    cell->text = pp_arena_copy(arena, cell->text);
    if (cell->kind != PP_CELL_TEXTS && cell->kind != PP_CELL_LABELS) return;
    struct pp_str *texts = PP_NEW(arena, struct pp_str, cell->n_texts);
    for (size_t i = 0; i < cell->n_texts; i++)
        texts[i] = pp_arena_copy(arena, cell->texts[i]);
    cell->texts = texts;
}

/* What parts differ in is null in the head. */
static void set_fields(struct series *s, const struct report_ctx *rc) {
    const struct report_table *t = rc->format->table;
    struct report_fields *fields = PP_NEW(&s->arena, struct report_fields, 1);
    (t->fields ? t->fields : fields_of_profile)(rc, fields);
    for (size_t i = 0; i < fields->n; i++) {
        bool differs = fields->at[i].group ? s->many_sources : s->many_types || s->many_sources;
        if (differs) fields->at[i].value = (struct pp_cell){.kind = PP_CELL_NULL};
    }
    if (rc->n_labels) {
        const struct pp_cell labels = {
            .kind = PP_CELL_LABELS, .texts = rc->labels, .n_texts = rc->n_labels};
        fields_add(fields, NULL, "labels", labels);
    }
    for (size_t i = 0; i < fields->n; i++)
        keep(&fields->at[i].value, &s->arena);
    s->head.fields = fields->at;
    s->head.n_fields = fields->n;
}

static size_t own_columns(const struct report_ctx *rc) {
    const struct report_table *t = rc->format->table;
    return t->n_columns_now ? t->n_columns_now(rc) : t->n_columns;
}

static void begin(struct series *s, const struct report_ctx *rc) {
    const struct report_format *f = rc->format;
    const char *name = f->table->name ? f->table->name : f->name;
    s->head.schema = pp_arena_printf(&s->arena, "cpprof/%s/%u", name, f->table->version).data;
    s->head.report = f->name;
    set_columns(s, rc, own_columns(rc));
    set_fields(s, rc);
    s->sink = (struct row_sink){.encoder = s->encoder, .out = s->out, .metrics = f->table->metrics};
    rows_begin(&s->sink, &s->head);
    s->begun = true;
}

/* All of the common cells, whether the rows have them or not. */
static void begin_part(struct series *s, const struct report_ctx *rc) {
    static const struct pp_table head = {.columns = names, .n_columns = N_COMMON};
    struct pp_cell cells[N_COMMON];
    if (!s->encoder->part) return;
    common_cells(rc, cells);
    s->encoder->part(&s->sink, &head, cells);
}

static bool add_rows(struct series *s, const struct report_ctx *rc, struct pp_error *err) {
    struct pp_cell common[N_COMMON];
    if (!s->begun) begin(s, rc);
    begin_part(s, rc);
    s->sink.n_common = pick_cells(s, rc, own_columns(rc), common);
    s->sink.common = common;
    bool ok = rc->format->rows(rc, &s->sink, err);
    s->sink.common = NULL;
    return ok;
}

bool series_add(struct series *s, const struct report_ctx *rc, int *ret_status,
                struct pp_error *err) {
    const struct report_format *f = rc->format;
    struct report_ctx own = *rc;
    if (!f->rows)
        return pp_fail(err, PP_E_USAGE, "-%s has no rows, so -%s does not apply to it", f->name,
                       s->encoder->name);
    if (s->encoder->is_metrics && !f->table->metrics)
        return pp_fail(err, PP_E_USAGE, "-%s has no metrics, so -%s does not apply to it", f->name,
                       s->encoder->name);
    own.as_rows = true;
    own.as_series = s->encoder->is_series;
    if (f->collect && !f->collect(&own, &own.found, err)) return false;
    bool ok = add_rows(s, &own, err);
    if (ok && ret_status) *ret_status = f->status ? f->status(own.found) : 0;
    if (f->close) f->close(own.found);
    return ok;
}

void series_end(struct series *s) {
    if (s->begun) rows_end(&s->sink);
    s->begun = false;
    pp_arena_done(&s->arena);
}
