/* Reports that compare runs. The profile that settings are resolved against is the first new one.
 */
#include "driver/runs.h"

#include "base/input.h"
#include "driver/host/output.h"
#include "driver/report.h"
#include "driver/resolve.h"
#include "driver/views.h"
#include "load/fetch.h"
#include "profile/encode.h"
#include "report/baseline.h"

static bool read_text(const char *path, struct pp_str *ret_text, struct pp_arena *arena,
                      struct pp_error *err) {
    struct input in;
    const struct pp_limits limits = {.max_bytes = 1 << 20};
    if (!input_open_file(&in, path, &limits, err)) return pp_wrap(err, "%s", path);
    *ret_text = pp_arena_copy(arena, input_all(&in));
    bool ok = input_finish(&in, err) || pp_wrap(err, "%s", path);
    input_close(&in);
    return ok;
}

/* The views of all the others; the total and the position of the value are those of the first. */
static bool apply_views(const struct command_line *cl, const struct report_ctx *rc,
                        struct fetched_runs *runs, struct pp_error *err) {
    for (uint32_t i = 0; i < runs->n[0] + runs->n[1]; i++) {
        struct report_ctx each = *rc;
        int64_t total;
        each.type = 0;
        if (i == runs->n[0])
            runs->profiles[i] = *rc->full;
        else if (runs->profiles[i].n_types &&
                 !views_apply(&cl->settings, &each, &runs->profiles[i], &total, err))
            return pp_wrap(err, "%.*s", PP_STR_ARG(runs->names[i]));
    }
    return true;
}

static bool write_base(const struct command_line *cl, const struct report_ctx *rc,
                       struct pp_error *err) {
    struct pp_profile base;
    struct output o;
    const char *path = cl->settings.update_base;
    if (!baseline_make(rc->runs, &rc->graph, &base, rc->arena, err) ||
        !output_open(&o, path, -1, err))
        return pp_wrap(err, "-update_base");
    bool ok = profile_write_gzip(&base, &o.out, err);
    return (output_close(&o, ok, err) && ok) || pp_wrap(err, "-update_base");
}

/* "-gate -update_base=FILE NEW ..." without base or rules makes the first base. */
static bool is_first_base(const struct command_line *cl, const struct fetched_runs *runs) {
    return *cl->settings.update_base && runs->n[0] == 0 && !cl->param && !*cl->settings.rules;
}

static bool report(const struct command_line *cl, struct fetched_runs *fetched,
                   struct report_ctx *rc, const struct driver_env *env, int *ret_status,
                   struct pp_error *err) {
    if (!apply_views(cl, rc, fetched, err)) return false;
    uint32_t n = fetched->n[0] + fetched->n[1];
    const struct pp_profile **profiles = PP_NEW(rc->arena, const struct pp_profile *, n);
    for (uint32_t i = 0; i < n; i++)
        profiles[i] = &fetched->profiles[i];
    struct report_runs runs = {
        .profiles = profiles,
        .names = fetched->names,
        .n = {fetched->n[0], fetched->n[1]},
        .rules_file = pp_str_from(cl->settings.rules),
    };
    rc->runs = &runs;
    bool ok = !*cl->settings.rules || read_text(cl->settings.rules, &runs.rules, rc->arena, err);
    bool is_first = is_first_base(cl, fetched);
    if (is_first) pp_say(&env->diag, "no base was given: nothing is compared, only written");
    const char *file = cl->settings.output;
    if (ok && *file) pp_say(&env->diag, "Generating report in %s", file);
    if (!is_first) ok = ok && driver_save(cl, rc, file, env, ret_status, err);
    if (ok && *cl->settings.update_base) ok = write_base(cl, rc, err);
    rc->runs = NULL;
    return ok;
}

bool runs_report(const struct command_line *cl, const struct driver_env *env, int *ret_status,
                 struct pp_error *err) {
    struct pp_arena sources = {0}, arena = {0};
    struct fetched_runs runs;
    struct resolved r = {0};
    int status = 0;
    bool ok = fetch_runs(cl, env, &runs, &sources, err);
    if (ok && !runs.n[1]) ok = pp_fail(err, PP_E_USAGE, "no profile given to compare");
    ok = ok && resolve(cl, &runs.profiles[runs.n[0]], env, &r, &arena, err);
    if (ok) ok = report(cl, &runs, &r.rc, env, &status, err);
    if (ok) *ret_status = status;
    resolved_done(&r);
    pp_arena_done(&arena);
    pp_arena_done(&sources);
    return ok;
}
