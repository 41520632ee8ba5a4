#include "history/trend.h"

#include "gate/gate_package.h"

#include <math.h>

/* At most one in a hundred of what is told is chance; changes below 1% are of no use. */
static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

/* A quarter of a step is left: it moved, or went back. */
#define REST 0.25

static double mean(const double *value, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += value[i];
    return n ? sum / n : 0;
}

/* Of either half: what began yesterday counts, too. */
static bool is_heavy(const struct history_window *w, const double *value, double fraction) {
    uint32_t half = w->n_runs / 2;
    double most = fmax(mean(value, half), mean(value + half, w->n_runs - half));
    return most > 0 && most >= fraction * mean(w->total, w->n_runs);
}

static const double *values_of(const struct trend *t, uint32_t function) {
    const struct history_function *f = &t->w->functions[function];
    return t->cum ? f->cum : f->self;
}

static void list_series(struct trend *t, const struct trend_options *o, struct pp_arena *arena) {
    const struct history_window *w = t->w;
    t->of = PP_NEW(arena, uint32_t, (size_t)w->n_functions + 1);
    t->series = PP_NEW(arena, struct change_series, (size_t)w->n_functions + 1);
    t->series[t->n_series++] = (struct change_series){w->total, w->n_runs};
    for (uint32_t i = 0; i < w->n_functions; i++) {
        const double *value = values_of(t, i);
        bool is_looked_at = o->wanted ? o->wanted[i] : is_heavy(w, value, o->fraction);
        if (!w->functions[i].name.len || !is_looked_at) continue;
        t->of[t->n_series] = i;
        t->series[t->n_series++] = (struct change_series){value, w->n_runs};
    }
}

/* ---- what kind of change ---- */

static double step(const struct change_point *c) {
    return c->after - c->before;
}

static const struct history_blessing *find_blessing(const struct trend *t,
                                                    const struct change_point *c) {
    const struct history_function *f = &t->w->functions[t->of[c->series]];
    struct pp_str name = c->series ? f->name : PP_STR("total");
    for (uint32_t i = 0; i < t->w->n_blessed; i++) {
        const struct history_blessing *b = &t->w->blessed[i];
        bool same = pp_str_eq(b->name, name) || (c->series && pp_str_eq(b->name, f->key));
        if (same && pp_str_eq(b->commit, t->w->runs[c->at].commit)) return b;
    }
    return NULL;
}

static bool takes_back(const struct trend_change *a, const struct trend_change *b) {
    const struct change_point *x = &a->point, *y = &b->point;
    return x->series == y->series && fabs(y->after - x->before) < REST * fabs(step(x));
}

/* What changed significantly in the package at about the same time, together; ret_n: how many. */
static double package_step(const struct trend *t, struct pp_str package, uint32_t at,
                           uint32_t *ret_n) {
    enum { NEAR = 3 }; /* runs: a change's place is not known better */
    double sum = 0;
    *ret_n = 0;
    for (uint32_t i = 0; i < t->n_changes; i++) {
        const struct change_point *c = &t->changes[i].point;
        uint32_t apart = c->at > at ? c->at - at : at - c->at;
        if (!c->series || apart > NEAR) continue;
        if (!pp_str_eq(gate_package(t->w->functions[t->of[c->series]].name), package)) continue;
        sum += step(c);
        ++*ret_n;
    }
    return sum;
}

/* How the rest of the package changed around a run, between the medians of a few runs. */
static double rest_step(const struct trend *t, struct pp_str package, const struct change_point *c,
                        struct pp_arena *scratch) {
    enum { AROUND = 15 };
    uint32_t n = t->w->n_runs, from = c->at > AROUND ? c->at - AROUND : 0;
    uint32_t to = n - c->at > AROUND ? c->at + AROUND : n;
    double *sum = PP_NEW(scratch, double, n);
    for (uint32_t i = 0; i < t->w->n_functions; i++) {
        const struct history_function *f = &t->w->functions[i];
        if (i == t->of[c->series] || !pp_str_eq(gate_package(f->name), package)) continue;
        for (uint32_t k = from; k < to; k++)
            sum[k] += f->self[k];
    }
    return change_median(sum + c->at, to - c->at, scratch) -
           change_median(sum + from, c->at - from, scratch);
}

static bool has_moved(const struct trend *t, const struct change_point *c) {
    if (!c->series || t->cum) return false;
    struct pp_str package = gate_package(t->w->functions[t->of[c->series]].name);
    struct pp_arena scratch = {0};
    uint32_t n;
    if (!package.len) return false;
    double left = package_step(t, package, c->at, &n);
    if (n < 2) left = step(c) + rest_step(t, package, c, &scratch);
    pp_arena_done(&scratch);
    return fabs(left) < REST * fabs(step(c));
}

static void tell_apart(struct trend *t) {
    for (uint32_t i = 0; i + 1 < t->n_changes; i++)
        if (takes_back(&t->changes[i], &t->changes[i + 1]))
            t->changes[i].state = t->changes[i + 1].state = TREND_BACK;
    for (uint32_t i = 0; i < t->n_changes; i++) {
        struct trend_change *c = &t->changes[i];
        const struct history_blessing *b = find_blessing(t, &c->point);
        if (c->state == TREND_STAYS && has_moved(t, &c->point)) c->state = TREND_MOVED;
        if (!b) continue;
        c->state = TREND_BLESSED;
        c->reason = b->reason;
    }
}

void trend_find(const struct history_window *w, const struct trend_options *o,
                struct trend *ret_trend, struct pp_arena *arena) {
    struct trend t = {.w = w, .cum = o->cum};
    struct change_result found;
    list_series(&t, o, arena);
    change_find(t.series, t.n_series, &limits, &found, arena);
    t.changes = PP_NEW(arena, struct trend_change, found.n);
    t.n_changes = found.n;
    for (uint32_t i = 0; i < found.n; i++)
        t.changes[i].point = found.at[i];
    tell_apart(&t);
    *ret_trend = t;
}

void trend_stable(const struct history_window *w, uint32_t most, uint32_t *ret_from,
                  uint32_t *ret_to, struct pp_arena *arena) {
    struct trend t = {.w = w, .of = PP_NEW(arena, uint32_t, 1), .n_series = 1};
    const struct change_series total = {w->total, w->n_runs};
    struct change_result found;
    uint32_t from = 0, to = w->n_runs;
    change_find(&total, 1, &limits, &found, arena);
    for (uint32_t i = found.n; i-- > 0 && from == 0;) {
        const struct change_point *c = &found.at[i];
        if (step(c) > 0 && !find_blessing(&t, c))
            to = c->at;
        else
            from = c->at;
    }
    if (to - from > most) from = to - most;
    *ret_from = from;
    *ret_to = to;
}
