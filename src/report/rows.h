/* Between a tabular report and the encoders: typed columns and rows. A report sends
 * begin, row ..., end; an encoder writes them in its format and knows nothing else. */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "base/out.h"
#include "cpprof/str.h"

#include <stdint.h>

enum cell_kind {
    CELL_NULL,
    CELL_TEXT,
    CELL_INT,   /* in the profile's own unit, never scaled */
    CELL_HEX,   /* an address */
    CELL_SHARE, /* num / total; null where total is 0 */
    CELL_DOUBLE,
    CELL_BOOL,
    CELL_TEXTS,  /* a list */
    CELL_LABELS, /* pairs of key and value: texts[2i], texts[2i+1] */
};

struct cell {
    enum cell_kind kind;
    struct pp_str text;
    int64_t num, total;
    double real;
    const struct pp_str *texts;
    size_t n_texts;
};

/* A fact about the whole table. */
struct table_field {
    const char *group; /* NULL, or the object that it belongs to: "profile" */
    const char *name;
    struct cell value;
};

struct table_head {
    const char *schema; /* name and version of the shape: "cpprof/top/1" */
    const char *report;
    const struct table_field *fields;
    size_t n_fields;
    const char *const *columns;
    size_t n_columns;
    const char *const *shown; /* the columns for people (markdown); NULL: all */
    size_t n_shown;
};

/* Where rows go. `head` lives until end. */
struct row_sink {
    const struct encoder *encoder;
    struct out *out;
    const struct table_head *head;
    uint64_t n_rows;
    void *state; /* the encoder's own */
};

/* An output format for rows: one file in encode/ and one line in encode/encoders.def. */
struct encoder {
    const char *name; /* and flag */
    const char *help;
    void (*begin)(struct row_sink *sink);
    void (*row)(struct row_sink *sink, const struct cell *cells); /* head->n_columns of them */
    void (*end)(struct row_sink *sink);
};

#define ENCODER(id) extern const struct encoder id##_encoder;
#include "report/encode/encoders.def"
#undef ENCODER

extern const struct encoder *const encoder_table[]; /* ends with NULL */

static inline void rows_begin(struct row_sink *sink, const struct table_head *head) {
    sink->head = head;
    sink->encoder->begin(sink);
}

static inline void rows_add(struct row_sink *sink, const struct cell *cells) {
    if (out_failed(sink->out)) return;
    sink->encoder->row(sink, cells);
    sink->n_rows++;
}

static inline void rows_end(struct row_sink *sink) {
    sink->encoder->end(sink);
}

static inline struct cell cell_text(struct pp_str text) {
    return (struct cell){.kind = CELL_TEXT, .text = text};
}

/* Null when the text is empty: unknown. */
static inline struct cell cell_known(struct pp_str text) {
    return (struct cell){.kind = text.len ? CELL_TEXT : CELL_NULL, .text = text};
}

static inline struct cell cell_int(int64_t num) {
    return (struct cell){.kind = CELL_INT, .num = num};
}

static inline struct cell cell_hex(uint64_t num) {
    return (struct cell){.kind = CELL_HEX, .num = (int64_t)num};
}

static inline struct cell cell_share(int64_t num, int64_t total) {
    return (struct cell){.kind = total ? CELL_SHARE : CELL_NULL, .num = num, .total = total};
}

static inline struct cell cell_double(double real) {
    return (struct cell){.kind = CELL_DOUBLE, .real = real};
}

static inline struct cell cell_bool(bool b) {
    return (struct cell){.kind = CELL_BOOL, .num = b};
}

#endif
