#include "history/level.h"

#include <math.h>
#include <string.h>

/* The element that would be at `want` if they were sorted; smaller ones are before it. */
static double select_at(double *v, uint32_t n, uint32_t want) {
    uint32_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = v[low + (high - low) / 2];
        uint32_t i = low, k = high;
        while (i <= k) {
            while (v[i] < pivot)
                i++;
            while (v[k] > pivot)
                k--;
            if (i > k) break;
            double other = v[i];
            v[i++] = v[k];
            v[k] = other;
            if (k-- == 0) break;
        }
        if (want <= k && k < n)
            high = k;
        else if (want >= i)
            low = i;
        else
            break;
    }
    return v[want];
}

/* ---- many values ---- */

enum { SAMPLE = 128, WORTH_NARROWING = 12 * SAMPLE };

/* A part of the values that are in some order. */
struct range {
    double low, high;
};

static void sort_few(double *v, uint32_t n) {
    for (uint32_t i = 1; i < n; i++) {
        double one = v[i];
        uint32_t at = i;
        for (; at && v[at - 1] > one; at--)
            v[at] = v[at - 1];
        v[at] = one;
    }
}

/* Around the element `want`, by a sample: three standard deviations on both sides. */
static struct range guess(const double *v, uint32_t n, uint32_t want) {
    enum { AWAY = 17 };
    double sample[SAMPLE];
    for (uint32_t i = 0; i < SAMPLE; i++)
        sample[i] = v[(uint64_t)i * n / SAMPLE];
    sort_few(sample, SAMPLE);
    uint32_t at = (uint32_t)((uint64_t)want * SAMPLE / n);
    return (struct range){at > AWAY ? sample[at - AWAY] : -INFINITY,
                          at + AWAY < SAMPLE ? sample[at + AWAY] : INFINITY};
}

/* Leaves of the values those around the elements `want` - 1 and `want`, and of `want` where that is
 * among them. Whether a value is one of them is no branch: nobody could foretell it. */
static bool narrow(double *v, uint32_t *n, uint32_t *want) {
    if (*n < WORTH_NARROWING) return false;
    struct range r = guess(v, *n, *want);
    uint32_t below = 0, kept = 0;
    for (uint32_t i = 0; i < *n; i++) {
        below += v[i] < r.low;
        kept += (v[i] >= r.low) & (v[i] <= r.high);
    }
    if (below >= *want || *want >= below + kept || kept > *n / 4 * 3) return false;
    for (uint32_t i = 0, at = 0; at < kept; i++) {
        double one = v[i];
        v[at] = one;
        at += (one >= r.low) & (one <= r.high);
    }
    *want -= below;
    *n = kept;
    return true;
}

double level_part(const double *value, uint32_t n, double part, struct pp_arena *scratch) {
    double *all = PP_NEW(scratch, double, n);
    if (n == 0) return 0;
    memcpy(all, value, n * sizeof *all);
    uint32_t at = (uint32_t)(part * n), want = at < n ? at : n - 1;
    while (narrow(all, &n, &want))
        ;
    return select_at(all, n, want);
}

double level_median_of(double *value, uint32_t n) {
    if (n == 0) return 0;
    bool is_odd = n % 2;
    uint32_t want = n / 2;
    while (narrow(value, &n, &want))
        ;
    double upper = select_at(value, n, want), lower = upper;
    if (is_odd) return upper;
    for (uint32_t i = 0; i < want; i++)
        if (i == 0 || value[i] > lower) lower = value[i];
    return (lower + upper) / 2;
}

double level_median(const double *value, uint32_t n, struct pp_arena *scratch) {
    double *part = PP_NEW(scratch, double, n);
    if (n) memcpy(part, value, n * sizeof *part);
    return level_median_of(part, n);
}

double level_median_error(const double *value, uint32_t n, double median,
                          struct pp_arena *scratch) {
    double *off = PP_NEW(scratch, double, n);
    for (uint32_t i = 0; i < n; i++)
        off[i] = fabs(value[i] - median);
    return 1.2533 * 1.4826 * level_median(off, n, scratch) / sqrt(n);
}

double level_noise(const double *value, uint32_t n, struct pp_arena *scratch) {
    double *apart = PP_NEW(scratch, double, n), sum = 0;
    if (n < 2) return 0;
    for (uint32_t i = 1; i < n; i++)
        apart[i - 1] = fabs(value[i] - value[i - 1]);
    double far = 3 * 1.4826 * level_median_of(apart, n - 1);
    for (uint32_t i = 1; i < n; i++) {
        double one = fmin(fabs(value[i] - value[i - 1]), far);
        sum += one * one;
    }
    return sqrt(sum / 2 / (n - 1));
}

double level_of(const double *value, uint32_t n, double noise, struct pp_arena *scratch) {
    double middle = level_median(value, n, scratch), sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += fmin(fmax(value[i], middle - 2 * noise), middle + 2 * noise);
    return sum / n;
}

void level_means(const double *value, uint32_t n, uint32_t width, double *ret_means) {
    for (uint32_t i = 0; i < width; i++) {
        uint32_t from = (uint32_t)((uint64_t)i * n / width);
        uint32_t to = (uint32_t)((uint64_t)(i + 1) * n / width);
        ret_means[i] = 0;
        for (uint32_t k = from; k < to; k++)
            ret_means[i] += value[k] / (to - from);
    }
}
