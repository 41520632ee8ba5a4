/* What several reports share: values as texts, and the lines above the report. */
#ifndef REPORT_HEADER_H
#define REPORT_HEADER_H

#include "profile/units.h"
#include "report/report.h"

/* The unit in which all values of a report are shown: the user's, or one that suits the smallest
 * node without making the total unreadable. `integers`: the output can't show fractions. */
struct pp_str report_unit(const struct report_ctx *rc, const struct graph *g, bool integers);

/* A value, times the ratio, in the unit. */
void report_value(const struct report_ctx *rc, struct pp_str unit, int64_t value,
                  struct units_text *ret_text);

/* The same, padded on the left to `width`. */
void put_value(struct out *o, const struct report_ctx *rc, struct pp_str unit, int64_t value,
               size_t width);
/* The same of many values, whose unit is looked up once. */
void put_value_by(struct out *o, const struct report_ctx *rc, const struct units_rule *rule,
                  int64_t value, size_t width);
/* The same as put_value with a dot for zero. */
void put_value_or_dot(struct out *o, const struct report_ctx *rc, struct pp_str unit, int64_t value,
                      size_t width);
void put_percentage(struct out *o, int64_t value, int64_t total);

/* The lines about the profile: file, build id, comments, type, time, duration. Each line is given
 * to `put`, without a newline. */
void put_profile_labels(struct out *o, const struct report_ctx *rc, struct pp_str unit);

struct report_legend {
    struct pp_str unit;
    int64_t shown_total; /* of the nodes that are shown */
    uint32_t shown;
    struct trim_result trim; /* dropped_edges 0: not mentioned */
    bool full;               /* everything, for a picture */
};

/* The lines above a graph report, each ended by a newline. */
void put_report_labels(struct out *o, const struct report_ctx *rc, const struct report_legend *l);

/* The profile with its values times the ratio, as it is written. */
struct pp_profile report_scaled(const struct report_ctx *rc);

/* The sum of the flat values of the nodes that are shown. */
int64_t graph_shown_total(const struct graph *g);

#endif
