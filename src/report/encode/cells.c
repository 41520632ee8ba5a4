#include "report/encode/cells.h"

static void records_json(struct json *j, const struct pp_records *r, size_t n) {
    const struct pp_table head = {.columns = r->columns, .n_columns = r->n_columns};
    json_array(j);
    for (size_t i = 0; i < n; i++)
        row_json(j, &head, r->cells + i * r->n_columns);
    json_array_end(j);
}

void cell_json(struct json *j, const struct pp_cell *c) {
    switch (c->kind) {
    case PP_CELL_NULL:
        json_null(j);
        break;
    case PP_CELL_TEXT:
        json_str(j, c->text);
        break;
    case PP_CELL_INT:
        json_i64(j, c->num);
        break;
    case PP_CELL_HEX:
        json_hex(j, (uint64_t)c->num);
        break;
    case PP_CELL_SHARE:
        json_double(j, (double)c->num / (double)c->total);
        break;
    case PP_CELL_DOUBLE:
        json_double(j, c->real);
        break;
    case PP_CELL_BOOL:
        json_bool(j, c->num != 0);
        break;
    case PP_CELL_TEXTS:
        json_array(j);
        for (size_t i = 0; i < c->n_texts; i++)
            json_str(j, c->texts[i]);
        json_array_end(j);
        break;
    case PP_CELL_LABELS:
        json_object(j);
        for (size_t i = 0; i + 1 < c->n_texts; i += 2) {
            json_key_str(j, c->texts[i]);
            json_str(j, c->texts[i + 1]);
        }
        json_object_end(j);
        break;
    case PP_CELL_RECORDS:
        records_json(j, c->records, c->n_texts);
        break;
    }
}

struct json *table_json_begin(const struct row_sink *sink) {
    struct json *j = pp_malloc(sizeof *j);
    json_begin(j, sink->out);
    json_object(j);
    json_key(j, "schema");
    json_str(j, pp_str_from(sink->head->schema));
    json_key(j, "report");
    json_str(j, pp_str_from(sink->head->report));
    return j;
}

void row_json(struct json *j, const struct pp_table *head, const struct pp_cell *cells) {
    json_object(j);
    for (size_t i = 0; i < head->n_columns; i++) {
        json_key(j, head->columns[i]);
        cell_json(j, &cells[i]);
    }
    json_object_end(j);
}

void cell_plain(struct out *o, const struct pp_cell *c) {
    switch (c->kind) {
    case PP_CELL_NULL:
        break;
    case PP_CELL_TEXT:
        out_str(o, c->text);
        break;
    case PP_CELL_INT:
        out_i64(o, c->num);
        break;
    case PP_CELL_HEX:
        out_hex(o, (uint64_t)c->num);
        break;
    case PP_CELL_BOOL:
        out_text0(o, c->num ? "true" : "false");
        break;
    case PP_CELL_RECORDS:
    case PP_CELL_SHARE:
    case PP_CELL_DOUBLE: {
        struct json j;
        json_begin(&j, o);
        cell_json(&j, c);
        break;
    }
    case PP_CELL_TEXTS:
    case PP_CELL_LABELS:
        for (size_t i = 0; i < c->n_texts; i++) {
            if (i) out_char(o, c->kind == PP_CELL_LABELS && i % 2 ? '=' : ';');
            out_str(o, c->texts[i]);
        }
        break;
    }
}
