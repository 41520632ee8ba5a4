#include "history/whole.h"

#include <math.h>

/* Functions times runs is a table that is polished by medians (Tukey, Exploratory Data Analysis,
 * 1977): what a function has in common in all runs is its level, what a run has in common in all
 * functions the whole. Medians do not see the few functions that a commit changes. */
struct table {
    const struct change_series *of;
    uint32_t n, n_runs;
    double **level; /* by function and run */
    double *times;
    struct pp_arena *scratch;
};

/* The median of how far each function is from its level. */
static double times_of_run(const struct table *t, uint32_t run, double *room) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->level[i][run] > 0) room[n++] = t->of[i].value[run] / t->level[i][run];
    return n < WHOLE_LEAST ? 1 : change_median(room, n, t->scratch);
}

/* A run that cost nothing at all says nothing of the machine. */
static void fill_times(const struct table *t) {
    double *room = PP_NEW(t->scratch, double, t->n);
    for (uint32_t run = 0; run < t->n_runs; run++) {
        double times = times_of_run(t, run, room);
        t->times[run] = times > 0 ? times : 1;
    }
    double middle = change_median(t->times, t->n_runs, t->scratch);
    for (uint32_t run = 0; run < t->n_runs; run++)
        t->times[run] /= middle;
}

/* A function's level between two changes. */
static void fill_level(const struct table *t, uint32_t i, uint32_t from, uint32_t to) {
    double *left = PP_NEW(t->scratch, double, to - from);
    for (uint32_t run = from; run < to; run++)
        left[run - from] = t->of[i].value[run] / t->times[run];
    double level = change_median(left, to - from, t->scratch);
    for (uint32_t run = from; run < to; run++)
        t->level[i][run] = level;
}

/* `changes`: what is known of them; NULL: nothing. */
static void polish(const struct table *t, const struct change_result *changes) {
    enum { ROUNDS = 2 };
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0, at = 0; i < t->n; i++) {
            uint32_t from = 0;
            for (; changes && at < changes->n && changes->at[at].series == i; at++) {
                fill_level(t, i, from, changes->at[at].at);
                from = changes->at[at].at;
            }
            fill_level(t, i, from, t->n_runs);
        }
        fill_times(t);
    }
}

/* A function's standard deviation from one run to the next. */
static double noise_of(const struct change_series *s, struct pp_arena *scratch) {
    double *apart = PP_NEW(scratch, double, s->n);
    for (uint32_t i = 1; i < s->n; i++)
        apart[i - 1] = fabs(s->value[i] - s->value[i - 1]);
    return 1.4826 / sqrt(2) * change_median(apart, s->n - 1, scratch);
}

/* Of a few functions the median moves a little when one changes, by less than their noise; others
 * seem to change the other way then. */
static void keep_large(const struct change_series *of, struct change_result *r,
                       struct pp_arena *scratch) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct change_point *c = &r->at[i];
        bool is_large = fabs(c->after - c->before) > 2 * noise_of(&of[c->series], scratch);
        if (is_large) r->at[n++] = *c;
    }
    r->n = n;
}

/* The mean of runs beside each other: changes are known well enough so, and are found in time. */
static struct change_series shorten(const struct change_series *s, uint32_t n,
                                    struct pp_arena *scratch) {
    double *value = PP_NEW(scratch, double, n);
    change_means(s->value, s->n, n, value);
    return (struct change_series){value, n, NULL};
}

/* The functions' large changes, in what the whole leaves of them. */
static void find_changes(const struct table *t, const struct whole *w,
                         const struct change_limits *limits, struct change_result *ret_changes) {
    enum { MOST = 512 };
    struct change_series left[WHOLE_MOST];
    uint32_t n_runs = t->n_runs < MOST ? t->n_runs : MOST;
    for (uint32_t i = 0; i < t->n; i++) {
        left[i] = whole_take_out(w, &t->of[i], t->scratch);
        if (t->n_runs > MOST) left[i] = shorten(&left[i], MOST, t->scratch);
    }
    change_find(left, t->n, limits, ret_changes, t->scratch);
    keep_large(left, ret_changes, t->scratch);
    for (uint32_t i = 0; i < ret_changes->n; i++)
        ret_changes->at[i].at = (uint32_t)((uint64_t)ret_changes->at[i].at * t->n_runs / n_runs);
}

/* First as if no function had changed; then with what that leaves as their changes. */
void whole_find(const struct change_series *of, uint32_t n, const struct change_limits *limits,
                struct whole *ret_whole, struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct table t = {of, n, n ? of->n : 0, .scratch = &scratch};
    *ret_whole = (struct whole){NULL, t.n_runs, of, n};
    if (n < WHOLE_LEAST || n > WHOLE_MOST || !t.n_runs) return;
    t.times = PP_NEW(arena, double, t.n_runs);
    t.level = PP_NEW(&scratch, double *, n);
    for (uint32_t i = 0; i < n; i++)
        t.level[i] = PP_NEW(&scratch, double, t.n_runs);
    for (uint32_t run = 0; run < t.n_runs; run++)
        t.times[run] = 1;
    ret_whole->times = t.times;
    polish(&t, NULL);
    struct change_result changes;
    find_changes(&t, ret_whole, limits, &changes);
    if (changes.n) polish(&t, &changes);
    pp_arena_done(&scratch);
}

/* ---- a series without it ---- */

/* How far runs are apart that are a few apart; steps are too rare to be seen. */
static double roughness(const double *value, uint32_t n, struct pp_arena *scratch) {
    enum { MOST_LAG = 8, MOST = 512 };
    double sum = 0, *apart = PP_NEW(scratch, double, MOST);
    for (uint32_t lag = 1; lag <= MOST_LAG && lag < n; lag *= 2) {
        uint32_t pairs = n - lag, taken = pairs < MOST ? pairs : MOST;
        for (uint32_t i = 0; i < taken; i++) {
            uint32_t at = (uint32_t)((uint64_t)i * pairs / taken);
            apart[i] = fabs(value[at + lag] - value[at]);
        }
        sum += change_median(apart, taken, scratch);
    }
    return sum;
}

struct change_series whole_take_out(const struct whole *w, const struct change_series *s,
                                    struct pp_arena *arena) {
    struct change_series left = *s;
    if (!w->times) return left;
    struct pp_arena scratch = {0};
    double *value = PP_NEW(arena, double, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        value[i] = s->value[i] / w->times[i];
    bool is_smoother = roughness(value, s->n, &scratch) < 0.9 * roughness(s->value, s->n, &scratch);
    if (is_smoother) left.value = value;
    pp_arena_done(&scratch);
    return left;
}

/* ---- a change ---- */

struct shift {
    double size, error; /* of the logarithm of the median; its standard error */
};

struct stretches {
    uint32_t from, at, to;
};

static struct shift shift_of(const double *value, struct stretches s, struct pp_arena *scratch) {
    const double *old = value + s.from, *new = value + s.at;
    uint32_t n_old = s.at - s.from, n_new = s.to - s.at;
    double before = change_median(old, n_old, scratch), after = change_median(new, n_new, scratch);
    if (before <= 0 || after <= 0) return (struct shift){0};
    double error_before = change_median_error(old, n_old, before, scratch) / before;
    double error_after = change_median_error(new, n_new, after, scratch) / after;
    return (struct shift){log(after / before), hypot(error_before, error_after)};
}

/* 15 runs on each side, and more the less is known where a small change is: its place is sure to
 * about the square of the noise in steps. */
static uint32_t width_of(const struct change_point *c, const struct change_series *s,
                         struct pp_arena *scratch) {
    enum { LEAST = 15, SURE = 10, MOST = 200 };
    double noise = noise_of(s, scratch) / (c->after - c->before);
    return (uint32_t)fmin(LEAST + SURE * noise * noise, MOST);
}

static struct stretches around(const struct change_result *r, uint32_t change,
                               const struct change_series *s, struct pp_arena *scratch) {
    const struct change_point *c = &r->at[change];
    uint32_t width = width_of(c, s, scratch);
    uint32_t from = c->at > width ? c->at - width : 0;
    uint32_t to = s->n - c->at > width ? c->at + width : s->n;
    if (change && c[-1].series == c->series && c[-1].at > from) from = c[-1].at;
    if (change + 1 < r->n && c[1].series == c->series && c[1].at < to) to = c[1].at;
    return (struct stretches){from, c->at, to};
}

/* How much of a function's change is not what all did. */
static double own_size(const struct whole *w, const double *value, struct stretches s,
                       struct pp_arena *scratch) {
    double *left = PP_NEW(scratch, double, s.to - s.from);
    for (uint32_t run = s.from; run < s.to; run++)
        left[run - s.from] = value[run] / w->times[run];
    return fabs(shift_of(left, (struct stretches){0, s.at - s.from, s.to - s.from}, scratch).size);
}

/* How unlike functions do what all do: some feel a machine more than others. */
static double unlike(const struct whole *w, struct stretches s, struct pp_arena *scratch) {
    double *own = PP_NEW(scratch, double, w->n);
    for (uint32_t i = 0; i < w->n; i++)
        own[i] = own_size(w, w->of[i].value, s, scratch);
    return 1.4826 * change_median(own, w->n, scratch);
}

bool whole_explains(const struct whole *w, const struct change_series *series,
                    const struct change_result *changes, uint32_t change) {
    enum { FAR = 6 }; /* standard deviations */
    struct pp_arena scratch = {0};
    if (!w->times) return false;
    const struct change_series *one = &series[changes->at[change].series];
    struct stretches s = around(changes, change, one, &scratch);
    struct shift all = shift_of(w->times, s, &scratch);
    double own = own_size(w, one->value, s, &scratch);
    bool explains = fabs(all.size) > 2 * all.error && own <= fabs(all.size) &&
                    own <= FAR * unlike(w, s, &scratch);
    pp_arena_done(&scratch);
    return explains;
}
