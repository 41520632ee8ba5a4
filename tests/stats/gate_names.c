/* Does the gate stay as sure as it says when names change between builds? gate_names [-pairs=N]
 * [-only=NAME]:
 * the same code with other names must fail no more builds than the confidence allows, and costs
 * that were swapped must never pass. */
#include "gate/gate_eval.h"
#include "graph/graph.h"
#include "profile/builder.h"
#include "world.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 5, MAX_NAME = 160, FAMILY = 5 };

static const char *const words[WORLD_FUNCTIONS] = {
    "parse",   "render",   "encode",   "decode",  "walk",    "hash",    "compress",
    "inflate", "sort",     "merge",    "lookup",  "insert",  "remove",  "balance",
    "split",   "tokenize", "match",    "replace", "format",  "scan",    "flush",
    "commit",  "verify",   "sign",     "resolve", "connect", "accept",  "dispatch",
    "route",   "filter",   "reduce",   "project", "gather",  "scatter", "rotate",
    "blend",   "sample",   "quantize", "align",   "evict",   "refill"};

/* Where what `f` costs is found in a build of this side; the second half of it may have been split
 * off. */
struct frames {
    char leaf[MAX_NAME], caller[MAX_NAME];
};

struct scenario {
    const char *name;
    bool is_growth; /* a gate that holds has missed it */
    void (*frames)(struct frames *ret, int f, int side, bool second_half);
};

static void plain(struct frames *ret, int f) {
    snprintf(ret->leaf, MAX_NAME, "app/core.%s", words[f]);
    snprintf(ret->caller, MAX_NAME, "app/core.main");
}

static void same(struct frames *ret, int f, int side, bool second) {
    (void)side;
    (void)second;
    plain(ret, f);
}

static void generated(struct frames *ret, int f, int side, bool second) {
    (void)second;
    plain(ret, f);
    unsigned mark = (unsigned)(f + 1) * 2654435761U + (unsigned)side * 97U;
    switch (f % 4) {
    case 0:
        snprintf(ret->leaf, MAX_NAME, "app.%s$$Lambda$%u/0x00007f%08x.call", words[f], mark % 1000,
                 mark);
        break;
    case 1:
        snprintf(ret->leaf, MAX_NAME, "%s.part.%u.llvm.%u", words[f], mark % 3, mark);
        break;
    case 2:
        snprintf(ret->leaf, MAX_NAME, "app::%s::h%08x%08x", words[f], mark, ~mark);
        break;
    default:
        snprintf(ret->leaf, MAX_NAME, "LazyCompile:%c%s app.js", side ? '*' : '~', words[f]);
    }
}

static void renamed(struct frames *ret, int f, int side, bool second) {
    (void)second;
    plain(ret, f);
    if (side == GATE_NEW && f % 8 == 0) snprintf(ret->leaf, MAX_NAME, "app/core.%sAll", words[f]);
}

static void moved(struct frames *ret, int f, int side, bool second) {
    (void)second;
    plain(ret, f);
    if (side == GATE_NEW) snprintf(ret->leaf, MAX_NAME, "app/engine.%s", words[f]);
}

static void rotated(struct frames *ret, int f, int side, bool second) {
    (void)second;
    plain(ret, f);
    if (f < FAMILY) snprintf(ret->leaf, MAX_NAME, "app/core.run.func%d", f + 1 + side);
}

/* The largest function of the world and one that costs three fifths of it. */
static void swapped(struct frames *ret, int f, int side, bool second) {
    enum { LARGE = 1, SMALL = 8 };
    (void)second;
    plain(ret, f);
    if (f == LARGE || f == SMALL)
        snprintf(ret->leaf, MAX_NAME, side ? "app/core.init.func%d" : "app/core.glob..func%d",
                 (f == LARGE) == (side == GATE_OLD) ? 1 : 2);
}

static void split(struct frames *ret, int f, int side, bool second) {
    plain(ret, f);
    if (side == GATE_OLD || f % 10 || !second) return;
    snprintf(ret->caller, MAX_NAME, "%s", ret->leaf);
    snprintf(ret->leaf, MAX_NAME, "app/core.slow%d", f);
}

static void inlined(struct frames *ret, int f, int side, bool second) {
    split(ret, f, !side, second);
}

/* Each three of every ten become one. */
static void merged(struct frames *ret, int f, int side, bool second) {
    (void)second;
    plain(ret, f);
    if (side == GATE_NEW && f % 10 < 3) snprintf(ret->leaf, MAX_NAME, "app/core.all%d", f / 10);
}

static const struct scenario scenarios[] = {
    {"the same names", false, same},
    {"generated names", false, generated},
    {"renamed", false, renamed},
    {"another package", false, moved},
    {"numbers shifted", false, rotated},
    {"split in two", false, split},
    {"inlined away", false, inlined},
    {"three merged into one", false, merged},
    {"850 and 1410 samples swapped", true, swapped},
};

/* ---- profiles ---- */

static uint32_t add_function(struct profile_builder *b, const char *name) {
    struct pp_function f = {0};
    f.name = f.system_name = builder_string(b, pp_str_from(name));
    for (uint32_t i = 0; i < b->p.n_functions; i++)
        if (b->p.functions[i].name == f.name) return i;
    uint32_t function = builder_add_function(b, &f);
    struct pp_line line = {.function = function, .line = 1};
    struct pp_location l = {.address = function + 1U, .mapping = PP_NONE};
    builder_add_location(b, &l, &line, 1);
    return function;
}

static void add_sample(struct profile_builder *b, const struct frames *frames, double count) {
    int64_t value = (int64_t)count;
    uint32_t stack[2] = {add_function(b, frames->leaf), add_function(b, frames->caller)};
    if (value)
        builder_add_sample(b, builder_stack(b, stack, 2), builder_label_set(b, NULL, 0, 0), &value,
                           1);
}

static struct pp_profile profile_of(const struct scenario *s, const struct world_profile *w,
                                    int side, uint32_t run, struct pp_arena *arena) {
    struct profile_builder b = {0};
    struct pp_profile p;
    struct pp_error err;
    builder_init(&b, arena);
    builder_add_type(&b, builder_string(&b, PP_STR("samples")),
                     builder_string(&b, PP_STR("count")));
    for (int f = 0; f < WORLD_FUNCTIONS; f++) {
        struct frames frames;
        double half = floor(w->flat[f][run] / 2);
        s->frames(&frames, f, side, false);
        add_sample(&b, &frames, w->flat[f][run] - half);
        s->frames(&frames, f, side, true);
        add_sample(&b, &frames, half);
    }
    if (!builder_finish(&b, &p, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    return p;
}

/* ---- builds ---- */

static bool is_broken(const struct scenario *s, const struct world_profile *w,
                      const struct gate_rules *rules) {
    struct pp_arena arena = {0};
    struct pp_profile profiles[2 * RUNS];
    const struct pp_profile *all[2 * RUNS];
    struct pp_str names[2 * RUNS];
    uint32_t merged[2 * RUNS];
    for (uint32_t i = 0; i < 2 * RUNS; i++) {
        profiles[i] = profile_of(s, w, i >= RUNS, i, &arena);
        all[i] = &profiles[i];
        names[i] = PP_STR("run");
        merged[i] = 1;
    }
    const struct graph_options paths = {0};
    struct gate_input input = {all, names, merged, {RUNS, RUNS}, NULL, false, &paths};
    struct gate_request request = {&input, rules, PP_STR("samples"), false, 1};
    struct gate_result result;
    struct pp_error err;
    if (!gate_eval(&request, &result, &arena, &err)) {
        fprintf(stderr, "%s\n", err.text);
        exit(2);
    }
    bool broken = result.n_broken > 0;
    pp_arena_done(&arena);
    return broken;
}

/* More than the level by more than chance: three standard deviations. Asked of a row: of 36 cells
 * one is beyond them now and then. */
static bool is_too_many(int n, int pairs) {
    const double level = 0.01;
    return n > pairs * level + 3 * sqrt(pairs * level);
}

static bool show(const struct scenario *s, int pairs, const struct gate_rules *rules) {
    static const double noises[] = {0, 0.01, 0.03, 0.05};
    int false_alarms = 0, missed = 0;
    printf("| %s ", s->name);
    for (size_t i = 0; i < sizeof noises / sizeof *noises; i++) {
        struct world w = {.n = {RUNS, RUNS}, .count = 1000, .noise = noises[i]};
        struct dice dice = {i + 1};
        int n = 0;
        for (int pair = 0; pair < pairs; pair++) {
            struct world_profile profile;
            world_roll(&w, &dice, &profile);
            n += is_broken(s, &profile, rules);
        }
        printf("| %d of %d ", s->is_growth ? pairs - n : n, pairs);
        if (s->is_growth)
            missed += pairs - n;
        else
            false_alarms += n;
    }
    printf("|\n");
    return !missed && !is_too_many(false_alarms, (int)(sizeof noises / sizeof *noises) * pairs);
}

int main(int argc, char **argv) {
    int pairs = 10000;
    struct pp_arena arena = {0};
    struct gate_rules rules;
    struct pp_error err;
    const char *only = NULL;
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "-only=", 6) == 0)
            only = argv[i] + 6;
        else if (sscanf(argv[i], "-pairs=%d", &pairs) != 1)
            return 2;
    }
    if (!gate_rules_parse(PP_STR("any function grows at most 0%"), PP_STR("r"), &rules, &arena,
                          &err))
        return 2;
    printf("| names | noise 0%% | 1%% | 3%% | 5%% |\n|---|---|---|---|---|\n");
    bool ok = true;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        if (!only || strcmp(only, scenarios[i].name) == 0) ok &= show(&scenarios[i], pairs, &rules);
    gate_rules_done(&rules);
    pp_arena_done(&arena);
    return ok ? 0 : 1;
}
