#include "driver/run.h"

#include "driver/ask.h"
#include "driver/help.h"
#include "driver/history.h"
#include "driver/host/pager.h"
#include "driver/host/sandbox.h"
#include "driver/indexing.h"
#include "driver/indexing_later.h"
#include "driver/loading.h"
#include "driver/offer.h"
#include "driver/prompt/prompt.h"
#include "driver/report.h"
#include "driver/rounds.h"
#include "driver/series.h"
#include "driver/serve.h"
#include "driver/shells.h"
#include "driver/version.h"
#include "driver/words.h"

/* As a shell says of a program that SIGPIPE ended. */
enum { CLOSED_PIPE = 128 + 13 };

static bool run_prompt(const struct command_line *cl, const struct fetched *p,
                       struct pp_error *err) {
    struct indexing *later = indexing_begin(p, cl->env);
    bool ok = prompt(cl, p, err);
    indexing_end(later);
    return ok;
}

static bool run(const struct command_line *cl, int *ret_status, struct pp_error *err) {
    if (driver_wants_history(cl)) {
        sandbox_enter(cl);
        return driver_history(cl, err);
    }
    if (cl->n_operands == 0)
        return pp_fail(err, PP_E_USAGE, "no profile given; as in: cpprof -top cpu.pb.gz (-help)");
    if (cl->verbose) return pp_fail(err, PP_E_USAGE, "-v goes with -version");
    if (cl->settings.make_index) return indexing_make(cl, err);
    if (*cl->settings.http) return driver_serve(cl, err);
    if (cl->settings.no_browser) return pp_fail(err, PP_E_USAGE, "-no_browser goes with -http");
    if (*cl->settings.run) return driver_rounds(cl, ret_status, err);
    sandbox_enter(cl);
    if (driver_wants_series(cl)) return driver_series(cl, err);
    if (cl->report && (cl->report->traits & REPORT_RUNS))
        return driver_report_runs(cl, NULL, ret_status, err);
    struct pp_arena arena = {0}, own = {0};
    struct fetched p = {0};
    struct load_options options;
    bool ok = loading_options(cl, &options, &own, err) &&
              fetch_profile(&options, cl->env, &p, &arena, err);
    if (ok && cl->report)
        ok = driver_report(cl, &p, NULL, err);
    else if (ok)
        ok = run_prompt(cl, &p, err);
    fetched_done(&p);
    if (ok && cl->report) indexing_after(&p, cl->env);
    pp_arena_done(&arena);
    pp_arena_done(&own);
    return ok;
}

static bool show_help(struct out *o, const struct command_line *cl, struct pp_error *err) {
    struct out text;
    out_open_memory(&text);
    bool ok = help_show(&text, &cl->catalog, cl->help, err);
    if (ok && !pager_show(out_text(&text), cl->env)) out_str(o, out_text(&text));
    out_close(&text, NULL);
    return ok;
}

static bool show(const struct command_line *cl, struct pp_error *err) {
    struct out o;
    out_open_fd(&o, cl->env->out);
    bool ok = true;
    if (cl->help)
        ok = show_help(&o, cl, err);
    else if (cl->manual)
        help_put_manual(&o, &cl->catalog);
    else if (cl->version)
        version_put(&o, cl->verbose);
    else if (cl->completion)
        ok = shell_script_put(&o, cl->completion, err);
    else
        ok = offer_words(&o, cl, err);
    return out_close(&o, err) && ok;
}

static bool is_about_itself(const struct command_line *cl) {
    return cl->help || cl->manual || cl->version || cl->completion || cl->complete;
}

/* `cpprof ... | head`: the reader has what it wanted. */
static bool is_closed_pipe(const struct pp_error *err, const struct command_line *cl) {
    return err->code == PP_E_CLOSED && cl->env->pipe_ends_quietly && !*cl->settings.output;
}

int driver_run(char **argv, const struct world *env) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct command_line cl;
    int status = 0;
    bool ok = flags_parse(argv, env, &cl, &arena, &err);
    if (ok) ask_by_shorthand(&cl.settings, env);
    if (ok) ok = is_about_itself(&cl) ? show(&cl, &err) : run(&cl, &status, &err);
    if (!ok && is_closed_pipe(&err, &cl)) {
        pp_arena_done(&arena);
        return CLOSED_PIPE;
    }
    if (!ok) pp_say(&env->diag, "cpprof: %s", error_words(&err, &cl.settings, &arena).data);
    pp_arena_done(&arena);
    return ok ? status : 2;
}
