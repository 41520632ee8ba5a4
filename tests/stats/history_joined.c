/* Histories joined from pieces of real recordings, 15 to 45 runs each: the machine changes at each
 * seam, the program does not. Three functions are changed by a commit. Which of these does a
 * history find, and how many does it make up? One in ten is asked by E-divisive, too.
 *
 * usage: history_joined [-seed=N] [-quick] FILE...
 *
 * FILE: a function a line, its name, a tab, what it cost in each run (recorded/README.md). Prints
 * the table of docs/history.md; -quick: fewer, and checks bounds. */
#include "edivisive.h"
#include "found.h"
#include "history/level.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_FUNCTIONS = 64, MOST_RUNS = 2000, MOST_LINE = 1 << 16 };
enum { PLANTED = 3, NEAR = 3, ABOUT = 25, SHORTEST = 15, LONGEST = 45 };

struct recording {
    const char *name;
    double value[MOST_FUNCTIONS][MOST_RUNS];
    uint32_t n, n_runs;
};

static bool read_recording(const char *path, struct recording *ret_recording) {
    static char line[MOST_LINE];
    const char *slash = strrchr(path, '/');
    FILE *f = fopen(path, "r");
    memset(ret_recording, 0, sizeof *ret_recording);
    ret_recording->name = slash ? slash + 1 : path;
    while (f && ret_recording->n < MOST_FUNCTIONS && fgets(line, sizeof line, f)) {
        char *at = strchr(line, '\t'), *end;
        uint32_t n = 0;
        for (double v; at && n < MOST_RUNS && (v = strtod(at, &end), end > at); at = end)
            ret_recording->value[ret_recording->n][n++] = v;
        ret_recording->n_runs = n;
        ret_recording->n++;
    }
    if (f) fclose(f);
    return ret_recording->n_runs >= LONGEST;
}

/* ---- a history ---- */

static double values[MOST_FUNCTIONS][MOST_RUNS];
static int64_t times_ns[MOST_RUNS];

static void join(const struct recording *r, uint32_t n) {
    for (uint32_t at = 0; at < n;) {
        uint32_t length = SHORTEST + (uint32_t)(uniform() * (LONGEST - SHORTEST + 1));
        uint32_t from = (uint32_t)(uniform() * (r->n_runs - length + 1));
        for (uint32_t i = 0; i < length && at < n; i++, at++)
            for (uint32_t f = 0; f < r->n; f++)
                values[f][at] = r->value[f][from + i];
    }
}

static const struct plant {
    double at, times; /* a share of the history */
} plants[PLANTED] = {{18 / 60.0, 1.3}, {32 / 60.0, 0.75}, {46 / 60.0, 1.5}};

/* In three of the heavier functions. */
static void plant(const struct recording *r, uint32_t n, uint32_t ret_functions[PLANTED]) {
    uint32_t heavy = r->n > 20 ? r->n / 4 : r->n / 2 + 1;
    for (uint32_t i = 0; i < PLANTED; i++) {
        uint32_t f = (uint32_t)(uniform() * heavy);
        for (uint32_t k = 0; k < i; k++)
            if (ret_functions[k] == f) f = (f + 1) % heavy, k = UINT32_MAX;
        ret_functions[i] = f;
        for (uint32_t run = (uint32_t)(plants[i].at * n); run < n; run++)
            values[f][run] *= plants[i].times;
    }
}

/* ---- what is told of it ---- */

struct score {
    uint32_t n_planted, n_found, n_away; /* away: found, but not within NEAR runs */
    uint32_t n_false, n_back;            /* back: of the false ones, what went away again */
};

/* As trend.c tells that a change and the next are no change together. */
static bool takes_back(const struct change_point *a, const struct change_point *b) {
    return a->series == b->series && fabs(b->after - a->before) < fabs(a->after - a->before) / 4;
}

static bool is_back(const struct change_result *r, uint32_t i) {
    return (i && takes_back(&r->at[i - 1], &r->at[i])) ||
           (i + 1 < r->n && takes_back(&r->at[i], &r->at[i + 1]));
}

static void count(struct score *s, const struct change_result *r, const uint32_t *functions,
                  uint32_t n) {
    bool hit[PLANTED] = {false};
    s->n_planted += PLANTED;
    for (uint32_t i = 0; i < r->n; i++) {
        const struct change_point *c = &r->at[i];
        int which = -1, apart = 0;
        for (int k = 0; k < PLANTED; k++) {
            int away = abs((int)c->at - (int)(plants[k].at * n));
            bool is_up = c->after > c->before;
            if (functions[k] != c->series || hit[k] || away > ABOUT) continue;
            if (is_up != (plants[k].times > 1)) continue;
            which = k;
            apart = away;
        }
        if (which < 0) {
            s->n_false++;
            s->n_back += is_back(r, i);
            continue;
        }
        hit[which] = true;
        s->n_found += apart <= NEAR;
        s->n_away += apart > NEAR;
    }
}

/* As E-divisive has it: each function by itself. */
static void find_by_oracle(const struct recording *r, uint32_t n, struct change_result *ret_found,
                           struct pp_arena *arena) {
    static uint32_t at[MOST_RUNS];
    *ret_found = (struct change_result){PP_NEW(arena, struct change_point, r->n * n), 0, r->n};
    for (uint32_t f = 0; f < r->n; f++) {
        uint32_t n_at = 0;
        edivisive(values[f], 0, n, at, &n_at);
        for (uint32_t i = 0; i < n_at; i++) {
            uint32_t from = i ? at[i - 1] : 0, to = i + 1 < n_at ? at[i + 1] : n;
            struct change_point c = {.series = f, .at = at[i]};
            c.before = level_median(values[f] + from, at[i] - from, arena);
            c.after = level_median(values[f] + at[i], to - at[i], arena);
            ret_found->at[ret_found->n++] = c;
        }
    }
}

static uint32_t told(const struct score *s) {
    return s->n_found + s->n_away + s->n_false;
}

static double made_up(const struct score *s) {
    return told(s) ? 100.0 * s->n_false / told(s) : 0;
}

static struct score ask(const struct recording *r, uint32_t n, uint32_t repeats) {
    enum { ORACLE = 10 };
    struct change_series series[MOST_FUNCTIONS];
    struct score s = {0}, other = {0};
    for (uint32_t f = 0; f < r->n; f++)
        series[f] = (struct change_series){values[f], n, times_ns};
    for (uint32_t i = 0; i < repeats; i++) {
        struct pp_arena arena = {0};
        struct change_result found;
        uint32_t functions[PLANTED];
        join(r, n);
        plant(r, n, functions);
        find(series, r->n, true, &found, &arena);
        count(&s, &found, functions, n);
        if (i % ORACLE == 0) {
            find_by_oracle(r, n, &found, &arena);
            count(&other, &found, functions, n);
        }
        pp_arena_done(&arena);
    }
    printf("| %s | %u | %u | %u | %u of %u | %u | %u | %u | %.1f%% | %u of %u | %u | %.0f%% |\n",
           r->name, r->n, n, repeats, s.n_found, s.n_planted, s.n_away, s.n_false - s.n_back,
           s.n_back, made_up(&s), other.n_found, other.n_planted, other.n_false, made_up(&other));
    return s;
}

int main(int argc, char **argv) {
    static struct recording r;
    static const uint32_t runs[] = {60, 300, 2000}, repeats[] = {400, 200, 40};
    take_seed(&argc, &argv);
    bool quick = argc > 1 && !strcmp(argv[1], "-quick"), good = true;
    for (uint32_t i = 0; i < MOST_RUNS; i++)
        times_ns[i] = INT64_C(1700000000000000000) + i * INT64_C(86400000000000) / 50;
    printf("| recording | functions | builds | histories | found | elsewhere | made up | and gone "
           "again | "
           "both, of what is told | E-divisive: found | made up | of what it tells |\n"
           "|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (int i = quick ? 2 : 1; i < argc; i++) {
        if (!read_recording(argv[i], &r)) {
            printf("FAILED %s: cannot be read\n", argv[i]);
            return 1;
        }
        for (int k = 0; k < (quick ? 2 : 3); k++) {
            struct score s = ask(&r, runs[k], quick ? repeats[k] / 20 : repeats[k]);
            uint32_t most = s.n_planted / 30;
            good = good && s.n_found + s.n_away > s.n_planted * 3 / 5 && s.n_false <= most;
        }
    }
    if (!good) puts("FAILED: too few are found, or too many made up");
    return good ? 0 : 1;
}
