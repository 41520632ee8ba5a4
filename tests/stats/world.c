/* Simulated profiles. Random numbers: splitmix64; normal by Box and Muller; gamma by Marsaglia and
 * Tsang (2000); Poisson by products of uniforms, and above 10 by Hoermann's PTRS (1993). */
#include "world.h"

#include <math.h>

static double uniform(struct dice *d) {
    uint64_t z = d->state += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    z ^= z >> 31;
    return ((double)(z >> 11) + 0.5) * 0x1p-53;
}

static double normal(struct dice *d) {
    double radius = sqrt(-2 * log(uniform(d)));
    return radius * cos(2 * M_PI * uniform(d));
}

static double gamma_of(struct dice *d, double shape) {
    double a = shape - 1.0 / 3, c = 1 / sqrt(9 * a);
    for (;;) {
        double x = normal(d), v = 1 + c * x;
        if (v <= 0) continue;
        v = v * v * v;
        if (log(uniform(d)) < x * x / 2 + a - a * v + a * log(v)) return a * v;
    }
}

static double poisson(struct dice *d, double mean) {
    if (mean < 10) {
        double limit = exp(-mean), product = uniform(d);
        int n = 0;
        for (; product > limit; n++)
            product *= uniform(d);
        return n;
    }
    double root = sqrt(mean), log_mean = log(mean);
    double b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b;
    double inverse = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
    for (;;) {
        double u = uniform(d) - 0.5, v = uniform(d), us = 0.5 - fabs(u);
        double k = floor((2 * a / us + b) * u + mean + 0.43);
        if (us >= 0.07 && v <= squeeze) return k;
        if (k < 0 || (us < 0.013 && v > us)) continue;
        int sign;
        if (log(v) + log(inverse) - log(a / (us * us) + b) <=
            -mean + k * log_mean - lgamma_r(k + 1, &sign))
            return k;
    }
}

/* Mean 1. */
static double noise(struct dice *d, double cv, int log_normal) {
    if (cv <= 0) return 1;
    if (!log_normal) return gamma_of(d, 1 / (cv * cv)) * cv * cv;
    double s = sqrt(log1p(cv * cv));
    return exp(s * normal(d) - s * s / 2);
}

double world_expected(const struct world *w, int function) {
    if (function == 0) return w->count;
    const double fall = 0.93;
    double all = (1 - pow(fall, WORLD_FUNCTIONS - 1)) / (1 - fall);
    return w->count * 19 * pow(fall, function - 1) / all;
}

void world_roll(const struct world *w, struct dice *dice, struct world_profile *ret) {
    double part = w->kind == NOISE_BOTH ? w->noise / sqrt(2) : w->noise;
    double own = w->kind == NOISE_WHOLE ? 0 : part, whole = w->kind == NOISE_OWN ? 0 : part;
    double shared[WORLD_RUNS];
    for (uint32_t pair = 0; pair < WORLD_RUNS; pair++)
        shared[pair] = w->shared > 0 ? noise(dice, w->shared, w->log_normal) : 1;
    for (uint32_t run = 0; run < w->n[0] + w->n[1]; run++) {
        int is_new = run >= w->n[0];
        double of_run = ret->whole[run] = noise(dice, whole, w->log_normal);
        of_run *= shared[is_new ? run - w->n[0] : run];
        if (is_new) of_run *= 1 + w->all_growth;
        ret->total[run] = 0;
        for (int f = 0; f < WORLD_FUNCTIONS; f++) {
            double mean = world_expected(w, f) * of_run * noise(dice, own, w->log_normal);
            if (is_new && f == 0) mean *= 1 + w->growth;
            if (w->bursts > 0 && uniform(dice) < w->bursts) mean *= 1.5;
            ret->flat[f][run] = poisson(dice, mean);
            ret->total[run] += ret->flat[f][run];
        }
    }
}
