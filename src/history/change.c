#include "history/change.h"

#include "base/parallel.h"
#include "history/level.h"
#include "history/season.h"

#include <math.h>
#include <stdlib.h>

enum { LEAST_SIDE = 4 }; /* runs on each side of a change */

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

static uint64_t key_of(double value) {
    uint64_t bits;
    value += 0.0; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

/* Byte by byte, from the last; bytes that are the same in all are passed over. */
static void sort_long(struct ranked *at, uint32_t n, struct ranked *room) {
    enum { VALUES = 256 };
    struct ranked *from = at, *to = room;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        uint32_t count[VALUES] = {0}, sum = 0;
        for (uint32_t i = 0; i < n; i++)
            count[key_of(from[i].value) >> shift & 0xff]++;
        if (count[key_of(from[0].value) >> shift & 0xff] == n) continue;
        for (unsigned k = 0; k < VALUES; k++) {
            uint32_t here = count[k];
            count[k] = sum;
            sum += here;
        }
        for (uint32_t i = 0; i < n; i++)
            to[count[key_of(from[i].value) >> shift & 0xff]++] = from[i];
        struct ranked *other = from;
        from = to;
        to = other;
    }
    if (from != at) memcpy(at, from, n * sizeof *at);
}

/* `room`: as much again. */
static void sort_ranked(struct ranked *at, uint32_t n, struct ranked *room) {
    enum { SHORT = 512 };
    if (n < SHORT)
        qsort(at, n, sizeof *at, by_value);
    else
        sort_long(at, n, room);
}

/* Equal values share the mean of their ranks. ret_ties: what they take from the variance. `room`:
 * for 2 n. */
static void rank(const double *value, uint32_t n, struct ranked *room, double *ret_rank,
                 double *ret_ties) {
    double ties = 0;
    for (uint32_t i = 0; i < n; i++)
        room[i] = (struct ranked){value[i], i};
    sort_ranked(room, n, room + n);
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

/* What chance reaches in one of twenty series of a length, in standard deviations: drawn from
 * 1,000 to 20,000 permutations; `tests/stats/history_power -edges` prints them anew. */
static const struct edge {
    uint32_t length;
    double z;
} edges[] = {
    {8, 2.02},    {12, 2.36},   {16, 2.44},    {24, 2.64},    {32, 2.72},
    {48, 2.80},   {64, 2.87},   {96, 2.94},    {128, 2.98},   {192, 3.04},
    {256, 3.08},  {384, 3.13},  {512, 3.15},   {1024, 3.22},  {2048, 3.26},
    {4096, 3.31}, {8192, 3.34}, {16384, 3.38}, {32768, 3.43}, {65536, 3.46},
};

static double edge_of(uint32_t n) {
    enum { LAST = sizeof edges / sizeof *edges - 1 };
    uint32_t i = 1;
    while (i < LAST && edges[i].length < n)
        i++;
    const struct edge *low = &edges[i - 1], *high = &edges[i];
    double part = log((double)n / low->length) / log((double)high->length / low->length);
    return low->z + fmin(fmax(part, 0), 1) * (high->z - low->z);
}

/* Beyond the edge it falls as that of the largest of many normal values: z times density. */
static double chance_of(uint32_t n, double z) {
    double edge = edge_of(n);
    if (z < edge) return 1;
    return WORTH_A_LOOK * (z / edge) * exp((edge * edge - z * z) / 2);
}

enum { MOST_COUNTED = 128, FEW_COUNTED = 10 };

/* In how many ways up to FEW_COUNTED of the ranks 1 to n have each sum: [k * width + sum], the sum
 * or more, as a share of all ways. Many series have the same lengths. */
struct counted {
    double *at_least[MOST_COUNTED + 1]; /* by n; NULL: not yet */
    struct pp_arena arena;
};

static size_t width_of(uint32_t n) {
    return (size_t)n * FEW_COUNTED + 1;
}

static double *count_sums(uint32_t n, struct pp_arena *arena) {
    size_t width = width_of(n);
    double *ways = PP_NEW(arena, double, width *(FEW_COUNTED + 1));
    ways[0] = 1;
    for (uint32_t r = 1; r <= n; r++)
        for (uint32_t k = r < FEW_COUNTED ? r : FEW_COUNTED; k > 0; k--)
            for (size_t s = r; s <= (size_t)r * k; s++)
                ways[k * width + s] += ways[(k - 1) * width + s - r];
    for (uint32_t k = 0; k <= FEW_COUNTED; k++) {
        double *one = ways + k * width, all = 0;
        for (size_t s = width; s-- > 0;)
            one[s] = all += one[s];
        for (size_t s = 0; s < width; s++)
            one[s] /= all;
    }
    return ways;
}

/* Near an end the normal distribution says far too much; there all sums are counted. Each place
 * could have been the best. */
static double exact_chance(struct counted *c, uint32_t n, const struct split *s) {
    uint32_t k = s->at < n - s->at ? s->at : n - s->at;
    if (n > MOST_COUNTED || k > FEW_COUNTED) return 1;
    if (!c->at_least[n]) c->at_least[n] = count_sums(n, &c->arena);
    size_t sum = (size_t)((double)k * (n + 1) / 2 + s->apart);
    return 2 * c->at_least[n][k * width_of(n) + sum] * (n - 2 * LEAST_SIDE + 1);
}

/* ---- the search ---- */

struct finder {
    const struct change_series *series;
    const double **values; /* by series: without what follows the week */
    double least;
    struct ranked *room; /* twice as long as the longest series */
    double *ranks, *sums;
    double *part, *off; /* for medians; of runs from their level */
    struct counted counted;
    struct pp_arena *arena;
    struct change_result *result;
    size_t cap;
};

static int by_double(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct found {
    uint32_t at;
    double p;
};

static struct found look_in(struct finder *f, const double *value, uint32_t from, uint32_t to) {
    double ties;
    uint32_t n = to - from;
    rank(value + from, n, f->room, f->ranks, &ties);
    struct split s = best_split(f->ranks, n, ties);
    struct found found = {from + s.at, s.at ? chance_of(n, s.z) : 1};
    if (found.p < WORTH_A_LOOK) found.p = fmin(found.p, exact_chance(&f->counted, n, &s));
    return found;
}

/* sums[2 * i]: of the first i ranks of the stretch; sums[2 * i + 1]: of their squares. */
static void sum_ranks(struct finder *f, uint32_t n) {
    f->sums[0] = f->sums[1] = 0;
    for (uint32_t i = 0; i < n; i++) {
        f->sums[2 * i + 2] = f->sums[2 * i] + f->ranks[i];
        f->sums[2 * i + 3] = f->sums[2 * i + 1] + f->ranks[i] * f->ranks[i];
    }
}

/* Parts of one length, which overlap by half. */
struct parts {
    uint32_t length;
    double *share; /* 1 / (i * (length - i)) */
    double least;  /* square of how far apart ranks must be that it is worth a closer look */
};

static struct parts parts_of(uint32_t length, double limit, struct pp_arena *scratch) {
    struct parts p = {length, PP_NEW(scratch, double, length), 0};
    double edge = edge_of(length);
    for (uint32_t i = LEAST_SIDE; i <= length - LEAST_SIDE; i++)
        p.share[i] = 1 / ((double)i * (length - i));
    p.least = 0.64 * edge * edge;
    if (limit < WORTH_A_LOOK) p.least = 0.81 * (edge * edge + 2 * log(WORTH_A_LOOK / limit));
    return p;
}

/* Whether a part is worth ranking by itself: its values' ranks in the stretch say nearly as much,
 * and are there already. */
static bool is_promising(const struct finder *f, uint32_t from, const struct parts *p) {
    const double *sums = f->sums + 2 * (size_t)from;
    uint32_t n = p->length;
    double mean = (sums[2 * n] - sums[0]) / n, most = 0;
    double variance = (sums[2 * n + 1] - sums[1]) / n - mean * mean;
    for (uint32_t i = LEAST_SIDE; i <= n - LEAST_SIDE; i++) {
        double apart = sums[2 * i] - sums[0] - i * mean;
        double square = apart * apart * p->share[i];
        if (square > most) most = square;
    }
    return most * (n - 1) > p->least * variance;
}

/* Halves, quarters ... of n runs. */
static uint32_t count_parts(uint32_t n) {
    uint32_t tried = 0;
    for (uint32_t length = n / 2; length >= 4 * LEAST_SIDE; length /= 2)
        tried += (n - length) / (length / 2) + 1;
    return tried;
}

/* In the stretch, and in its halves, quarters ..., which overlap: two changes that cancel each
 * other do not hide one another. The stretch itself may use up four fifths of what chance is
 * allowed, all its parts together one; neighbours, which share half of their runs, count as one.
 * Those whose ranks are far from saying enough are passed over; where few runs are on one side
 * all sums are counted, which may say a hundred times more. */
static struct found look(struct finder *f, const double *value, uint32_t from, uint32_t to) {
    enum { EXACT_SAYS_MORE = 100 };
    uint32_t n = to - from, tried = count_parts(n);
    struct found whole = look_in(f, value, from, to), part = {from, 1};
    double factor = (1 + (tried - 1.0) / 2) / 0.2;
    if (!tried) return whole;
    sum_ranks(f, n);
    for (uint32_t length = n / 2; length >= 4 * LEAST_SIDE; length /= 2) {
        struct pp_arena scratch = {0};
        struct parts p = parts_of(length, EXACT_SAYS_MORE * WORTH_A_LOOK / factor, &scratch);
        for (uint32_t at = from; at + length <= to; at += length / 2) {
            if (!is_promising(f, at - from, &p)) continue;
            struct found one = look_in(f, value, at, at + length);
            if (one.p < part.p) part = one;
        }
        pp_arena_done(&scratch);
    }
    whole.p = fmin(1, whole.p / 0.8);
    part.p = fmin(1, part.p * factor);
    return part.p < whole.p ? part : whole;
}

static void search(struct finder *f, uint32_t series, uint32_t from, uint32_t to, double p) {
    const struct change_series *s = &f->series[series];
    if (to - from < 2 * LEAST_SIDE) return;
    struct found one = look(f, f->values[series], from, to);
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

/* ---- what follows the week ---- */

static double median_in(struct finder *f, const double *value, uint32_t n) {
    memcpy(f->part, value, n * sizeof *value);
    return level_median_of(f->part, n);
}

/* A run's level is the median between the changes beside it. */
static void fill_levels(struct finder *f, uint32_t series, double *ret_level) {
    const struct change_result *r = f->result;
    const double *value = f->values[series];
    uint32_t n = f->series[series].n;
    for (uint32_t from = 0, i = 0; from < n; i++) {
        uint32_t to = i < r->n ? r->at[i].at : n;
        double level = median_in(f, value + from, to - from);
        for (; from < to; from++)
            ret_level[from] = level;
    }
}

/* How badly levels and changes describe a series (Schwarz's criterion); outliers count as `far`. */
static double misfit(struct finder *f, uint32_t series, double *far) {
    uint32_t n = f->series[series].n;
    double *off = f->off, sum = 0;
    fill_levels(f, series, off);
    for (uint32_t i = 0; i < n; i++)
        off[i] = fabs(f->values[series][i] - off[i]);
    if (*far == 0) *far = 3 * 1.4826 * median_in(f, off, n);
    for (uint32_t i = 0; i < n; i++)
        sum += fmin(off[i], *far) * fmin(off[i], *far);
    return n * log(sum / n) + 2 * log(n) * f->result->n;
}

/* The changes of a series without what follows the week instead of those that were found. */
static void search_again(struct finder *f, uint32_t series, const double *value) {
    f->values[series] = value;
    f->result->n = 0;
    search(f, series, 0, f->series[series].n, 0);
}

/* The pattern as it is around the levels that were found without the pattern around the mean of the
 * week. */
static void refine_week(struct finder *f, uint32_t series) {
    const struct change_series *s = &f->series[series];
    const struct season_series seasonal = {s->value, s->time_ns, s->n};
    fill_levels(f, series, f->off);
    const double *left = season_take_out(&seasonal, f->off, f->arena);
    if (left) search_again(f, series, left);
}

/* The week's pattern counts when it, with the changes that are left, says more than the changes
 * alone. */
static void search_series(struct finder *f, uint32_t series) {
    enum { WORTH = 20 }; /* six numbers more gain as much by chance once in several hundred times */
    const struct change_series *s = &f->series[series];
    const struct season_series seasonal = {s->value, s->time_ns, s->n};
    double far = 0;
    f->values[series] = s->value;
    search(f, series, 0, s->n, 0);
    const double *left = s->time_ns ? season_take_out(&seasonal, NULL, f->arena) : NULL;
    if (!left) return;
    const struct change_result plain = *f->result;
    double alone = misfit(f, series, &far);
    *f->result = (struct change_result){0};
    f->cap = 0;
    search_again(f, series, left);
    refine_week(f, series);
    if (misfit(f, series, &far) + WORTH < alone) return;
    f->values[series] = s->value;
    *f->result = plain;
}

/* ---- which of all counts ---- */

/* Of a series counts the change that chance explains least, which is the one found first. */
double change_limit(const struct change_result *r, double rate) {
    struct pp_arena scratch = {0};
    double *p = PP_NEW(&scratch, double, r->n), limit = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n; i++) {
        bool is_same = i && r->at[i - 1].series == r->at[i].series;
        if (!is_same) p[n++] = r->at[i].p;
        if (r->at[i].p < p[n - 1]) p[n - 1] = r->at[i].p;
    }
    if (n) qsort(p, n, sizeof *p, by_double);
    for (uint32_t i = 0; i < n; i++)
        if (p[i] <= rate * (i + 1) / r->n_tests) limit = rate * (i + 1) / r->n_tests;
    pp_arena_done(&scratch);
    return limit;
}

static bool is_large(const struct change_point *c, double least) {
    double larger = fmax(fabs(c->before), fabs(c->after));
    return fabs(c->after - c->before) > least * larger;
}

/* How far runs usually are from their level: as a standard deviation. */
static double spread(struct finder *f, const struct change_point *c, uint32_t from, uint32_t to) {
    const double *value = f->values[c->series];
    for (uint32_t i = from; i < to; i++)
        f->part[i - from] = fabs(value[i] - (i < c->at ? c->before : c->after));
    return 1.4826 * level_median_of(f->part, to - from);
}

/* Ranks tell that there is a change, and about where. The runs around it belong to the level that
 * they are nearer to, by least squares; an outlier counts no more than `far` from a level does. */
static void place(struct finder *f, struct change_point *c, uint32_t from, uint32_t to) {
    enum { AROUND = 20 };
    uint32_t low = c->at - from > AROUND ? c->at - AROUND : from + 1;
    uint32_t high = to - c->at > AROUND ? c->at + AROUND : to - 1;
    const double *value = f->values[c->series];
    double far = fmax(3 * spread(f, c, from, to), fabs(c->after - c->before));
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
        const double *value = f->values[c->series];
        uint32_t from = i && c[-1].series == c->series ? c[-1].at : 0;
        uint32_t to = i + 1 < n && c[1].series == c->series ? c[1].at : f->series[c->series].n;
        c->before = median_in(f, value + from, c->at - from);
        c->after = median_in(f, value + c->at, to - c->at);
        if (is_large(c, f->least)) {
            place(f, c, from, to);
            i++;
            continue;
        }
        memmove(c, c + 1, (n - i - 1) * sizeof *c);
        n--;
        i = i && from ? i - 1 : i; /* the one before has a new end */
    }
    r->n = n;
}

/* ---- all of them, on several processors ---- */

unsigned change_width(uint32_t n, uint32_t n_runs) {
    enum { WORTH = 1 << 15 }; /* values for a thread */
    size_t worth = (size_t)n * n_runs / WORTH;
    return worth < 2 ? 1 : parallel_width(worth < n ? worth : n, 0);
}

struct searching {
    struct finder *workers;
    struct pp_arena *arenas;       /* by worker */
    struct change_result *results; /* by series; at: in a worker's arena */
};

static void search_one(void *user, unsigned worker, size_t series) {
    const struct searching *s = user;
    struct finder *f = &s->workers[worker];
    f->result = &s->results[series];
    f->cap = 0;
    search_series(f, (uint32_t)series);
}

static void open_finder(struct finder *f, uint32_t longest) {
    f->room = PP_NEW(f->arena, struct ranked, 2 * (size_t)longest);
    f->ranks = PP_NEW(f->arena, double, longest);
    f->part = PP_NEW(f->arena, double, longest);
    f->off = PP_NEW(f->arena, double, longest);
    f->sums = PP_NEW(f->arena, double, 2 * (size_t)longest + 2);
}

static void join(const struct change_result *results, uint32_t n, struct change_result *all,
                 struct pp_arena *arena) {
    size_t n_all = 0;
    for (uint32_t i = 0; i < n; i++)
        n_all += results[i].n;
    all->at = PP_NEW(arena, struct change_point, n_all);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < results[i].n; k++)
            all->at[all->n++] = results[i].at[k];
}

void change_find(const struct change_series *series, uint32_t n, const struct change_limits *limits,
                 struct change_result *ret_result, struct pp_arena *arena) {
    struct change_result result = {0};
    struct pp_arena scratch = {0};
    uint32_t longest = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (series[i].n > longest) longest = series[i].n;
        result.n_tests += series[i].n >= 2 * LEAST_SIDE;
    }
    unsigned width = change_width(n, longest);
    struct searching s = {.workers = PP_NEW(&scratch, struct finder, width),
                          .arenas = PP_NEW(&scratch, struct pp_arena, width),
                          .results = PP_NEW(&scratch, struct change_result, n)};
    const double **values = PP_NEW(&scratch, const double *, n);
    for (unsigned i = 0; i < width; i++) {
        s.workers[i] = (struct finder){
            .series = series, .values = values, .least = limits->least, .arena = &s.arenas[i]};
        open_finder(&s.workers[i], longest);
    }
    parallel_run(width, n, search_one, &s);
    join(s.results, n, &result, arena);
    s.workers->result = &result;
    keep(s.workers, change_limit(&result, limits->rate));
    for (unsigned i = 0; i < width; i++) {
        pp_arena_done(&s.workers[i].counted.arena);
        pp_arena_done(&s.arenas[i]);
    }
    pp_arena_done(&scratch);
    *ret_result = result;
}
