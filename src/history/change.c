#include "history/change.h"

#include <math.h>
#include <stdlib.h>

enum {
    LEAST_SIDE = 4,  /* runs on each side of a change */
    N_DRAWS = 1000,  /* permutations of a length */
    TAIL_DRAWS = 50, /* the largest of them; beyond, the tail is continued */
    N_LENGTHS = 64   /* the lengths that are drawn for: each a bit larger than the one before */
};

/* What chance does one time in twenty is looked into; which of it counts is decided at the end. */
#define WORTH_A_LOOK 0.05

/* ---- the statistic: how far the ranks on both sides of a place are apart, at the place where that
 * is most, in standard deviations ---- */

struct ranked {
    double value;
    uint32_t at;
};

static int by_value(const void *a, const void *b) {
    const struct ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Equal values share the mean of their ranks. ret_ties: what they take from the variance. */
static void rank(const double *value, uint32_t n, struct ranked *room, double *ret_rank,
                 double *ret_ties) {
    double ties = 0;
    for (uint32_t i = 0; i < n; i++)
        room[i] = (struct ranked){value[i], i};
    qsort(room, n, sizeof *room, by_value);
    for (uint32_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && room[end].value == room[i].value; end++)
            ;
        double equal = end - i;
        ties += equal * (equal * equal - 1);
        for (uint32_t k = i; k < end; k++)
            ret_rank[room[k].at] = (i + 1 + end) / 2.0;
    }
    *ret_ties = ties / ((double)n * n * n - n);
}

struct split {
    uint32_t at;
    double z;
    double apart; /* of the sum of ranks before it from its mean */
};

static struct split best_split(const double *ranks, uint32_t n, double ties) {
    struct split best = {0};
    double sum = 0;
    for (uint32_t i = 1; i <= n - LEAST_SIDE; i++) {
        sum += ranks[i - 1];
        if (i < LEAST_SIDE) continue;
        double m = i, mean = m * (n + 1) / 2;
        double variance = m * (n - m) * (n + 1) / 12 * (1 - ties);
        double z = variance > 0 ? fabs(sum - mean) / sqrt(variance) : 0;
        if (z > best.z) best = (struct split){i, z, fabs(sum - mean)};
    }
    return best;
}

/* ---- what chance does ---- */

struct chance {
    uint32_t length;
    double *tail; /* the draws, rising */
};

struct finder {
    const struct change_series *series;
    double least;
    uint64_t random;
    struct chance chances[N_LENGTHS];
    struct ranked *room;
    double *ranks;
    struct pp_arena *arena;
    struct pp_arena scratch;
    struct change_result *result;
    size_t cap;
};

static uint32_t draw(struct finder *f, uint32_t below) {
    f->random = f->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((f->random >> 32) * below >> 32);
}

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void fill_chance(struct finder *f, struct chance *c) {
    uint32_t n = c->length;
    double *ranks = PP_NEW(&f->scratch, double, n);
    c->tail = PP_NEW(f->arena, double, N_DRAWS);
    for (uint32_t i = 0; i < n; i++)
        ranks[i] = i + 1;
    for (uint32_t d = 0; d < N_DRAWS; d++) {
        for (uint32_t i = n - 1; i > 0; i--) {
            uint32_t k = draw(f, i + 1);
            double other = ranks[i];
            ranks[i] = ranks[k];
            ranks[k] = other;
        }
        c->tail[d] = best_split(ranks, n, 0).z;
    }
    qsort(c->tail, N_DRAWS, sizeof *c->tail, by_double);
}

/* For the next length that is not smaller: what chance does grows with the length, slowly. */
static const struct chance *find_chance(struct finder *f, uint32_t n) {
    uint32_t length = 2 * LEAST_SIDE, i = 0;
    while (length < n && i + 1 < N_LENGTHS) {
        length += length / 8;
        i++;
    }
    struct chance *c = &f->chances[i];
    if (!c->tail) {
        c->length = length < n ? n : length;
        fill_chance(f, c);
    }
    return c;
}

/* Beyond the draws the tail falls as that of the largest of many normal values: z times density. */
static double chance_of(struct finder *f, uint32_t n, double z) {
    const struct chance *c = find_chance(f, n);
    double edge = c->tail[N_DRAWS - TAIL_DRAWS];
    if (z > edge) return (double)TAIL_DRAWS / N_DRAWS * (z / edge) * exp((edge * edge - z * z) / 2);
    uint32_t above = 0;
    while (above < N_DRAWS && c->tail[N_DRAWS - 1 - above] >= z)
        above++;
    return (double)(above + 1) / (N_DRAWS + 1);
}

/* How often k of the ranks 1 to n have a sum that is as far from its mean: by counting. */
static double count_sums(uint32_t n, uint32_t k, double apart, struct pp_arena *scratch) {
    size_t width = (size_t)n * k + 1;
    double *ways = PP_NEW(scratch, double, width *(k + 1)), above = 0, all = 0;
    ways[0] = 1;
    for (uint32_t r = 1; r <= n; r++)
        for (uint32_t j = r < k ? r : k; j > 0; j--)
            for (size_t s = r; s < width; s++)
                ways[j * width + s] += ways[(j - 1) * width + s - r];
    size_t from = (size_t)((double)k * (n + 1) / 2 + apart);
    for (size_t s = 0; s < width; s++) {
        all += ways[k * width + s];
        if (s >= from) above += ways[k * width + s];
    }
    return 2 * above / all;
}

/* Near an end the normal distribution says far too much; there all sums are counted. Each place
 * could have been the best. */
static double exact_chance(uint32_t n, const struct split *s) {
    enum { MOST = 128, FEW = 10 };
    uint32_t k = s->at < n - s->at ? s->at : n - s->at;
    if (n > MOST || k > FEW) return 1;
    struct pp_arena scratch = {0};
    double p = count_sums(n, k, s->apart, &scratch) * (n - 2 * LEAST_SIDE + 1);
    pp_arena_done(&scratch);
    return p;
}

/* ---- the search ---- */

struct found {
    uint32_t at;
    double p;
};

static struct found look_in(struct finder *f, const double *value, uint32_t from, uint32_t to) {
    double ties;
    uint32_t n = to - from;
    rank(value + from, n, f->room, f->ranks, &ties);
    struct split s = best_split(f->ranks, n, ties);
    struct found found = {from + s.at, s.at ? chance_of(f, n, s.z) : 1};
    if (found.p < WORTH_A_LOOK) found.p = fmin(found.p, exact_chance(n, &s));
    return found;
}

/* In the stretch, and in its halves, quarters ..., which overlap: two changes that cancel each
 * other do not hide one another. The stretch itself may use up half of what chance is allowed, all
 * its parts together the other half; neighbours, which share half of their runs, count as one. */
static struct found look(struct finder *f, const double *value, uint32_t from, uint32_t to) {
    uint32_t n = to - from, tried = 0;
    struct found whole = look_in(f, value, from, to), part = {from, 1};
    for (uint32_t length = n / 2; length >= 4 * LEAST_SIDE; length /= 2)
        for (uint32_t at = from; at + length <= to; at += length / 2, tried++) {
            struct found one = look_in(f, value, at, at + length);
            if (one.p < part.p) part = one;
        }
    if (!tried) return whole;
    whole.p = fmin(1, whole.p / 0.8);
    part.p = fmin(1, part.p / 0.2 * (1 + (tried - 1) / 2.0));
    return part.p < whole.p ? part : whole;
}

double change_median(const double *value, uint32_t n, struct pp_arena *scratch) {
    double *sorted = PP_NEW(scratch, double, n);
    if (n == 0) return 0;
    memcpy(sorted, value, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_double);
    return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static void search(struct finder *f, uint32_t series, uint32_t from, uint32_t to, double p) {
    const struct change_series *s = &f->series[series];
    if (to - from < 2 * LEAST_SIDE) return;
    struct found one = look(f, s->value, from, to);
    one.p *= (double)s->n / (to - from);
    if (one.p > WORTH_A_LOOK) return;
    if (one.p < p) one.p = p;
    search(f, series, from, one.at, one.p);
    const struct change_point c = {.series = series, .at = one.at, .p = one.p};
    size_t n = f->result->n;
    PP_PUSH(f->arena, f->result->at, n, f->cap, c);
    f->result->n = (uint32_t)n;
    search(f, series, one.at, to, one.p);
}

/* ---- which of all counts ---- */

/* Of a series counts the change that chance explains least, which is the one found first. */
static double threshold(const struct change_result *r, double rate, struct pp_arena *scratch) {
    double *p = PP_NEW(scratch, double, r->n), limit = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        bool is_same = i && r->at[i - 1].series == r->at[i].series;
        if (!is_same) p[n++] = r->at[i].p;
        if (r->at[i].p < p[n - 1]) p[n - 1] = r->at[i].p;
    }
    if (n) qsort(p, n, sizeof *p, by_double);
    for (uint32_t i = 0; i < n; i++)
        if (p[i] <= rate * (i + 1) / r->n_tests) limit = rate * (i + 1) / r->n_tests;
    return limit;
}

static bool is_large(const struct change_point *c, double least) {
    double larger = fmax(fabs(c->before), fabs(c->after));
    return fabs(c->after - c->before) > least * larger;
}

/* How far runs usually are from their level: as a standard deviation. */
static double spread(const struct change_point *c, const double *value, uint32_t from, uint32_t to,
                     struct pp_arena *scratch) {
    double *off = PP_NEW(scratch, double, to - from);
    for (uint32_t i = from; i < to; i++)
        off[i - from] = fabs(value[i] - (i < c->at ? c->before : c->after));
    return 1.4826 * change_median(off, to - from, scratch);
}

/* Ranks tell that there is a change, and about where. The runs around it belong to the level that
 * they are nearer to, by least squares; an outlier counts no more than `far` from a level does. */
static void place(struct change_point *c, const double *value, uint32_t from, uint32_t to,
                  struct pp_arena *scratch) {
    enum { AROUND = 20 };
    uint32_t low = c->at - from > AROUND ? c->at - AROUND : from + 1;
    uint32_t high = to - c->at > AROUND ? c->at + AROUND : to - 1;
    double far = fmax(3 * spread(c, value, from, to, scratch), fabs(c->after - c->before));
    double cost = 0, least = 0; /* against a change at `low` */
    uint32_t best = low;
    for (uint32_t at = low; at < high; at++) {
        double left = fmin(fabs(value[at] - c->before), far);
        double right = fmin(fabs(value[at] - c->after), far);
        cost += left * left - right * right;
        if (cost >= least) continue;
        least = cost;
        best = at + 1;
    }
    c->at = best;
}

/* Levels between the changes that are left; those that are too small go, one at a time. */
static void keep(struct finder *f, double limit) {
    struct change_result *r = f->result;
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++)
        if (r->at[i].p <= limit) r->at[n++] = r->at[i];
    for (uint32_t i = 0; i < n;) {
        struct change_point *c = &r->at[i];
        const struct change_series *s = &f->series[c->series];
        uint32_t from = i && c[-1].series == c->series ? c[-1].at : 0;
        uint32_t to = i + 1 < n && c[1].series == c->series ? c[1].at : s->n;
        c->before = change_median(s->value + from, c->at - from, &f->scratch);
        c->after = change_median(s->value + c->at, to - c->at, &f->scratch);
        if (is_large(c, f->least)) {
            place(c, s->value, from, to, &f->scratch);
            i++;
            continue;
        }
        memmove(c, c + 1, (n - i - 1) * sizeof *c);
        n--;
        i = i && from ? i - 1 : i; /* the one before has a new end */
    }
    r->n = n;
}

void change_find(const struct change_series *series, uint32_t n, const struct change_limits *limits,
                 struct change_result *ret_result, struct pp_arena *arena) {
    struct change_result result = {0};
    struct finder f = {
        .series = series, .least = limits->least, .random = 1, .arena = arena, .result = &result};
    uint32_t longest = 0;
    for (uint32_t i = 0; i < n; i++)
        if (series[i].n > longest) longest = series[i].n;
    f.room = PP_NEW(arena, struct ranked, longest);
    f.ranks = PP_NEW(arena, double, longest);
    for (uint32_t i = 0; i < n; i++) {
        result.n_tests += series[i].n >= 2 * LEAST_SIDE;
        search(&f, i, 0, series[i].n, 0);
    }
    keep(&f, threshold(&result, limits->rate, &f.scratch));
    pp_arena_done(&f.scratch);
    *ret_result = result;
}
