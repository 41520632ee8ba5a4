/* Compared with sums and orders that are written out, and with well-known quantiles. */
#include "gate/gate_math.h"

#include "test.h"

#include <math.h>

static void close_to(double got, double want, double relative) {
    if (!(fabs(got - want) <= relative * fabs(want))) fail_msg("got %.17g, want %.17g", got, want);
}

static double choose(int n, int k) {
    double c = 1;
    for (int i = 1; i <= k; i++)
        c = c * (n - k + i) / i;
    return c;
}

static void binomial_tails_are_sums(void **state) {
    (void)state;
    const double chances[] = {0.01, 0.3, 0.5, 0.9};
    for (int c = 0; c < 4; c++)
        for (int n = 1; n <= 40; n += 3)
            for (int k = 0; k <= n; k++) {
                double p = chances[c], sum = 0;
                for (int i = k; i <= n; i++)
                    sum += choose(n, i) * pow(p, i) * pow(1 - p, n - i);
                close_to(gate_binomial_tail(k, n, p), sum, 1e-10);
            }
    close_to(gate_binomial_tail(5, 8, 0.5), 93.0 / 256, 1e-12);
    assert_true(gate_binomial_tail(9, 8, 0.5) == 0);
    close_to(gate_binomial_tail(501000, 1000000, 0.5), 0.02280252, 1e-4);
}

static void poisson_tails_are_sums(void **state) {
    (void)state;
    for (double mean = 0.5; mean < 60; mean *= 1.7)
        for (int k = 1; k < 90; k += 4) {
            double sum = 0, term = exp(-mean);
            for (int i = 0; i < 400; term *= mean / ++i)
                if (i >= k) sum += term;
            close_to(gate_poisson_tail(k, mean), sum, sum > 1e-12 ? 1e-3 : 1);
        }
    close_to(gate_poisson_tail(10, 5), 0.0318280573062, 1e-10);
    assert_true(gate_poisson_tail(0, 5) == 1);
}

static void t_tails(void **state) {
    (void)state;
    close_to(gate_t_tail(1.959963984540054, INFINITY), 0.025, 1e-12);
    close_to(gate_t_tail(2.896459447709622, 8), 0.01, 1e-9);
    close_to(gate_t_tail(-2.896459447709622, 8), 0.99, 1e-9);
    close_to(gate_t_tail(1, 1), 0.25, 1e-12);
    close_to(gate_t_quantile(0.01, 8), 2.896459447709622, 1e-8);
    close_to(gate_t_quantile(0.99, INFINITY), -2.3263478740408408, 1e-8);
    close_to(gate_t_quantile(0.0001, 1), 3183.0987571, 1e-8);
}

static void trigamma_and_back(void **state) {
    (void)state;
    close_to(gate_trigamma(1), M_PI * M_PI / 6, 1e-10);
    close_to(gate_trigamma(0.5), M_PI * M_PI / 2, 1e-10);
    for (double x = 0.1; x < 1000; x *= 3)
        close_to(gate_trigamma_inverse(gate_trigamma(x)), x, 1e-8);
}

static void no_end_on_odd_arguments(void **state) {
    (void)state;
    assert_true(gate_beta(0, 1, 1) == 0 && gate_beta(1, 1, 1) == 1);
    assert_true(gate_beta(0.5, 1e9, 1e9) >= 0);
    assert_true(gate_gamma(1e9, 1e9) >= 0);
    assert_true(gate_binomial_tail(0, 0, 0.5) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(binomial_tails_are_sums),
        cmocka_unit_test(poisson_tails_are_sums),
        cmocka_unit_test(t_tails),
        cmocka_unit_test(trigamma_and_back),
        cmocka_unit_test(no_end_on_odd_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
