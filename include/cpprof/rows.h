/* The facts of a report as a table: what encoders write, and what a program or a plug-in takes cell
 * by cell. */
#ifndef CPPROF_ROWS_H
#define CPPROF_ROWS_H

#include "str.h"

#include <stddef.h>
#include <stdint.h>

enum pp_cell_kind {
    PP_CELL_NULL,
    PP_CELL_TEXT,
    PP_CELL_INT,   /* num, in the profile's own unit, never scaled; text: for people, or empty */
    PP_CELL_HEX,   /* num: an address, as its 64 bits */
    PP_CELL_SHARE, /* num / total; PP_CELL_NULL where total is 0 */
    PP_CELL_DOUBLE,
    PP_CELL_BOOL,    /* num: 0 or 1 */
    PP_CELL_TEXTS,   /* a list */
    PP_CELL_LABELS,  /* pairs of key and value: texts[2i], texts[2i+1] */
    PP_CELL_RECORDS, /* a list of n_texts objects: *records */
};

struct pp_records;

struct pp_cell {
    enum pp_cell_kind kind;
    struct pp_str text;
    int64_t num, total;
    double real;
    union {
        const struct pp_str *texts;
        const struct pp_records *records;
    };
    size_t n_texts;
};

/* Object i has the cells from cells[i * n_columns] on. */
struct pp_records {
    const char *const *columns;
    size_t n_columns;
    const struct pp_cell *cells;
};

/* A fact about the whole table. */
struct pp_field {
    const char *group; /* NULL, or the object that it belongs to: "profile" */
    const char *name;
    struct pp_cell value;
};

struct pp_table {
    const char *schema; /* name and version of the shape: "cpprof/top/1" */
    const char *report;
    const struct pp_field *fields;
    size_t n_fields;
    const char *const *columns;
    size_t n_columns;
    const char *const *shown; /* the columns for people; NULL: all */
    size_t n_shown;
};

#endif
