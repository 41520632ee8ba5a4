/* The gate's noise model and its tests: numbers in, numbers out. docs/gate.md derives them.
 *
 * A profile is a sample. What a quantity (a function, a group of them, the total) costs in one run
 * is
 *
 *     value = unit * count,   count ~ Poisson(rate * own * whole)
 *
 * `unit` is the value that one count stands for, `own` is noise of each function in each run,
 * `whole` is noise that all functions of one run share; both have mean 1. With enough runs their
 * sizes are estimated (own noise is shrunk over functions); with fewer they are assumed. */
#ifndef GATE_STATS_H
#define GATE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs differ by this much (standard deviation, relative) whatever the counts say, unless enough
 * runs show how much it is. */
#define GATE_ASSUMED_NOISE 0.05

enum {
    GATE_OLD,
    GATE_NEW,
    GATE_MIN_DF = 6,     /* of noise estimated from runs alone: four runs a side */
    GATE_MIN_COUNT = 10, /* fewer on both sides say nothing */
    GATE_RANK_RUNS = 8
};

/* A quantity in every run: n[GATE_OLD] values, then n[GATE_NEW]. */
struct gate_series {
    const double *value;
    double unit; /* what one count is worth; > 0 */
};

/* How the runs were made. */
struct gate_runs {
    uint32_t n[2];    /* a side; one may be 0 for a budget */
    uint32_t seen[2]; /* of these, recorded one by one; the others are equal parts of a merged
                         profile */
    double assumed;   /* noise where runs do not show it: standard deviation */
    bool in_turns;    /* old[i] and new[i] were taken one after the other */
};

/* What the runs say about noise. Variances are relative to the mean, of one run. */
struct gate_noise {
    struct gate_runs runs;
    double df;      /* runs seen one by one, beyond the first of their side */
    bool estimated; /* df >= GATE_MIN_DF; else `runs.assumed` is a floor */
    double total;   /* variance of the total, its counts' included */
    bool paired;    /* the halves of a pair share noise, which their difference does not have: */
    double apart, apart_df; /* variance of the total that a pair's halves do not share; else
                               `total`, `df` */
    double own;             /* variance of own noise, the mean over functions */
    double own_df;          /* how many degrees of freedom that mean is worth for one function */
    double model_df;        /* what all this is worth for one function beside its own runs */
    double spread;          /* sum of the squared shares of all functions */
};

/* What of a function: the samples that end in it or in helpers that compiler and runtime put there;
 * that end in it; that pass through it. */
enum gate_cost { GATE_SELF, GATE_FLAT, GATE_CUM, GATE_COSTS };

enum gate_measure { GATE_PER_RUN, GATE_SUM, GATE_SHARE };

/* Is the growth, or the value against a budget, above `limit`? Growth: 0.05 is 5%. Budget: a value
 * in the series' unit (per run or as sum), or a share (0.2). */
struct gate_question {
    bool is_budget;
    enum gate_measure measure;
    double limit;
};

struct gate_answer {
    double value[2];  /* per run, as sum or as share; [GATE_OLD] is 0 for a budget */
    double count[2];  /* how many counts are behind all runs of a side */
    double p;         /* chance of so much or more, were the truth exactly at the limit */
    double effect;    /* log of the measured growth, or of value / budget; may be infinite */
    double se, df;    /* its standard error (at the limit) and that error's degrees of freedom */
    double se_counts; /* the part of it that counts alone have; the rest is noise between runs */
    bool assumed;     /* that noise is assumed, since too few runs show it */
    double rank_p; /* the rank test's answer to "did it grow?"; < 0 where there are too few runs */
    bool says;     /* there are counts enough to say anything; if not, p is 1 */
};

/* `functions` are flat values: their sum is the total. A side where a function is not tells nothing
 * of its noise: names need not be the same on both. */
void gate_noise_fit(struct gate_noise *ret_noise, const struct gate_runs *runs,
                    const struct gate_series *total, const struct gate_series *functions,
                    size_t n_functions);

void gate_ask(struct gate_answer *ret_answer, const struct gate_noise *noise,
              const struct gate_question *question, const struct gate_series *series,
              const struct gate_series *total);

/* The growth (0.4 is 40%), or excess over a budget, that the truth exceeds with this confidence. */
double gate_at_least(const struct gate_answer *answer, double confidence);

/* Runs may be made until the verdict is sure, looking at them after each round from the fourth on
 * (GATE_MIN_DF): half of the wrong verdicts allowed is kept for the last look, the other half is
 * spent in equal parts by those before. The share of the look after `round`, 0 if there is none. */
double gate_look(uint32_t round, uint32_t rounds, bool is_last);

/* From what each of n functions costs to its share of the errors allowed: half of them are for all
 * alike, the other half goes with the cost. What is large can be seen, and matters. */
void gate_weigh(double *cost, size_t n);

/* Holm's correction (1979): p[i] becomes the least level at which i is rejected. `weight`: the
 * share of each of the errors allowed, or NULL: all alike. `order` has room for n. */
void gate_holm(double *p, const double *weight, size_t n, uint32_t *order);

#endif
