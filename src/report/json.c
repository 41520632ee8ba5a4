/* -json: the whole profile, streamed. Keys are those of profile.proto; docs/schema holds the
 * JSON Schema (cpprof/profile/2). */
#include "base/json.h"
#include "profile/sample_parts.h"
#include "report/id_texts.h"
#include "report/labels.h"
#include "report/report.h"

static void put_str(struct json *j, const char *key, struct pp_str s) {
    json_key(j, key);
    json_str(j, s);
}

static void put_i64(struct json *j, const char *key, int64_t v) {
    json_key(j, key);
    json_i64(j, v);
}

static void put_bool(struct json *j, const char *key, bool v) {
    json_key(j, key);
    json_bool(j, v);
}

static void put_id(struct json *j, const char *key, uint64_t id) {
    json_key(j, key);
    json_u64(j, id);
}

static void put_hex(struct json *j, const char *key, uint64_t v) {
    json_key(j, key);
    json_hex(j, v);
}

static void put_type(struct json *j, const struct pp_profile *p, struct pp_value_type t) {
    json_object(j);
    put_str(j, "type", pp_string(p, t.type));
    put_str(j, "unit", pp_string(p, t.unit));
    json_object_end(j);
}

/* Beside the number, which JavaScript rounds. */
static void put_time(struct json *j, int64_t nanos) {
    struct pp_arena scratch = {0};
    struct pp_cell time = cell_time(nanos, &scratch);
    json_key(j, "time");
    if (time.kind == PP_CELL_TEXT)
        json_str(j, time.text);
    else
        json_null(j);
    pp_arena_done(&scratch);
}

static void put_header(struct json *j, const struct pp_profile *p) {
    put_str(j, "schema", PP_STR("cpprof/profile/2"));
    json_key(j, "sample_types");
    json_array(j);
    for (uint32_t i = 0; i < p->n_types; i++)
        put_type(j, p, p->sample_types[i]);
    json_array_end(j);
    put_str(j, "default_sample_type", pp_string(p, p->default_sample_type));
    json_key(j, "period_type");
    put_type(j, p, p->period_type);
    put_i64(j, "period", p->period);
    put_i64(j, "time_nanos", p->time_nanos);
    put_time(j, p->time_nanos);
    put_i64(j, "duration_nanos", p->duration_nanos);
    json_key(j, "comments");
    json_array(j);
    for (uint32_t i = 0; i < p->n_comments; i++)
        json_str(j, pp_string(p, p->comments[i]));
    json_array_end(j);
    put_str(j, "doc_url", pp_string(p, p->doc_url));
    put_str(j, "drop_frames", pp_string(p, p->drop_frames));
    put_str(j, "keep_frames", pp_string(p, p->keep_frames));
}

static void put_mappings(struct json *j, const struct pp_profile *p) {
    json_key(j, "mappings");
    json_array(j);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        const struct pp_mapping *m = &p->mappings[i];
        json_line(j);
        json_object(j);
        put_id(j, "id", m->id);
        put_hex(j, "memory_start", m->start);
        put_hex(j, "memory_limit", m->limit);
        put_hex(j, "file_offset", m->offset);
        put_str(j, "filename", pp_string(p, m->file));
        put_str(j, "build_id", pp_string(p, m->build_id));
        put_bool(j, "has_functions", m->has_functions);
        put_bool(j, "has_filenames", m->has_filenames);
        put_bool(j, "has_line_numbers", m->has_line_numbers);
        put_bool(j, "has_inline_frames", m->has_inline_frames);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_functions(struct json *j, const struct pp_profile *p) {
    json_key(j, "functions");
    json_array(j);
    for (uint32_t i = 0; i < p->n_functions; i++) {
        const struct pp_function *f = &p->functions[i];
        json_line(j);
        json_object(j);
        put_id(j, "id", pp_id(p->function_ids, i));
        put_str(j, "name", pp_string(p, f->name));
        put_str(j, "system_name", pp_string(p, f->system_name));
        put_str(j, "filename", pp_string(p, f->filename));
        put_i64(j, "start_line", f->start_line);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_location(struct json *j, const struct pp_profile *p, uint32_t at) {
    const struct pp_location *l = &p->locations[at];
    json_object(j);
    put_id(j, "id", pp_id(p->location_ids, at));
    json_key(j, "mapping_id");
    if (l->mapping == PP_NONE)
        json_null(j);
    else
        json_u64(j, p->mappings[l->mapping].id);
    put_hex(j, "address", l->address);
    json_key(j, "lines");
    json_array(j);
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_line line = pp_line_at(p, l->first_line + i);
        json_object(j);
        put_id(j, "function_id", pp_id(p->function_ids, line.function));
        put_i64(j, "line", line.line);
        put_i64(j, "column", line.column);
        json_object_end(j);
    }
    json_array_end(j);
    put_bool(j, "is_folded", l->is_folded);
    json_object_end(j);
}

struct samples {
    const struct pp_profile *p;
    struct id_texts ids;
    struct label_heads keys;
    const struct json *array; /* that they are in */
};

static void put_label_key(struct out *o, struct pp_str key) {
    OUT_LIT(o, "{\"key\":");
    json_literal(o, key);
}

static void put_label(const struct samples *s, struct out *o, const struct pp_label *l,
                      bool is_text) {
    out_str(o, label_head(&s->keys, l->key));
    if (is_text) {
        OUT_LIT(o, ",\"str\":");
        json_literal(o, pp_string(s->p, l->text));
    } else {
        OUT_LIT(o, ",\"num\":");
        out_i64(o, l->num);
    }
    if (!is_text && l->text != PP_NONE) {
        OUT_LIT(o, ",\"num_unit\":");
        json_literal(o, pp_string(s->p, l->text));
    }
    out_char(o, '}');
}

static void put_sample(void *samples, unsigned worker, uint32_t sample, struct out *o) {
    (void)worker;
    const struct samples *s = samples;
    const struct pp_profile *p = s->p;
    struct pp_stack stack = p->stacks[p->sample_stack[sample]];
    struct json j = json_element(s->array, o, sample == 0);
    labels_expect(p, sample);
    json_line(&j);
    json_raw(&j);
    OUT_LIT(o, "{\"location_ids\":[");
    id_texts_put(&s->ids, o, stack);
    OUT_LIT(o, "],\"values\":[");
    for (uint32_t t = 0; t < p->n_types; t++) {
        if (t) out_char(o, ',');
        out_i64(o, pp_value(p, sample, t));
    }
    OUT_LIT(o, "],\"labels\":[");
    struct pp_label_set set = p->label_sets[p->sample_labels[sample]];
    for (uint32_t i = 0; i < set.n_text + set.n_num; i++) {
        if (i) out_char(o, ',');
        put_label(s, o, &p->labels[set.first + i], i < set.n_text);
    }
    OUT_LIT(o, "]}");
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct pp_profile *p = rc->profile;
    struct json j;
    struct samples samples = {.p = p, .array = &j};
    id_texts_init(&samples.ids, p, ',', rc->arena);
    label_heads_init(&samples.keys, p, put_label_key, rc->arena);
    json_begin(&j, o);
    json_object(&j);
    put_header(&j, p);
    put_mappings(&j, p);
    put_functions(&j, p);
    json_key(&j, "locations");
    json_array(&j);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        json_line(&j);
        put_location(&j, p, i);
    }
    json_array_end(&j);
    json_key(&j, "samples");
    json_array(&j);
    sample_parts_put(p, o, put_sample, &samples);
    json_array_end(&j);
    json_object_end(&j);
    out_char(o, '\n');
    return true;
}

const struct report_format json_report = {
    .name = "json",
    .help = "The whole profile as JSON; with another report: that report",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_NAMES_ONCE | REPORT_LABELS_EACH | REPORT_OBJECT_NAMES,
    .render = render,
};
