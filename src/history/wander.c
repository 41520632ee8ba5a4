#include "history/wander.h"

#include "base/parallel.h"
#include "history/level.h"

#include <math.h>

enum { FEW_STEPS = 8 };

static uint32_t length_of(uint32_t scale) {
    static const uint32_t lengths[WANDER_SCALES] = {5, 15, 45, 135};
    return lengths[scale];
}

/* How far the levels of neighbouring stretches are apart, as shares of their level. */
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
    double error = LEVEL_ERROR * noise * sqrt(2.0 / length);
    for (uint32_t at = 0; at + length <= s->n; at += length) {
        double here = level_of(s->value + at, length, noise, scratch);
        double level = (before + here) / 2;
        if (at && level > 0) {
            steps->apart[steps->n] = fabs(here - before) / level;
            steps->by_noise[steps->n++] = error / level;
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
    enum { ROUNDS = 30 };
    const double usual = 0.3684 * (1 + 0.5 / sqrt(s->n)); /* of normal values */
    double low = 0, high = 1;
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

/* Each length by itself. */
struct scales {
    const struct change_series *of;
    uint32_t n, n_steps[WANDER_SCALES];
    double variance[WANDER_SCALES];
};

static void find_scale(void *user, unsigned worker, size_t k) {
    struct scales *s = user;
    struct pp_arena scratch = {0};
    uint32_t length = length_of((uint32_t)k);
    struct steps steps = steps_room(s->n * (s->of->n / length), &scratch);
    (void)worker;
    for (uint32_t i = 0; i < s->n; i++)
        list_steps(&s->of[i], length, &steps, &scratch);
    s->n_steps[k] = steps.n;
    if (steps.n >= FEW_STEPS) s->variance[k] = variance_of(&steps, &scratch);
    pp_arena_done(&scratch);
}

void wander_find(const struct change_series *of, uint32_t n, struct wander *ret_wander) {
    enum { LEAST_STRETCHES = 4 };
    struct wander w = {.n_scales = 0};
    struct scales s = {.of = of, .n = n};
    uint32_t n_scales = 0;
    while (n && n_scales < WANDER_SCALES && length_of(n_scales) * LEAST_STRETCHES <= of->n)
        n_scales++;
    parallel_run(n ? change_width(n * n_scales, of->n) : 1, n_scales, find_scale, &s);
    while (w.n_scales < n_scales && s.n_steps[w.n_scales] >= FEW_STEPS) {
        w.variance[w.n_scales] = s.variance[w.n_scales];
        w.n_scales++;
    }
    *ret_wander = w;
}

/* Of a function: that of all, and what its own is more or less, on the longest stretches of which
 * it has enough to say so. */
static double own_variance(const struct wander *w, const struct change_series *s, uint32_t scale,
                           struct pp_arena *scratch) {
    while (scale && s->n / length_of(scale) <= FEW_STEPS)
        scale--;
    struct steps steps = steps_room(s->n / length_of(scale) + 1, scratch);
    list_steps(s, length_of(scale), &steps, scratch);
    if (steps.n < FEW_STEPS) return 0;
    double more = variance_of(&steps, scratch) - w->variance[scale];
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
 * many runs, as often as tails like those of Student's t with six degrees of freedom have it. */
static double far_away(uint32_t n_runs) {
    enum { LEAST = 6, USUAL_RUNS = 60 };
    return LEAST * pow(fmax(1, (double)n_runs / USUAL_RUNS), 1.0 / 6);
}

bool wander_reaches(const struct wander *w, const struct change_series *s, uint32_t from,
                    uint32_t at, uint32_t to) {
    enum { FAR = 4 }; /* standard errors of noise */
    struct pp_arena scratch = {0};
    double variance[WANDER_SCALES], noise = level_noise(s->value, s->n, &scratch);
    double before = level_of(s->value + from, at - from, noise, &scratch);
    double after = level_of(s->value + at, to - at, noise, &scratch);
    for (uint32_t k = 0; k < w->n_scales; k++)
        variance[k] = fmax(0, w->variance[k] + own_variance(w, s, k, &scratch));
    noise *= FAR * LEVEL_ERROR;
    double wander = far_away(s->n) * (fabs(before) + fabs(after)) / 2;
    double by_noise = noise * noise * (1.0 / (at - from) + 1.0 / (to - at));
    double by_wander = wander * wander *
                       (level_variance(variance, w->n_scales, at - from) +
                        level_variance(variance, w->n_scales, to - at));
    pp_arena_done(&scratch);
    return (after - before) * (after - before) <= by_noise + by_wander;
}
