/* The distributions that the gate's tests need. Accuracy: at least ten digits in the range that
 * occurs (up to some 10^8 counts); every loop has a limit. */
#include "gate/gate_math.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define TINY  1e-300
#define CLOSE 1e-14

enum { MAX_STEPS = 100000 };

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
