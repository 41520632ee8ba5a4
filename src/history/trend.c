#include "history/trend.h"

#include "gate/gate_package.h"
#include "history/level.h"

#include <math.h>
#include <stdlib.h>

/* At most one in a hundred of what is told is chance; changes below 1% are of no use. */
static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

/* A quarter of a step is left: it moved, or went back. */
#define REST 0.25

/* Functions with this share of the total tell what all share. */
#define WHOLE_SHARE 0.005

static double mean(const double *value, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += value[i];
    return n ? sum / n : 0;
}

static const int64_t *times_of(const struct history_window *w, struct pp_arena *arena) {
    int64_t *times = PP_NEW(arena, int64_t, w->n_runs);
    for (uint32_t i = 0; i < w->n_runs; i++)
        times[i] = w->runs[i].time_ns;
    return times;
}

/* Of either half: what began yesterday counts, too. */
static bool is_heavy(const struct history_window *w, const double *value, double least) {
    uint32_t half = w->n_runs / 2;
    double most = fmax(mean(value, half), mean(value + half, w->n_runs - half));
    return most > 0 && most >= least;
}

/* The same by what is known without its values. */
static bool may_be_heavy(const struct history_window *w, const double most[2], double least) {
    uint32_t half = w->n_runs / 2;
    double older = half ? most[0] / half : 0, newer = most[1] / (w->n_runs - half);
    return fmax(older, newer) >= least;
}

static enum history_cost cost_of(const struct trend *t) {
    return t->cum ? HISTORY_CUM : HISTORY_SELF;
}

/* Into t->of, from 1 on. `least`: what a heavy one costs in a run. */
static uint32_t list_candidates(const struct trend *t, const struct trend_options *o,
                                double least) {
    const struct history_window *w = t->w;
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_functions; i++) {
        const struct history_function *f = &w->functions[i];
        bool is_one = o->wanted ? o->wanted[i] : may_be_heavy(w, f->most[cost_of(t)], least);
        if (f->name.len && is_one) t->of[++n] = i;
    }
    return n;
}

static bool list_series(struct trend *t, const struct trend_options *o, struct pp_arena *arena,
                        struct pp_error *err) {
    const struct history_window *w = t->w;
    struct history_values values;
    double least = o->fraction * mean(w->total, w->n_runs);
    t->of = PP_NEW(arena, uint32_t, (size_t)w->n_functions + 1);
    t->series = PP_NEW(arena, struct change_series, (size_t)w->n_functions + 1);
    const int64_t *times = times_of(w, arena);
    t->series[t->n_series++] = (struct change_series){w->total, w->n_runs, times};
    const struct history_pick pick = {.functions = t->of + 1,
                                      .n = list_candidates(t, o, least),
                                      .to = w->n_runs,
                                      .cost = cost_of(t),
                                      .with_occurs = o->wanted};
    if (!history_values(w, &pick, &values, arena, err)) return false;
    for (uint32_t i = 0; i < pick.n; i++) {
        const double *value = values.cost[i];
        bool is_looked_at = o->wanted ? values.occurs[i] : is_heavy(w, value, least);
        if (!is_looked_at) continue;
        t->of[t->n_series] = t->of[i + 1];
        t->series[t->n_series++] = (struct change_series){value, w->n_runs, times};
    }
    return true;
}

/* ---- what all functions share ---- */

struct heavy {
    uint32_t function;
    double most;
};

static int by_most(const void *a, const void *b) {
    const struct heavy *x = a, *y = b;
    if (x->most != y->most) return x->most > y->most ? -1 : 1;
    return (x->function > y->function) - (x->function < y->function);
}

/* The heaviest functions, whatever is looked at. */
static uint32_t list_heavy(const struct trend *t, double least, uint32_t *ret_functions,
                           struct pp_arena *scratch) {
    const struct history_window *w = t->w;
    struct heavy *all = PP_NEW(scratch, struct heavy, w->n_functions);
    uint32_t n = 0;
    for (uint32_t i = 0; i < w->n_functions; i++) {
        const double *most = w->functions[i].most[cost_of(t)];
        if (w->functions[i].name.len && may_be_heavy(w, most, least))
            all[n++] = (struct heavy){i, most[0] + most[1]};
    }
    if (n) qsort(all, n, sizeof *all, by_most);
    if (n > WHOLE_MOST) n = WHOLE_MOST;
    for (uint32_t i = 0; i < n; i++)
        ret_functions[i] = all[i].function;
    return n;
}

/* A function's values, where it is looked at already; else NULL. */
static const double *values_of(const struct trend *t, uint32_t function) {
    for (uint32_t i = 1; i < t->n_series; i++)
        if (t->of[i] == function) return t->series[i].value;
    return NULL;
}

static bool find_whole(struct trend *t, struct pp_arena *arena, struct pp_error *err) {
    const struct history_window *w = t->w;
    struct pp_arena scratch = {0};
    uint32_t functions[WHOLE_MOST], others[WHOLE_MOST], n_others = 0, n = 0;
    struct history_values values;
    double least = WHOLE_SHARE * mean(w->total, w->n_runs);
    uint32_t n_heavy = list_heavy(t, least, functions, &scratch);
    pp_arena_done(&scratch);
    for (uint32_t i = 0; i < n_heavy; i++)
        if (!values_of(t, functions[i])) others[n_others++] = functions[i];
    const struct history_pick pick = {
        .functions = others, .n = n_others, .to = w->n_runs, .cost = cost_of(t)};
    if (!history_values(w, &pick, &values, arena, err)) return false;
    struct change_series *of = PP_NEW(arena, struct change_series, n_heavy);
    for (uint32_t i = 0, other = 0; i < n_heavy; i++) {
        const double *value = values_of(t, functions[i]);
        if (!value) value = values.cost[other++];
        if (is_heavy(w, value, least))
            of[n++] = (struct change_series){value, w->n_runs, t->series[0].time_ns};
    }
    whole_find(of, n, &limits, &t->whole, arena);
    return true;
}

static void take_out_whole(struct trend *t, struct pp_arena *arena) {
    struct change_series *functions =
        whole_take_out(&t->whole, t->series + 1, t->n_series - 1, arena);
    t->left = PP_NEW(arena, struct change_series, t->n_series);
    t->left[0] = t->series[0];
    for (uint32_t i = 1; i < t->n_series; i++)
        t->left[i] = functions[i - 1];
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

/* ---- where a cost went ---- */

/* Beside more than so many times the step, much else may have changed. */
enum { MOST_TIMES = 10 };

/* Functions among which a cost may move. */
struct family {
    struct pp_str package; /* or "": by caller */
    uint32_t caller;       /* 1 + a function: it, and those that it calls most */
    uint32_t only;         /* 1 + one of these, and no other; 0: all */
};

static bool is_of(const struct trend *t, const struct family *f, uint32_t function) {
    const struct history_function *one = &t->w->functions[function];
    if (!one->name.len) return false;
    if (f->package.len) return pp_str_eq(gate_package(one->name), f->package);
    if (f->only && function + 1 == f->only) return true;
    return function + 1 == f->caller || (!f->only && one->caller == f->caller);
}

/* What changed significantly in the family at about the same time, together; ret_n: how many. */
static double family_step(const struct trend *t, const struct family *family, uint32_t at,
                          uint32_t *ret_n) {
    enum { NEAR = 3 }; /* runs: a change's place is not known better */
    double sum = 0;
    *ret_n = 0;
    for (uint32_t i = 0; i < t->n_changes; i++) {
        const struct change_point *c = &t->changes[i].point;
        uint32_t apart = c->at > at ? c->at - at : at - c->at;
        if (!c->series || apart > NEAR || !is_of(t, family, t->of[c->series])) continue;
        sum += step(c);
        ++*ret_n;
    }
    return sum;
}

/* Functions together, a few runs before and after a change. */
struct around {
    const struct trend *t;
    const struct change_point *change;
    uint32_t from, to;
    struct pp_arena *scratch;
    struct pp_error *err;
};

struct shift {
    double step, error; /* between the medians; its standard error */
};

/* `sum`: by run from a->from on; seen as the change was. */
static struct shift shift_at(const struct around *a, double *sum) {
    const struct trend *t = a->t;
    uint32_t series = a->change->series;
    if (t->left[series].value != t->series[series].value)
        for (uint32_t i = 0; i < a->to - a->from; i++)
            sum[i] /= t->whole.times[a->from + i];
    uint32_t n_before = a->change->at - a->from, n_after = a->to - a->change->at;
    const double *after = sum + n_before;
    double old = level_median(sum, n_before, a->scratch);
    double new = level_median(after, n_after, a->scratch);
    return (struct shift){new - old, hypot(level_median_error(sum, n_before, old, a->scratch),
                                           level_median_error(after, n_after, new, a->scratch))};
}

static bool sum_of(const struct around *a, const struct history_pick *pick,
                   struct shift *ret_shift) {
    struct history_values values;
    double *sum = PP_NEW(a->scratch, double, a->to - a->from);
    if (!history_values(a->t->w, pick, &values, a->scratch, a->err)) return false;
    for (uint32_t i = 0; i < pick->n; i++)
        for (uint32_t k = 0; k < a->to - a->from; k++)
            sum[k] += values.cost[i][k];
    *ret_shift = shift_at(a, sum);
    return true;
}

/* Little of the step is left, and it is known well enough that it is little. */
static bool is_little(const struct shift *left, const struct change_point *c) {
    return fabs(left->step) < REST * fabs(step(c)) &&
           fabs(left->step) + 2 * left->error < 3 * REST * fabs(step(c));
}

static bool stays_in(const struct around *a, const struct family *family, bool *ret_stays) {
    const struct history_window *w = a->t->w;
    uint32_t n_changed, n = 0;
    double left = family_step(a->t, family, a->change->at, &n_changed);
    *ret_stays = n_changed > 1 && fabs(left) < REST * fabs(step(a->change));
    if (n_changed > 1) return true;
    uint32_t *functions = PP_NEW(a->scratch, uint32_t, w->n_functions);
    for (uint32_t i = 0; i < w->n_functions; i++)
        if (is_of(a->t, family, i)) functions[n++] = i;
    const struct history_pick pick = {
        .functions = functions, .n = n, .from = a->from, .to = a->to, .cost = HISTORY_SELF};
    struct shift shift;
    if (!sum_of(a, &pick, &shift)) return false;
    *ret_stays = n > 1 && is_little(&shift, a->change);
    return true;
}

/* Who calls it, with all that is below, costs what it did; so does it itself, with what it calls.
 * Unless the step is small beside them: much else may have changed there, too. */
static bool stays_below(const struct around *a, bool *ret_stays) {
    enum { MOST_LEVELS = 3 };
    uint32_t function = a->t->of[a->change->series];
    for (int level = 0; level < MOST_LEVELS && !*ret_stays; level++) {
        const struct history_pick pick = {
            .functions = &function, .n = 1, .from = a->from, .to = a->to, .cost = HISTORY_CUM};
        struct history_values values;
        if (!history_values(a->t->w, &pick, &values, a->scratch, a->err)) return false;
        struct shift shift = shift_at(a, values.cost[0]);
        double cost = mean(values.cost[0], a->to - a->from);
        if (cost > MOST_TIMES * fabs(step(a->change))) break;
        *ret_stays = is_little(&shift, a->change);
        if (!a->t->w->functions[function].caller) break;
        function = a->t->w->functions[function].caller - 1;
    }
    return true;
}

/* Those that a function calls, or is called beside; where that is nearly the whole program, only
 * the two. */
static struct family by_caller(const struct around *a, uint32_t caller, uint32_t function) {
    const struct history_window *w = a->t->w;
    struct family f = {.caller = caller};
    if (!caller) return f;
    const double *most = w->functions[caller - 1].most[HISTORY_CUM];
    if ((most[0] + most[1]) / w->n_runs > MOST_TIMES * fabs(step(a->change))) f.only = function + 1;
    return f;
}

static bool has_moved(const struct around *a, bool *ret_moved) {
    uint32_t function = a->t->of[a->change->series];
    const struct history_function *f = &a->t->w->functions[function];
    const struct family families[] = {{.package = gate_package(f->name)},
                                      by_caller(a, f->caller, function),
                                      {.caller = function + 1}};
    *ret_moved = false;
    for (size_t i = 0; i < sizeof families / sizeof *families && !*ret_moved; i++) {
        bool is_any = families[i].package.len || families[i].caller;
        if (is_any && !stays_in(a, &families[i], ret_moved)) return false;
    }
    return *ret_moved || stays_below(a, ret_moved);
}

static bool tell_moved(const struct trend *t, struct trend_change *c, struct pp_error *err) {
    enum { AROUND = 15 };
    struct pp_arena scratch = {0};
    const struct change_point *p = &c->point;
    uint32_t n = t->w->n_runs;
    const struct around a = {.t = t,
                             .change = p,
                             .from = p->at > AROUND ? p->at - AROUND : 0,
                             .to = n - p->at > AROUND ? p->at + AROUND : n,
                             .scratch = &scratch,
                             .err = err};
    bool moved, ok = has_moved(&a, &moved);
    if (ok && moved) c->state = TREND_MOVED;
    pp_arena_done(&scratch);
    return ok;
}

static bool tell_apart(struct trend *t, struct pp_error *err) {
    for (uint32_t i = 0; i + 1 < t->n_changes; i++) {
        struct trend_change *a = &t->changes[i], *b = a + 1;
        if (a->state != TREND_WHOLE && b->state != TREND_WHOLE && takes_back(a, b))
            a->state = b->state = TREND_BACK;
    }
    for (uint32_t i = 0; i < t->n_changes; i++) {
        struct trend_change *c = &t->changes[i];
        const struct history_blessing *b = find_blessing(t, &c->point);
        bool may_move = c->state == TREND_STAYS && c->point.series && !t->cum;
        if (b) {
            c->state = TREND_BLESSED;
            c->reason = b->reason;
        } else if (may_move && !tell_moved(t, c, err)) {
            return false;
        }
    }
    return true;
}

/* The changes found without what only wandered; the limits hold for what is no change of the whole
 * alone, however many that one has changed. */
static void list_changes(struct trend *t, const struct change_result *found,
                         struct pp_arena *arena) {
    struct change_result own = {PP_NEW(arena, struct change_point, found->n), 0, found->n_tests};
    uint32_t n = 0;
    t->changes = PP_NEW(arena, struct trend_change, found->n);
    for (uint32_t i = 0; i < found->n; i++) {
        struct trend_change c = {found->at[i], TREND_STAYS, {0}};
        if (whole_explains(&t->whole, t->series, t->left, found, i))
            c.state = TREND_WHOLE;
        else if (!c.point.series || whole_is_own(&t->whole, t->series, t->left, found, i))
            own.at[own.n++] = c.point;
        else
            continue;
        t->changes[n++] = c;
    }
    double limit = change_limit(&own, limits.rate);
    for (uint32_t i = 0; i < n; i++) {
        const struct trend_change *c = &t->changes[i];
        if (c->state == TREND_WHOLE || c->point.p <= limit) t->changes[t->n_changes++] = *c;
    }
}

bool trend_find(const struct history_window *w, const struct trend_options *o,
                struct trend *ret_trend, struct pp_arena *arena, struct pp_error *err) {
    struct trend t = {.w = w, .cum = o->cum};
    struct change_result found;
    if (!list_series(&t, o, arena, err) || !find_whole(&t, arena, err)) return false;
    take_out_whole(&t, arena);
    change_find(t.left, t.n_series, &limits, &found, arena);
    list_changes(&t, &found, arena);
    if (!tell_apart(&t, err)) return false;
    *ret_trend = t;
    return true;
}

void trend_stable(const struct history_window *w, uint32_t most, uint32_t *ret_from,
                  uint32_t *ret_to, struct pp_arena *arena) {
    struct trend t = {.w = w, .of = PP_NEW(arena, uint32_t, 1), .n_series = 1};
    const struct change_series total = {w->total, w->n_runs, times_of(w, arena)};
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
