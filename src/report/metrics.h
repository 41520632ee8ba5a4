/* What a report's table is as metrics. All are gauges with names of ours: what stands in a profile
 * becomes a label's value, never a name. */
#ifndef REPORT_METRICS_H
#define REPORT_METRICS_H

#include <stdbool.h>

enum metric_kind {
    METRIC_VALUE,   /* in the sample type's unit: NAME_seconds, NAME_bytes or NAME_value */
    METRIC_NUMBER,  /* as it is */
    METRIC_SECONDS, /* nanoseconds become seconds */
    METRIC_TEXT,    /* 1, and the text is a label */
    METRIC_IS       /* 1 where the text is `text`, else 0 */
};

struct metric {
    const char *name; /* without "cpprof_" and without a unit that follows from the value */
    const char *help;
    const char *column; /* of a row, or the head's field */
    enum metric_kind kind;
    const char *text;
    bool adds; /* rows that have no name of their own may be summed up */
};

struct metric_label {
    const char *name, *column;
};

/* Each list ends with a NULL name. */
struct report_metrics {
    const struct metric *of_head, *of_rows; /* or NULL */
    const struct metric_label *labels;      /* of a row */
    bool of_profile; /* totals, time and duration of what the rows are parts of belong to it */
};

#endif
