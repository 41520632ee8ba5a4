/* The courses that the page draws roughly: of all functions that are not among the heavy and the
 * changed, in few bytes each. */
#include "base/sort.h"
#include "history/level.h"
#include "report/trend.h"

enum {
    REST_BYTES = 768 << 10,
    OTHER_BYTES = 40, /* of a function, besides its name and points */
    MOST_POINTS = 64,
    FEW_POINTS = 16,
};

struct rest {
    const struct shown_trend *s;
    uint32_t *functions, n; /* the heavier first */
    uint32_t points;        /* of each: runs, or means of runs beside each other */
    struct rough {
        double most, newest;
        char *levels; /* a digit a point, of 0 to `most` */
    } * at;
    struct pp_arena *arena;
};

static enum history_cost cost_of(const struct rest *r) {
    return r->s->t.cum ? HISTORY_CUM : HISTORY_SELF;
}

/* No less than what it cost in all runs. */
static double most_of(const struct rest *r, uint32_t function, enum history_cost cost) {
    const double *most = r->s->w->functions[function].most[cost];
    return most[0] + most[1];
}

static int compare(const void *a, const void *b, void *user) {
    const struct rest *r = user;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    double more = most_of(r, x, cost_of(r)), less = most_of(r, y, cost_of(r));
    return (more < less) - (more > less);
}

/* All but `given` series. */
static void list_functions(struct rest *r, uint32_t given) {
    const struct history_window *w = r->s->w;
    bool *is_given = PP_NEW(r->arena, bool, w->n_functions);
    r->functions = PP_NEW(r->arena, uint32_t, w->n_functions);
    for (uint32_t i = 0; i < given; i++)
        if (r->s->order[i]) is_given[r->s->t.of[r->s->order[i]]] = true;
    for (uint32_t i = 0; i < w->n_functions; i++)
        if (!is_given[i] && w->functions[i].name.len && most_of(r, i, HISTORY_CUM) > 0)
            r->functions[r->n++] = i;
    sort_stable(r->functions, r->n, sizeof *r->functions, compare, r);
}

/* Fewer points, then fewer functions. */
static void stay_within_bytes(struct rest *r) {
    const struct history_window *w = r->s->w;
    size_t names = 0, n = 0, bytes = 0;
    for (uint32_t i = 0; i < r->n; i++)
        names += w->functions[r->functions[i]].name.len + OTHER_BYTES;
    r->points = names + (size_t)r->n * MOST_POINTS > REST_BYTES ? FEW_POINTS : MOST_POINTS;
    if (r->points > w->n_runs) r->points = w->n_runs;
    for (; n < r->n && bytes <= REST_BYTES; n++)
        bytes += w->functions[r->functions[n]].name.len + OTHER_BYTES + r->points;
    r->n = (uint32_t)n;
}

static void draw(const struct rest *r, const double *value, struct rough *ret_rough) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    enum { LEVELS = sizeof digits - 1 };
    uint32_t n = r->s->w->n_runs;
    double means[MOST_POINTS];
    *ret_rough =
        (struct rough){.newest = value[n - 1], .levels = PP_NEW(r->arena, char, r->points)};
    level_means(value, n, r->points, means);
    for (uint32_t i = 0; i < r->points; i++)
        if (means[i] > ret_rough->most) ret_rough->most = means[i];
    for (uint32_t i = 0; i < r->points; i++) {
        double part = ret_rough->most > 0 && means[i] > 0 ? means[i] / ret_rough->most : 0;
        ret_rough->levels[i] = digits[(int)(part * (LEVELS - 1) + 0.5)];
    }
}

/* Some functions at a time, so that no more than some megabytes of values are there at once. */
static bool draw_all(struct rest *r, struct pp_error *err) {
    enum { VALUES = 1 << 20 };
    const struct history_window *w = r->s->w;
    uint32_t together = VALUES / w->n_runs + 1;
    bool ok = true;
    r->at = PP_NEW(r->arena, struct rough, r->n);
    for (uint32_t from = 0; ok && from < r->n; from += together) {
        struct pp_arena scratch = {0};
        uint32_t n = r->n - from < together ? r->n - from : together;
        const struct history_pick pick = {
            .functions = r->functions + from, .n = n, .to = w->n_runs, .cost = cost_of(r)};
        struct history_values values;
        ok = history_values(w, &pick, &values, &scratch, err);
        for (uint32_t i = 0; ok && i < n; i++)
            draw(r, values.cost[i], &r->at[from + i]);
        pp_arena_done(&scratch);
    }
    return ok;
}

static void put_whole(struct json *j, double value) {
    json_i64(j, num_from_double(value + 0.5));
}

static void put_rest(struct json *j, const struct rest *r) {
    json_key(j, "points");
    json_u64(j, r->points);
    json_key(j, "function");
    json_array(j);
    for (uint32_t i = 0; i < r->n; i++)
        json_str(j, r->s->w->functions[r->functions[i]].name);
    json_array_end(j);
    json_key(j, "most");
    json_array(j);
    for (uint32_t i = 0; i < r->n; i++)
        put_whole(j, r->at[i].most);
    json_array_end(j);
    json_key(j, "newest");
    json_array(j);
    for (uint32_t i = 0; i < r->n; i++)
        put_whole(j, r->at[i].newest);
    json_array_end(j);
    json_key(j, "course");
    json_array(j);
    for (uint32_t i = 0; i < r->n; i++)
        json_str(j, (struct pp_str){r->at[i].levels, r->points});
    json_array_end(j);
}

bool trend_rest(struct json *j, const struct shown_trend *s, uint32_t given, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct rest r = {.s = s, .arena = &arena};
    list_functions(&r, given);
    stay_within_bytes(&r);
    bool ok = draw_all(&r, err);
    json_key(j, "rest");
    json_object(j);
    if (ok) put_rest(j, &r);
    json_object_end(j);
    pp_arena_done(&arena);
    return ok;
}
