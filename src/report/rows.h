/* Between a tabular report and the encoders: typed columns and rows. A report sends
 * begin, row ..., end; an encoder writes them in its format and knows nothing else. */
#ifndef REPORT_ROWS_H
#define REPORT_ROWS_H

#include "base/out.h"
#include "cpprof/rows.h"

#include <string.h>

/* Where rows go. `head` lives until end. */
struct row_sink {
    const struct encoder *encoder;
    struct out *out;
    const struct pp_table *head;
    uint64_t n_rows;
    const struct pp_cell *common; /* cells that end each row, the same in all */
    size_t n_common;
    const struct report_metrics *metrics; /* of an encoder with is_metrics */
    void *state;                          /* the encoder's own */
};

/* An output format for rows: one file in encode/ and one line in encode/encoders.def. */
struct encoder {
    const char *name; /* and flag */
    const char *help;
    void (*begin)(struct row_sink *sink);
    /* Before the rows of each part: what they are of (series.h); or NULL. */
    void (*part)(struct row_sink *sink, const struct pp_table *head, const struct pp_cell *cells);
    void (*row)(struct row_sink *sink, const struct pp_cell *cells); /* head->n_columns of them */
    void (*end)(struct row_sink *sink);
    bool is_series;     /* for databases: each row says what it is of, and all together are whole */
    bool is_metrics;    /* only reports that have metrics (metrics.h) */
    int node_count;     /* functions that are shown when the user does not say; 0: the report's */
    bool is_for_people; /* where a report has a text of its own for people, that is written */
};

#define ENCODER(id) extern const struct encoder id##_encoder;
#include "report/encode/encoders.def"
#undef ENCODER

extern const struct encoder *const encoder_table[]; /* ends with NULL */

static inline void rows_begin(struct row_sink *sink, const struct pp_table *head) {
    sink->head = head;
    sink->encoder->begin(sink);
}

enum { MAX_COLUMNS = 40 };

/* The report's own cells; the common ones are added here. */
static inline void rows_add(struct row_sink *sink, const struct pp_cell *cells) {
    struct pp_cell all[MAX_COLUMNS];
    if (sink->out && out_failed(sink->out)) return;
    if (sink->n_common) {
        size_t own = sink->head->n_columns - sink->n_common;
        memcpy(all, cells, own * sizeof *all);
        memcpy(all + own, sink->common, sink->n_common * sizeof *all);
        cells = all;
    }
    sink->encoder->row(sink, cells);
    sink->n_rows++;
}

static inline void rows_end(struct row_sink *sink) {
    sink->encoder->end(sink);
}

static inline struct pp_cell cell_text(struct pp_str text) {
    return (struct pp_cell){.kind = PP_CELL_TEXT, .text = text};
}

/* Null when the text is empty: unknown. */
static inline struct pp_cell cell_known(struct pp_str text) {
    return (struct pp_cell){.kind = text.len ? PP_CELL_TEXT : PP_CELL_NULL, .text = text};
}

static inline struct pp_cell cell_int(int64_t num) {
    return (struct pp_cell){.kind = PP_CELL_INT, .num = num};
}

static inline struct pp_cell cell_hex(uint64_t num) {
    return (struct pp_cell){.kind = PP_CELL_HEX, .num = (int64_t)num};
}

static inline struct pp_cell cell_share(int64_t num, int64_t total) {
    return (struct pp_cell){
        .kind = total ? PP_CELL_SHARE : PP_CELL_NULL, .num = num, .total = total};
}

static inline struct pp_cell cell_double(double real) {
    return (struct pp_cell){.kind = PP_CELL_DOUBLE, .real = real};
}

static inline struct pp_cell cell_bool(bool b) {
    return (struct pp_cell){.kind = PP_CELL_BOOL, .num = b};
}

#endif
