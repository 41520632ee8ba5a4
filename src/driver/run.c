#include "driver/run.h"

#include "driver/help.h"
#include "driver/host/output.h"
#include "driver/host/sandbox.h"
#include "driver/prompt/prompt.h"
#include "driver/report.h"
#include "driver/resolve.h"
#include "driver/runs.h"
#include "load/fetch.h"

static bool file_on_terminal(const struct command_line *cl, const struct driver_env *env) {
    return env->out_is_terminal && !cl->encoder && !*cl->settings.output &&
           (cl->report->traits & REPORT_FILE);
}

bool driver_save(const struct command_line *cl, const struct report_ctx *rc, const char *file,
                 const struct driver_env *env, int *ret_status, struct pp_error *err) {
    struct output o;
    if (!output_open(&o, file, env->out, err)) return false;
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

/* NULL where none is looked into. */
static struct pp_objects *open_objects(const struct command_line *cl, struct binaries *binaries,
                                       const struct driver_env *env, struct pp_arena *arena) {
    const char *tools = cl->settings.tools;
    if (!(cl->report->traits & REPORT_OBJECTS) || cl->settings.nosource) return NULL;
    if (!*tools) tools = env->getenv("PPROF_TOOLS");
    const struct objects_options opt = {.tools = pp_str_from(tools ? tools : "")};
    return objects_new(binaries, &opt, arena);
}

bool driver_report(const struct command_line *cl, const struct fetched *p,
                   const struct driver_env *env, struct viewers *viewers, struct pp_error *err) {
    if (file_on_terminal(cl, env))
        return pp_fail(err, PP_E_USAGE, "-%s is not for a terminal; add -output=FILE or a pipe",
                       cl->report->name);
    struct pp_arena arena = {0};
    struct resolved r;
    bool ok = resolve(cl, &p->profile, env, &r, &arena, err);
    r.rc.symbols = &p->symbols;
    r.rc.listing.objects = open_objects(cl, p->binaries, env, &arena);
    const char *file = cl->settings.output;
    if (ok && *file) pp_say(&env->diag, "Generating report in %s", file);
    bool shown = cl->report->viewers && !cl->encoder && !*file;
    if (ok)
        ok = shown ? show_report(cl, &r.rc, env, viewers, err)
                   : driver_save(cl, &r.rc, file, env, NULL, err);
    resolved_done(&r);
    pp_arena_done(&arena);
    return ok;
}

static bool run(const struct command_line *cl, const struct driver_env *env, int *ret_status,
                struct pp_error *err) {
    if (cl->n_operands == 0)
        return pp_fail(err, PP_E_USAGE, "no profile given; as in: cpprof -top cpu.pb.gz (-help)");
    sandbox_enter(cl, env);
    if (cl->report && (cl->report->traits & REPORT_RUNS))
        return runs_report(cl, env, ret_status, err);
    struct pp_arena arena = {0};
    struct fetched p;
    bool ok = fetch_profile(cl, env, &p, &arena, err);
    if (ok) ok = cl->report ? driver_report(cl, &p, env, NULL, err) : prompt(cl, &p, env, err);
    fetched_done(&p);
    pp_arena_done(&arena);
    return ok;
}

static bool show(const struct command_line *cl, const struct driver_env *env,
                 struct pp_error *err) {
    struct out o;
    out_open_fd(&o, env->out);
    bool ok = true;
    if (cl->help)
        help_put(&o);
    else if (cl->manual)
        help_put_manual(&o);
    else if (cl->version)
        OUT_LIT(&o, "cpprof " CPPROF_VERSION "\n");
    else
        ok = help_completion(&o, cl->completion, err);
    return out_close(&o, err) && ok;
}

int driver_run(char **argv, const struct driver_env *env) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct command_line cl;
    int status = 0;
    bool ok = flags_parse(argv, &cl, &arena, &err);
    if (ok) resolve_shorthands(&cl.settings, env);
    if (ok)
        ok = cl.help || cl.manual || cl.version || cl.completion ? show(&cl, env, &err)
                                                                 : run(&cl, env, &status, &err);
    if (!ok) pp_say(&env->diag, "cpprof: %s", err.text);
    pp_arena_done(&arena);
    return ok ? status : 2;
}
