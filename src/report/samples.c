/* -samples: a row a sample, for databases (ClickHouse JSONEachRow, DuckDB): the sum of the column
 * "value" is the profile's. Without an encoder: ndjson. */
#include "report/header.h"
#include "report/labels.h"
#include "report/report.h"

static const char *const columns[] = {"value", "stack", "labels", "frames"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* A frame as an object, beside its name in "stack". */
static const char *const frame_columns[] = {"function", "file", "line", "mapping", "inlined"};
enum { N_FRAME = sizeof frame_columns / sizeof *frame_columns };

struct sample_rows {
    const struct report_ctx *rc;
    struct graph g;       /* for the names of places */
    struct pp_str *names; /* of a stack */
    size_t cap_names;
    struct pp_cell *cells; /* of its frames, N_FRAME each */
    size_t cap_cells;
    struct pp_records records;
    struct pp_arena scratch; /* of one row's labels */
    struct pp_str *labels;
    size_t n_labels, cap_labels;
    uint32_t last_set;
};

/* A frame's file and line are said, whatever the granularity. */
static void add_frame(struct sample_rows *s, uint32_t location, uint32_t at, size_t n) {
    const struct pp_profile *p = s->rc->profile;
    const struct pp_location *l = &p->locations[location];
    const struct pp_cell none = {.kind = PP_CELL_NULL};
    uint32_t node = graph_nodes_of(&s->g, location).at[at];
    struct pp_cell cells[N_FRAME] = {cell_known(graph_name(&s->g, node)), none, none, none,
                                     cell_bool(at + 1 < l->n_lines)};
    if (at < l->n_lines) {
        const struct pp_profile *full = s->rc->full; /* the same lines, with all that is known */
        const struct pp_line line = pp_line_at(full, l->first_line + at);
        cells[1] = cell_known(pp_string(full, full->functions[line.function].filename));
        if (line.line) cells[2] = cell_int(line.line);
    }
    if (l->mapping != PP_NONE) cells[3] = cell_known(pp_string(p, p->mappings[l->mapping].file));
    size_t n_cells = n * N_FRAME;
    for (size_t i = 0; i < N_FRAME; i++)
        PP_PUSH(s->rc->arena, s->cells, n_cells, s->cap_cells, cells[i]);
}

/* Root first. Both lists have a frame for each inlined call, too. */
static void stack_cells(struct sample_rows *s, struct pp_stack stack, struct pp_cell *ret_stack,
                        struct pp_cell *ret_frames) {
    const struct pp_profile *p = s->rc->profile;
    size_t n = 0;
    for (uint32_t i = stack.len; i-- > 0;) {
        uint32_t location = pp_frame(p, stack.first + i);
        struct graph_nodes nodes = graph_nodes_of(&s->g, location);
        for (uint32_t j = nodes.n; j-- > 0;) {
            if (s->rc->as_series) add_frame(s, location, j, n);
            struct pp_str name = graph_printable_name(&s->g, nodes.at[j]);
            PP_PUSH(s->rc->arena, s->names, n, s->cap_names, name);
        }
    }
    s->records = (struct pp_records){frame_columns, N_FRAME, s->cells};
    *ret_stack = (struct pp_cell){.kind = PP_CELL_TEXTS, .texts = s->names, .n_texts = n};
    *ret_frames = (struct pp_cell){.kind = PP_CELL_RECORDS, .records = &s->records, .n_texts = n};
}

/* The values of a key, joined by commas. */
static struct pp_str group_text(struct sample_rows *s, const struct label_group *group) {
    const struct pp_profile *p = s->rc->profile;
    if (!group->is_num && group->n == 1) return pp_string(p, group->labels[0].text);
    struct out o;
    out_open_memory(&o);
    for (uint32_t i = 0; i < group->n; i++) {
        if (i) out_char(&o, ',');
        if (group->is_num)
            out_i64(&o, group->labels[i].num);
        else
            out_str(&o, pp_string(p, group->labels[i].text));
    }
    struct pp_str text = pp_arena_copy(&s->scratch, out_text(&o));
    out_close(&o, NULL);
    return text;
}

/* Whether the texts, which come first and are sorted, have this key. */
static bool has_key(const struct sample_rows *s, size_t n_texts, struct pp_str key) {
    size_t from = 0, to = n_texts;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int c = pp_str_cmp(s->labels[2 * middle], key);
        if (c == 0) return true;
        if (c < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return false;
}

/* A key that has texts and numbers comes once, with its texts. */
static struct pp_cell labels_cell(struct sample_rows *s, uint32_t set) {
    const struct pp_profile *p = s->rc->profile;
    struct label_group group;
    if (set != s->last_set) {
        pp_arena_done(&s->scratch);
        s->labels = NULL;
        s->n_labels = s->cap_labels = 0;
        size_t n_texts = 0;
        for (uint32_t at = 0; label_next_group(p, p->label_sets[set], &at, &group);) {
            if (group.is_num && has_key(s, n_texts, group.key)) continue;
            n_texts += !group.is_num;
            PP_PUSH(&s->scratch, s->labels, s->n_labels, s->cap_labels, group.key);
            struct pp_str text = group_text(s, &group);
            PP_PUSH(&s->scratch, s->labels, s->n_labels, s->cap_labels, text);
        }
        s->last_set = set;
    }
    return (struct pp_cell){.kind = PP_CELL_LABELS, .texts = s->labels, .n_texts = s->n_labels};
}

static void add_rows(struct sample_rows *s, struct row_sink *sink) {
    const struct report_ctx *rc = s->rc;
    const struct pp_profile *p = rc->profile;
    for (uint32_t i = 0; i < p->n_samples && !out_failed(sink->out); i++) {
        int64_t divisor = rc->mean ? pp_value(p, i, 0) : 0;
        struct pp_cell cells[N_COLUMNS] = {
            [0] = cell_int(graph_mean(pp_value(p, i, rc->type), divisor)),
            [2] = labels_cell(s, pp_labels_of(p, i)),
        };
        stack_cells(s, p->stacks[p->sample_stack[i]], &cells[1], &cells[3]);
        rows_add(sink, cells);
    }
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    struct sample_rows s = {.rc = rc, .last_set = PP_NONE};
    graph_init(&s.g, rc->profile, &rc->graph, rc->arena);
    add_rows(&s, sink);
    graph_done(&s.g);
    pp_arena_done(&s.scratch);
    return true;
}

/* Frames as objects are for databases alone. */
static size_t n_columns_now(const struct report_ctx *rc) {
    return rc->as_series ? N_COLUMNS : N_COLUMNS - 1;
}

static const struct report_table table = {
    .version = 2,
    .is_series = true,
    .columns = columns,
    .n_columns = N_COLUMNS,
    .n_columns_now = n_columns_now,
};

const struct report_format samples_report = {
    .name = "samples",
    .help = "Every sample as a row, for databases",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_EACH_SOURCE,
    .suffix = "ndjson",
    .encoder = &ndjson_encoder,
    .rows = rows,
    .table = &table,
};
