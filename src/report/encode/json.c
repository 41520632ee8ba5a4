/* One JSON object: the facts about the table, then "rows". */
#include "report/encode/cells.h"

#include <stdlib.h>

static void put_fields(struct json *j, const struct pp_table *head) {
    const char *open = NULL; /* the group whose object is open */
    for (size_t i = 0; i < head->n_fields; i++) {
        const struct pp_field *f = &head->fields[i];
        if (open && (!f->group || strcmp(open, f->group))) {
            json_object_end(j);
            open = NULL;
        }
        if (f->group && !open) {
            json_key(j, f->group);
            json_object(j);
            open = f->group;
        }
        json_key(j, f->name);
        cell_json(j, &f->value);
    }
    if (open) json_object_end(j);
}

static void begin(struct row_sink *sink) {
    struct json *j = sink->state = table_json_begin(sink);
    put_fields(j, sink->head);
    json_key(j, "rows");
    json_array(j);
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct json *j = sink->state;
    json_line(j);
    row_json(j, sink->head, cells);
}

static void end(struct row_sink *sink) {
    struct json *j = sink->state;
    if (sink->n_rows) json_newline(j);
    json_array_end(j);
    json_object_end(j);
    out_char(sink->out, '\n');
    pp_free(j);
}

const struct encoder json_encoder = {
    .name = "json",
    .help = "as one JSON object; alone: the whole profile",
    .is_series = true,
    .begin = begin,
    .row = row,
    .end = end,
};
