#include "driver/report.h"

#include "base/input.h"
#include "base/progress.h"
#include "driver/ask.h"
#include "driver/embed.h"
#include "driver/history.h"
#include "driver/host/output.h"
#include "driver/loading.h"
#include "driver/number.h"
#include "net/url.h"
#include "profile/encode.h"
#include "report/baseline.h"
#include "report/page_data.h"

static bool file_on_terminal(const struct command_line *cl) {
    return cl->env->out_is_terminal && !cl->encoder && !*cl->settings.output &&
           (cl->report->traits & REPORT_FILE);
}

uint64_t driver_max_output(const struct settings *s) {
    struct pp_limits limits = {0};
    number_size(s->max_output, &limits.max_output);
    return pp_limits_or_default(&limits).max_output;
}

void driver_say_output(const struct command_line *cl) {
    if (*cl->settings.output)
        pp_say(&cl->env->diag, "Generating report in %s", cl->settings.output);
}

bool driver_write(const struct command_line *cl, const char *file, driver_writer *write, void *user,
                  struct pp_error *err) {
    struct output o;
    if (!output_open(&o, file, cl->env->out, err)) return false;
    out_limit(&o.out, driver_max_output(&cl->settings));
    bool ok = write(&o, user, err);
    return output_close(&o, ok, err) && ok;
}

struct saving {
    const struct command_line *cl;
    const struct report_ctx *rc;
    int *ret_status;
    struct progress progress;
};

static bool save(struct output *o, void *user, struct pp_error *err) {
    struct saving *s = user;
    if (!s->cl->encoder && (s->cl->report->traits & REPORT_SAFE)) out_make_safe(&o->out);
    progress_begin(&s->progress, s->cl->env->terminal, "Reporting");
    out_ends_progress(&o->out, &s->progress);
    bool ok = report_write(s->rc, s->cl->encoder, &o->out, s->ret_status, err);
    progress_end(&s->progress);
    out_ends_progress(&o->out, NULL);
    return ok;
}

bool driver_save(const struct command_line *cl, const struct report_ctx *rc, const char *file,
                 int *ret_status, struct pp_error *err) {
    struct saving s = {.cl = cl, .rc = rc, .ret_status = ret_status};
    return driver_write(cl, file, save, &s, err);
}

static bool show_report(const struct command_line *cl, const struct report_ctx *rc,
                        struct viewers *viewers, struct pp_error *err) {
    struct viewer viewer = {0};
    struct pp_arena *arena = viewers ? &viewers->arena : rc->arena;
    bool ok = viewer_open(&viewer, cl->report, cl->env, arena, err) &&
              driver_save(cl, rc, viewer.file.data, NULL, err) &&
              (viewers ? viewer_leave(&viewer, viewers, err) : viewer_show(&viewer, err));
    if (!ok || !viewers) viewer_close(&viewer);
    return ok;
}

static bool ask_told(const struct command_line *cl, const struct fetched *p, struct asked *ret,
                     struct pp_arena *arena, struct pp_error *err) {
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, "Filtering");
    bool ok = ask(cl, p, ret, arena, err);
    progress_end(&progress);
    return ok;
}

/* Where there are rules, runs are read for them, which is told of. */
static bool embed_told(struct embedding *ret, const struct command_line *cl,
                       const struct fetched *p, struct pp_error *err) {
    struct progress progress;
    progress_begin(&progress, *cl->settings.rules ? 0 : cl->env->terminal, "Reporting");
    bool ok = embed(ret, cl, p, err);
    progress_end(&progress);
    return ok;
}

bool driver_report(const struct command_line *cl, const struct fetched *p, struct viewers *viewers,
                   struct pp_error *err) {
    if (file_on_terminal(cl))
        return pp_fail(err, PP_E_USAGE, "-%s is not for a terminal; add -output=FILE or a pipe",
                       cl->report->name);
    struct pp_arena arena = {0};
    struct asked a;
    struct embedding e = {0};
    bool ok = ask_told(cl, p, &a, &arena, err);
    if (ok && (cl->report->traits & REPORT_EMBEDS)) ok = embed_told(&e, cl, p, err);
    a.query.rc.embedded = &e.embedded;
    const char *file = cl->settings.output;
    if (ok) driver_say_output(cl);
    bool shown = cl->report->viewers && !cl->encoder && !*file;
    if (ok)
        ok = shown ? show_report(cl, &a.query.rc, viewers, err)
                   : driver_save(cl, &a.query.rc, file, NULL, err);
    embed_done(&e);
    asked_done(&a);
    pp_arena_done(&arena);
    return ok;
}

/* ---- reports that compare runs: the profile that is asked about is the first new one ---- */

static bool read_text(const char *path, struct pp_str *ret_text, struct pp_arena *arena,
                      struct pp_error *err) {
    struct input in;
    const struct pp_limits limits = {.max_bytes = 16 << 20};
    if (!input_open_file(&in, path, &limits, err)) return pp_wrap(err, "%s", path);
    *ret_text = pp_arena_copy(arena, input_all(&in));
    bool ok = input_finish(&in, err);
    if (!ok && err->code == PP_E_LIMIT) pp_fail(err, PP_E_FORMAT, "is too large for such a text");
    if (!ok) pp_wrap(err, "%s", path);
    input_close(&in);
    return ok;
}

/* The same filters for all the others; rc->full is the first new one. */
static bool apply_filters(struct query *q, struct fetched_runs *runs, struct pp_error *err) {
    for (uint32_t i = 0; i < runs->n[0] + runs->n[1]; i++) {
        bool is_first = i == runs->n[0];
        if (is_first) runs->profiles[i] = *q->rc.full;
        if (runs->profiles[i].n_types && !query_apply(q, &runs->profiles[i], is_first, err))
            return pp_wrap(err, "%.*s", PP_STR_ARG(runs->names[i]));
    }
    return true;
}

static bool make_base(const struct command_line *cl, const struct report_ctx *rc,
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

static bool write_base(const struct command_line *cl, const struct report_ctx *rc,
                       struct pp_error *err) {
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, "Writing the base");
    bool ok = make_base(cl, rc, err);
    progress_end(&progress);
    return ok;
}

/* "-gate -update_base=FILE NEW ..." without base or rules makes the first base. */
static bool is_first_base(const struct command_line *cl, const struct fetched_runs *runs) {
    return *cl->settings.update_base && runs->n[0] == 0 && !cl->param && !*cl->settings.rules;
}

/* "%.txt" of "runs/old1.cpu" is "runs/old1.txt". */
static const char *beside(const char *pattern, struct pp_str profile, struct pp_arena *arena) {
    const char *percent = strchr(pattern, '%');
    size_t end = profile.len;
    while (end > 0 && profile.data[end - 1] != '.' && profile.data[end - 1] != '/')
        end--;
    bool has_suffix = end > 1 && profile.data[end - 1] == '.' && profile.data[end - 2] != '/';
    struct pp_str stem = pp_str_slice(profile, 0, has_suffix ? end - 1 : profile.len);
    if (pp_str_has_suffix(stem, PP_STR(".pb"))) stem.len -= 3; /* cpu.pb.gz */
    return pp_arena_printf(arena, "%.*s%.*s%s", (int)(percent - pattern), pattern, PP_STR_ARG(stem),
                           percent + 1)
        .data;
}

/* Texts about what the runs did, in the order of the runs. */
static bool read_benchmarks(const struct text_list *files, const struct fetched_runs *runs,
                            const struct pp_str **ret_texts, struct pp_arena *arena,
                            struct pp_error *err) {
    uint32_t n = runs->n[0] + runs->n[1];
    if (!files->n) return true;
    bool is_pattern = files->n == 1 && strchr(files->at[0], '%');
    if (!is_pattern && files->n != n)
        return pp_fail(err, PP_E_USAGE,
                       "-benchmarks: %zu files for %u profiles; one each, bases first, or a "
                       "pattern as %%.txt",
                       files->n, n);
    struct pp_str *texts = PP_NEW(arena, struct pp_str, n);
    for (uint32_t i = 0; i < n; i++) {
        const char *file = is_pattern ? beside(files->at[0], runs->names[i], arena) : files->at[i];
        if (!read_text(file, &texts[i], arena, err)) return pp_wrap(err, "-benchmarks");
    }
    *ret_texts = texts;
    return true;
}

/* What the report needs to know of the runs, filtered. */
static bool list_runs(const struct command_line *cl, struct fetched_runs *fetched, struct query *q,
                      struct report_runs *ret_runs, struct pp_error *err) {
    struct report_ctx *rc = &q->rc;
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, "Filtering");
    bool ok = apply_filters(q, fetched, err);
    progress_end(&progress);
    if (!ok) return false;
    uint32_t n = fetched->n[0] + fetched->n[1];
    const struct pp_profile **profiles = PP_NEW(rc->arena, const struct pp_profile *, n);
    for (uint32_t i = 0; i < n; i++)
        profiles[i] = &fetched->profiles[i];
    *ret_runs = (struct report_runs){
        .profiles = profiles,
        .names = fetched->names,
        .n = {fetched->n[0], fetched->n[1]},
        .is_history = *cl->settings.history,
        .rules_file = pp_str_from(cl->settings.rules),
        .exact_names = cl->settings.exact_names,
        .in_turns = cl->settings.paired && fetched->n[0] == fetched->n[1],
    };
    rc->runs = ret_runs;
    if (*cl->settings.rules && !read_text(cl->settings.rules, &ret_runs->rules, rc->arena, err))
        return false;
    return read_benchmarks(&cl->settings.benchmarks, fetched, &ret_runs->benchmarks, rc->arena,
                           err);
}

/* Asks the report only whether more runs are needed. */
static bool take_look(const struct report_ctx *rc, struct pp_error *err) {
    void *found = NULL;
    if (!rc->format->collect(rc, &found, err)) return false;
    if (rc->format->close) rc->format->close(found);
    return true;
}

static bool report_on(const struct command_line *cl, const struct report_ctx *rc, bool is_first,
                      int *ret_status, struct pp_error *err) {
    const struct report_look *look = rc->runs->look;
    if (look && !look->is_last) {
        if (!take_look(rc, err)) return false;
        if (!look->is_settled) return true;
    }
    if (is_first) pp_say(&cl->env->diag, "no base was given: nothing is compared, only written");
    driver_say_output(cl);
    return (is_first || driver_save(cl, rc, cl->settings.output, ret_status, err)) &&
           (!*cl->settings.update_base || write_base(cl, rc, err));
}

/* The history's runs stand where those of a base would. */
static bool add_history(const struct command_line *cl, struct fetched_runs *runs,
                        const struct query *q, struct pp_error *err) {
    struct history_bases b;
    const struct report_ctx *rc = &q->rc;
    struct pp_arena *arena = rc->arena;
    if (!*cl->settings.history) return true;
    if (runs->n[0]) return pp_fail(err, PP_E_USAGE, "-base and -history: one of them");
    if (rc->n_filters)
        return pp_fail(err, PP_E_USAGE,
                       "filters do not apply to a history; -base=FILE keeps stacks");
    struct pp_str type = pp_string(rc->full, rc->full->sample_types[rc->type].type);
    if (!driver_history_bases(cl, type, &b, arena, err)) return false;
    struct pp_profile *profiles = PP_NEW(arena, struct pp_profile, b.n + runs->n[1]);
    struct pp_str *names = PP_NEW(arena, struct pp_str, b.n + runs->n[1]);
    memcpy(profiles, b.profiles, b.n * sizeof *profiles);
    memcpy(names, b.names, b.n * sizeof *names);
    memcpy(profiles + b.n, runs->profiles, runs->n[1] * sizeof *profiles);
    memcpy(names + b.n, runs->names, runs->n[1] * sizeof *names);
    *runs = (struct fetched_runs){profiles, names, {b.n, runs->n[1]}};
    return true;
}

/* Runs, and a question about them; a.query.rc is what the report is given. */
struct asked_runs {
    struct fetched_runs fetched;
    struct report_runs runs;
    struct asked a;
    struct pp_arena profiles, arena;
};

/* Reads the runs and asks about the first new one. asked_runs_done in any case. */
static bool ask_runs(const struct command_line *cl, struct asked_runs *ret_asked,
                     struct pp_error *err) {
    struct asked_runs *r = ret_asked;
    struct load_options options;
    *r = (struct asked_runs){0};
    if (!loading_options(cl, &options, &r->arena, err) ||
        !fetch_runs(&options, cl->env, &r->fetched, &r->profiles, err))
        return false;
    if (!r->fetched.n[1]) return pp_fail(err, PP_E_USAGE, "no profile given to compare");
    const struct fetched first = {.profile = r->fetched.profiles[r->fetched.n[0]]};
    return ask_told(cl, &first, &r->a, &r->arena, err) &&
           add_history(cl, &r->fetched, &r->a.query, err) &&
           list_runs(cl, &r->fetched, &r->a.query, &r->runs, err);
}

static void asked_runs_done(struct asked_runs *r) {
    asked_done(&r->a);
    pp_arena_done(&r->arena);
    pp_arena_done(&r->profiles);
}

bool driver_report_runs(const struct command_line *cl, struct report_look *look, int *ret_status,
                        struct pp_error *err) {
    struct asked_runs r;
    int status = 0;
    if (cl->settings.normalize)
        return pp_fail(err, PP_E_USAGE,
                       "-gate and -normalize: a rule about a share compares shares");
    bool ok = ask_runs(cl, &r, err);
    r.runs.look = look;
    ok = ok && report_on(cl, &r.a.query.rc, is_first_base(cl, &r.fetched), &status, err);
    if (ok) *ret_status = status;
    if (ok && status == STATUS_IMPOSSIBLE && !r.fetched.n[0])
        pp_say(&cl->env->diag, "no base was given; -base=FILE is one");
    asked_runs_done(&r);
    return ok;
}

/* ---- the gate's verdict for the page ---- */

/* It takes a second look at the sources. */
static bool is_repeatable(const char *name) {
    return strcmp(name, "-") != 0 && !url_is_absolute(pp_str_from(name));
}

static bool write_verdict(const struct command_line *cl, struct out *o, struct pp_error *err) {
    struct asked_runs r;
    bool ok = ask_runs(cl, &r, err) && report_write(&r.a.query.rc, &page_encoder, o, NULL, err);
    asked_runs_done(&r);
    return ok;
}

bool driver_verdict(const struct command_line *given, struct pp_str *ret_table,
                    struct pp_arena *arena, struct pp_error *err) {
    struct command_line cl = *given;
    struct out o;
    *ret_table = PP_STR("");
    if (!*cl.settings.rules) return true;
    for (size_t i = 0; i < cl.n_operands; i++)
        if (!is_repeatable(cl.operands[i]))
            return pp_fail(err, PP_E_USAGE, "-rules here needs files: %s is read only once",
                           cl.operands[i]);
    cl.report = &gate_report;
    cl.param = NULL;
    out_open_memory(&o);
    bool ok = write_verdict(&cl, &o, err);
    if (ok) *ret_table = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return ok;
}
