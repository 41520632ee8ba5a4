#include "history/whole.h"

#include "base/parallel.h"
#include "history/kin.h"
#include "history/level.h"

#include <math.h>
#include <string.h>

/* Functions times runs is a table that is polished by medians (Tukey, Exploratory Data Analysis,
 * 1977): what a function has in common in all runs is its level, what a run has in common in all
 * functions the whole. Medians do not see the few functions that a commit changes. */
struct table {
    const struct change_series *of;
    uint32_t n, n_runs;
    double **level; /* by function and run */
    double *times;
    double *room;                        /* as long as a series */
    const struct change_result *changes; /* what is known of them; NULL: nothing */
    struct pp_arena *scratch;
};

/* The median of how far each function is from its level. */
static double times_of_run(const struct table *t, uint32_t run, double *room) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n; i++)
        if (t->level[i][run] > 0) room[n++] = t->of[i].value[run] / t->level[i][run];
    return n < WHOLE_LEAST ? 1 : level_median_of(room, n);
}

enum { MOST_RUNS = 512, POLISHES = 2 };

/* A run that cost nothing at all says nothing of the machine. */
static void fill_some_times(void *user, unsigned worker, size_t part) {
    const struct table *t = user;
    double room[WHOLE_MOST];
    uint32_t from = (uint32_t)part * MOST_RUNS;
    (void)worker;
    for (uint32_t run = from; run < t->n_runs && run < from + MOST_RUNS; run++) {
        double times = times_of_run(t, run, room);
        t->times[run] = times > 0 ? times : 1;
    }
}

static void fill_times(struct table *t) {
    parallel_run(change_width(t->n, t->n_runs), t->n_runs / MOST_RUNS + 1, fill_some_times, t);
    memcpy(t->room, t->times, t->n_runs * sizeof *t->room);
    double middle = level_median_of(t->room, t->n_runs);
    for (uint32_t run = 0; run < t->n_runs; run++)
        t->times[run] /= middle;
}

/* A function's level between two changes. */
static void fill_level(const struct table *t, size_t i, uint32_t from, uint32_t to) {
    double *level = t->level[i];
    for (uint32_t run = from; run < to; run++)
        level[run] = t->of[i].value[run] / t->times[run];
    double middle = level_median_of(level + from, to - from);
    for (uint32_t run = from; run < to; run++)
        level[run] = middle;
}

static void fill_levels(void *user, unsigned worker, size_t i) {
    const struct table *t = user;
    uint32_t from = 0;
    (void)worker;
    for (uint32_t k = 0; t->changes && k < t->changes->n; k++) {
        if (t->changes->at[k].series != i) continue;
        fill_level(t, i, from, t->changes->at[k].at);
        from = t->changes->at[k].at;
    }
    fill_level(t, i, from, t->n_runs);
}

static void polish(struct table *t, int rounds) {
    for (int round = 0; round < rounds; round++) {
        parallel_run(change_width(t->n, t->n_runs), t->n, fill_levels, t);
        fill_times(t);
    }
}

/* Of a few functions the median moves a little when one changes, by less than their noise; others
 * seem to change the other way then. */
static void keep_large(const struct change_series *of, struct change_result *r,
                       struct pp_arena *scratch) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct change_point *c = &r->at[i];
        bool is_large = fabs(c->after - c->before) >
                        2 * level_noise(of[c->series].value, of[c->series].n, scratch);
        if (is_large) r->at[n++] = *c;
    }
    r->n = n;
}

/* ---- a series without it ---- */

/* Runs that are 1, 2, 4 and 8 apart are looked at, up to so many pairs of each. */
enum { N_LAGS = 4, MOST_LAG = 8, MOST_PAIRS = 512 };

/* How far runs are apart that are a few apart; steps are too rare to be seen. */
static double roughness(const double *value, uint32_t n, struct pp_arena *scratch) {
    double sum = 0, *apart = PP_NEW(scratch, double, MOST_PAIRS);
    for (uint32_t lag = 1; lag <= MOST_LAG && lag < n; lag *= 2) {
        uint32_t pairs = n - lag, taken = pairs < MOST_PAIRS ? pairs : MOST_PAIRS;
        for (uint32_t i = 0; i < taken; i++) {
            uint32_t at = (uint32_t)((uint64_t)i * pairs / taken);
            apart[i] = fabs(value[at + lag] - value[at]);
        }
        sum += level_median(apart, taken, scratch);
    }
    return sum;
}

/* Of two runs that are a few apart: how far, in logarithms, and how far the whole. */
struct pair {
    double own, all;
};

static uint32_t list_pairs(const struct whole *w, const double *value, struct pair *ret_pairs) {
    uint32_t n = 0;
    for (uint32_t lag = 1; lag <= MOST_LAG && lag < w->n_runs; lag *= 2) {
        uint32_t pairs = w->n_runs - lag, taken = pairs < MOST_PAIRS ? pairs : MOST_PAIRS;
        for (uint32_t i = 0; i < taken; i++) {
            uint32_t at = (uint32_t)((uint64_t)i * pairs / taken);
            if (value[at] <= 0 || value[at + lag] <= 0) continue;
            ret_pairs[n++] =
                (struct pair){log(value[at + lag] / value[at]), w->log[at + lag] - w->log[at]};
        }
    }
    return n;
}

/* How much of what all share a function feels: half of it, twice. The slope of how far runs are
 * apart, by least squares that count what is far off less (Huber, 1964): what a function does by
 * itself is far off, and mostly where the whole does nothing. As much as all where that is not
 * known to be wrong: a pair of runs is seen with each lag, so that the error is twice that of as
 * many pairs. */
static double feels(const struct whole *w, const double *value) {
    enum { FITS = 5, MOST = 3, SURE = 3 };
    struct pair pairs[N_LAGS * MOST_PAIRS];
    double off[N_LAGS * MOST_PAIRS];
    double slope = 1, error = 0;
    uint32_t n = list_pairs(w, value, pairs);
    for (int round = 0; round < FITS; round++) {
        double own = 0, all = 0;
        for (uint32_t i = 0; i < n; i++)
            off[i] = fabs(pairs[i].own - slope * pairs[i].all);
        double far = 1.345 * 1.4826 * level_median_of(off, n);
        for (uint32_t i = 0; i < n; i++) {
            double away = fabs(pairs[i].own - slope * pairs[i].all);
            double counts = away > far ? far / away : 1;
            own += counts * pairs[i].own * pairs[i].all;
            all += counts * pairs[i].all * pairs[i].all;
        }
        if (all <= 0) return 1;
        slope = fmin(fmax(own / all, 0), MOST);
        error = 2 * far / 1.345 / sqrt(all);
    }
    return fabs(slope - 1) > SURE * error ? slope : 1;
}

static void take_out(const struct whole *w, const double *value, double slope, double *ret_left) {
    for (uint32_t i = 0; i < w->n_runs; i++)
        ret_left[i] = slope == 1 ? value[i] / w->times[i] : value[i] * exp(-slope * w->log[i]);
}

/* Series that it is taken out of: each runs in `room` of its own. */
struct taking {
    const struct whole *w;
    const struct change_series *from;
    struct change_series *left;
    double *room;
    bool only_smoother; /* else the series stays as it is */
};

static bool is_smoother(const double *left, const double *value, uint32_t n) {
    struct pp_arena scratch = {0};
    bool is = roughness(left, n, &scratch) < 0.9 * roughness(value, n, &scratch);
    pp_arena_done(&scratch);
    return is;
}

/* Where it is one of those that the whole is known from; w->n: it is none. */
static uint32_t place_of(const struct whole *w, const struct change_series *s) {
    uint32_t at = 0;
    while (at < w->n && w->of[at].value != s->value)
        at++;
    return at;
}

static void take_out_of_one(void *user, unsigned worker, size_t i) {
    const struct taking *t = user;
    const struct whole *w = t->w;
    const struct change_series *s = &t->from[i];
    const double *left = t->room + i * w->n_runs;
    uint32_t known = w->left ? place_of(w, s) : w->n;
    (void)worker;
    if (known < w->n)
        left = w->left[known].value;
    else
        take_out(w, s->value, feels(w, s->value), t->room + i * w->n_runs);
    t->left[i] = *s;
    if (!t->only_smoother || is_smoother(left, s->value, s->n)) t->left[i].value = left;
}

static struct change_series *take_out_of_all(struct taking *t, uint32_t n, struct pp_arena *arena) {
    t->left = PP_NEW(arena, struct change_series, n);
    t->room = PP_NEW(arena, double, (size_t)n * t->w->n_runs);
    parallel_run(change_width(n, t->w->n_runs), n, take_out_of_one, t);
    return t->left;
}

struct change_series *whole_take_out(const struct whole *w, const struct change_series *s,
                                     uint32_t n, struct pp_arena *arena) {
    struct taking t = {.w = w, .from = s, .only_smoother = true};
    if (w->times) return take_out_of_all(&t, n, arena);
    struct change_series *same = PP_NEW(arena, struct change_series, n);
    if (n) memcpy(same, s, n * sizeof *same);
    return same;
}

/* ---- what all share ---- */

/* The mean of runs beside each other: changes are known well enough so, and are found in time. */
static struct change_series shorten(const struct change_series *s, uint32_t n,
                                    struct pp_arena *scratch) {
    double *value = PP_NEW(scratch, double, n);
    level_means(s->value, s->n, n, value);
    return (struct change_series){value, n, NULL};
}

static void open_table(struct table *t, const struct change_series *of, uint32_t n, double *times) {
    t->of = of;
    t->n = n;
    t->n_runs = of->n;
    t->times = times;
    t->room = PP_NEW(t->scratch, double, t->n_runs);
    t->level = PP_NEW(t->scratch, double *, n);
    for (uint32_t i = 0; i < n; i++)
        t->level[i] = PP_NEW(t->scratch, double, t->n_runs);
    for (uint32_t run = 0; run < t->n_runs; run++)
        times[run] = 1;
}

/* The functions' large changes, in what the whole leaves of them, as if no function had changed.
 * The table's times are what the whole is so. */
static void find_changes(const struct table *all, const struct change_limits *limits,
                         struct change_result *ret_changes) {
    struct change_series part[WHOLE_MOST] = {{0}};
    struct pp_arena *scratch = all->scratch;
    struct table t = {.scratch = scratch};
    uint32_t n = all->n, n_runs = all->n_runs, n_parts = n_runs < MOST_RUNS ? n_runs : MOST_RUNS;
    for (uint32_t i = 0; i < n; i++)
        part[i] = n_runs > MOST_RUNS ? shorten(&all->of[i], MOST_RUNS, scratch) : all->of[i];
    open_table(&t, part, n, PP_NEW(scratch, double, n_parts));
    polish(&t, POLISHES);
    const struct whole w = {.times = t.times, .n_runs = n_parts};
    for (uint32_t i = 0; i < n; i++) {
        double *left = PP_NEW(scratch, double, n_parts);
        take_out(&w, part[i].value, 1, left);
        if (is_smoother(left, part[i].value, n_parts)) part[i].value = left;
    }
    change_find(part, n, limits, ret_changes, scratch);
    keep_large(part, ret_changes, scratch);
    for (uint32_t i = 0; i < ret_changes->n; i++)
        ret_changes->at[i].at = (uint32_t)((uint64_t)ret_changes->at[i].at * n_runs / n_parts);
    for (uint32_t run = 0; run < n_runs; run++)
        all->times[run] = t.times[(uint64_t)run * n_parts / n_runs];
}

/* Of the newest runs, without the whole where they are smoother so. */
static void find_wander(struct whole *w, const struct change_limits *limits,
                        struct pp_arena *scratch) {
    struct change_result changes;
    struct change_series newest[WHOLE_MOST];
    uint32_t skip = w->n_runs > WANDER_RUNS ? w->n_runs - WANDER_RUNS : 0;
    for (uint32_t i = 0; i < w->n; i++) {
        const double *left = w->left[i].value, *value = w->of[i].value;
        const double *one = is_smoother(left, value, w->n_runs) ? left : value;
        newest[i] = (struct change_series){one + skip, w->n_runs - skip, NULL};
    }
    change_find(newest, w->n, limits, &changes, scratch);
    wander_find(newest, w->n, &changes, &w->wander);
}

/* First as if no function had changed; then with what that leaves as their changes. */
void whole_find(const struct change_series *of, uint32_t n, const struct change_limits *limits,
                struct whole *ret_whole, struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct table t = {.scratch = &scratch};
    *ret_whole = (struct whole){.n_runs = n ? of->n : 0, .of = of, .n = n};
    if (n < WHOLE_LEAST || n > WHOLE_MOST || !of->n) return;
    struct change_result changes;
    double *logs = PP_NEW(arena, double, of->n);
    open_table(&t, of, n, PP_NEW(arena, double, of->n));
    find_changes(&t, limits, &changes);
    t.changes = &changes;
    polish(&t, of->n > MOST_RUNS ? 1 : POLISHES); /* it is known well from means */
    for (uint32_t run = 0; run < t.n_runs; run++)
        logs[run] = log(t.times[run]);
    ret_whole->times = t.times;
    ret_whole->log = logs;
    struct taking taking = {.w = ret_whole, .from = of};
    ret_whole->left = take_out_of_all(&taking, n, arena);
    find_wander(ret_whole, limits, &scratch);
    pp_arena_done(&scratch);
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
    double before = level_median(old, n_old, scratch), after = level_median(new, n_new, scratch);
    if (before <= 0 || after <= 0) return (struct shift){0};
    double error_before = level_median_error(old, n_old, before, scratch) / before;
    double error_after = level_median_error(new, n_new, after, scratch) / after;
    return (struct shift){log(after / before), hypot(error_before, error_after)};
}

/* 15 runs on each side, and more the less is known where a small change is: its place is sure to
 * about the square of the noise in steps. */
static uint32_t width_of(const struct change_point *c, const struct change_series *s,
                         struct pp_arena *scratch) {
    enum { LEAST = 15, SURE = 10, MOST = 200 };
    double noise = level_noise(s->value, s->n, scratch) / (c->after - c->before);
    return (uint32_t)fmin(LEAST + SURE * noise * noise, MOST);
}

/* From the change before it to the next. */
static struct stretches between(const struct change_result *r, uint32_t change, uint32_t n) {
    const struct change_point *c = &r->at[change];
    struct stretches s = {0, c->at, n};
    if (change && c[-1].series == c->series) s.from = c[-1].at;
    if (change + 1 < r->n && c[1].series == c->series) s.to = c[1].at;
    return s;
}

static struct stretches around(const struct change_result *r, uint32_t change,
                               const struct change_series *s, struct pp_arena *scratch) {
    struct stretches all = between(r, change, s->n);
    uint32_t width = width_of(&r->at[change], s, scratch);
    if (all.at - all.from > width) all.from = all.at - width;
    if (all.to - all.at > width) all.to = all.at + width;
    return all;
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
    return 1.4826 * level_median(own, w->n, scratch);
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

bool whole_is_own(const struct whole *w, const struct change_series *series,
                  const struct change_series *left, const struct change_result *changes,
                  uint32_t change) {
    const struct change_point *c = &changes->at[change];
    if (!w->times) return true;
    struct stretches s = between(changes, change, w->n_runs);
    struct wander_step step = {s.from, s.at, s.to, 0};
    if (wander_reaches(&w->wander, &left[c->series], &step)) return false;
    struct change_series others[WHOLE_MOST];
    uint32_t self = place_of(w, &series[c->series]);
    memcpy(others, w->left, w->n * sizeof *others);
    if (self < w->n) others[self].value = NULL;
    struct kin kin = kin_of(others, w->n, self < w->n ? &w->left[self] : &left[c->series], c);
    step.n_along = kin.n_along;
    return !kin.shares && !(kin.n_along && wander_reaches(&w->wander, &left[c->series], &step));
}
