/* Functions of one program beside a machine that is slow now and then, for all of them: which of
 * their own changes does a history find, and how many does it make up? Asked twice: with what all
 * functions share told apart (whole.h), and as recorded.
 *
 * usage: history_whole [-seed=N] [-quick]
 *
 * Prints the table of docs/history.md; -quick: fewer, and checks bounds. */
#include "found.h"
#include "random.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FUNCTIONS = 64, MOST_RUNS = 400, PLANTED = 3, NEAR = 3 };

/* ---- the machine ---- */

static void quiet(double *times, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        times[i] = 1;
}

static void noisy(double *times, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        times[i] = exp(0.05 * normal());
}

/* Between quiet ones, stretches of 3 to 17 runs that are 5 to 40% slower. */
static void bursts(double *times, uint32_t n) {
    for (uint32_t i = 0, slow = 0; i < n; slow = !slow) {
        uint32_t end = i + 3 + (uint32_t)(15 * uniform());
        double factor = slow ? 1.05 + 0.35 * uniform() : 1;
        for (; i < end && i < n; i++)
            times[i] = factor * exp(0.01 * normal());
    }
}

/* A neighbour comes and goes: a few long stretches, 2 to 8% slower. */
static void visited(double *times, uint32_t n) {
    for (uint32_t i = 0, slow = uniform() < 0.5; i < n; slow = !slow) {
        uint32_t end = i + 8 + (uint32_t)(25 * uniform());
        double factor = slow ? 1.02 + 0.06 * uniform() : 1;
        for (; i < end && i < n; i++)
            times[i] = factor * exp(0.005 * normal());
    }
}

/* Another machine behind the same name, from somewhere on. */
static void replaced(double *times, uint32_t n) {
    uint32_t at = (uint32_t)((0.1 + 0.8 * uniform()) * n);
    double factor = uniform() < 0.5 ? 1.2 : 0.8;
    for (uint32_t i = 0; i < n; i++)
        times[i] = (i < at ? 1 : factor) * exp(0.01 * normal());
}

static void wandering(double *times, uint32_t n) {
    double at = 0;
    for (uint32_t i = 0; i < n; i++) {
        at = 0.97 * at + 0.02 * normal();
        times[i] = exp(at);
    }
}

/* ---- the program ---- */

struct world {
    const char *name;
    void (*machine)(double *times, uint32_t n);
    double step, noise; /* a function's own; relative */
    double unlike;      /* machines' changes are so many times larger or smaller for one function */
};

static const struct world worlds[] = {
    {"quiet", quiet, 0.1, 0.02, 0},
    {"quiet, steps of 4%", quiet, 0.04, 0.02, 0},
    {"noise of 5%", noisy, 0.1, 0.02, 0},
    {"stretches 5 to 40% slower", bursts, 0.1, 0.02, 0},
    {"the same, not for all alike", bursts, 0.25, 0.02, 0.25},
    {"long stretches 2 to 8% slower, felt by none to twice", visited, 0.25, 0.02, 1},
    {"wandering by 8%", wandering, 0.1, 0.02, 0},
    {"another machine, 20%", replaced, 0.1, 0.02, 0},
    {"the same, not for all alike", replaced, 0.25, 0.02, 0.25},
};

static double values[MOST_FUNCTIONS][MOST_RUNS];
static int64_t times_ns[MOST_RUNS];

static void simulate(const struct world *w, uint32_t functions, uint32_t n,
                     uint32_t planted[PLANTED]) {
    static double times[MOST_RUNS];
    w->machine(times, n);
    for (uint32_t i = 0; i < PLANTED; i++)
        planted[i] = (uint32_t)((0.15 + 0.7 * uniform()) * n);
    for (uint32_t f = 0; f < functions; f++) {
        double feels = 1 + w->unlike * (2 * uniform() - 1), level = 100 + 900 * uniform();
        for (uint32_t i = 0; i < n; i++) {
            double own = f < PLANTED && i >= planted[f] ? (f % 2 ? 1 - w->step : 1 + w->step) : 1;
            values[f][i] = level * own * pow(times[i], feels) * (1 + w->noise * normal());
        }
    }
}

struct score {
    uint32_t n_true, n_found, n_false;
};

static void count(struct score *s, const struct change_result *r, const uint32_t *planted) {
    bool hit[PLANTED] = {false};
    s->n_true += PLANTED;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct change_point *c = &r->at[i];
        bool is_one = c->series < PLANTED && !hit[c->series] &&
                      abs((int)c->at - (int)planted[c->series]) <= NEAR;
        if (is_one) hit[c->series] = true;
        s->n_found += is_one;
        s->n_false += !is_one;
    }
}

static void ask(const struct world *w, uint32_t functions, uint32_t n, uint32_t repeats,
                struct score ret_scores[2]) {
    struct change_series series[MOST_FUNCTIONS];
    for (uint32_t f = 0; f < functions; f++)
        series[f] = (struct change_series){values[f], n, times_ns};
    memset(ret_scores, 0, 2 * sizeof *ret_scores);
    for (uint32_t r = 0; r < repeats; r++) {
        uint32_t planted[PLANTED];
        simulate(w, functions, n, planted);
        for (int k = 0; k < 2; k++) {
            struct pp_arena arena = {0};
            struct change_result found;
            find(series, functions, k == 0, &found, &arena);
            count(&ret_scores[k], &found, planted);
            pp_arena_done(&arena);
        }
    }
    printf("| %s | %u | %u |", w->name, functions, n);
    for (int k = 0; k < 2; k++)
        printf(" %.0f%% | %.2f |", 100.0 * ret_scores[k].n_found / ret_scores[k].n_true,
               (double)ret_scores[k].n_false / repeats);
    putchar('\n');
}

int main(int argc, char **argv) {
    static const uint32_t functions[] = {5, 20, 60}, runs[] = {60, 300};
    enum { N_RUNS = sizeof runs / sizeof *runs };
    take_seed(&argc, &argv);
    bool quick = argc > 1 && !strcmp(argv[1], "-quick");
    uint32_t repeats = quick ? 10 : 20, n_true = 0, n_found = 0, n_false = 0;
    for (uint32_t i = 0; i < MOST_RUNS; i++)
        times_ns[i] = INT64_C(1700000000000000000) + i * INT64_C(86400000000000) / 5;
    printf("| the machine | functions | builds | found | false ones | as recorded: found | false "
           "ones |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        for (size_t f = 0; f < sizeof functions / sizeof *functions; f++)
            for (size_t k = 0; k < (quick ? 1 : N_RUNS); k++) {
                struct score s[2];
                ask(&worlds[i], functions[f], runs[k], repeats, s);
                n_true += s[0].n_true;
                n_found += s[0].n_found;
                n_false += s[0].n_false;
            }
    bool good = n_found > n_true * 9 / 10 && n_false < n_true / 15;
    if (!good) printf("FAILED %u found of %u, %u false ones\n", n_found, n_true, n_false);
    return good ? 0 : 1;
}
