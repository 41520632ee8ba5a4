/* Comma-separated values, after RFC 4180 but with plain newlines. A text that a spreadsheet would
 * take for a formula gets a ' in front; bytes that are no UTF-8 become U+FFFD, since readers refuse
 * them. */
#include "report/encode/cells.h"

static bool is_formula(enum pp_cell_kind kind, struct pp_str s) {
    bool is_text = kind == PP_CELL_TEXT || kind == PP_CELL_TEXTS || kind == PP_CELL_LABELS;
    return is_text && s.len && memchr("=+-@\t\r", s.data[0], 6);
}

static void put_quoted(struct out *o, struct pp_str s) {
    out_char(o, '"');
    for (const char *quote; s.len && (quote = memchr(s.data, '"', s.len));) {
        size_t n = (size_t)(quote - s.data) + 1;
        out_utf8(o, pp_str_slice(s, 0, n));
        out_char(o, '"');
        s = pp_str_slice(s, n, s.len);
    }
    out_utf8(o, s);
    out_char(o, '"');
}

static bool needs_quotes(struct pp_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (memchr(",\"\r\n", s.data[i], 4)) return true;
    return s.len && (s.data[0] == ' ' || s.data[s.len - 1] == ' ');
}

/* An empty cell that is alone in its line is quoted: readers skip empty lines. */
static void put_cell(struct out *o, const struct pp_cell *c, bool alone) {
    struct out plain, guarded;
    out_open_memory(&plain);
    out_open_memory(&guarded);
    cell_plain(&plain, c);
    struct pp_str s = out_text(&plain);
    if (is_formula(c->kind, s)) {
        out_char(&guarded, '\'');
        out_str(&guarded, s);
        s = out_text(&guarded);
    }
    if (needs_quotes(s) || (alone && !s.len))
        put_quoted(o, s);
    else
        out_utf8(o, s);
    out_close(&plain, NULL);
    out_close(&guarded, NULL);
}

static void begin(struct row_sink *sink) {
    for (size_t i = 0; i < sink->head->n_columns; i++) {
        if (i) out_char(sink->out, ',');
        out_text0(sink->out, sink->head->columns[i]);
    }
    out_char(sink->out, '\n');
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    for (size_t i = 0; i < sink->head->n_columns; i++) {
        if (i) out_char(sink->out, ',');
        put_cell(sink->out, &cells[i], sink->head->n_columns == 1);
    }
    out_char(sink->out, '\n');
}

static void end(struct row_sink *sink) {
    (void)sink;
}

const struct encoder csv_encoder = {
    .name = "csv",
    .help = "as comma-separated values",
    .is_series = true,
    .begin = begin,
    .row = row,
    .end = end,
};
