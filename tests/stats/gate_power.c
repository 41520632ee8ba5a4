/* Measures how often the gate cries wolf and how often it sees a wolf, over simulated pairs of
 * profiles, and prints the tables of docs/gate.md (-only=NAME: one of them). Exit status 1: a
 * false-alarm rate is above the stated level (its 95% lower bound is), or the power is more than 5
 * points below the best possible test's. */
#include "gate/gate_math.h"
#include "gate/gate_stats.h"
#include "world.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int pairs = 10000, quick = 0, failures = 0;

/* The profile as the gate sees it. */
struct view {
    struct gate_series flat[WORLD_FUNCTIONS], total;
    struct gate_noise noise;
};

static void look(const struct world *w, const struct world_profile *p, struct view *v) {
    for (int f = 0; f < WORLD_FUNCTIONS; f++)
        v->flat[f] = (struct gate_series){p->flat[f], 1};
    v->total = (struct gate_series){p->total, 1};
    const struct gate_runs runs = {.n = {w->n[0], w->n[1]},
                                   .seen = {w->n[0], w->n[1]},
                                   .assumed = GATE_ASSUMED_NOISE,
                                   .in_turns = w->in_turns};
    gate_noise_fit(&v->noise, &runs, &v->total, v->flat, WORLD_FUNCTIONS);
}

static double ask(const struct view *v, const struct gate_series *s, bool is_budget,
                  enum gate_measure measure, double limit) {
    struct gate_question q = {is_budget, measure, limit};
    struct gate_answer a;
    gate_ask(&a, &v->noise, &q, s, &v->total);
    return a.p;
}

/* With the weights of `any function` where there is a profile. */
static double least(double *p, size_t n, const struct world *w, const struct world_profile *of) {
    uint32_t order[WORLD_FUNCTIONS];
    double weight[WORLD_FUNCTIONS] = {0};
    for (size_t f = 0; of && f < n; f++)
        for (uint32_t run = 0; run < w->n[0] + w->n[1]; run++)
            weight[f] += of->flat[f][run];
    gate_weigh(weight, n);
    gate_holm(p, of ? weight : NULL, n, order);
    return p[order[0]];
}

/* ---- rule kinds, each with a truth that is just not a regression ---- */

struct kind {
    const char *name;
    double growth, all_growth; /* the truth */
    bool is_budget;            /* or has one among its rules */
    double (*p)(const struct world *w, const struct world_profile *p, const struct view *v);
};

static double function_grows(const struct world *w, const struct world_profile *p,
                             const struct view *v) {
    (void)p;
    return ask(v, &v->flat[0], false, GATE_PER_RUN, w->growth);
}

static double total_grows(const struct world *w, const struct world_profile *p,
                          const struct view *v) {
    (void)p;
    return ask(v, &v->total, false, GATE_PER_RUN, w->all_growth);
}

static double share_grows(const struct world *w, const struct world_profile *p,
                          const struct view *v) {
    (void)w, (void)p;
    return ask(v, &v->flat[0], false, GATE_SHARE, 0);
}

static double any_grows(const struct world *w, const struct world_profile *p,
                        const struct view *v) {
    double all[WORLD_FUNCTIONS];
    for (int f = 0; f < WORLD_FUNCTIONS; f++)
        all[f] = ask(v, &v->flat[f], false, GATE_PER_RUN, w->all_growth);
    return least(all, WORLD_FUNCTIONS, w, p);
}

/* What several functions cost together: a package, a file, a cum value. */
static double group_grows(const struct world *w, const struct world_profile *p,
                          const struct view *v) {
    double sum[WORLD_RUNS];
    for (uint32_t r = 0; r < w->n[0] + w->n[1]; r++)
        sum[r] = p->flat[0][r] + p->flat[1][r] + p->flat[2][r] + p->flat[3][r];
    struct gate_series s = {sum, 1};
    return ask(v, &s, false, GATE_PER_RUN, 0);
}

static double budget(const struct world *w, const struct world_profile *p, const struct view *v) {
    (void)p;
    return ask(v, &v->flat[0], true, GATE_PER_RUN, world_expected(w, 0));
}

static double share_budget(const struct world *w, const struct world_profile *p,
                           const struct view *v) {
    (void)w, (void)p;
    return ask(v, &v->flat[0], true, GATE_SHARE, 0.05);
}

static double total_budget(const struct world *w, const struct world_profile *p,
                           const struct view *v) {
    (void)p;
    return ask(v, &v->total, true, GATE_PER_RUN, 20 * world_expected(w, 0));
}

static double five_rules(const struct world *w, const struct world_profile *p,
                         const struct view *v) {
    double all[] = {function_grows(w, p, v), total_grows(w, p, v), share_grows(w, p, v),
                    budget(w, p, v), group_grows(w, p, v)};
    return least(all, 5, w, NULL);
}

static const struct kind kinds[] = {
    {"function grows at most 0%", 0, 0, false, function_grows},
    {"function grows at most 10%", 0.1, 0, false, function_grows},
    {"total grows at most 0%", 0, 0, false, total_grows},
    {"total grows at most 5%", 0, 0.05, false, total_grows},
    {"function share grows at most 0%", 0, 0, false, share_grows},
    {"package grows at most 0%", 0, 0, false, group_grows},
    {"any function grows at most 0%", 0, 0, false, any_grows},
    {"any function grows at most 10%", 0, 0.1, false, any_grows},
    {"function at most N", 0, 0, true, budget},
    {"function at most 5% of total", 0, 0, true, share_budget},
    {"total at most N", 0, 0, true, total_budget},
    {"five rules at once", 0, 0, true, five_rules},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* A lower bound of a rate (Clopper and Pearson): the p at which so many or more are a chance of
 * CHANCE. One run looks at several hundred cells: all of them together are wrongly out of bounds
 * with a chance of 2.5%. */
#define CELLS  500
#define CHANCE (0.025 / CELLS)

static double lower_bound(int hits, int n) {
    double low = 0, high = (double)hits / n;
    for (int i = 0; i < 60 && hits; i++) {
        double middle = (low + high) / 2;
        if (gate_binomial_tail(hits, n, middle) > CHANCE)
            high = middle;
        else
            low = middle;
    }
    return low;
}

static const double levels[] = {0.05, 0.01};
static const double noises[] = {0, 0.01, 0.03, 0.05};
static const char *const noise_names[] = {"own", "whole run", "both"};

struct rate {
    int hits[2];
};

/* How the runs are made: as two heaps, or in turns on a machine whose speed changes this much. */
struct design {
    uint32_t n[2];
    bool in_turns;
    double shared;
};

/* Counts, kind and form of the noise change from pair to pair. */
static struct rate false_alarms_at(const struct kind *k, const struct design *d, double noise,
                                   struct dice *dice) {
    static const double counts[] = {100, 1000, 10000};
    struct rate rate = {{0, 0}};
    for (int i = 0; i < pairs; i++) {
        struct world w = {.n = {d->n[0], d->n[1]},
                          .in_turns = d->in_turns,
                          .shared = d->shared,
                          .count = counts[i % 3],
                          .growth = k->growth,
                          .all_growth = k->all_growth,
                          .noise = noise,
                          .kind = (enum noise_kind)(i / 3 % 3),
                          .log_normal = i / 9 % 2};
        struct world_profile p;
        struct view v;
        world_roll(&w, dice, &p);
        look(&w, &p, &v);
        double chance = k->p(&w, &p, &v);
        for (int l = 0; l < 2; l++)
            rate.hits[l] += chance <= levels[l];
    }
    return rate;
}

static void false_alarm_row(const struct kind *k, const struct design *d, struct dice *dice) {
    printf("| %s | %u + %u", k->name, d->n[0], d->n[1]);
    if (d->in_turns) printf(" in turns, shared %.0f%%", 100 * d->shared);
    printf(" |");
    for (int c = 0; c < 4; c++) {
        struct rate rate = false_alarms_at(k, d, noises[c], dice);
        for (int l = 0; l < 2; l++) {
            bool above = lower_bound(rate.hits[l], pairs) > levels[l];
            failures += above;
            printf("%s%.1f%s", l ? " / " : " ", 100.0 * rate.hits[l] / pairs, above ? "!" : "");
        }
        printf(" |");
    }
    printf("\n");
    fflush(stdout);
}

static void false_alarm_table(const struct design *designs, size_t n, uint64_t seed) {
    struct dice dice = {seed};
    printf("| rule, true at its limit | runs | noise 0%% | 1%% | 3%% | 5%% "
           "|\n|---|---|---|---|---|---|\n");
    for (int k = 0; k < N_KINDS; k++)
        for (size_t d = 0; d < n; d++) {
            bool has_pairs = !designs[d].in_turns || !kinds[k].is_budget;
            if (has_pairs && (!quick || d % 2 == 0)) false_alarm_row(&kinds[k], &designs[d], &dice);
        }
}

static void false_alarms(void) {
    static const struct design heaps[] = {{{1, 1}, false, 0},
                                          {{3, 3}, false, 0},
                                          {{5, 5}, false, 0},
                                          {{10, 10}, false, 0},
                                          {{10, 1}, false, 0}};
    false_alarm_table(heaps, sizeof heaps / sizeof *heaps, 1);
}

static void false_alarms_in_turns(void) {
    static const struct design turns[] = {
        {{5, 5}, true, 0.03}, {{5, 5}, true, 0}, {{5, 5}, true, 0.3}, {{10, 10}, true, 0.1}};
    false_alarm_table(turns, sizeof turns / sizeof *turns, 4);
}

/* ---- power ---- */

/* P(Y >= y) of the beta-binomial with n draws: gamma noise in each run, known exactly, given the
 * sum of both sides. No test that does not toss coins does better at that model. */
static double known_noise(double y, double n, double cv, double runs) {
    if (cv <= 0) return gate_binomial_tail(y, n, 0.5);
    double a = runs / (cv * cv), b = a;
    int s;
    double log_p = lgamma_r(n + 1, &s) - lgamma_r(y + 1, &s) - lgamma_r(n - y + 1, &s) +
                   lgamma_r(y + a, &s) + lgamma_r(n - y + b, &s) - lgamma_r(n + a + b, &s) +
                   lgamma_r(a + b, &s) - lgamma_r(a, &s) - lgamma_r(b, &s);
    double p = exp(log_p), sum = 0;
    for (; y <= n; y++) {
        sum += p;
        if (p < sum * 1e-12) break;
        p *= (n - y) / (y + 1) * (y + a) / (n - y - 1 + b);
    }
    return sum;
}

/* When the noise is common to each run, nothing but these few runs tells its size, however many
 * functions there are: a test that knows the size is out of reach. This one is told all the rest,
 * and may measure the noise of each run without the counts in between. */
static double unknown_noise(const struct world *w, const struct world_profile *p, double new,
                            double sum) {
    const uint32_t *n = w->n;
    double mean[2] = {0, 0}, square = 0, df = n[0] + n[1] - 2;
    for (uint32_t i = 0; i < n[0] + n[1]; i++)
        mean[i >= n[0]] += log(p->whole[i]) / n[i >= n[0]];
    for (uint32_t i = 0; i < n[0] + n[1]; i++)
        square += pow(log(p->whole[i]) - mean[i >= n[0]], 2);
    double noise = square / df * (1.0 / n[0] + 1.0 / n[1]), all = 4 / sum + noise;
    return gate_t_tail(log(new / (sum - new)) / sqrt(all), all * all / (noise * noise / df));
}

struct power {
    double gate, known, unknown;
};

static struct power power_at(const struct world *w, struct dice *dice, double level) {
    struct power hits = {0, 0, 0};
    for (int i = 0; i < pairs; i++) {
        struct world_profile p;
        struct view v;
        world_roll(w, dice, &p);
        look(w, &p, &v);
        double old = 0, new = 0;
        for (uint32_t r = 0; r < w->n[0] + w->n[1]; r++)
            *(r < w->n[0] ? &old : &new) += p.flat[0][r];
        double cv = w->n[0] == 1 ? GATE_ASSUMED_NOISE : w->noise;
        hits.gate += ask(&v, &v.flat[0], false, GATE_PER_RUN, 0) <= level;
        hits.known += known_noise(new, old + new, cv, w->n[0]) <= level;
        if (w->n[0] > 1) hits.unknown += unknown_noise(w, &p, new, old + new) <= level;
    }
    return (struct power){100 * hits.gate / pairs, 100 * hits.known / pairs,
                          100 * hits.unknown / pairs};
}

static void power_row(struct world w, struct dice *dice) {
    static const double shifts[] = {0.05, 0.10, 0.20, 0.30, 0.50};
    printf("| %u | %.0f%% %s | %.0f |", w.n[0], 100 * w.noise,
           w.noise > 0 ? noise_names[w.kind] : "", w.count);
    for (int s = 0; s < 5; s++) {
        w.growth = shifts[s];
        struct power power = power_at(&w, dice, 0.01);
        bool unknown = w.kind == NOISE_WHOLE && w.noise > 0 && w.n[0] > 1;
        double best = unknown ? power.unknown : power.known;
        if (best - power.gate > 5) failures++;
        printf(" %.0f / %.0f", power.gate, best);
        if (unknown) printf(" (%.0f)", power.known);
        printf("%s |", best - power.gate > 5 ? " !" : "");
    }
    printf("\n");
    fflush(stdout);
}

static void power(void) {
    static const uint32_t runs[] = {1, 5, 10};
    static const double counts[] = {100, 300, 1000, 3000, 10000};
    struct dice dice = {2};
    printf("\n| runs a side | noise | samples | +5%% | +10%% | +20%% | +30%% | +50%% |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (int r = 0; r < 3; r++)
        for (int n = 0; n < 4; n++)
            for (int kind = NOISE_OWN; kind <= NOISE_WHOLE; kind++)
                for (int c = 0; c < 5; c++) {
                    if (n == 1 || (n == 0 && kind) || (quick && (c & 1 || n != 2))) continue;
                    struct world w = {.n = {runs[r], runs[r]},
                                      .count = counts[c],
                                      .noise = noises[n],
                                      .kind = (enum noise_kind)kind};
                    power_row(w, &dice);
                }
}

/* On a machine whose speed changes from round to round: as two heaps / as pairs. */
static void paired_row(uint32_t runs, double shared, double noise, struct dice *dice) {
    static const double shifts[] = {0.05, 0.10, 0.20, 0.30, 0.50};
    printf("| %u | %.0f%% | %.0f%% |", runs, 100 * shared, 100 * noise);
    for (int s = 0; s < 5; s++) {
        struct world w = {.n = {runs, runs}, .count = 1000, .growth = shifts[s], .noise = noise};
        w.shared = shared;
        double heaps = power_at(&w, dice, 0.01).gate;
        w.in_turns = 1;
        double in_turns = power_at(&w, dice, 0.01).gate;
        bool is_worse = in_turns < heaps - 5;
        failures += is_worse;
        printf(" %.0f / %.0f%s |", heaps, in_turns, is_worse ? " !" : "");
    }
    printf("\n");
    fflush(stdout);
}

static void paired_power(void) {
    static const uint32_t runs[] = {3, 5, 10};
    static const double shared[] = {0, 0.03, 0.1, 0.2, 0.3};
    struct dice dice = {3};
    printf("\n| runs a side | shared noise | own noise | +5%% | +10%% | +20%% | +30%% | +50%% |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (int r = 0; r < 3; r++)
        for (int n = 0; n < 2; n++)
            for (int s = 0; s < 5; s++)
                if (!quick || (r == 1 && n == 1)) paired_row(runs[r], shared[s], n * 0.03, &dice);
}

/* ---- -run: looks after rounds 4 to 10 ---- */

enum { ROUNDS = 10 };

static void first_rounds(const struct world *w, const struct world_profile *p, uint32_t n,
                         struct world *ret_w, struct world_profile *ret_p) {
    *ret_w = *w;
    ret_w->n[0] = ret_w->n[1] = n;
    for (uint32_t run = 0; run < 2 * n; run++) {
        uint32_t from = run < n ? run : w->n[0] + run - n;
        ret_p->total[run] = p->total[from];
        for (int f = 0; f < WORLD_FUNCTIONS; f++)
            ret_p->flat[f][run] = p->flat[f][from];
    }
}

/* After which round "any function grows at most 10%" is broken; 0: it holds. */
static uint32_t round_of_alarm(const struct world *w, const struct world_profile *p) {
    struct world some = *w;
    for (uint32_t round = 1; round <= ROUNDS; round++) {
        double share = gate_look(round, ROUNDS, round == ROUNDS), p_any[WORLD_FUNCTIONS];
        struct world_profile part;
        struct view v;
        if (!(share > 0)) continue;
        first_rounds(w, p, round, &some, &part);
        look(&some, &part, &v);
        for (int f = 0; f < WORLD_FUNCTIONS; f++)
            p_any[f] = ask(&v, &v.flat[f], false, GATE_PER_RUN, 0.1);
        if (least(p_any, WORLD_FUNCTIONS, &some, &part) <= 0.01 * share) return round;
    }
    return 0;
}

static void rounds_row(struct world w, struct dice *dice) {
    static const double growths[] = {0.2, 0.3, 0.5, 1};
    printf("| %.0f | %.0f%% | %.0f%% |", w.count, 100 * w.noise, 100 * w.shared);
    for (int g = -1; g < 4; g++) {
        int hits = 0, rounds = 0;
        w.all_growth = g < 0 ? 0.1 : 0; /* all at the limit: each alarm is false */
        w.growth = g < 0 ? 0 : growths[g];
        for (int i = 0; i < pairs; i++) {
            struct world_profile p;
            world_roll(&w, dice, &p);
            uint32_t round = round_of_alarm(&w, &p);
            hits += round > 0;
            rounds += (int)round;
        }
        if (g < 0) {
            bool above = lower_bound(hits, pairs) > 0.01;
            failures += above;
            printf(" %.1f%s |", 100.0 * hits / pairs, above ? " !" : "");
        } else {
            printf(" %.0f in %.1f |", 100.0 * hits / pairs, hits ? (double)rounds / hits : 0.0);
        }
    }
    printf("\n");
    fflush(stdout);
}

static void rounds_table(void) {
    static const double shared[] = {0, 0.1};
    struct dice dice = {5};
    printf("\n| samples | own noise | shared | false alarms | +20%% | +30%% | +50%% | +100%% |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (int count = 300; count <= 3000; count *= 10)
        for (int n = 0; n < 4; n++)
            for (int s = 0; s < 2; s++) {
                const struct world w = {.n = {ROUNDS, ROUNDS},
                                        .count = count,
                                        .noise = noises[n],
                                        .shared = shared[s],
                                        .in_turns = 1};
                if (noises[n] != 0.01 && (!quick || (count == 300 && n == 2))) rounds_row(w, &dice);
            }
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        void (*print)(void);
    } tables[] = {{"alarms", false_alarms},
                  {"power", power},
                  {"alarms-in-turns", false_alarms_in_turns},
                  {"power-in-turns", paired_power},
                  {"rounds", rounds_table}};
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-pairs=", 7) == 0) pairs = atoi(argv[i] + 7);
        if (strncmp(argv[i], "-only=", 6) == 0) only = argv[i] + 6;
        if (strcmp(argv[i], "-quick") == 0) quick = 1;
    }
    if (pairs < 1) return 2;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (!only || strcmp(only, tables[i].name) == 0) tables[i].print();
    fprintf(stderr, "%d cells out of bounds\n", failures);
    return failures ? 1 : 0;
}
