/* What -trend found in a history, for those that show it: as text and rows (trend.c), on the page
 * (trend_page.c). */
#ifndef REPORT_TREND_H
#define REPORT_TREND_H

#include "base/json.h"
#include "history/trend.h"
#include "report/report.h"

/* rc->found of trend_report. */
struct shown_trend {
    struct trend t;
    const struct history_window *w;
    struct regex *rx;
    bool *is_shown;         /* by series */
    uint32_t *first_change; /* by series and one more: changes are sorted by series and run */
};

/* "total", or the function's name. */
struct pp_str trend_subject(const struct shown_trend *s, uint32_t series);

const char *trend_state_text(enum trend_state state);

/* Courses as flat arrays: {"schema":"cpprof/courses/1", type, unit, steps, machine, ..., "runs":
 * {commit, time}, "series": [{function, file, values, changes}]}. The total, what changed,
 * then the heaviest, `most` in all; rc is as for trend_report. */
bool trend_page(struct json *j, const struct report_ctx *rc, uint32_t most, struct pp_error *err);

#endif
