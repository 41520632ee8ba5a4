/* The views that the settings ask for, in the reference's order. */
#ifndef DRIVER_VIEWS_H
#define DRIVER_VIEWS_H

#include "driver/settings.h"
#include "profile/view/view.h"
#include "report/report.h"

/* Derives `view` from itself: label frames, then filters. The total is taken on the way, before the
 * filters unless shares are to be of what they leave. Memory: rc->arena. */
bool views_apply(const struct settings *s, const struct report_ctx *rc, struct pp_profile *view,
                 int64_t *ret_total, struct pp_error *err);

/* The level at which the report, or the user, wants places to be told apart. */
bool view_granularity(const struct settings *s, const struct report_ctx *rc,
                      const struct pp_profile *full, struct pp_profile *ret_view,
                      struct pp_error *err);

#endif
