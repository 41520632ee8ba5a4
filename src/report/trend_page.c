/* The courses of a history's runs, as the page draws them. */
#include "base/timetext.h"
#include "report/page_data.h"
#include "report/trend.h"

enum { COURSES_BYTES = 256 << 10 };

static void put_text(struct json *j, struct pp_str text) {
    text.len ? json_str(j, text) : json_null(j);
}

/* ---- the runs ---- */

static void put_time(struct json *j, int64_t time_ns) {
    struct out text;
    if (!time_ns) {
        json_null(j);
        return;
    }
    out_open_memory(&text);
    time_rfc3339(&text, time_ns);
    json_str(j, out_text(&text));
    out_close(&text, NULL);
}

static void put_runs(struct json *j, const struct history_window *w) {
    json_key(j, "runs");
    json_object(j);
    json_key(j, "commit");
    json_array(j);
    for (uint32_t i = 0; i < w->n_runs; i++)
        put_text(j, w->runs[i].commit);
    json_array_end(j);
    json_key(j, "time");
    json_array(j);
    for (uint32_t i = 0; i < w->n_runs; i++)
        put_time(j, w->runs[i].time_ns);
    json_array_end(j);
    json_object_end(j);
}

/* ---- the series ---- */

static void put_number(struct json *j, const char *key, double value) {
    json_key(j, key);
    json_double(j, value);
}

static void put_change(struct json *j, const struct trend_change *c) {
    json_object(j);
    json_key(j, "at");
    json_u64(j, c->point.at);
    put_number(j, "before", c->point.before);
    put_number(j, "after", c->point.after);
    put_number(j, "p", c->point.p);
    json_key(j, "state");
    json_str(j, pp_str_from(trend_state_text(c->state)));
    json_key(j, "reason");
    put_text(j, c->reason);
    json_object_end(j);
}

static void put_series(struct json *j, const struct shown_trend *s, uint32_t series) {
    const struct change_series *values = &s->t.series[series];
    json_object(j);
    json_key(j, "function");
    json_str(j, trend_subject(s, series));
    json_key(j, "file");
    put_text(j, series ? s->w->functions[s->t.of[series]].file : PP_STR(""));
    json_key(j, "values");
    json_array(j);
    for (uint32_t i = 0; i < values->n; i++)
        json_double(j, values->value[i]);
    json_array_end(j);
    json_key(j, "changes");
    json_array(j);
    for (uint32_t i = s->first_change[series]; i < s->first_change[series + 1]; i++)
        put_change(j, &s->t.changes[i]);
    json_array_end(j);
    json_object_end(j);
}

/* ---- the whole ---- */

static void put_count(struct json *j, const char *key, uint32_t n) {
    json_key(j, key);
    json_u64(j, n);
}

static void put_facts(struct json *j, const struct shown_trend *s) {
    const struct history_window *w = s->w;
    json_key(j, "schema");
    json_str(j, PP_STR("cpprof/courses/1"));
    json_key(j, "type");
    json_str(j, w->type);
    json_key(j, "steps");
    page_steps(j, w->unit, PP_STR("minimum"), 1);
    json_key(j, "machine");
    json_str(j, w->machine);
    put_count(j, "other_machines", w->n_elsewhere);
    put_count(j, "functions", w->n_functions);
    put_count(j, "looked_at", s->t.n_series - 1);
    json_key(j, "cum");
    json_bool(j, s->t.cum);
}

/* As many as there is room for. */
static uint32_t put_courses(struct json *j, const struct shown_trend *s) {
    uint32_t n = 0;
    json_key(j, "series");
    json_array(j);
    do
        put_series(j, s, s->order[n++]);
    while (n < s->t.n_series && out_text(j->out).len < COURSES_BYTES);
    json_array_end(j);
    return n;
}

bool trend_page(struct out *o, const struct report_ctx *rc, struct pp_error *err) {
    void *found;
    struct json j;
    if (!trend_collect(rc, &found, err)) return false;
    const struct shown_trend *s = found;
    json_begin(&j, o);
    json_object(&j);
    put_facts(&j, s);
    put_runs(&j, s->w);
    bool ok = trend_rest(&j, s, put_courses(&j, s), err);
    json_object_end(&j);
    trend_report.close(found);
    return ok;
}
