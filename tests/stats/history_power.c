/* Which changes does a history find, where, and how many does it make up? Simulated series with
 * known changes, asked twice: by change_find, and by E-divisive.
 *
 * usage: history_power [-seed=N] [-quick | -edges | BUILDS SERIES]
 *
 * Prints the tables of docs/history.md, for 100, 300 and 2,000 builds or so many; -quick: fewer,
 * and checks bounds; -edges: what chance does, as change.c has it. */
#include "edivisive.h"
#include "history/change.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

/* ---- worlds ---- */

struct world {
    const char *name;
    double step, noise; /* relative; the step is after 60% of the runs */
    double drift, season, outliers;
};

static void simulate(const struct world *w, double *x, uint32_t n, uint32_t change) {
    for (uint32_t i = 0; i < n; i++) {
        double level = 1000 * (i >= change ? 1 + w->step : 1) * (1 + w->drift * i / n);
        level *= 1 + w->season *
                         sin(2 * 3.14159265358979323846 * i / 35); /* five builds a day, a week */
        x[i] = level * (1 + w->noise * normal());
        if (uniform() < w->outliers) x[i] *= 1.5;
    }
}

struct score {
    uint32_t n_true, n_found, n_false;
    double distance;
};

static void count(struct score *s, const uint32_t *found, uint32_t n, uint32_t change,
                  bool has_change) {
    enum { NEAR = 5 };
    bool hit = false;
    s->n_true += has_change;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t apart = found[i] > change ? found[i] - change : change - found[i];
        if (has_change && !hit && apart <= NEAR) {
            hit = true;
            s->distance += apart;
            s->n_found++;
        } else {
            s->n_false++;
        }
    }
}

/* Five builds a day. */
static const int64_t *times(void) {
    static int64_t time_ns[MOST];
    for (uint32_t i = 0; i < MOST; i++)
        time_ns[i] = INT64_C(1700000000000000000) + i * INT64_C(86400000000000) / 5;
    return time_ns;
}

static uint32_t ours(const double *x, uint32_t n, uint32_t *found) {
    struct pp_arena arena = {0};
    const struct change_series series = {x, n, times()};
    struct change_result r;
    change_find(&series, 1, &limits, &r, &arena);
    for (uint32_t i = 0; i < r.n; i++)
        found[i] = r.at[i].at;
    uint32_t n_found = r.n;
    pp_arena_done(&arena);
    return n_found;
}

static void print(const struct world *w, uint32_t n, uint32_t series, const struct score s[2]) {
    printf("| %s | %u |", w->name, n);
    for (int k = 0; k < 2; k++) {
        double per = 1000.0 * s[k].n_false / ((double)n * series);
        if (w->step != 0)
            printf(" %.0f%% | %.1f |", 100.0 * s[k].n_found / s[k].n_true,
                   s[k].n_found ? s[k].distance / s[k].n_found : 0);
        else
            printf(" - | - |");
        printf(" %.2f |", per);
    }
    putchar('\n');
}

static void one_by_one(const struct world *w, uint32_t n, uint32_t series, struct score s[2]) {
    static double x[MOST];
    static uint32_t found[MOST];
    uint32_t change = n * 6 / 10;
    memset(s, 0, 2 * sizeof *s);
    for (uint32_t i = 0; i < series; i++) {
        uint32_t n_found = 0;
        simulate(w, x, n, change);
        count(&s[0], found, ours(x, n, found), change, w->step != 0);
        edivisive(x, 0, n, found, &n_found);
        count(&s[1], found, n_found, change, w->step != 0);
    }
    print(w, n, series, s);
}

/* Many functions of which five change: how many of what is told is false? */
static double many(uint32_t functions, uint32_t n, uint32_t repeats) {
    const struct world quiet = {.noise = 0.05}, changed = {.noise = 0.05, .step = 0.1};
    uint32_t n_true = 0, n_hit = 0, n_false = 0;
    double *x = malloc((size_t)functions * n * sizeof *x);
    struct change_series *series = malloc(functions * sizeof *series);
    for (uint32_t r = 0; r < repeats; r++) {
        struct pp_arena arena = {0};
        struct change_result found;
        for (uint32_t i = 0; i < functions; i++) {
            simulate(i < 5 ? &changed : &quiet, x + (size_t)i * n, n, n * 6 / 10);
            series[i] = (struct change_series){x + (size_t)i * n, n, times()};
        }
        change_find(series, functions, &limits, &found, &arena);
        n_true += functions < 5 ? functions : 5;
        for (uint32_t i = 0; i < found.n; i++) {
            bool hit = found.at[i].series < 5 && abs((int)found.at[i].at - (int)(n * 6 / 10)) <= 10;
            n_hit += hit;
            n_false += !hit;
        }
        pp_arena_done(&arena);
    }
    printf("| %u | %u | %.0f%% | %.4f |\n", functions, n, 100.0 * n_hit / n_true,
           1000.0 * n_false / ((double)n * functions * repeats));
    free(x);
    free(series);
    return n_hit + n_false ? (double)n_false / (n_hit + n_false) : 0;
}

/* What the largest of a length's sums of ranks is in one of twenty permutations. */
static void print_edge(uint32_t n) {
    uint32_t draws = n <= 1024 ? 20000 : n <= 8192 ? 4000 : 1000;
    double *z = malloc(draws * sizeof *z), *x = malloc(n * sizeof *x);
    for (uint32_t d = 0; d < draws; d++) {
        double sum = 0, best = 0;
        for (uint32_t i = 0; i < n; i++)
            x[i] = i + 1;
        for (uint32_t i = n - 1; i > 0; i--) {
            uint32_t k = (uint32_t)(uniform() * (i + 1));
            double other = x[i];
            x[i] = x[k];
            x[k] = other;
        }
        for (uint32_t i = 1; i <= n - SIDE; i++) {
            sum += x[i - 1];
            if (i < SIDE) continue;
            double apart = sum - i * (n + 1) / 2.0;
            best = fmax(best, apart * apart * 12 / ((double)i * (n - i) * (n + 1)));
        }
        z[d] = sqrt(best);
    }
    qsort(z, draws, sizeof *z, by_double);
    printf("{%u, %.2f},\n", n, z[draws / 20 * 19]);
    free(z);
    free(x);
}

static int n_failed;

static void expect(bool good, const char *what) {
    if (good) return;
    printf("FAILED %s\n", what);
    n_failed++;
}

int main(int argc, char **argv) {
    static const struct world worlds[] = {
        {"nothing, noise 1%", 0, 0.01, 0, 0, 0},
        {"nothing, noise 5%", 0, 0.05, 0, 0, 0},
        {"nothing, noise 10%", 0, 0.10, 0, 0, 0},
        {"step 2%, noise 1%", 0.02, 0.01, 0, 0, 0},
        {"step 5%, noise 5%", 0.05, 0.05, 0, 0, 0},
        {"step 10%, noise 5%", 0.10, 0.05, 0, 0, 0},
        {"step 20%, noise 10%", 0.20, 0.10, 0, 0, 0},
        {"step 50%, noise 10%", 0.50, 0.10, 0, 0, 0},
        {"outliers, 1 in 50, noise 2%", 0, 0.02, 0, 0, 0.02},
        {"the same, step 5%", 0.05, 0.02, 0, 0, 0.02},
        {"season of 2%, noise 2%", 0, 0.02, 0, 0.02, 0},
        {"drift of 5%, noise 2%", 0, 0.02, 0.05, 0, 0},
    };
    take_seed(&argc, &argv);
    bool quick = argc > 1 && !strcmp(argv[1], "-quick"), alone = argc > 2;
    uint32_t lengths[] = {100, 300, 2000}, series = quick ? 12 : 100, n_lengths = quick ? 1 : 3;
    for (uint32_t n = 8; argc > 1 && !strcmp(argv[1], "-edges") && n <= 65536; n *= 2)
        print_edge(n);
    if (argc > 1 && !strcmp(argv[1], "-edges")) return 0;
    if (alone) {
        lengths[0] = (uint32_t)atoi(argv[1]);
        series = (uint32_t)atoi(argv[2]);
        n_lengths = 1;
    }
    struct score s[2], quiet = {0};
    printf("| series | builds | found | distance | false in 1,000 builds | found | distance | "
           "false |\n");
    printf("|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        for (uint32_t k = 0; k < n_lengths; k++) {
            one_by_one(&worlds[i], lengths[k], series, s);
            if (i < 3) quiet.n_false += s[0].n_false;
            if (quick && worlds[i].step >= 2 * worlds[i].noise)
                expect(s[0].n_found + 1 >= s[1].n_found && s[0].n_found >= series * 9 / 10,
                       worlds[i].name);
        }
    if (quick) expect(quiet.n_false <= 3, "quiet series");
    if (alone) return 0;
    printf("\n| functions | builds | found | false in 1,000 builds of a function "
           "|\n|---|---|---|---|\n");
    double share = many(quick ? 300 : 1000, 100, quick ? 2 : 10);
    if (quick) expect(share <= 0.2, "the rate of false discoveries");
    if (!quick) many(5000, 200, 2);
    return n_failed != 0;
}
