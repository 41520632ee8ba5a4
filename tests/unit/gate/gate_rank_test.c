#include "gate/gate_rank.h"

#include "test.h"

#include <math.h>

static void close_to(double got, double want) {
    if (fabs(got - want) > 1e-9) fail_msg("%.12g, not %.12g", got, want);
}

/* ---- every way to give half of some values to the high side ---- */

enum { N = 8, HALF = N / 2 };

static double score(const double *value, int i, enum gate_scores scores) {
    double rank = 0.5;
    for (int j = 0; j < N; j++)
        rank += value[j] < value[i] ? 1 : value[j] == value[i] ? 0.5 : 0;
    return scores == GATE_LOWER_HALF ? fmin(rank, (N + 1) / 2.0) : rank;
}

static double sum_of(const double *value, unsigned set, enum gate_scores scores) {
    double sum = 0;
    for (int i = 0; i < N; i++)
        if (set >> i & 1) sum += score(value, i, scores);
    return sum;
}

static void every_choice(const double *value, enum gate_scores scores) {
    for (unsigned set = 0; set < 1U << N; set++) {
        double low[N], high[N], as_large = 0, all = 0;
        int n_low = 0, n_high = 0;
        for (int i = 0; i < N; i++)
            *(set >> i & 1 ? &high[n_high++] : &low[n_low++]) = value[i];
        if (n_high != HALF) continue;
        for (unsigned other = 0; other < 1U << N; other++) {
            if (__builtin_popcount(other) != HALF) continue;
            all++;
            as_large += sum_of(value, other, scores) >= sum_of(value, set, scores);
        }
        close_to(gate_rank_test(low, HALF, high, HALF, scores), as_large / all);
    }
}

static void exact_with_and_without_ties(void **state) {
    (void)state;
    static const double values[][N] = {{1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 2, 2, 3, 3, 3, 4}};
    for (int i = 0; i < 2; i++) {
        every_choice(values[i], GATE_RANKS);
        every_choice(values[i], GATE_LOWER_HALF);
    }
}

static void ends(void **state) {
    (void)state;
    const double low[] = {1, 2, 3, 4, 5, 6, 7, 8}, high[] = {11, 12, 13, 14, 15, 16, 17, 18};
    close_to(gate_rank_test(low, 8, high, 8, GATE_RANKS), 1 / 12870.0);
    close_to(gate_rank_test(high, 8, low, 8, GATE_RANKS), 1);
    close_to(gate_rank_test(low, 5, high, 5, GATE_RANKS), 1 / 252.0);
    const double same[] = {3, 3, 3, 3, 3, 3, 3, 3};
    close_to(gate_rank_test(same, 8, same, 8, GATE_RANKS), 1);
    close_to(gate_rank_test(low, 0, high, 8, GATE_RANKS), 1);
}

/* Where counting ends, the normal curve goes on. */
static void many_values(void **state) {
    (void)state;
    double low[60], high[60];
    for (int i = 0; i < 60; i++) {
        low[i] = i;
        high[i] = i + 4.5;
    }
    for (int s = GATE_RANKS; s <= GATE_LOWER_HALF; s++) {
        double exact = gate_rank_test(low, 20, high, 20, (enum gate_scores)s);
        double about = gate_rank_test(low, 21, high, 21, (enum gate_scores)s);
        assert_true(fabs(about / exact - 1) < 0.2);
    }
    close_to(gate_rank_test(low, 60, high, 60, GATE_RANKS),
             gate_rank_test(low, 50, high, 50, GATE_RANKS));
}

static void skewed(void **state) {
    (void)state;
    const double even[] = {95, 97, 98, 99, 100, 101, 102, 103, 104, 106};
    const double bursts[] = {95, 97, 98, 99, 100, 101, 102, 150, 104, 106};
    assert_false(gate_is_skewed(even, 10, even, 10));
    assert_true(gate_is_skewed(even, 10, bursts, 10));
    assert_true(gate_is_skewed(bursts, 10, even, 10));
    assert_false(gate_is_skewed(even, 1, even, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_with_and_without_ties),
        cmocka_unit_test(ends),
        cmocka_unit_test(many_values),
        cmocka_unit_test(skewed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
