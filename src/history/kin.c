#include "history/kin.h"

#include "history/level.h"

#include <math.h>

/* Two functions are compared by so many runs on each side of a change, without those that the
 * change may be among: two that a commit changes at once are no kin by that. */
enum { REACH = 480, MARGIN = 3 };

/* What is known of a change is known from so many runs on each side. */
enum { BESIDE = 15 };

/* Two series on both sides of a run. */
struct couple {
    const double *a, *b;
    uint32_t n, at;
};

/* How far runs, or stretches of runs, are apart that are `lag` of them apart, in both series. */
struct distances {
    double *a, *b;
    uint32_t n;
};

struct measure {
    uint32_t length, lag;
};

static double log_mean(const double *value, uint32_t n) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += value[i];
    return sum > 0 ? log(sum / n) : 0;
}

static void add_distances(const struct couple *c, struct measure m, uint32_t from, uint32_t to,
                          struct distances *d) {
    uint32_t away = m.length * m.lag;
    for (uint32_t at = from; at + away + m.length <= to; at += m.length, d->n++) {
        d->a[d->n] = log_mean(c->a + at + away, m.length) - log_mean(c->a + at, m.length);
        d->b[d->n] = log_mean(c->b + at + away, m.length) - log_mean(c->b + at, m.length);
    }
}

/* Steps and outliers count as three standard deviations. ret_spread: what one is. */
static void clip(double *v, uint32_t n, double *ret_spread, struct pp_arena *scratch) {
    double *size = PP_NEW(scratch, double, n);
    for (uint32_t i = 0; i < n; i++)
        size[i] = fabs(v[i]);
    double spread = 1.4826 * level_median_of(size, n);
    for (uint32_t i = 0; i < n; i++)
        v[i] = fmin(fmax(v[i], -3 * spread), 3 * spread);
    *ret_spread = spread;
}

struct bond {
    double sure;  /* the correlation, in standard errors */
    double times; /* how many times as far as the second the first one goes */
};

static struct bond bond_by(const struct couple *c, struct measure m, struct pp_arena *scratch) {
    enum { LEAST = 6 };
    uint32_t from = c->at > REACH ? c->at - REACH : 0,
             to = c->n - c->at > REACH ? c->at + REACH : c->n;
    struct distances d = {PP_NEW(scratch, double, to - from), PP_NEW(scratch, double, to - from),
                          0};
    double ab = 0, aa = 0, bb = 0, spread_a, spread_b;
    if (c->at > from + MARGIN) add_distances(c, m, from, c->at - MARGIN, &d);
    if (c->at + MARGIN < to) add_distances(c, m, c->at + MARGIN, to, &d);
    if (d.n < LEAST) return (struct bond){0};
    clip(d.a, d.n, &spread_a, scratch);
    clip(d.b, d.n, &spread_b, scratch);
    for (uint32_t i = 0; i < d.n; i++) {
        ab += d.a[i] * d.b[i];
        aa += d.a[i] * d.a[i];
        bb += d.b[i] * d.b[i];
    }
    if (aa <= 0 || bb <= 0) return (struct bond){0};
    return (struct bond){ab / sqrt(aa * bb) * sqrt(d.n), spread_a / spread_b};
}

/* From run to run, where distances 1, 2, 4 and 8 apart say as much as half as many again as those
 * of neighbours; or from stretch to stretch. */
static struct bond find_bond(const struct couple *c, struct pp_arena *scratch) {
    static const struct measure runs[] = {{1, 1}, {1, 2}, {1, 4}, {1, 8}};
    static const struct measure stretches[] = {{5, 1}, {15, 1}, {45, 1}};
    enum {
        N_RUNS = sizeof runs / sizeof *runs,
        N_STRETCHES = sizeof stretches / sizeof *stretches
    };
    struct bond best = {0};
    for (int i = 0; i < N_RUNS; i++) {
        struct bond one = bond_by(c, runs[i], scratch);
        best.sure += one.sure * sqrt(1.5) / N_RUNS;
        best.times += one.times / N_RUNS;
    }
    for (int i = 0; i < N_STRETCHES; i++) {
        struct bond one = bond_by(c, stretches[i], scratch);
        if (one.sure > best.sure) best = one;
    }
    return best;
}

struct step {
    double size, sure; /* of the logarithm of the level; in standard errors */
};

static struct step step_at(const double *value, uint32_t n, uint32_t at, struct pp_arena *scratch) {
    const double exact = 0.003; /* nothing is known better */
    uint32_t n_before = at < BESIDE ? at : BESIDE, n_after = n - at < BESIDE ? n - at : BESIDE;
    uint32_t from = at < REACH ? 0 : at - REACH, to = n - at < REACH ? n : at + REACH;
    double noise = level_noise(value + from, to - from, scratch);
    double before = level_of(value + at - n_before, n_before, noise, scratch);
    double after = level_of(value + at, n_after, noise, scratch);
    if (before <= 0 || after <= 0) return (struct step){0};
    double error = LEVEL_ERROR * noise * sqrt(1.0 / n_before + 1.0 / n_after);
    return (struct step){log(after / before), (after - before) / hypot(error, exact * before)};
}

/* Of all places around, the runs on both sides of this one, or of one near to it, are furthest
 * apart, by least squares. */
static bool is_here(const double *value, uint32_t n, uint32_t at, bool is_up) {
    enum { NEAR = 4 };
    double room[2 * BESIDE], all = 0, sum = 0, most = 0;
    uint32_t from = at > BESIDE ? at - BESIDE : 0, to = n - at > BESIDE ? at + BESIDE : n, best = 0;
    uint32_t width = to - from;
    memcpy(room, value + from, width * sizeof *room);
    double middle = level_median_of(room, width);
    for (uint32_t i = 0; i < width; i++)
        room[i] = fabs(value[from + i] - middle);
    double far = 3 * 1.4826 * level_median_of(room, width);
    for (uint32_t i = 0; i < width; i++)
        all += room[i] = fmin(fmax(value[from + i] - middle, -far), far);
    for (uint32_t i = 1; i < width; i++) {
        sum += room[i - 1];
        double step = (all - sum) / (width - i) - sum / i, gain = step * step * i * (width - i);
        if ((step > 0) != is_up || gain <= most) continue;
        most = gain;
        best = from + i;
    }
    return best && best + NEAR >= at && best <= at + NEAR;
}

/* Whether a series changed where another one does, in the same direction. */
static bool steps_along(const struct change_series *s, uint32_t at, bool is_up,
                        const struct step *step) {
    enum { SURE = 3 };
    return fabs(step->sure) > SURE && (step->sure > 0) == is_up &&
           is_here(s->value, s->n, at, is_up);
}

struct kin kin_of(const struct change_series *of, uint32_t n, const struct change_series *s,
                  const struct change_point *c) {
    enum { SURE = 3, TIMES = 3 };
    struct pp_arena scratch = {0};
    struct kin kin = {0};
    struct step own = step_at(s->value, s->n, c->at, &scratch);
    for (uint32_t i = 0; i < n && !kin.shares; i++) {
        if (!of[i].value) continue;
        struct step other = step_at(of[i].value, s->n, c->at, &scratch);
        if (!steps_along(&of[i], c->at, c->after > c->before, &other)) continue;
        const struct couple couple = {s->value, of[i].value, s->n, c->at};
        struct bond bond = find_bond(&couple, &scratch);
        kin.n_along += fabs(own.size) <= TIMES * fabs(other.size);
        kin.shares = bond.sure > SURE && fabs(own.size) <= TIMES * bond.times * fabs(other.size);
    }
    pp_arena_done(&scratch);
    return kin;
}
