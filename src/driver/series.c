#include "driver/series.h"

#include "driver/ask.h"
#include "driver/loading.h"
#include "driver/report.h"
#include "report/series.h"

#include <stdio.h>

struct writing {
    const struct command_line *cl;
    struct load_options options;
    struct series series;
};

static bool all_types(const struct command_line *cl) {
    return !strcmp(cl->settings.sample_index, "all");
}

static bool has_base(const struct command_line *cl) {
    return cl->settings.base.n || cl->settings.diff_base.n;
}

/* Sources that are compared with a base are one. */
static bool stay_apart(const struct command_line *cl) {
    bool wanted =
        cl->settings.by_source || (cl->report && (cl->report->traits & REPORT_EACH_SOURCE));
    return wanted && !has_base(cl);
}

bool driver_wants_series(const struct command_line *cl) {
    return all_types(cl) || cl->settings.by_source || stay_apart(cl);
}

static bool add_part(struct writing *w, const struct command_line *cl, const struct fetched *f,
                     struct pp_error *err) {
    struct pp_arena arena = {0};
    struct asked a;
    bool ok = ask(cl, f, &a, &arena, err) && series_add(&w->series, &a.query.rc, NULL, err);
    asked_done(&a);
    pp_arena_done(&arena);
    return ok;
}

static bool add_types(struct writing *w, const struct fetched *f, struct pp_error *err) {
    struct command_line cl = *w->cl;
    w->series.many_types = all_types(&cl);
    if (!all_types(&cl) || !f->profile.n_types) return add_part(w, &cl, f, err);
    for (uint32_t i = 0; i < f->profile.n_types; i++) {
        char type[16];
        snprintf(type, sizeof type, "%u", i);
        cl.settings.sample_index = type;
        if (!add_part(w, &cl, f, err)) return false;
    }
    return true;
}

static bool add_source(void *user, const struct fetched *f, size_t at, size_t n,
                       struct pp_error *err) {
    struct writing *w = user;
    (void)at;
    w->series.many_sources = n > 1;
    return add_types(w, f, err) || (n > 1 && pp_wrap(err, "%.*s", PP_STR_ARG(f->only_source)));
}

static bool add_merged(struct writing *w, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct fetched f;
    bool ok = fetch_profile(&w->options, w->cl->env, &f, &arena, err) && add_types(w, &f, err);
    fetched_done(&f);
    pp_arena_done(&arena);
    return ok;
}

static bool check(const struct command_line *cl, struct pp_error *err) {
    const char *flag = all_types(cl) ? "-sample_index=all" : "-by_source";
    if (cl->settings.by_source && has_base(cl))
        return pp_fail(err, PP_E_USAGE,
                       "-by_source: sources that are compared with a base are one");
    if (!cl->report || (!cl->encoder && !cl->report->encoder))
        return pp_fail(err, PP_E_USAGE, "%s is for rows: add a report and -ndjson, -csv or -json",
                       flag);
    if (cl->report->traits & REPORT_RUNS)
        return pp_fail(err, PP_E_USAGE, "%s does not apply to -%s", flag, cl->report->name);
    return true;
}

static bool write_all(struct output *o, void *user, struct pp_error *err) {
    struct writing *w = user;
    struct world env = *w->cl->env;
    w->series.out = &o->out;
    if (env.out_is_terminal && !*w->cl->settings.output) env.terminal = 0; /* rows go there */
    bool ok =
        stay_apart(w->cl) ? fetch_each(&w->options, &env, add_source, w, err) : add_merged(w, err);
    series_end(&w->series);
    return ok;
}

bool driver_series(const struct command_line *cl, struct pp_error *err) {
    struct writing w = {.cl = cl};
    if (!check(cl, err)) return false;
    w.series.encoder = cl->encoder ? cl->encoder : cl->report->encoder;
    struct pp_arena arena = {0};
    bool ok = loading_options(cl, &w.options, &arena, err);
    if (ok) driver_say_output(cl);
    ok = ok && driver_write(cl, cl->settings.output, write_all, &w, err);
    pp_arena_done(&arena);
    return ok;
}
