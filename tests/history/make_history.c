/* A history as a year makes it: RUNS runs, DAILY a day, with FUNCTIONS functions each, most of them
 * in every run.
 *
 * usage: make_history FILE RUNS FUNCTIONS DAILY */
#include "history/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t state = 1;

static double uniform(void) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(state >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
}

/* Costs fall as names in a language do: the first function has most. A count is about as exact as
 * its root. */
static void fill(struct history_sums *s) {
    s->total = s->count = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        double level = 30000.0 / (i + 1),
               noise = sqrt(level) * (uniform() + uniform() + uniform() - 1.5) * 2;
        s->at[i].count = level + noise > 0 ? (int64_t)(level + noise) : 0;
        s->at[i].self = s->at[i].count * 10000000;
        s->at[i].cum = s->at[i].self * (1 + (int64_t)(i % 7));
        s->total += s->at[i].self;
        s->count += s->at[i].count;
    }
}

int main(int argc, char **argv) {
    struct pp_error err = {0};
    struct history *h;
    struct pp_arena arena = {0};
    bool known;
    if (argc != 5) return 2;
    uint32_t runs = (uint32_t)atoi(argv[2]), daily = (uint32_t)atoi(argv[4]);
    struct history_sums s = {.type = PP_STR("cpu"),
                             .unit = PP_STR("nanoseconds"),
                             .is_default = true,
                             .n = (uint32_t)atoi(argv[3])};
    s.at = PP_NEW(&arena, struct history_sum, s.n);
    for (uint32_t i = 0; i < s.n; i++) {
        s.at[i].key = s.at[i].name =
            pp_arena_printf(&arena, "example.org/shop/part%u.(*Thing).method%u", i % 50, i);
        s.at[i].file = pp_arena_printf(&arena, "/src/shop/part%u/thing.go", i % 50);
        s.at[i].line = i;
    }
    bool ok = history_open(argv[1], true, &h, &err);
    for (uint32_t run = 0; ok && run < runs; run++) {
        struct history_entry e = {.types = &s, .n_types = 1};
        fill(&s);
        e.run = (struct history_run){.time_ns = INT64_C(1700000000000000000) +
                                                (int64_t)run * 86400000000000 / daily,
                                     .duration_ns = 10000000000,
                                     .commit = pp_arena_printf(&arena, "%08x", run * 2654435761U),
                                     .machine = PP_STR("ci"),
                                     .labels = PP_STR("\nservice=shop\n"),
                                     .source = PP_STR("cpu.pb.gz")};
        ok = history_record(h, &e, &known, &err);
    }
    if (ok) history_close(h);
    if (!ok) fprintf(stderr, "%s\n", err.text);
    pp_arena_done(&arena);
    return ok ? 0 : 1;
}
