/* The gate's noise model and its tests. See docs/gate.md for where each formula comes from. */
#include "gate/gate_stats.h"

#include "gate/gate_math.h"
#include "gate/gate_rank.h"

#include <math.h>
#include <stdlib.h>

/* A function that is nearly all of the total has no own noise against it: dividing by what is left
 * of it would make noise out of nothing. */
#define LEAST_FACTOR  0.05
#define ENOUGH_OWN_DF 7   /* of a function's own runs, to judge it by nothing else */
#define ENOUGH        5   /* counts in a run, for a function to tell of noise */
#define DOMINATED     0.5 /* sum of squared shares from which the total is one function's */

static const double sure_of_pairs = 0.01, sure_of_own_pairs = 0.05;

/* What is approximate in the tests (tails, degrees of freedom) is off by a few per cent of p,
 * measured by tests/stats: so p is taken larger than it comes out. */
static const double caution_assumed = 1.1, caution_estimated = 1.15;

static double side_sum(const struct gate_series *s, const uint32_t n[2], int side) {
    double sum = 0;
    const double *at = s->value + (side == GATE_NEW ? n[GATE_OLD] : 0);
    for (uint32_t i = 0; i < n[side]; i++)
        sum += at[i];
    return sum;
}

static double mean_of(const struct gate_series *s, const uint32_t n[2], int side) {
    double mean = n[side] ? side_sum(s, n, side) / n[side] : 0;
    return mean > 0 ? mean : 1;
}

/* Mean count of a run, over both sides. */
static double mean_count(const struct gate_series *s, const uint32_t n[2]) {
    double sum = side_sum(s, n, GATE_OLD) + side_sum(s, n, GATE_NEW);
    return sum / s->unit / (n[GATE_OLD] + n[GATE_NEW]);
}

static double share_of(const struct gate_series *s, const struct gate_series *total,
                       const uint32_t n[2]) {
    double whole = side_sum(total, n, GATE_OLD) + side_sum(total, n, GATE_NEW);
    if (!(whole > 0)) return 0;
    double part = side_sum(s, n, GATE_OLD) + side_sum(s, n, GATE_NEW);
    return fmin(1, part / whole);
}

/* The sum of squares of a side's relative values around 1; with `total`, around the run's total. */
static double sum_of_squares(const struct gate_series *s, const struct gate_series *total,
                             const uint32_t n[2], int side) {
    uint32_t at = side == GATE_NEW ? n[GATE_OLD] : 0, end = at + n[side];
    double mean = side_sum(s, n, side) / n[side], sum = 0;
    double whole = total ? side_sum(total, n, side) / n[side] : 0;
    if (n[side] < 2 || !(mean > 0)) return 0;
    for (; at < end; at++) {
        double u = s->value[at] / mean - (whole > 0 ? total->value[at] / whole : 1);
        sum += u * u;
    }
    return sum;
}

/* The variance within sides of the runs' relative values; with `total`, of what is left of them
 * once the run's total is taken out. */
static double variance(const struct gate_series *s, const struct gate_series *total,
                       const uint32_t n[2], double df) {
    double sum = sum_of_squares(s, total, n, GATE_OLD) + sum_of_squares(s, total, n, GATE_NEW);
    return df > 0 ? sum / df : 0;
}

/* What one function adds to the estimate of own noise. */
struct part {
    double variance; /* seen: what is left when the run's total is taken out */
    double counting; /* expected of it from counts alone */
    double factor;   /* how much of own noise is left in it */
    double expected; /* counting + factor * own */
    double df;       /* of what is seen */
};

/* A function's share w of the total, the sum of its members' squared shares (at most), and what
 * follows: own noise in "function against total", and its covariance with the total's. */
struct own_factors {
    double residual, covariance, itself;
};

static struct own_factors own_factors(double w, double spread) {
    if (!(w > 0)) return (struct own_factors){1, 0, 1};
    double squares = fmin(w * w, spread);
    double itself = squares / (w * w);
    return (struct own_factors){fmax(0, itself - 2 * squares / w + spread),
                                fmax(squares / w - spread, spread < DOMINATED ? -1 : 0), itself};
}

/* Weighted least squares of (variance - counting) on factor; a variance's own variance goes with
 * the square of its expectation. `ret_effective`: what all are worth, in degrees of freedom. */
static double fit_own(struct part *parts, size_t n, double *ret_effective) {
    double own = 0, weights = 0, squares = 0;
    for (int round = 0; round < 8; round++) {
        double top = 0, bottom = 0;
        weights = squares = 0;
        for (size_t i = 0; i < n; i++) {
            struct part *p = &parts[i];
            p->expected = p->counting + p->factor * own;
            double k = p->df * p->factor / (p->expected * p->expected);
            top += k * (p->variance - p->counting);
            bottom += k * p->factor;
            weights += k * p->factor;
            squares += k * p->factor * k * p->factor / p->df;
        }
        own = bottom > 0 ? fmax(0, top / bottom) : 0;
    }
    *ret_effective = squares > 0 ? weights * weights / squares : 0;
    return own;
}

/* How far functions differ from what is expected of them, as degrees of freedom that this is worth
 * beside a function's own (Smyth 2004): beyond chance, the logarithms of seen / expected vary by
 * trigamma(df / 2). */
static double fit_common_df(const struct part *parts, size_t n) {
    enum { FEW = 5 };
    if (n < FEW) return 10;
    double mean = 0, square = 0, by_chance = 0;
    for (size_t i = 0; i < n; i++) {
        double z = log(fmax(parts[i].variance, 1e-12) / parts[i].expected);
        mean += z / (double)n;
        square += z * z / (double)n;
        by_chance += gate_trigamma(parts[i].df / 2) / (double)n;
    }
    double seen = (square - mean * mean) * (double)n / (double)(n - 1);
    double beyond = seen - by_chance * (1 + 2 * sqrt(2.0 / (double)(n - 1)));
    return beyond > 0 ? 2 * gate_trigamma_inverse(beyond) : INFINITY;
}

/* What a function adds, from the sides where it is: names may have changed between the builds. */
static struct part part_of(const struct gate_noise *noise, const struct gate_series *f,
                           const struct gate_series *total) {
    const uint32_t *n = noise->runs.n;
    double runs = 0, count = 0, part = 0, whole = 0, squares = 0, df = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        double sum = side_sum(f, n, side);
        if (noise->runs.seen[side] < 2 || sum < ENOUGH * f->unit * n[side]) continue;
        runs += n[side];
        count += sum / f->unit;
        part += sum;
        whole += side_sum(total, n, side);
        squares += sum_of_squares(f, total, n, side);
        df += noise->runs.seen[side] - 1;
    }
    if (!(df > 0) || part > 0.99 * whole) return (struct part){0};
    double w = part / whole;
    return (struct part){.variance = squares / df,
                         .counting = (1 - w) * runs / count,
                         .factor = own_factors(w, noise->spread).residual,
                         .df = df};
}

static void fit_parts(struct gate_noise *noise, struct part *parts, const struct gate_series *total,
                      const struct gate_series *functions, size_t n_functions) {
    size_t n = 0;
    double df = 0, effective;
    for (size_t i = 0; i < n_functions; i++) {
        parts[n] = part_of(noise, &functions[i], total);
        if (!(parts[n].factor > LEAST_FACTOR)) continue;
        df += parts[n++].df;
    }
    noise->own = fit_own(parts, n, &effective);
    double most = fmax(0, fmin(effective, df) - noise->df);
    noise->own_df = n ? fmin(most, fit_common_df(parts, n)) : 0;
}

/* The sum of the squared shares of all functions, as each side has them. */
static double spread_of(const struct gate_runs *runs, const struct gate_series *total,
                        const struct gate_series *functions, size_t n_functions) {
    double sum = 0, sides = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        double whole = side_sum(total, runs->n, side);
        if (!(whole > 0)) continue;
        sides++;
        for (size_t i = 0; i < n_functions; i++)
            sum += pow(side_sum(&functions[i], runs->n, side) / whole, 2);
    }
    return sides > 0 && n_functions > 0 ? fmin(1, sum / sides) : 1;
}

/* A variance that was seen, of one run. */
struct seen {
    double variance, df;
    bool is_apart; /* of the difference of a pair's halves */
};

/* A side's values are divided by `unit` of it. */
static double squares_within(const struct gate_series *s, const uint32_t n[2],
                             const double unit[2]) {
    double sum = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        const double *at = s->value + (side == GATE_NEW ? n[GATE_OLD] : 0);
        double mean = n[side] > 1 ? side_sum(s, n, side) / n[side] : 0;
        for (uint32_t i = 0; n[side] > 1 && i < n[side]; i++)
            sum += pow((at[i] - mean) / unit[side], 2);
    }
    return sum;
}

static double squares_apart(const struct gate_series *s, const uint32_t n[2],
                            const double unit[2]) {
    const double *old = s->value, *new = s->value + n[GATE_OLD];
    double mean = side_sum(s, n, GATE_NEW) / n[GATE_NEW] / unit[GATE_NEW] -
                  side_sum(s, n, GATE_OLD) / n[GATE_OLD] / unit[GATE_OLD];
    double sum = 0;
    for (uint32_t i = 0; i < n[GATE_OLD]; i++)
        sum += pow(new[i] / unit[GATE_NEW] - old[i] / unit[GATE_OLD] - mean, 2);
    return sum / 2;
}

/* How a run varies, less what pairs share. Were nothing shared, sums and differences of pairs would
 * vary alike: their ratio is F, below 1 by chance as rarely as `sure` says. Pairs have half the
 * degrees of freedom, so that they are used only where it is clear that they help. */
static struct seen see(const struct gate_noise *noise, const struct gate_series *s,
                       const double unit[2], double sure) {
    const uint32_t *n = noise->runs.n;
    double within = squares_within(s, n, unit), df = n[GATE_OLD] - 1.0;
    struct seen all = {within / noise->df, noise->df, false};
    if (!noise->runs.in_turns || df < 1 || n[GATE_NEW] != n[GATE_OLD] || noise->df != 2 * df)
        return all;
    double apart = squares_apart(s, n, unit), together = fmax(0, within - apart);
    bool helps = together > 0 && gate_beta(apart / (apart + together), df / 2, df / 2) <= sure;
    return helps ? (struct seen){apart / df, df, true} : all;
}

/* A run's relative variance, and how sure that is. */
struct spread {
    double variance;
    double spread_of_it; /* sum of (part of the variance)^2 / degrees of freedom */
};

/* Is the function noisier than its likes by more than chance (Snedecor's F)? What happens in one
 * run out of many (waiting for a lock, a collection) does not get better by being called common.
 * `own`: the variance that its likes have beyond counts. */
static bool is_wild(const struct gate_noise *noise, const struct gate_series *s,
                    const struct gate_series *total, double own) {
    const double sure = 0.01, many = 1e6;
    double df = fmin(noise->own_df, many), sum = 0;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        double count = side_sum(s, noise->runs.n, side) / s->unit / noise->runs.n[side];
        if (count > 0) sum += sum_of_squares(s, total, noise->runs.n, side) / (1 / count + own);
    }
    return df > 0 && gate_beta(df / (df + sum), df / 2, noise->df / 2) <= sure;
}

/* The same, of a variance that was seen. `df`: what the expected one is worth. */
static bool is_beyond_chance(struct seen seen, double expected, double df) {
    const double sure = 0.01, many = 1e6;
    double f = expected > 0 ? seen.variance / expected : 0;
    df = fmin(df, many);
    return df > 0 && gate_beta(df / (df + seen.df * f), df / 2, seen.df / 2) <= sure;
}

/* A function against the total: its likes' noise and its own. */
static struct spread against_total(const struct gate_noise *noise, const struct gate_series *s,
                                   const struct gate_series *total) {
    double w = share_of(s, total, noise->runs.n);
    double counting = (1 - w) / mean_count(s, noise->runs.n);
    struct own_factors own = own_factors(w, noise->spread);
    double expected = counting + own.residual * noise->own;
    double seen = variance(s, total, noise->runs.n, noise->df);
    double common = is_wild(noise, s, total, own.residual * noise->own) ? 0 : noise->own_df,
           df = noise->df + common;
    double part = isinf(common) ? expected : (common * expected + noise->df * seen) / df;
    part = fmax(part, counting);
    /* What counts alone give is known; only what is above it is uncertain. */
    return (struct spread){part, isinf(df) ? 0 : part * (part - counting) / df};
}

/* And the total's. A budget is compared with nothing, so nothing cancels. */
static struct spread modelled(const struct gate_noise *noise, const struct gate_series *s,
                              const struct gate_series *total, bool is_budget) {
    struct spread v = against_total(noise, s, total);
    double w = share_of(s, total, noise->runs.n);
    double whole = is_budget ? noise->total : noise->apart;
    v.variance += whole + 2 * own_factors(w, noise->spread).covariance * noise->own;
    v.spread_of_it += whole * whole / (is_budget ? noise->df : noise->apart_df);
    return v;
}

/* How well do functions vary as modelled? Noise that is the whole run's need not be every
 * function's: what waits for memory has more of it than what computes. */
static void fit_model(struct gate_noise *noise, struct part *parts, const struct gate_series *total,
                      const struct gate_series *functions, size_t n_functions) {
    size_t n = 0;
    for (size_t i = 0; i < n_functions; i++) {
        const struct gate_series *f = &functions[i];
        double least = fmin(side_sum(f, noise->runs.n, GATE_OLD) / noise->runs.n[GATE_OLD],
                            side_sum(f, noise->runs.n, GATE_NEW) / noise->runs.n[GATE_NEW]);
        if (!(least >= ENOUGH * f->unit)) continue;
        const double mean[2] = {mean_of(f, noise->runs.n, GATE_OLD),
                                mean_of(f, noise->runs.n, GATE_NEW)};
        struct seen seen = see(noise, f, mean, noise->paired ? 1 : 0);
        double expected = modelled(noise, f, total, false).variance;
        if (expected > 0) parts[n++] = (struct part){seen.variance, 0, 0, expected, seen.df};
    }
    noise->model_df = fit_common_df(parts, n);
}

/* What a function's values of each side are divided by: their mean. Where one side has next to
 * nothing, the mean of both as if the truth were at the limit: of what happens in one run out of
 * many, all may be on one side. */
static void find_units(const struct gate_noise *noise, const struct gate_series *s, double limit,
                       double ret_unit[2]) {
    const double next_to_nothing = 0.25;
    const uint32_t *n = noise->runs.n;
    double sum[2] = {side_sum(s, n, GATE_OLD), side_sum(s, n, GATE_NEW) / (1 + limit)};
    double old = sum[GATE_OLD] / n[GATE_OLD], new = sum[GATE_NEW] / n[GATE_NEW];
    if (fmin(old, new) <= next_to_nothing * fmax(old, new))
        old = new = (sum[GATE_OLD] + sum[GATE_NEW]) / (n[GATE_OLD] + n[GATE_NEW]);
    ret_unit[GATE_OLD] = old;
    ret_unit[GATE_NEW] = new *(1 + limit);
}

/* A function's own runs beside the model. */
static struct spread with_own_runs(const struct gate_noise *noise, const struct gate_series *s,
                                   double limit, struct spread model) {
    double unit[2], counting = 1 / mean_count(s, noise->runs.n);
    find_units(noise, s, limit, unit);
    struct seen own = see(noise, s, unit, noise->paired ? 1 : sure_of_own_pairs);
    double common = is_beyond_chance(own, model.variance, noise->model_df) ? 0 : noise->model_df;
    if (isinf(common)) return model;
    if (own.df >= ENOUGH_OWN_DF) common = 0;
    double df = own.df + common, weight = common / df;
    double v = weight * model.variance + (1 - weight) * own.variance;
    v = fmax(v, counting);
    return (struct spread){v, weight * weight * model.spread_of_it + v * (v - counting) / df};
}

static struct spread estimate(const struct gate_noise *noise, const struct gate_question *q,
                              const struct gate_series *s, const struct gate_series *total) {
    double counting = 1 / mean_count(s, noise->runs.n);
    struct spread v;
    if (q->measure == GATE_SHARE) {
        v = against_total(noise, s, total);
        counting *= 1 - share_of(s, total, noise->runs.n);
    } else {
        v = modelled(noise, s, total, q->is_budget);
        if (!q->is_budget && noise->estimated) v = with_own_runs(noise, s, q->limit, v);
    }
    return (struct spread){fmax(0, v.variance - counting), v.spread_of_it};
}

void gate_noise_fit(struct gate_noise *ret_noise, const struct gate_runs *runs,
                    const struct gate_series *total, const struct gate_series *functions,
                    size_t n_functions) {
    struct gate_noise noise = {.runs = *runs};
    const uint32_t *n = runs->n;
    for (int side = GATE_OLD; side <= GATE_NEW; side++)
        if (runs->seen[side] > 1 && side_sum(total, n, side) > 0) noise.df += runs->seen[side] - 1;
    noise.estimated = noise.df >= GATE_MIN_DF;
    noise.spread = spread_of(runs, total, functions, n_functions);
    if (noise.df > 0) {
        struct part *parts = n_functions ? malloc(n_functions * sizeof *parts) : NULL;
        if (parts) fit_parts(&noise, parts, total, functions, n_functions);
        double counts = mean_count(total, n);
        double least = counts > 0 ? 1 / counts : 0;
        if (noise.spread < DOMINATED) least += noise.spread * noise.own;
        noise.total = fmax(variance(total, NULL, n, noise.df), least);
        const double mean[2] = {mean_of(total, n, GATE_OLD), mean_of(total, n, GATE_NEW)};
        struct seen apart = see(&noise, total, mean, sure_of_pairs);
        noise.paired = apart.is_apart;
        noise.apart = fmax(apart.variance, least);
        noise.apart_df = apart.df;
        if (parts) fit_model(&noise, parts, total, functions, n_functions);
        free(parts);
    }
    *ret_noise = noise;
}

/* What the means of both sides vary by beyond their counts. A share's noise comes from both the
 * part and the rest. */
static struct spread beyond_counts(const struct gate_noise *noise, const struct gate_question *q,
                                   const struct gate_series *s, const struct gate_series *total) {
    const uint32_t *n = noise->runs.n;
    double runs = 1.0 / n[GATE_NEW] + (q->is_budget ? 0 : 1.0 / n[GATE_OLD]);
    bool is_share = q->measure == GATE_SHARE;
    double w = share_of(s, total, noise->runs.n);
    double floor =
        noise->runs.assumed * noise->runs.assumed * (is_share ? 2 * (1 - w) * (1 - w) : 1);
    struct spread beyond = {0, 0};
    if (noise->df > 0) beyond = estimate(noise, q, s, total);
    if (!noise->estimated) beyond = (struct spread){fmax(floor, beyond.variance), 0};
    return (struct spread){beyond.variance * runs, beyond.spread_of_it * runs * runs};
}

/* `counting`: the variance that counts have. */
static void set_error(struct gate_answer *a, const struct gate_noise *noise,
                      const struct gate_question *q, double counting, struct spread beyond) {
    double v = counting + beyond.variance;
    double least = q->is_budget ? noise->df : noise->apart_df;
    a->df = beyond.spread_of_it > 0 ? fmax(least, v * v / beyond.spread_of_it) : INFINITY;
    a->se = sqrt(v);
    a->se_counts = sqrt(counting);
}

static bool has_runs_to_rank(const struct gate_runs *runs) {
    return runs->seen[GATE_OLD] >= GATE_RANK_RUNS && runs->seen[GATE_NEW] >= GATE_RANK_RUNS;
}

/* Where a few runs of many cost much more than the others, means say little; ranks say more, and
 * are exact. Of two p that agree in what they measure, their harmonic mean (Wilson 2019): half as
 * sure as the surer one, or as sure as both. Runs are compared as if the truth were at the limit.
 */
static double with_ranks(const struct gate_noise *noise, const struct gate_series *s, double limit,
                         double p) {
    const uint32_t *n = noise->runs.n;
    double new[GATE_MAX_RANKED];
    if (!has_runs_to_rank(&noise->runs) || n[GATE_NEW] > GATE_MAX_RANKED) return p;
    for (uint32_t i = 0; i < n[GATE_NEW]; i++)
        new[i] = s->value[n[GATE_OLD] + i] / (1 + limit);
    if (!gate_is_skewed(s->value, n[GATE_OLD], new, n[GATE_NEW])) return p;
    double ranks = gate_rank_test(s->value, n[GATE_OLD], new, n[GATE_NEW], GATE_LOWER_HALF);
    return 2 / (1 / p + 1 / ranks);
}

/* Given the sum of both sides, what is new is binomial were the truth at the limit. A share has
 * less variance than its counts say: as if there were count / (1 - share) of them. */
static void ask_growth(struct gate_answer *a, const struct gate_noise *noise,
                       const struct gate_question *q, const struct gate_series *s,
                       const struct gate_series *total) {
    bool is_share = q->measure == GATE_SHARE;
    double exposure[2] = {1, 1};
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        if (is_share) exposure[side] = side_sum(total, noise->runs.n, side);
        if (q->measure == GATE_PER_RUN) exposure[side] = noise->runs.n[side];
        a->value[side] = exposure[side] > 0 ? a->value[side] / exposure[side] : 0;
    }
    double rest = is_share ? fmax(1e-9, 1 - share_of(s, total, noise->runs.n)) : 1;
    double was = a->count[GATE_OLD] / rest, is = a->count[GATE_NEW] / rest;
    double odds = exposure[GATE_NEW] * (1 + q->limit) / exposure[GATE_OLD];
    double chance = odds / (1 + odds);
    double counting = 1 / ((was + is) * chance) + 1 / ((was + is) * (1 - chance));
    set_error(a, noise, q, counting, beyond_counts(noise, q, s, total));
    a->effect = log(a->value[GATE_NEW] / a->value[GATE_OLD]);
    double far = log(fmax(is, 0.5) / fmax(was, 0.5)) - log(odds);
    double near = (is / chance - was / (1 - chance)) / (was + is);
    double beyond = fmin(far, near);
    a->p = fmax(gate_t_tail(beyond / a->se, a->df), gate_binomial_tail(is, was + is, chance));
    if (q->measure == GATE_PER_RUN) a->p = with_ranks(noise, s, q->limit, a->p);
}

static void ask_budget(struct gate_answer *a, const struct gate_noise *noise,
                       const struct gate_question *q, const struct gate_series *s,
                       const struct gate_series *total) {
    double n = noise->runs.n[GATE_NEW], is = a->count[GATE_NEW], exact, counting, beyond;
    double whole = side_sum(total, noise->runs.n, GATE_NEW);
    if (q->measure == GATE_SHARE) {
        double all = whole / s->unit, limit = fmin(q->limit, 1);
        exact = gate_binomial_tail(is, all, limit);
        counting = (1 - limit) / (all * limit);
        beyond = log(is / all / q->limit);
        a->value[GATE_NEW] = whole > 0 ? a->value[GATE_NEW] / whole : 0;
    } else {
        double expected = q->limit / s->unit * (q->measure == GATE_PER_RUN ? n : 1);
        exact = gate_poisson_tail(is, expected);
        counting = 1 / expected;
        beyond = log(is / expected);
        if (q->measure == GATE_PER_RUN) a->value[GATE_NEW] /= n;
    }
    a->value[GATE_OLD] = 0;
    a->effect = beyond;
    set_error(a, noise, q, counting, beyond_counts(noise, q, s, total));
    a->p = q->limit > 0 ? fmax(gate_t_tail(beyond / a->se, a->df), exact) : 0;
}

void gate_ask(struct gate_answer *ret_answer, const struct gate_noise *noise,
              const struct gate_question *question, const struct gate_series *series,
              const struct gate_series *total) {
    struct gate_answer a = {.p = 1, .df = INFINITY, .rank_p = -1};
    a.assumed = !noise->estimated;
    for (int side = GATE_OLD; side <= GATE_NEW; side++) {
        a.value[side] = side_sum(series, noise->runs.n, side);
        a.count[side] = a.value[side] / series->unit;
    }
    const uint32_t *n = noise->runs.n;
    a.says = a.count[GATE_NEW] >= GATE_MIN_COUNT ||
             (!question->is_budget && a.count[GATE_OLD] >= GATE_MIN_COUNT);
    if (question->is_budget)
        ask_budget(&a, noise, question, series, total);
    else
        ask_growth(&a, noise, question, series, total);
    a.p = a.says ? fmin(1, a.p * (noise->estimated ? caution_estimated : caution_assumed)) : 1;
    if (!question->is_budget && has_runs_to_rank(&noise->runs))
        a.rank_p = gate_rank_test(series->value, n[GATE_OLD], series->value + n[GATE_OLD],
                                  n[GATE_NEW], GATE_RANKS);
    *ret_answer = a;
}

double gate_at_least(const struct gate_answer *answer, double confidence) {
    if (!answer->says) return -1;
    double t = gate_t_quantile(1 - confidence, answer->df);
    return expm1(answer->effect - t * answer->se);
}

double gate_look(uint32_t round, uint32_t rounds, bool is_last) {
    enum { FIRST = 1 + GATE_MIN_DF / 2 };
    const double early = 0.3;
    uint32_t before = rounds > FIRST ? rounds - FIRST : 0; /* looks before the last */
    uint32_t spent = round > FIRST ? round - FIRST : 0;
    if (is_last) return before ? 1 - early * spent / before : 1;
    return round >= FIRST && before ? early / before : 0;
}

void gate_weigh(double *cost, size_t n) {
    double all = 0;
    for (size_t i = 0; i < n; i++)
        all += cost[i];
    for (size_t i = 0; i < n; i++)
        cost[i] = 0.5 / (double)n + (all > 0 ? 0.5 * cost[i] / all : 0);
}

struct weighted {
    const double *p, *weight;
};

static double weighed(const struct weighted *w, uint32_t i) {
    return w->weight ? w->p[i] / w->weight[i] : w->p[i];
}

static int by_p(const void *a, const void *b, void *weighted) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    double p = weighed(weighted, x), q = weighed(weighted, y);
    if (p != q) return p < q ? -1 : 1;
    return (x > y) - (x < y);
}

void gate_holm(double *p, const double *weight, size_t n, uint32_t *order) {
    struct weighted w = {p, weight};
    double least = 0, left = 0;
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint32_t)i;
        left += weight ? weight[i] : 1;
    }
    qsort_r(order, n, sizeof *order, by_p, &w);
    for (size_t i = 0; i < n; i++) {
        least = fmax(least, fmin(1, weighed(&w, order[i]) * left));
        left -= weight ? weight[order[i]] : 1;
        p[order[i]] = least;
    }
}
