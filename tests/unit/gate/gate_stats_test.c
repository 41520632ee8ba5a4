#include "gate/gate_stats.h"

#include "test.h"

#include <math.h>
#include <stdlib.h>

static struct gate_runs runs_of(uint32_t old, uint32_t new, bool in_turns) {
    return (struct gate_runs){
        .n = {old, new}, .seen = {old, new}, .assumed = GATE_ASSUMED_NOISE, .in_turns = in_turns};
}

/* One function in a program: its values and the total's. */
static struct gate_answer ask_runs(const double *value, const double *total, struct gate_runs runs,
                                   struct gate_question q) {
    struct gate_series f = {value, 1}, all = {total, 1};
    double rest_values[64];
    for (uint32_t i = 0; i < runs.n[GATE_OLD] + runs.n[GATE_NEW]; i++)
        rest_values[i] = total[i] - value[i];
    struct gate_series functions[2] = {f, {rest_values, 1}};
    struct gate_noise noise;
    gate_noise_fit(&noise, &runs, &all, functions, 2);
    struct gate_answer a;
    gate_ask(&a, &noise, &q, &f, &all);
    return a;
}

static struct gate_answer ask(const double *value, const double *total, uint32_t old, uint32_t new,
                              struct gate_question q) {
    return ask_runs(value, total, runs_of(old, new, false), q);
}

static double p_of(double old, double new, double limit) {
    double value[] = {old, new}, total[] = {10000 + old, 10000 + new};
    return ask(value, total, 1, 1, (struct gate_question){false, GATE_PER_RUN, limit}).p;
}

static void few_samples_say_nothing(void **state) {
    (void)state;
    for (int old = 0; old < 10; old++)
        for (int new = 0; new < 10; new ++)
            assert_true(p_of(old, new, 0) == 1);
    assert_true(p_of(3, 5, 0) == 1);
    assert_true(p_of(0, 12, 0) < 0.001);
}

static void more_is_surer(void **state) {
    (void)state;
    assert_true(p_of(100, 140, 0) > 0.005);
    assert_true(p_of(1000, 1400, 0) < 0.001);
    double last = 1;
    for (int new = 1000; new < 2000; new += 50) {
        double p = p_of(1000, new, 0.1);
        assert_true(p <= last);
        last = p;
    }
}

/* Noise of 5% a run is assumed where runs do not show it: 10,000 samples becoming 11,000 are sure
 * by counts alone (p below 1e-11), but not so. */
static void single_runs_are_noisy(void **state) {
    (void)state;
    assert_true(p_of(10000, 11000, 0) > 0.05);
    assert_true(p_of(10000, 13000, 0) < 0.001);
}

/* Forty functions that all vary a little; one that costs nothing but in one run. */
static void one_run_out_of_many(void **state) {
    (void)state;
    enum { RUNS = 8, N = 40 };
    double value[N][RUNS], total[RUNS] = {0}, burst[RUNS] = {0, 0, 1, 0, 0, 60, 1, 0},
                           steady[RUNS] = {0, 0, 1, 0, 15, 16, 15, 16};
    struct gate_series functions[N], all = {total, 1}, f = {burst, 1}, g = {steady, 1};
    for (int i = 0; i < N; i++) {
        for (int run = 0; run < RUNS; run++) {
            value[i][run] = 200 + 5 * ((i * 7 + run * 11) % 13 - 6);
            total[run] += value[i][run];
        }
        functions[i] = (struct gate_series){value[i], 1};
    }
    struct gate_runs runs = runs_of(4, 4, false);
    struct gate_noise noise;
    struct gate_answer once, always;
    struct gate_question q = {false, GATE_PER_RUN, 0.1};
    gate_noise_fit(&noise, &runs, &all, functions, N);
    gate_ask(&once, &noise, &q, &f, &all);
    gate_ask(&always, &noise, &q, &g, &all);
    assert_true(once.p > 0.001);
    assert_true(always.p < 0.0001);
}

static void several_runs_show_their_noise(void **state) {
    (void)state;
    const double quiet[] = {10000, 10050, 9980, 10020, 9950, 10600, 10650, 10580, 10610, 10560};
    const double loud[] = {10000, 10900, 9200, 10400, 9500, 10600, 11500, 9800, 11000, 10100};
    double total[10];
    for (int i = 0; i < 10; i++)
        total[i] = 100000 + 50 * (i % 3);
    struct gate_question q = {false, GATE_PER_RUN, 0};
    struct gate_answer sure = ask(quiet, total, 5, 5, q), unsure = ask(loud, total, 5, 5, q);
    assert_true(sure.p < 0.001);
    assert_true(unsure.p > 0.02);
    assert_true(sure.value[GATE_OLD] == 10000 && sure.value[GATE_NEW] == 10600);
    assert_true(gate_at_least(&sure, 0.99) > 0.03 && gate_at_least(&sure, 0.99) < 0.06);
    assert_true(sure.rank_p < 0);
}

/* A function that is nearly all there is: the others' few samples say nothing about its noise. */
static void one_function_is_nearly_all(void **state) {
    (void)state;
    const double value[] = {43, 43, 43, 43, 43, 172, 171, 171, 171, 171};
    const double rest[] = {1, 2, 1, 0, 2, 0, 2, 0, 1, 2};
    double total[10];
    for (int i = 0; i < 10; i++)
        total[i] = value[i] + rest[i];
    struct gate_answer a =
        ask(value, total, 5, 5, (struct gate_question){false, GATE_PER_RUN, 0.1});
    assert_true(a.p < 1e-6);
}

static void limits_move_the_question(void **state) {
    (void)state;
    assert_true(p_of(10000, 14000, 0.2) < 0.05);
    assert_true(p_of(10000, 14000, 0.4) > 0.4);
    assert_true(p_of(10000, 14000, 0.6) > 0.9);
}

static void budgets(void **state) {
    (void)state;
    double value[] = {3000}, total[] = {10000};
    struct gate_question share = {true, GATE_SHARE, 0.2}, most = {true, GATE_PER_RUN, 2000};
    assert_true(ask(value, total, 0, 1, share).p < 0.001);
    assert_true(ask(value, total, 0, 1, most).p < 0.001);
    share.limit = 0.29;
    most.limit = 2900;
    assert_true(ask(value, total, 0, 1, share).p > 0.05);
    assert_true(ask(value, total, 0, 1, most).p > 0.05);
    share.limit = 0.31;
    assert_true(ask(value, total, 0, 1, share).p > 0.5);
}

static void shares_ignore_the_whole(void **state) {
    (void)state;
    double value[] = {1000, 1500}, total[] = {10000, 15000};
    struct gate_question q = {false, GATE_SHARE, 0};
    struct gate_answer a = ask(value, total, 1, 1, q);
    assert_true(a.p > 0.4 && fabs(a.value[GATE_NEW] - 0.1) < 1e-12);
    q.measure = GATE_PER_RUN;
    assert_true(ask(value, total, 1, 1, q).p < 0.01);
}

static void ranks_from_eight_runs(void **state) {
    (void)state;
    double value[16], total[16];
    for (int i = 0; i < 16; i++) {
        value[i] = 1000 + i;
        total[i] = 10000;
    }
    struct gate_question q = {false, GATE_PER_RUN, 0};
    assert_true(ask(value, total, 8, 8, q).rank_p < 0.001);
    assert_true(ask(value, total, 7, 8, q).rank_p < 0);
}

/* Every fifth run of a function takes half as much again, on both sides: where all others of the
 * new side are above all others of the old one, that is no chance. */
static void bursts_hide_nothing(void **state) {
    (void)state;
    enum { RUNS = 20 };
    double value[RUNS], total[RUNS];
    for (int i = 0; i < RUNS; i++) {
        value[i] = (1000 + i * 7 % 11 * 4) * (i < RUNS / 2 ? 1 : 1.3) * (i % 5 == 3 ? 1.5 : 1);
        total[i] = 10000 + value[i] + i * 5 % 7 * 30;
    }
    struct gate_question q = {false, GATE_PER_RUN, 0.1};
    assert_true(ask(value, total, RUNS / 2, RUNS / 2, q).p < 0.001);
    q.limit = 0.35;
    assert_true(ask(value, total, RUNS / 2, RUNS / 2, q).p > 0.5);
}

static void holm(void **state) {
    (void)state;
    double p[] = {0.03, 0.001, 0.5, 0.02};
    uint32_t order[4];
    gate_holm(p, NULL, 4, order);
    const double want[] = {0.06, 0.004, 0.5, 0.06};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(p[i] - want[i]) < 1e-12);
}

/* What is allowed more of the errors needs less: p / weight, summed up over what is left. */
static void holm_with_weights(void **state) {
    (void)state;
    double p[] = {0.004, 0.02, 0.02};
    const double weight[] = {0.2, 0.7, 0.1};
    uint32_t order[3];
    gate_holm(p, weight, 3, order);
    const double want[] = {0.02, 0.02 / 0.7 * 0.8, 0.02 / 0.7 * 0.8};
    for (int i = 0; i < 3; i++)
        assert_true(fabs(p[i] - want[i]) < 1e-12);
}

/* Whole-run noise that only some functions have: what does not have it is judged by its own runs,
 * and what happens in one run out of many is not. */
static void noise_of_some_is_not_of_all(void **state) {
    (void)state;
    enum { RUNS = 20, N = 12 };
    static const double waits[RUNS / 2] = {1, 1.5, 0.7, 1.2, 0.8, 1.6, 0.6, 1.1, 0.9, 1.3};
    double value[N][RUNS], total[RUNS] = {0};
    struct gate_series functions[N], all = {total, 1};
    for (int i = 0; i < N; i++) {
        for (int run = 0; run < RUNS; run++) {
            bool is_new = run >= RUNS / 2;
            double noise = i % 2 ? waits[(run * (is_new ? 3 : 7) + is_new) % 10] : 1;
            value[i][run] = (i % 2 ? 300 : 2000) * noise + (run * 7 + i) % 11;
            if (i == 0 && is_new) value[i][run] *= 1.3;
            total[run] += value[i][run];
        }
        functions[i] = (struct gate_series){value[i], 1};
    }
    struct gate_noise noise;
    struct gate_runs runs = runs_of(RUNS / 2, RUNS / 2, true);
    gate_noise_fit(&noise, &runs, &all, functions, N);
    struct gate_question q = {false, GATE_PER_RUN, 0.1};
    struct gate_answer a;
    gate_ask(&a, &noise, &q, &functions[0], &all);
    assert_true(noise.model_df < 20 && a.p < 1e-6);
    double burst[RUNS] = {[12] = 80, [17] = 60};
    gate_ask(&a, &noise, &q, &(struct gate_series){burst, 1}, &all);
    assert_true(a.p > 0.05);
}

/* Runs of a merged base are equal parts: they say nothing about noise. */
static void merged_runs_show_no_noise(void **state) {
    (void)state;
    struct gate_runs runs = {.n = {10, 1}, .seen = {1, 1}, .assumed = GATE_ASSUMED_NOISE};
    double value[11];
    for (int i = 0; i < 11; i++)
        value[i] = 5000;
    struct gate_series s = {value, 1};
    struct gate_noise noise;
    gate_noise_fit(&noise, &runs, &s, &s, 1);
    assert_false(noise.estimated);
    runs = runs_of(10, 1, true);
    gate_noise_fit(&noise, &runs, &s, &s, 1);
    assert_true(noise.estimated);
}

/* A machine that is now fast, now slow, and a function that takes a fifth more in each pair. */
static void what_a_pair_shares_cancels(void **state) {
    (void)state;
    static const double speed[] = {1, 1.4, 0.8, 1.2, 1.6, 0.9};
    double value[12], total[12];
    for (int i = 0; i < 6; i++) {
        value[i] = 2000 * speed[i];
        total[i] = 20000 * speed[i];
        value[6 + i] = 2400 * speed[i];
        total[6 + i] = 20400 * speed[i];
    }
    struct gate_question q = {false, GATE_PER_RUN, 0}, budget = {true, GATE_PER_RUN, 2600};
    struct gate_answer paired = ask_runs(value, total, runs_of(6, 6, true), q);
    assert_true(paired.p < 1e-6);
    assert_true(ask_runs(value, total, runs_of(6, 6, false), q).p > 0.05);
    assert_true(fabs(paired.effect - log(1.2)) < 1e-9);
    /* Nothing cancels what a budget sees of the machine. */
    assert_true(ask_runs(value, total, runs_of(6, 6, true), budget).p > 0.1);
    /* Pairs that share nothing are not taken for such. */
    const double shuffled[] = {1.6, 0.9, 1.2, 0.8, 1, 1.4};
    for (int i = 0; i < 6; i++) {
        value[6 + i] = 2400 * shuffled[i];
        total[6 + i] = 20400 * shuffled[i];
    }
    assert_true(ask_runs(value, total, runs_of(6, 6, true), q).p ==
                ask_runs(value, total, runs_of(6, 6, false), q).p);
}

/* Looks share what a single one may use up. */
static void looks_use_up_what_one_may(void **state) {
    (void)state;
    for (uint32_t rounds = 1; rounds <= 30; rounds++)
        for (uint32_t end = 1; end <= rounds; end++) {
            double sum = 0;
            for (uint32_t round = 1; round <= end; round++)
                sum += gate_look(round, rounds, round == end);
            assert_true(sum <= 1 + 1e-9 && sum > (end == rounds ? 1 - 1e-9 : 0.5));
        }
    assert_true(gate_look(3, 10, false) == 0);
    assert_true(gate_look(4, 10, false) > 0);
}

static void nothing_is_no_number(void **state) {
    (void)state;
    double zero[] = {0, 0}, total[] = {0, 0};
    for (int m = GATE_PER_RUN; m <= GATE_SHARE; m++) {
        struct gate_question q = {false, (enum gate_measure)m, 0};
        struct gate_answer a = ask(zero, total, 1, 1, q);
        assert_true(a.p == 1 && !a.says && a.value[GATE_NEW] == 0);
        assert_true(gate_at_least(&a, 0.99) == -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_samples_say_nothing),
        cmocka_unit_test(more_is_surer),
        cmocka_unit_test(single_runs_are_noisy),
        cmocka_unit_test(several_runs_show_their_noise),
        cmocka_unit_test(one_run_out_of_many),
        cmocka_unit_test(one_function_is_nearly_all),
        cmocka_unit_test(limits_move_the_question),
        cmocka_unit_test(budgets),
        cmocka_unit_test(shares_ignore_the_whole),
        cmocka_unit_test(ranks_from_eight_runs),
        cmocka_unit_test(bursts_hide_nothing),
        cmocka_unit_test(holm),
        cmocka_unit_test(holm_with_weights),
        cmocka_unit_test(noise_of_some_is_not_of_all),
        cmocka_unit_test(looks_use_up_what_one_may),
        cmocka_unit_test(merged_runs_show_no_noise),
        cmocka_unit_test(what_a_pair_shares_cancels),
        cmocka_unit_test(nothing_is_no_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
