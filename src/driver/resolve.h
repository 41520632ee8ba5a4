/* From settings to what a report needs: the views are applied, names become positions, expressions
 * are compiled. Everything that can be wrong in a setting is found here. */
#ifndef DRIVER_RESOLVE_H
#define DRIVER_RESOLVE_H

#include "driver/flags.h"
#include "driver/run.h"

struct resolved {
    struct report_ctx rc;
    struct pp_profile full, view; /* before and after the granularity is applied */
    struct regex *param_regex;
};

/* `p` is not changed. Everything lives in `arena`, and in `p`; resolved_done frees the rest, also
 * after a failure. */
bool resolve(const struct command_line *cl, const struct pp_profile *p,
             const struct driver_env *env, struct resolved *ret_resolved, struct pp_arena *arena,
             struct pp_error *err);
void resolved_done(struct resolved *r);

/* Turns the old flags that name a sample value (-inuse_space) into -sample_index and -mean. */
void resolve_shorthands(struct settings *s, const struct driver_env *env);

/* The sample type that a name, a number or "" (the default) means. */
bool resolve_sample_index(const struct pp_profile *p, const char *text, uint32_t *ret_type,
                          struct pp_error *err);

#endif
