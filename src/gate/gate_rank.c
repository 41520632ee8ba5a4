#include "gate/gate_rank.h"

#include "gate/gate_math.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_EXACT = 20, MAX_SUM = MAX_EXACT * (2 * MAX_EXACT) * 2 };

/* `low` in front. */
struct pooled {
    double value[2 * GATE_MAX_RANKED];
    size_t n_low, n;
};

static struct pooled pool(const double *low, size_t n_low, const double *high, size_t n_high) {
    struct pooled p = {.n_low = n_low < GATE_MAX_RANKED ? n_low : GATE_MAX_RANKED};
    p.n = p.n_low + (n_high < GATE_MAX_RANKED ? n_high : GATE_MAX_RANKED);
    memcpy(p.value, low, p.n_low * sizeof *low);
    memcpy(p.value + p.n_low, high, (p.n - p.n_low) * sizeof *high);
    return p;
}

/* Twice the rank, so that those of ties are whole numbers. */
static void find_scores(const struct pooled *p, enum gate_scores scores, size_t *ret_score) {
    for (size_t i = 0; i < p->n; i++) {
        size_t below = 0, equal = 0;
        for (size_t j = 0; j < p->n; j++) {
            below += p->value[j] < p->value[i];
            equal += p->value[j] == p->value[i];
        }
        size_t rank = 2 * below + equal + 1;
        ret_score[i] = scores == GATE_LOWER_HALF && rank > p->n + 1 ? p->n + 1 : rank;
    }
}

/* ways[k * (MAX_SUM + 1) + sum]: how many choices of k of the values have that sum of scores. */
static double count_ways(const struct pooled *p, const size_t *score, size_t sum, double *ways) {
    size_t n_high = p->n - p->n_low, top = 0;
    double tail = 0, all = 0;
    ways[0] = 1;
    for (size_t i = 0; i < p->n; i++) {
        for (size_t k = i < n_high ? i + 1 : n_high; k-- > 0;)
            for (size_t s = 0; s <= top && s + score[i] <= MAX_SUM; s++)
                ways[(k + 1) * (MAX_SUM + 1) + s + score[i]] += ways[k * (MAX_SUM + 1) + s];
        top += score[i];
    }
    for (size_t s = 0; s <= MAX_SUM; s++) {
        all += ways[n_high * (MAX_SUM + 1) + s];
        if (s >= sum) tail += ways[n_high * (MAX_SUM + 1) + s];
    }
    return tail / all;
}

static double approximate(const struct pooled *p, const size_t *score, double sum) {
    double n = (double)p->n, mean = 0, square = 0, n_high = n - (double)p->n_low;
    for (size_t i = 0; i < p->n; i++)
        mean += (double)score[i] / n;
    for (size_t i = 0; i < p->n; i++)
        square += pow((double)score[i] - mean, 2);
    double variance = n_high * (double)p->n_low / n * square / (n - 1);
    return variance > 0 ? gate_t_tail((sum - 1 - n_high * mean) / sqrt(variance), INFINITY) : 1;
}

double gate_rank_test(const double *low, size_t n_low, const double *high, size_t n_high,
                      enum gate_scores scores) {
    const struct pooled p = pool(low, n_low, high, n_high);
    size_t score[2 * GATE_MAX_RANKED], sum = 0, highs = p.n - p.n_low;
    if (!p.n_low || !highs) return 1;
    find_scores(&p, scores, score);
    for (size_t i = p.n_low; i < p.n; i++)
        sum += score[i];
    if (p.n_low > MAX_EXACT || highs > MAX_EXACT) return approximate(&p, score, (double)sum);
    double *ways = calloc((highs + 1) * (MAX_SUM + 1), sizeof *ways);
    double tail = ways ? count_ways(&p, score, sum, ways) : 1;
    free(ways);
    return tail;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double mean_of(const double *value, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    return sum / (double)n;
}

bool gate_is_skewed(const double *low, size_t n_low, const double *high, size_t n_high) {
    const double much = 2;
    struct pooled p = pool(low, n_low, high, n_high);
    size_t ends = p.n < 40 ? 1 : p.n / 20, quarter = p.n / 4;
    if (p.n < 4) return false;
    qsort(p.value, p.n, sizeof *p.value, by_value);
    double smallest = mean_of(p.value, ends), largest = mean_of(p.value + p.n - ends, ends);
    double middle = mean_of(p.value + quarter, p.n - 2 * quarter);
    return largest - middle > much * (middle - smallest);
}
