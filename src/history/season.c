#include "history/season.h"

#include "history/level.h"

#include <math.h>

enum { DAYS = 7 };

#define DAY_NS       INT64_C(86400000000000)
#define HALF_WEEK_NS (DAYS * DAY_NS / 2)

/* Beyond it the weekdays differ: of F with 6 and many degrees of freedom, one in a hundred. */
#define F_EDGE 2.8

/* A day; with .weekday DAYS none. */
struct day {
    int64_t from_ns;
    unsigned weekday;
};

/* `d`: the day of the run before it, which is mostly the same one. */
static unsigned weekday(struct day *d, int64_t time_ns) {
    uint64_t since = (uint64_t)time_ns - (uint64_t)d->from_ns;
    if (d->weekday < DAYS && since < (uint64_t)DAY_NS) return d->weekday;
    int64_t number = time_ns / DAY_NS - (time_ns % DAY_NS < 0);
    *d = (struct day){(int64_t)((uint64_t)number * (uint64_t)DAY_NS),
                      (unsigned)((number % DAYS + DAYS) % DAYS)};
    return d->weekday;
}

/* Each run's distance from the week around it; of those without a whole week NAN. */
static void off_week(const struct season_series *s, double *ret_off) {
    uint32_t from = 0, to = 0;
    double sum = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        while (to < s->n && s->time_ns[to] - s->time_ns[i] < HALF_WEEK_NS)
            sum += s->value[to++];
        while (s->time_ns[i] - s->time_ns[from] > HALF_WEEK_NS)
            sum -= s->value[from++];
        bool is_whole = s->time_ns[i] - s->time_ns[0] >= HALF_WEEK_NS &&
                        s->time_ns[s->n - 1] - s->time_ns[i] >= HALF_WEEK_NS;
        ret_off[i] = is_whole ? s->value[i] - sum / (to - from) : NAN;
    }
}

/* What is further out than three standard deviations counts as three. */
static void clip(double *off, uint32_t n, struct pp_arena *scratch) {
    double *size = PP_NEW(scratch, double, n);
    uint32_t n_known = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!isnan(off[i])) size[n_known++] = fabs(off[i]);
    double far = 3 * 1.4826 * level_median(size, n_known, scratch);
    for (uint32_t i = 0; i < n; i++)
        if (!isnan(off[i])) off[i] = fmin(fmax(off[i], -far), far);
}

struct weekdays {
    double sum[DAYS], squares, all;
    uint32_t n[DAYS], n_all;
};

static struct weekdays by_weekday(const struct season_series *s, const double *off) {
    struct weekdays w = {.n_all = 0};
    struct day today = {.weekday = DAYS};
    for (uint32_t i = 0; i < s->n; i++) {
        if (isnan(off[i])) continue;
        unsigned day = weekday(&today, s->time_ns[i]);
        w.sum[day] += off[i];
        w.squares += off[i] * off[i];
        w.all += off[i];
        w.n[day]++;
        w.n_all++;
    }
    return w;
}

static bool differ(const struct weekdays *w) {
    double mean = w->all / w->n_all, between = 0;
    double whole = w->squares - w->n_all * mean * mean;
    int days = 0;
    for (int day = 0; day < DAYS; day++) {
        if (!w->n[day]) continue;
        double off = w->sum[day] / w->n[day] - mean;
        between += w->n[day] * off * off;
        days++;
    }
    if (days < 2 || w->n_all <= 2 * DAYS || whole <= between) return false;
    return between / (days - 1) > F_EDGE * (whole - between) / (w->n_all - (uint32_t)days);
}

double *season_take_out(const struct season_series *s, const double *level,
                        struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    if (s->n < 2 * DAYS || s->time_ns[s->n - 1] - s->time_ns[0] < 2 * DAYS * DAY_NS) return NULL;
    double *off = PP_NEW(&scratch, double, s->n), *left = NULL;
    if (level)
        for (uint32_t i = 0; i < s->n; i++)
            off[i] = s->value[i] - level[i];
    else
        off_week(s, off);
    clip(off, s->n, &scratch);
    struct weekdays w = by_weekday(s, off);
    if (differ(&w)) {
        struct day today = {.weekday = DAYS};
        left = PP_NEW(arena, double, s->n);
        for (uint32_t i = 0; i < s->n; i++) {
            unsigned day = weekday(&today, s->time_ns[i]);
            double pattern = w.n[day] ? w.sum[day] / w.n[day] - w.all / w.n_all : 0;
            left[i] = s->value[i] - pattern;
        }
    }
    pp_arena_done(&scratch);
    return left;
}
