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
    uint32_t *order;        /* series: the total; what changed and stays, by how much; what else
                               changed by itself; the heavier at last */
    uint32_t *first_change; /* by series and one more: changes are sorted by series and run */
};

/* What trend_report collects, of a history that may still be asked: it is not released. */
bool trend_collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err);

/* "total", or the function's name. */
struct pp_str trend_subject(const struct shown_trend *s, uint32_t series);

const char *trend_state_text(enum trend_state state);

/* Courses as flat arrays: {"schema":"cpprof/courses/1", type, unit, steps, machine, ..., "runs":
 * {commit, time}, "series": [{function, file, values, changes}], "rest"}: the total, what changed,
 * then the heaviest as far as 256 kB hold them. `o` is in memory; rc is as for trend_report. */
bool trend_page(struct out *o, const struct report_ctx *rc, struct pp_error *err);

/* All functions but the first `given` of the order, roughly: "rest": {points, "function": [...],
 * "most": [...], "newest": [...], "course": [...]}, a course being a digit of base 64 (A-Z, a-z,
 * 0-9, -, _) a point, of 0 to the most; 768 kB together. */
bool trend_rest(struct json *j, const struct shown_trend *s, uint32_t given, struct pp_error *err);

#endif
