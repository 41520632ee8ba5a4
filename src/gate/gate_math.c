/* The distributions that the gate's tests need. Accuracy: at least ten digits in the range that
 * occurs (up to some 10^8 counts); every loop has a limit. */
#include "gate/gate_math.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define TINY  1e-300
#define CLOSE 1e-14

enum { MAX_STEPS = 100000, MAX_EXACT = 50 };

static double log_gamma(double x) {
    int sign;
    return lgamma_r(x, &sign);
}

static double away_from_zero(double x) {
    return fabs(x) < TINY ? TINY : x;
}

/* The continued fraction 8.17.22, by Lentz's method; converges fast for x < (a+1)/(a+b+2). */
static double beta_fraction(double x, double a, double b) {
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), f = d;
    for (int m = 1; m < MAX_STEPS; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1 / away_from_zero(1 + even * d);
        c = away_from_zero(1 + even / c);
        f *= c * d;
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / away_from_zero(1 + odd * d);
        c = away_from_zero(1 + odd / c);
        f *= c * d;
        if (fabs(c * d - 1) < CLOSE) break;
    }
    return f;
}

double gate_beta(double x, double a, double b) {
    if (!(x > 0)) return 0;
    if (x >= 1) return 1;
    double log_front = log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * log(x) + b * log1p(-x);
    double front = exp(log_front);
    if (x < (a + 1) / (a + b + 2)) return fmin(1, front * beta_fraction(x, a, b) / a);
    return fmax(0, 1 - front * beta_fraction(1 - x, b, a) / b);
}

/* 8.11.4, for x below a. */
static double gamma_series(double a, double x) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < MAX_STEPS; n++) {
        term *= x / (a + n);
        sum += term;
        if (term < sum * CLOSE) break;
    }
    return sum;
}

/* 8.9.2 for the upper function, for x above a. */
static double gamma_fraction(double a, double x) {
    double b = x + 1 - a, c = 1 / TINY, d = 1 / away_from_zero(b), f = d;
    for (int n = 1; n < MAX_STEPS; n++) {
        double step = -n * (n - a);
        b += 2;
        d = 1 / away_from_zero(step * d + b);
        c = away_from_zero(b + step / c);
        f *= c * d;
        if (fabs(c * d - 1) < CLOSE) break;
    }
    return f;
}

double gate_gamma(double a, double x) {
    if (!(x > 0)) return 0;
    double front = exp(a * log(x) - x - log_gamma(a));
    if (x < a + 1) return fmin(1, front * gamma_series(a, x));
    return fmax(0, 1 - front * gamma_fraction(a, x));
}

double gate_binomial_tail(double k, double n, double p) {
    if (k <= 0) return 1;
    if (k > n) return 0;
    return gate_beta(p, k, n - k + 1);
}

double gate_poisson_tail(double k, double mean) {
    return k <= 0 ? 1 : gate_gamma(k, mean);
}

double gate_t_tail(double t, double df) {
    if (isinf(df) || df > 1e7) return 0.5 * erfc(t * M_SQRT1_2);
    double half = 0.5 * gate_beta(df / (df + t * t), df / 2, 0.5);
    return t >= 0 ? half : 1 - half;
}

double gate_t_quantile(double tail, double df) {
    if (tail > 0.5) return -gate_t_quantile(1 - tail, df);
    double low = 0, high = 1;
    while (gate_t_tail(high, df) > tail && high < 1e150)
        high *= 2;
    for (int i = 0; i < 200 && high - low > 1e-12 * high; i++) {
        double middle = (low + high) / 2;
        if (gate_t_tail(middle, df) > tail)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double gate_trigamma(double x) {
    double sum = 0;
    for (; x < 10; x++)
        sum += 1 / (x * x);
    double y = 1 / (x * x);
    return sum + 1 / x + y / 2 + y / x * (1.0 / 6 - y * (1.0 / 30 - y * (1.0 / 42 - y / 30)));
}

double gate_trigamma_inverse(double y) {
    double low = 1e-8, high = 1e8;
    for (int i = 0; i < 200 && high > low * (1 + 1e-12); i++) {
        double middle = sqrt(low * high);
        if (gate_trigamma(middle) > y)
            low = middle;
        else
            high = middle;
    }
    return sqrt(low * high);
}

struct ranked {
    double value;
    bool is_high;
};

static int by_value(const void *a, const void *b) {
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Twice the rank sum of the high ones (ranks of ties are halves) and the sum of t^3 - t over ties.
 */
static double rank_sum(struct ranked *all, size_t n, double *ret_ties) {
    qsort(all, n, sizeof *all, by_value);
    double sum = 0, ties = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i;
        while (end < n && all[end].value == all[i].value)
            end++;
        double tied = (double)(end - i);
        ties += tied * tied * tied - tied;
        for (; i < end; i++)
            if (all[i].is_high) sum += (double)end - (tied - 1) / 2;
    }
    *ret_ties = ties;
    return sum;
}

/* ways[u]: in how many orders of m and n values exactly u of the m*n pairs are the right way round,
 * as a share of all orders. Adds the m-values one by one. */
static double exact_tail(size_t m, size_t n, size_t u) {
    double ways[MAX_EXACT * MAX_EXACT + 1] = {1};
    size_t top = m * n;
    for (size_t i = 1; i <= m; i++) {
        /* times (1 - q^(n+i)) / (1 - q^i), scaled by i / (n + i): a Gaussian binomial coefficient
         */
        for (size_t k = top + 1; k-- > n + i;)
            ways[k] -= ways[k - n - i];
        for (size_t k = i; k <= top; k++)
            ways[k] += ways[k - i];
        double scale = (double)i / (double)(n + i);
        for (size_t k = 0; k <= top; k++)
            ways[k] *= scale;
    }
    double tail = 0;
    for (size_t k = u; k <= top; k++)
        tail += ways[k];
    return fmin(1, fmax(0, tail));
}

double gate_rank_test(const double *low, size_t n_low, const double *high, size_t n_high) {
    struct ranked all[2 * MAX_EXACT];
    if (n_low > MAX_EXACT) n_low = MAX_EXACT;
    if (n_high > MAX_EXACT) n_high = MAX_EXACT;
    if (!n_low || !n_high) return 1;
    size_t n = n_low + n_high;
    for (size_t i = 0; i < n_low; i++)
        all[i] = (struct ranked){low[i], false};
    for (size_t i = 0; i < n_high; i++)
        all[n_low + i] = (struct ranked){high[i], true};
    double ties;
    double u = rank_sum(all, n, &ties) - (double)(n_high * (n_high + 1)) / 2;
    if (ties == 0) return exact_tail(n_high, n_low, (size_t)u);
    double pairs = (double)(n_low * n_high);
    double var = pairs / 12 * ((double)(n + 1) - ties / (double)(n * (n - 1)));
    return var > 0 ? gate_t_tail((u - pairs / 2 - 0.5) / sqrt(var), INFINITY) : 1;
}
