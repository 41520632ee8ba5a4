/* Columns by name, for encoders that give some of them a meaning: a table of checks has "verdict"
 * and "message", a row may have a place in "file" and "line". */
#ifndef REPORT_ENCODE_COLUMNS_H
#define REPORT_ENCODE_COLUMNS_H

#include "report/rows.h"

enum row_verdict { ROW_PLAIN, ROW_GOOD, ROW_BAD, ROW_IMPROVED, ROW_UNSURE, ROW_ERROR };

/* A row's verdict; ROW_PLAIN where the table has none. */
enum row_verdict row_verdict(const struct pp_table *head, const struct pp_cell *cells);

/* The cell of this column; NULL where there is none, or it is null. */
const struct pp_cell *row_cell(const struct pp_table *head, const struct pp_cell *cells,
                               const char *column);

/* The field of the whole table; NULL where there is none. */
const struct pp_cell *head_cell(const struct pp_table *head, const char *name);

/* What a row is about: rule and function where it has them, else its first text. In `out`, in
 * memory. */
void row_name(struct out *out, const struct pp_table *head, const struct pp_cell *cells);

/* "message", or all cells as name=value. */
void row_message(struct out *out, const struct pp_table *head, const struct pp_cell *cells);

#endif
