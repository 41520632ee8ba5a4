/* One table of one or more parts: a report over several sample types, or over several sources, each
 * by itself. For databases each row says what it is of: type, unit, total, time, source, build id,
 * labels; those columns end the row. */
#ifndef REPORT_SERIES_H
#define REPORT_SERIES_H

#include "report/report.h"

struct series {
    const struct encoder *encoder;
    struct out *out;
    bool many_types, many_sources; /* what parts differ in: the rows say it, not the head */

    /* private: */
    struct pp_arena arena;
    struct row_sink sink;
    struct pp_table head;
    bool begun;
};

/* Collects a part and adds its rows; the first one begins the table. All parts are of one report.
 * ret_status: as report_write's. */
bool series_add(struct series *s, const struct report_ctx *rc, int *ret_status,
                struct pp_error *err);

/* Ends the table, if it was begun, and frees. */
void series_end(struct series *s);

#endif
