#include "driver/history.h"

#include "base/clock.h"
#include "base/progress.h"
#include "driver/ask.h"
#include "driver/loading.h"
#include "driver/report.h"
#include "graph/order.h"
#include "history/measure.h"
#include "history/trend.h"
#include "query/query.h"
#include "report/trend.h"

#include <unistd.h>

/* Runs that a gate compares with. */
enum { MOST_BASES = 30 };

/* ---- which command ---- */

enum command { NO_COMMAND, RECORD, TREND, PRUNE, MERGE, BLESS };

static enum command command_of(const struct command_line *cl) {
    const struct settings *s = &cl->settings;
    if (s->record) return RECORD;
    if (cl->report && (cl->report->traits & REPORT_HISTORY)) return TREND;
    if (s->prune >= 0) return PRUNE;
    if (*s->merge_history) return MERGE;
    if (*s->bless) return BLESS;
    return NO_COMMAND;
}

bool driver_wants_history(const struct command_line *cl) {
    return command_of(cl) != NO_COMMAND;
}

static bool check(const struct command_line *cl, enum command command, struct pp_error *err) {
    const struct settings *s = &cl->settings;
    int n = s->record + (command_of(cl) == TREND || (cl->report && command != TREND)) +
            (s->prune >= 0) + (*s->merge_history != 0) + (*s->bless != 0);
    if (!*s->history) return pp_fail(err, PP_E_USAGE, "which history? add -history=FILE");
    if (n > 1)
        return pp_fail(err, PP_E_USAGE,
                       "-record, -trend, -prune, -merge_history, -bless and reports: one of them");
    if (command != TREND && cl->encoder)
        return pp_fail(err, PP_E_USAGE, "-%s goes with a report, as in -trend -%s",
                       cl->encoder->name, cl->encoder->name);
    if (command != RECORD && cl->n_operands)
        return pp_fail(err, PP_E_USAGE, "%s: this takes no profile; -record adds one",
                       cl->operands[0]);
    if (command == RECORD && !cl->n_operands)
        return pp_fail(err, PP_E_USAGE, "no profile given to record");
    if (s->prune == 0) return pp_fail(err, PP_E_USAGE, "-prune=0: at least one run is kept");
    if (command == BLESS && (!*s->commit || !*s->reason))
        return pp_fail(
            err, PP_E_USAGE,
            "-bless=FUNCTION needs -commit=COMMIT, where the change began, and -reason=TEXT");
    return true;
}

/* ---- recording ---- */

struct recording {
    const struct command_line *cl;
    struct history *history; /* NULL: it is made with its first run */
    struct history *made;
    struct pp_str machine;
    struct pairs labels;
    uint32_t n_added, n_known;
    struct pp_arena arena;
};

static int64_t now(void) {
    return clock_seconds() * 1000000000;
}

/* No profile that can't be read makes a history. */
static bool make_history(struct recording *r, struct pp_error *err) {
    if (r->history) return true;
    if (!history_open(r->cl->settings.history, true, &r->made, err)) return false;
    r->history = r->made;
    return true;
}

static bool record(void *user, const struct fetched *f, size_t at, size_t n, struct pp_error *err) {
    struct recording *r = user;
    struct pp_arena arena = {0};
    uint32_t type = 0;
    bool known = false;
    const struct settings *s = &r->cl->settings;
    const struct graph_options paths = {.trim_path = pp_str_from(s->trim_path),
                                        .source_path = pp_str_from(s->source_path)};
    struct history_entry entry = {
        .run = {.time_ns = f->profile.time_nanos ? f->profile.time_nanos : now(),
                .duration_ns = f->profile.duration_nanos,
                .commit = pp_str_from(s->commit),
                .machine = r->machine,
                .source = f->only_source,
                .labels = history_labels(&r->labels, &arena)}};
    (void)at, (void)n;
    bool ok = query_sample_type(&f->profile, s->sample_index, &type, err);
    const struct history_measuring how = {type, *s->sample_index != 0, &paths};
    ok = ok && history_measure(&f->profile, &how, &entry, &arena, err);
    ok = (ok || pp_wrap(err, "%.*s", PP_STR_ARG(f->only_source))) && make_history(r, err) &&
         history_record(r->history, &entry, &known, err);
    r->n_added += ok && !known;
    r->n_known += ok && known;
    pp_arena_done(&arena);
    return ok;
}

static bool record_all(const struct command_line *cl, struct history *history,
                       struct pp_error *err) {
    struct recording r = {.cl = cl, .history = history};
    struct load_options options;
    const struct settings *s = &cl->settings;
    r.machine = *s->machine ? pp_str_from(s->machine) : history_machine(&r.arena);
    bool ok =
        loading_labels(s, &r.labels, &r.arena, err) && loading_options(cl, &options, &r.arena, err);
    options.labels.n_texts = 0; /* they are the run's */
    ok = ok && fetch_each(&options, cl->env, record, &r, err);
    if (ok && r.n_known)
        pp_say(&cl->env->diag, "%u run%s recorded; %u %s there already", r.n_added,
               r.n_added == 1 ? "" : "s", r.n_known, r.n_known == 1 ? "was" : "were");
    else if (ok)
        pp_say(&cl->env->diag, "%u run%s recorded", r.n_added, r.n_added == 1 ? "" : "s");
    history_close(r.made);
    pp_arena_done(&r.arena);
    return ok;
}

/* ---- asking ---- */

static const char reading_it[] = "Reading the history";

/* Which of a type's runs are asked for. */
static bool question_of(const struct settings *s, struct pp_str type,
                        struct history_question *ret_question, struct pp_arena *arena,
                        struct pp_error *err) {
    struct pairs *labels = PP_NEW(arena, struct pairs, 1);
    if (!loading_labels(s, labels, arena, err)) return false;
    if (s->runs < 0) return pp_fail(err, PP_E_USAGE, "-runs=%d: a number of runs; 0: all", s->runs);
    *ret_question = (struct history_question){
        .type = type,
        .machine = pp_str_from(s->machine),
        .labels = labels,
        .n_runs = (uint32_t)s->runs,
    };
    return true;
}

static void say_elsewhere(const struct history_window *w, const struct world *env) {
    if (w->n_elsewhere)
        pp_say(&env->diag,
               "%u runs of other machines are left out: only those of \"%.*s\" are compared "
               "(-machine=NAME chooses)",
               w->n_elsewhere, PP_STR_ARG(w->machine));
}

static struct report_ctx trend_context(const struct command_line *cl,
                                       const struct history_window *window,
                                       struct pp_arena *arena) {
    enum graph_order order = GRAPH_BY_FLAT;
    graph_order_find(pp_str_from(cl->settings.sort), &order);
    return (struct report_ctx){
        .format = &trend_report,
        .history = window,
        .trim = {.order = order, .node_fraction = cl->settings.nodefraction},
        .arena = arena,
        .diag = &cl->env->diag,
    };
}

static bool show_trend(const struct command_line *cl, struct history *h, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct history_question q;
    struct history_window window;
    struct pp_str type = pp_str_from(cl->settings.sample_index);
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, reading_it);
    bool ok = question_of(&cl->settings, type, &q, &arena, err) &&
              history_load(h, &q, &window, &arena, err);
    progress_end(&progress);
    if (ok) {
        say_elsewhere(&window, cl->env);
        struct report_ctx rc = trend_context(cl, &window, &arena);
        rc.param = pp_str_from(cl->param ? cl->param : "");
        ok = driver_save(cl, &rc, cl->settings.output, NULL, err);
    }
    pp_arena_done(&arena);
    return ok;
}

static bool take_bases(const struct history_window *w, struct history_bases *ret_bases,
                       struct pp_arena *arena, struct pp_error *err) {
    struct history_span s;
    trend_stable(w, MOST_BASES, &s.from, &s.to, arena);
    struct history_bases b = {.n = s.to - s.from};
    b.profiles = PP_NEW(arena, struct pp_profile, b.n);
    b.names = PP_NEW(arena, struct pp_str, b.n);
    for (uint32_t i = 0; i < b.n; i++)
        b.names[i] = w->runs[s.from + i].source;
    if (!history_profiles(w, s, b.profiles, arena, err)) return false;
    *ret_bases = b;
    return true;
}

bool driver_courses(const struct command_line *cl, struct pp_str type, struct pp_str *ret_courses,
                    struct pp_arena *arena, struct pp_error *err) {
    struct history *h;
    struct history_question q;
    struct history_window w;
    struct pp_arena own = {0};
    if (!history_open(cl->settings.history, false, &h, err)) return false;
    bool ok = question_of(&cl->settings, type, &q, &own, err) && history_load(h, &q, &w, &own, err);
    if (ok) {
        const struct report_ctx rc = trend_context(cl, &w, &own);
        struct out o;
        out_open_memory(&o);
        ok = trend_page(&o, &rc, err);
        if (ok) *ret_courses = pp_arena_copy(arena, out_text(&o));
        out_close(&o, NULL);
    }
    history_close(h);
    pp_arena_done(&own);
    return ok;
}

bool driver_history_bases(const struct command_line *cl, struct pp_str type,
                          struct history_bases *ret_bases, struct pp_arena *arena,
                          struct pp_error *err) {
    struct history *h;
    struct history_window w;
    if (!history_open(cl->settings.history, false, &h, err)) return false;
    struct history_question q;
    bool ok = question_of(&cl->settings, type, &q, arena, err);
    if (ok && !q.machine.len) q.machine = history_machine(arena);
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, reading_it);
    ok = ok && history_load(h, &q, &w, arena, err) && take_bases(&w, ret_bases, arena, err);
    progress_end(&progress);
    history_close(h);
    if (ok) say_elsewhere(&w, cl->env);
    return ok;
}

/* ---- keeping house ---- */

static bool prune(const struct command_line *cl, struct history *h, struct pp_error *err) {
    uint32_t gone;
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, "Forgetting runs");
    bool ok = history_prune(h, (uint32_t)cl->settings.prune, &gone, err);
    progress_end(&progress);
    if (!ok) return false;
    pp_say(&cl->env->diag, "%u %s gone; the newest are kept", gone,
           gone == 1 ? "run is" : "runs are");
    return true;
}

static bool merge(const struct command_line *cl, struct history *h, struct pp_error *err) {
    struct history *other;
    uint32_t added;
    if (!history_open(cl->settings.merge_history, false, &other, err)) return false;
    struct progress progress;
    progress_begin(&progress, cl->env->terminal, "Adding runs");
    bool ok = history_merge(h, other, &added, err);
    progress_end(&progress);
    history_close(other);
    if (ok) pp_say(&cl->env->diag, "%u run%s added", added, added == 1 ? "" : "s");
    return ok;
}

static bool bless(const struct command_line *cl, struct history *h, struct pp_error *err) {
    const struct settings *s = &cl->settings;
    const struct history_blessing b = {pp_str_from(s->bless), pp_str_from(s->commit),
                                       pp_str_from(s->reason)};
    bool has_name, has_commit;
    if (!history_knows(h, &b, &has_name, &has_commit, err) || !history_bless(h, &b, err))
        return false;
    if (!has_name)
        pp_say(&cl->env->diag, "-bless: no run so far has a function %.*s", PP_STR_ARG(b.name));
    if (!has_commit)
        pp_say(&cl->env->diag, "-bless: no run so far is of commit %.*s", PP_STR_ARG(b.commit));
    return true;
}

bool driver_history(const struct command_line *cl, struct pp_error *err) {
    static const struct {
        bool creates;
        bool (*run)(const struct command_line *cl, struct history *h, struct pp_error *err);
    } commands[] = {
        [RECORD] = {true, record_all}, [TREND] = {false, show_trend}, [PRUNE] = {false, prune},
        [MERGE] = {true, merge},       [BLESS] = {false, bless},
    };
    enum command command = command_of(cl);
    struct history *h = NULL;
    if (!commands[command].run || !check(cl, command, err)) return false;
    bool later = command == RECORD && access(cl->settings.history, F_OK) != 0;
    if (!later && !history_open(cl->settings.history, commands[command].creates, &h, err))
        return false;
    bool ok = commands[command].run(cl, h, err);
    history_close(h);
    return ok;
}
