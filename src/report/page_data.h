/* What the page's front end (src/web) draws from, as JSON: boxes of the flame graph in flat arrays,
 * tables without the columns' names in each row, and the facts about the profile. The front end
 * lays out, it computes no value but sums of what it was given. Shapes: docs/page.md. */
#ifndef REPORT_PAGE_DATA_H
#define REPORT_PAGE_DATA_H

#include "base/json.h"
#include "report/flame_tree.h"

/* What the page is called: the program's file; if the profile does not name it, the profile's. */
struct pp_str page_title(const struct report_ctx *rc);

/* {"schema":"cpprof/page/1", title, legend, type, unit, steps, total, ...}: an object that is left
 * open for more. */
void page_begin(struct json *j, const struct report_ctx *rc);

/* [[name, factor], ...], smallest first: what values in unit `from` are shown in where `to` is
 * asked for, times `ratio`. */
void page_steps(struct json *j, struct pp_str from, struct pp_str to, double ratio);

/* The boxes of the call tree, depth first: level, name, what each costs by itself ("self", times
 * "scale"). Where some are left out, "lightest" is the weight of the lightest that is not, and for
 * each box that calls one "cut" has its position, a stack (for flame_cut.under, with the box's
 * level counted from 1), and what is left out below it. Totals are sums of these. ret_is_cut may be
 * NULL. */
bool page_boxes(struct json *j, const struct report_ctx *rc, struct flame_cut cut, bool *ret_is_cut,
                struct pp_error *err);

/* "sources":[names], "base": which of them, counted from 1, or null: what may be picked as the base
 * of a comparison, and what was (PP_NONE: none). */
void page_sources(struct json *j, const struct pp_str *names, uint32_t n, uint32_t base);

/* A report's rows: {schema, report, ..., "columns":[...], "rows":[[...], ...]}. No flag asks for
 * it. */
extern const struct encoder page_encoder;

/* The text as it may stand in a <script> of a page: "<" is written as an escape. */
void page_put_script(struct out *o, struct pp_str json);

#endif
