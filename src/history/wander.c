#include "history/wander.h"

#include "history/level.h"

#include <math.h>

enum { FEW_STEPS = 8 };

static uint32_t length_of(uint32_t scale) {
    static const uint32_t lengths[WANDER_SCALES] = {5, 15, 45, 135};
    return lengths[scale];
}

/* How far the levels of neighbouring stretches are apart, in units of the noise. */
struct steps {
    double *apart, *by_noise; /* as it is; what the noise from run to run makes of it */
    uint32_t n;
};

static struct steps steps_room(uint32_t most, struct pp_arena *scratch) {
    return (struct steps){PP_NEW(scratch, double, most), PP_NEW(scratch, double, most), 0};
}

static void list_steps(const struct change_series *s, uint32_t length, struct steps *steps,
                       struct pp_arena *scratch) {
    double noise = level_noise(s->value, s->n, scratch), before = 0;
    double error = LEVEL_ERROR * sqrt(2.0 / length);
    for (uint32_t at = 0; at + length <= s->n; at += length) {
        double here = level_of(s->value + at, length, noise, scratch);
        if (at && noise > 0) {
            steps->apart[steps->n] = fabs(here - before) / noise;
            steps->by_noise[steps->n++] = error;
        }
        before = here;
    }
}

/* The mean square of the smaller three quarters of the steps, in what noise and so much wandering
 * make of them. Commits are among the others. */
static double mean_square(const struct steps *s, double variance, struct pp_arena *scratch) {
    double *squares = PP_NEW(scratch, double, s->n), sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        double expected = s->by_noise[i] * s->by_noise[i] + variance;
        squares[i] = expected > 0 ? s->apart[i] * s->apart[i] / expected : 0;
    }
    double most = level_part(squares, s->n, 0.75, scratch);
    for (uint32_t i = 0; i < s->n; i++) {
        if (squares[i] >= most) continue;
        sum += squares[i];
        n++;
    }
    return n ? sum / n : 0;
}

/* With this variance the steps are as large as normal values would be, and half of what so many
 * values are known to. */
static double variance_of(const struct steps *s, struct pp_arena *scratch) {
    enum { ROUNDS = 40, MOST = 10000 };
    const double usual = 0.3684 * (1 + 0.5 / sqrt(s->n)); /* of normal values */
    double low = 0, high = MOST;
    if (mean_square(s, 0, scratch) <= usual) return 0;
    for (int i = 0; i < ROUNDS; i++) {
        double middle = (low + high) / 2;
        if (mean_square(s, middle, scratch) > usual)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static void find_variance(struct wander *w, const struct change_series *of, uint32_t n) {
    enum { LEAST_STRETCHES = 4 };
    uint32_t n_runs = n ? of->n : 0;
    for (uint32_t k = 0; k < WANDER_SCALES && length_of(k) * LEAST_STRETCHES <= n_runs; k++) {
        struct pp_arena scratch = {0};
        struct steps steps = steps_room(n * (n_runs / length_of(k)), &scratch);
        for (uint32_t i = 0; i < n; i++)
            list_steps(&of[i], length_of(k), &steps, &scratch);
        bool is_known = steps.n >= FEW_STEPS;
        if (is_known) w->variance[w->n_scales++] = variance_of(&steps, &scratch);
        pp_arena_done(&scratch);
        if (!is_known) break;
    }
}

/* ---- whether they do ---- */

enum { REST_LENGTHS = 3, SHORTEST = 3 }; /* stretches of 3, 6 and 12 runs */

/* Sums of stretches, squared: of n that chance makes 1. */
struct rest {
    double sum;
    uint32_t n;
};

/* `square`: what chance makes of a run. `off`: a function's runs between two changes, from their
 * level, which is one number less to go by. */
static void add_stretches(struct rest *rest, const double *off, uint32_t n, double square) {
    for (uint32_t i = 0, length = SHORTEST; i < REST_LENGTHS; i++, length *= 2) {
        for (uint32_t at = 0; at + length <= n; at += length) {
            double sum = 0;
            for (uint32_t k = at; k < at + length; k++)
                sum += off[k];
            rest[i].sum += sum * sum / (length * square);
            rest[i].n++;
        }
        if (n >= length) rest[i].n--;
    }
}

/* A function's runs from the levels between its changes, c[0] to c[n_changes - 1], no further than
 * three times its noise; ret_square: what neighbours make of it. */
static double *off_levels(const struct change_series *s, const struct change_point *c,
                          uint32_t n_changes, double *ret_square, struct pp_arena *scratch) {
    double *off = PP_NEW(scratch, double, s->n), sum = 0;
    double noise = level_noise(s->value, s->n, scratch);
    for (uint32_t from = 0, k = 0; k <= n_changes; k++) {
        uint32_t to = k < n_changes ? c[k].at : s->n;
        double level = level_of(s->value + from, to - from, noise, scratch);
        for (; from < to; from++)
            off[from] = fmin(fmax(s->value[from] - level, -3 * noise), 3 * noise);
    }
    for (uint32_t i = 1; i < s->n; i++)
        sum += (off[i] - off[i - 1]) * (off[i] - off[i - 1]) / 2;
    *ret_square = sum / (s->n - 1);
    return off;
}

static void add_function(struct rest *rest, const struct change_series *s,
                         const struct change_point *c, uint32_t n_changes) {
    struct pp_arena scratch = {0};
    double square, *off = off_levels(s, c, n_changes, &square, &scratch);
    for (uint32_t from = 0, k = 0; k <= n_changes && square > 0; k++) {
        uint32_t to = k < n_changes ? c[k].at : s->n;
        add_stretches(rest, off + from, to - from, square);
        from = to;
    }
    pp_arena_done(&scratch);
}

/* Where runs differ by chance, the means of stretches differ by as much less as they are longer. */
static bool are_still(const struct change_series *of, uint32_t n,
                      const struct change_result *changes) {
    enum { SURE = 4 }; /* standard errors, of the three lengths together */
    struct rest rest[REST_LENGTHS] = {{0}};
    double more = 0;
    for (uint32_t i = 0, k = 0, first = 0; i < n; i++, first = k) {
        while (k < changes->n && changes->at[k].series == i)
            k++;
        if (of[i].n > 1) add_function(rest, &of[i], changes->at + first, k - first);
    }
    for (uint32_t i = 0; i < REST_LENGTHS; i++)
        if (rest[i].n) more += (rest[i].sum / rest[i].n - 1) * sqrt(rest[i].n / 2.0);
    return more < SURE;
}

void wander_find(const struct change_series *of, uint32_t n, const struct change_result *changes,
                 struct wander *ret_wander) {
    *ret_wander = (struct wander){.is_still = are_still(of, n, changes)};
    find_variance(ret_wander, of, n);
}

/* ---- how far ---- */

/* What a function's variance is more than that of all, or less, on stretches of which it has enough
 * to say so; shorter ones say only that it is more. */
static double own_variance(const struct wander *w, const struct change_series *s, uint32_t scale,
                           struct pp_arena *scratch) {
    uint32_t asked = scale;
    while (scale && s->n / length_of(scale) <= FEW_STEPS)
        scale--;
    struct steps steps = steps_room(s->n / length_of(scale) + 1, scratch);
    list_steps(s, length_of(scale), &steps, scratch);
    if (steps.n < FEW_STEPS) return 0;
    double more = variance_of(&steps, scratch) - w->variance[scale];
    if (scale < asked && more < 0) return 0;
    return more * steps.n / (steps.n + FEW_STEPS);
}

/* Of the level of so many runs: wandering that takes longer is in it whole, what is shorter
 * averages out, as far as that is known. */
static double level_variance(const double *variance, uint32_t n_scales, uint32_t runs) {
    enum { AVERAGES = 3 };
    double most = 0;
    for (uint32_t k = 0; k < n_scales; k++) {
        double times = fmax(1, fmin((double)runs / length_of(k), AVERAGES));
        most = fmax(most, variance[k] / 2 / times);
    }
    return most;
}

/* How many standard errors of wandering a change has to be away: what is rare occurs somewhere in
 * many runs, as often as tails like those of Student's t with six degrees of freedom have it. Where
 * others change, too, it is rather the machine that does. */
static double far_away(uint32_t n_runs, uint32_t n_along) {
    enum { LEAST = 5, USUAL_RUNS = 60 };
    return LEAST * (1 + n_along) * pow(fmax(1, (double)n_runs / USUAL_RUNS), 1.0 / 6);
}

/* Of the difference of the levels before and after, in squares of the noise. */
static double step_variance(const struct wander *w, const struct change_series *s,
                            const struct wander_step *step, struct pp_arena *scratch) {
    double variance[WANDER_SCALES];
    for (uint32_t k = 0; k < w->n_scales; k++)
        variance[k] = fmax(0, w->variance[k] + own_variance(w, s, k, scratch));
    return level_variance(variance, w->n_scales, step->at - step->from) +
           level_variance(variance, w->n_scales, step->to - step->at);
}

bool wander_reaches(const struct wander *w, const struct change_series *s,
                    const struct wander_step *step) {
    const double far = LEVEL_ERROR * (w->is_still ? 5 : 8); /* standard errors of noise */
    struct pp_arena scratch = {0};
    uint32_t n_before = step->at - step->from, n_after = step->to - step->at;
    double noise = level_noise(s->value, s->n, &scratch);
    double before = level_of(s->value + step->from, n_before, noise, &scratch);
    double after = level_of(s->value + step->at, n_after, noise, &scratch);
    double most = far * far * (1.0 / n_before + 1.0 / n_after);
    if (!w->is_still) {
        double times = far_away(s->n, step->n_along);
        most += times * times * step_variance(w, s, step, &scratch);
    }
    pp_arena_done(&scratch);
    return (after - before) * (after - before) <= most * noise * noise;
}
