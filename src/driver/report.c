#include "driver/report.h"

#include "base/input.h"
#include "driver/ask.h"
#include "driver/host/output.h"
#include "driver/number.h"
#include "profile/encode.h"
#include "report/baseline.h"

static bool file_on_terminal(const struct command_line *cl, const struct driver_env *env) {
    return env->out_is_terminal && !cl->encoder && !*cl->settings.output &&
           (cl->report->traits & REPORT_FILE);
}

static uint64_t max_output(const struct settings *s) {
    struct pp_limits limits = {0};
    number_size(s->max_output, &limits.max_output);
    return pp_limits_or_default(&limits).max_output;
}

bool driver_save(const struct command_line *cl, const struct report_ctx *rc, const char *file,
                 const struct driver_env *env, int *ret_status, struct pp_error *err) {
    struct output o;
    if (!output_open(&o, file, env->out, err)) return false;
    out_limit(&o.out, max_output(&cl->settings));
    if (!cl->encoder && (cl->report->traits & REPORT_SAFE)) out_make_safe(&o.out);
    bool ok = report_write(rc, cl->encoder, &o.out, ret_status, err);
    return output_close(&o, ok, err) && ok;
}

static bool show_report(const struct command_line *cl, const struct report_ctx *rc,
                        const struct driver_env *env, struct viewers *viewers,
                        struct pp_error *err) {
    struct viewer viewer = {0};
    const char *file;
    struct pp_arena *arena = viewers ? &viewers->arena : rc->arena;
    bool ok = viewer_open(&viewer, cl->report, env, arena, &file, err) &&
              driver_save(cl, rc, file, env, NULL, err) &&
              (viewers ? viewer_leave(&viewer, viewers, err) : viewer_show(&viewer, err));
    if (!ok || !viewers) viewer_close(&viewer);
    return ok;
}

bool driver_report(const struct command_line *cl, const struct fetched *p,
                   const struct driver_env *env, struct viewers *viewers, struct pp_error *err) {
    if (file_on_terminal(cl, env))
        return pp_fail(err, PP_E_USAGE, "-%s is not for a terminal; add -output=FILE or a pipe",
                       cl->report->name);
    struct pp_arena arena = {0};
    struct asked a;
    bool ok = ask(cl, p, env, &a, &arena, err);
    const char *file = cl->settings.output;
    if (ok && *file) pp_say(&env->diag, "Generating report in %s", file);
    bool shown = cl->report->viewers && !cl->encoder && !*file;
    if (ok)
        ok = shown ? show_report(cl, &a.query.rc, env, viewers, err)
                   : driver_save(cl, &a.query.rc, file, env, NULL, err);
    asked_done(&a);
    pp_arena_done(&arena);
    return ok;
}

/* ---- reports that compare runs: the profile that is asked about is the first new one ---- */

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

/* The same filters for all the others; rc->full is the first new one. */
static bool apply_filters(struct query *q, struct fetched_runs *runs, struct pp_error *err) {
    for (uint32_t i = 0; i < runs->n[0] + runs->n[1]; i++) {
        if (i == runs->n[0])
            runs->profiles[i] = *q->rc.full;
        else if (runs->profiles[i].n_types && !query_apply(q, &runs->profiles[i], err))
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

/* Asks the report only whether more runs are needed. */
static bool take_look(const struct report_ctx *rc, struct pp_error *err) {
    void *found = NULL;
    if (!rc->format->collect(rc, &found, err)) return false;
    if (rc->format->close) rc->format->close(found);
    return true;
}

static bool write_runs(const struct command_line *cl, const struct report_ctx *rc,
                       const struct driver_env *env, int *ret_status, struct pp_error *err) {
    const char *file = cl->settings.output;
    if (*file) pp_say(&env->diag, "Generating report in %s", file);
    return driver_save(cl, rc, file, env, ret_status, err);
}

static bool read_runs(const struct command_line *cl, struct fetched_runs *fetched, struct query *q,
                      struct report_runs *ret_runs, struct pp_error *err) {
    uint32_t n = fetched->n[0] + fetched->n[1];
    const struct pp_profile **profiles = PP_NEW(q->rc.arena, const struct pp_profile *, n);
    if (!apply_filters(q, fetched, err)) return false;
    for (uint32_t i = 0; i < n; i++)
        profiles[i] = &fetched->profiles[i];
    *ret_runs = (struct report_runs){
        .profiles = profiles,
        .names = fetched->names,
        .n = {fetched->n[0], fetched->n[1]},
        .rules_file = pp_str_from(cl->settings.rules),
        .exact_names = cl->settings.exact_names,
        .in_turns = cl->settings.paired && fetched->n[0] == fetched->n[1],
    };
    return !*cl->settings.rules ||
           read_text(cl->settings.rules, &ret_runs->rules, q->rc.arena, err);
}

static bool report_on(const struct command_line *cl, const struct report_ctx *rc, bool is_first,
                      const struct driver_env *env, int *ret_status, struct pp_error *err) {
    const struct report_look *look = rc->runs->look;
    if (look && !look->is_last) {
        if (!take_look(rc, err)) return false;
        if (!look->is_settled) return true;
    }
    if (is_first) pp_say(&env->diag, "no base was given: nothing is compared, only written");
    return (is_first || write_runs(cl, rc, env, ret_status, err)) &&
           (!*cl->settings.update_base || write_base(cl, rc, err));
}

bool driver_report_runs(const struct command_line *cl, const struct driver_env *env,
                        struct report_look *look, int *ret_status, struct pp_error *err) {
    struct pp_arena sources = {0}, arena = {0};
    struct fetched_runs fetched;
    struct report_runs runs;
    struct asked a = {0};
    int status = 0;
    bool ok = fetch_runs(cl, env, &fetched, &sources, err);
    if (ok && !fetched.n[1]) ok = pp_fail(err, PP_E_USAGE, "no profile given to compare");
    struct fetched first = {0};
    if (ok) first.profile = fetched.profiles[fetched.n[0]];
    ok = ok && ask(cl, &first, env, &a, &arena, err) &&
         read_runs(cl, &fetched, &a.query, &runs, err);
    if (ok) {
        runs.look = look;
        a.query.rc.runs = &runs;
        ok = report_on(cl, &a.query.rc, is_first_base(cl, &fetched), env, &status, err);
    }
    if (ok) *ret_status = status;
    asked_done(&a);
    pp_arena_done(&arena);
    pp_arena_done(&sources);
    return ok;
}
