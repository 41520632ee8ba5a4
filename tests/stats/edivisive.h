/* E-divisive with a permutation test (Matteson and James, A Nonparametric Approach for Multiple
 * Change Point Analysis of Multivariate Data, 2014), written here from the paper as an oracle:
 * binary splits by the energy statistic with exponent 1, 199 permutations, level 0.01. */
#ifndef STATS_EDIVISIVE_H
#define STATS_EDIVISIVE_H

#include "random.h"

#include <stdlib.h>
#include <string.h>

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

enum { PERMUTATIONS = 199, SIDE = 4, MOST = 2000 };

/* A stretch's values by rank, and how far each is from all of them together. */
struct pool {
    uint32_t n;
    double value[MOST], apart[MOST];
};

struct placed {
    double value;
    uint32_t at;
};

static int by_place(const void *a, const void *b) {
    const struct placed *x = a, *y = b;
    return x->value != y->value ? by_double(&x->value, &y->value)
                                : (x->at > y->at) - (x->at < y->at);
}

static void fill_pool(struct pool *p, const double *x, uint32_t n, uint32_t *ret_ranks) {
    static struct placed sorted[MOST];
    double all = 0, below = 0;
    p->n = n;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i] = (struct placed){x[i], i};
        all += x[i];
    }
    qsort(sorted, n, sizeof *sorted, by_place);
    for (uint32_t r = 0; r < n; r++) {
        double v = p->value[r] = sorted[r].value;
        ret_ranks[sorted[r].at] = r;
        p->apart[r] = r * v - below + (all - below) - (n - r) * v;
        below += v;
    }
}

/* What is on the left, as trees over ranks (Fenwick, 1994). */
struct left {
    double n[MOST + 1], sum[MOST + 1], n_all, all;
};

static void put_left(struct left *l, const struct pool *p, uint32_t rank) {
    for (uint32_t k = rank + 1; k <= p->n; k += k & -k) {
        l->n[k]++;
        l->sum[k] += p->value[rank];
    }
    l->n_all++;
    l->all += p->value[rank];
}

static double apart_from_left(const struct left *l, const struct pool *p, uint32_t rank) {
    double n = 0, sum = 0, v = p->value[rank];
    for (uint32_t k = rank + 1; k; k -= k & -k) {
        n += l->n[k];
        sum += l->sum[k];
    }
    return n * v - sum + (l->all - sum) - (l->n_all - n) * v;
}

/* The energy statistic of the best place; the distances within and between the sides follow from
 * those of each run that goes to the left. */
static double energy_split(const struct pool *p, const uint32_t *ranks, uint32_t *ret_at) {
    static struct left l;
    uint32_t n = p->n;
    double best = -1, within_left = 0, within_right = 0, between = 0;
    memset(&l, 0, sizeof l);
    for (uint32_t i = 0; i < n; i++)
        within_right += p->apart[i] / 2;
    for (uint32_t at = 1; at <= n - SIDE; at++) { /* ranks[at - 1] goes to the left */
        double left = apart_from_left(&l, p, ranks[at - 1]);
        double right = p->apart[ranks[at - 1]] - left;
        put_left(&l, p, ranks[at - 1]);
        within_left += left;
        within_right -= right;
        between += right - left;
        if (at < SIDE) continue;
        double a = at, b = n - at;
        double e = 2 * between / (a * b) - 2 * within_left / (a * (a - 1)) -
                   2 * within_right / (b * (b - 1));
        double q = a * b / (a + b) * e;
        if (q > best) {
            best = q;
            *ret_at = at;
        }
    }
    return best;
}

/* Where the runs from `from` to `to` change, in order; found has room for all of them. */
static void edivisive(const double *x, uint32_t from, uint32_t to, uint32_t *found,
                      uint32_t *n_found) {
    static struct pool pool;
    static uint32_t mixed[MOST];
    uint32_t n = to - from, at = 0, ignored, above = 0;
    if (n < 2 * SIDE) return;
    fill_pool(&pool, x + from, n, mixed);
    double q = energy_split(&pool, mixed, &at);
    for (int p = 0; p < PERMUTATIONS && above < 2; p++) { /* 2 of 200: 0.01 is out of reach */
        for (uint32_t i = n - 1; i > 0; i--) {
            uint32_t k = (uint32_t)(uniform() * (i + 1));
            uint32_t other = mixed[i];
            mixed[i] = mixed[k];
            mixed[k] = other;
        }
        above += energy_split(&pool, mixed, &ignored) >= q;
    }
    if ((above + 1.0) / (PERMUTATIONS + 1) > 0.01) return;
    edivisive(x, from, from + at, found, n_found);
    found[(*n_found)++] = from + at;
    edivisive(x, from + at, to, found, n_found);
}

#endif
