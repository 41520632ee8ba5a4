/* -samples: a row a sample, for databases (ClickHouse JSONEachRow, DuckDB): the sum of the column
 * "value" is the profile's. Without an encoder: ndjson. */
#include "report/header.h"
#include "report/labels.h"
#include "report/report.h"

static const char *const columns[] = {"type",   "unit",    "value",   "stack",
                                      "labels", "time_ns", "build_id"};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

struct sample_rows {
    const struct report_ctx *rc;
    struct graph g; /* for the names of places */
    struct pp_str *frames;
    size_t cap_frames;
    struct pp_arena scratch; /* of one row's labels */
    struct pp_str *labels;
    size_t n_labels, cap_labels;
    uint32_t last_set;
};

/* Root first. */
static struct pp_cell stack_cell(struct sample_rows *s, struct pp_stack stack) {
    const struct pp_profile *p = s->rc->profile;
    size_t n = 0;
    for (uint32_t i = stack.len; i-- > 0;) {
        uint32_t location = pp_frame(p, stack.first + i);
        uint32_t first = s->g.first_node[location];
        for (uint32_t j = s->g.first_node[location + 1]; j-- > first;) {
            struct pp_str name = graph_printable_name(&s->g, s->g.location_nodes[j]);
            PP_PUSH(s->rc->arena, s->frames, n, s->cap_frames, name);
        }
    }
    return (struct pp_cell){.kind = PP_CELL_TEXTS, .texts = s->frames, .n_texts = n};
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
    struct pp_str build_id = p->n_mappings ? pp_string(p, p->mappings[0].build_id) : PP_STR("");
    for (uint32_t i = 0; i < p->n_samples && !out_failed(sink->out); i++) {
        int64_t divisor = rc->mean ? pp_value(p, i, 0) : 0;
        const struct pp_cell cells[N_COLUMNS] = {
            cell_text(rc->type_name),
            cell_text(rc->type_unit),
            cell_int(graph_mean(pp_value(p, i, rc->type), divisor)),
            stack_cell(s, p->stacks[p->sample_stack[i]]),
            labels_cell(s, p->sample_labels[i]),
            cell_int(p->time_nanos),
            cell_text(build_id),
        };
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

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    return report_write(rc, &ndjson_encoder, o, NULL, err);
}

static const struct report_table table = {
    .version = 1,
    .columns = columns,
    .n_columns = N_COLUMNS,
};

const struct report_format samples_report = {
    .name = "samples",
    .help = "Every sample as a row, for databases",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL,
    .suffix = "ndjson",
    .render = render,
    .rows = rows,
    .table = &table,
};
