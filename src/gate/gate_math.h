/* The distributions that the gate's tests need. Pure functions of their arguments; counts may be
 * fractions, because a count behind a heap value is one. Formulas: NIST Digital Library of
 * Mathematical Functions, chapters 8.11, 8.17 and 26. */
#ifndef GATE_MATH_H
#define GATE_MATH_H

#include <stddef.h>

/* I_x(a, b), the regularized incomplete beta function; a, b > 0. */
double gate_beta(double x, double a, double b);

/* P(a, x), the regularized lower incomplete gamma function; a > 0, x >= 0. */
double gate_gamma(double a, double x);

/* The chance of at least k among n when each has the chance p. */
double gate_binomial_tail(double k, double n, double p);

/* The chance of at least k when `mean` are expected. */
double gate_poisson_tail(double k, double mean);

/* The chance that Student's t with df degrees of freedom (INFINITY: the normal) is above t. */
double gate_t_tail(double t, double df);

/* The t that leaves `tail` above it; 0 < tail < 1. */
double gate_t_quantile(double tail, double df);

/* psi'(x), x > 0, and its inverse. */
double gate_trigamma(double x);
double gate_trigamma_inverse(double y);

#endif
