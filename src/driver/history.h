/* Commands about a history: -record, -trend, -prune, -merge_history, -bless. */
#ifndef DRIVER_HISTORY_H
#define DRIVER_HISTORY_H

#include "base/world.h"
#include "driver/flags.h"
#include "profile/profile.h"
#include "query/query.h"

/* Whether the command line is one. */
bool driver_wants_history(const struct command_line *cl);

bool driver_history(const struct command_line *cl, struct pp_error *err);

/* The courses of a sample type's runs, as the page reads them (report/trend.h); what it holds is
 * bounded, whatever the history holds. */
bool driver_courses(const struct command_line *cl, struct pp_str type, struct pp_str *ret_courses,
                    struct pp_arena *arena, struct pp_error *err);

/* The history's recent stable runs as profiles, for a gate without a base: a sample a function.
 * `type`: the sample type that is asked about. */
struct history_bases {
    struct pp_profile *profiles;
    struct pp_str *names;
    uint32_t n;
};
bool driver_history_bases(const struct command_line *cl, struct pp_str type,
                          struct history_bases *ret_bases, struct pp_arena *arena,
                          struct pp_error *err);

#endif
