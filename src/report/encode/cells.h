/* How cells look in the formats that share a form. */
#ifndef REPORT_ENCODE_CELLS_H
#define REPORT_ENCODE_CELLS_H

#include "base/json.h"
#include "report/rows.h"

/* A cell as a JSON value. */
void cell_json(struct json *j, const struct pp_cell *c);

/* The start of a table's JSON object, which stays open: its schema and report. The caller frees. */
struct json *table_json_begin(const struct row_sink *sink);

/* A row as a JSON object with the columns as keys. */
void row_json(struct json *j, const struct pp_table *head, const struct pp_cell *cells);

/* A cell as bare text: numbers in decimal, lists joined by ';', null as nothing. */
void cell_plain(struct out *o, const struct pp_cell *c);

#endif
