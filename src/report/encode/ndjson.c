/* A JSON object a line, a line a row: for databases that load rows. */
#include "report/encode/cells.h"

static void begin(struct row_sink *sink) {
    (void)sink;
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct json j;
    json_begin(&j, sink->out);
    row_json(&j, sink->head, cells);
    out_char(sink->out, '\n');
}

const struct encoder ndjson_encoder = {
    .name = "ndjson",
    .help = "as JSON, one object a line",
    .is_series = true,
    .begin = begin,
    .row = row,
    .end = begin,
};
