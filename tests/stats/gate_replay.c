/* What does the gate say about real runs that were kept? gate_replay [-times=N] [-rounds=N]
 * DIRECTORY...: DIRECTORY/old and DIRECTORY/new hold profiles with names, of one name where they
 * were recorded one after the other (tests/gate/programs.py -keep=DIR). They are looked at as
 * `-gate -run` does with the default rules: the first rounds, then the next ones, each pair once.
 * With -times rounds are drawn instead (none twice in one comparison): what other rounds of the
 * same runs would say. */
#include "gate/gate_eval.h"
#include "graph/graph.h"
#include "profile/decode/decode.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_PAIRS = 400, MAX_ROUNDS = 100 };

static unsigned times = 0, rounds = 10;

struct recording {
    struct pp_profile profiles[2][MAX_PAIRS];
    uint32_t n;
};

static void fail(const char *what, const char *why) {
    fprintf(stderr, "gate_replay: %s: %s\n", what, why);
    exit(2);
}

static void read_profile(const char *path, struct pp_profile *ret_profile, struct pp_arena *arena) {
    const struct pp_limits limits = {.max_bytes = 64 << 20};
    struct pp_error err = {0};
    struct input in;
    if (!input_open_file(&in, path, &limits, &err)) fail(path, err.text);
    if (!profile_decode(&in, ret_profile, arena, &err)) fail(path, err.text);
    input_close(&in);
}

static int is_file(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static void read_recording(const char *directory, struct recording *ret, struct pp_arena *arena) {
    char path[4096];
    struct dirent **names;
    snprintf(path, sizeof path, "%s/old", directory);
    int n = scandir(path, &names, is_file, alphasort);
    if (n < 1) fail(path, "no profiles");
    for (int i = 0; i < n && ret->n < MAX_PAIRS; i++) {
        for (int side = GATE_OLD; side <= GATE_NEW; side++) {
            snprintf(path, sizeof path, "%s/%s/%s", directory, side ? "new" : "old",
                     names[i]->d_name);
            read_profile(path, &ret->profiles[side][ret->n], arena);
        }
        ret->n++;
        free(names[i]);
    }
    free(names);
}

/* ---- one comparison ---- */

struct rounds {
    uint32_t pair[MAX_ROUNDS];
};

static uint64_t dice = 1;

static uint32_t roll(uint32_t below) {
    dice ^= dice << 13;
    dice ^= dice >> 7;
    dice ^= dice << 17;
    return (uint32_t)((dice >> 16) % below);
}

static void draw(const struct recording *r, struct rounds *ret) {
    uint32_t all[MAX_PAIRS];
    for (uint32_t i = 0; i < r->n; i++)
        all[i] = i;
    for (uint32_t i = 0; i < rounds; i++) {
        uint32_t k = i + roll(r->n - i), kept = all[i];
        ret->pair[i] = all[k];
        all[k] = kept;
    }
}

/* A look at the first n of them: is a rule broken? */
static bool look(const struct recording *r, const struct rounds *drawn, uint32_t n,
                 const struct gate_rules *rules, bool *ret_settled) {
    const struct pp_profile *all[2 * MAX_ROUNDS];
    struct pp_str names[2 * MAX_ROUNDS];
    uint32_t merged[2 * MAX_ROUNDS];
    double share = gate_look(n, rounds, n == rounds);
    if (!(share > 0)) return false;
    for (uint32_t i = 0; i < 2 * n; i++) {
        all[i] = &r->profiles[i >= n][drawn->pair[i % n]];
        names[i] = PP_STR("run");
        merged[i] = 1;
    }
    struct pp_arena arena = {0};
    const struct graph_options paths = {0};
    const struct gate_input input = {all, names, merged, {n, n}, NULL, false, &paths};
    const struct gate_request request = {&input, rules, PP_STR("cpu"), true, share};
    struct gate_result result;
    struct pp_error err;
    if (!gate_eval(&request, &result, &arena, &err)) fail("gate", err.text);
    *ret_settled = result.is_settled;
    bool broken = result.n_broken > 0;
    pp_arena_done(&arena);
    return broken;
}

/* The pairs of the comparison `number`. */
static void choose(const struct recording *r, uint32_t number, struct rounds *ret) {
    if (times) {
        draw(r, ret);
        return;
    }
    for (uint32_t i = 0; i < rounds; i++)
        ret->pair[i] = number * rounds + i;
}

static void replay(const char *directory, const struct gate_rules *rules) {
    struct pp_arena arena = {0};
    struct recording *r = calloc(1, sizeof *r);
    uint32_t found = 0, made = 0;
    read_recording(directory, r, &arena);
    if (r->n < rounds) fail(directory, "fewer pairs than rounds");
    uint32_t n_comparisons = times ? times : r->n / rounds;
    for (uint32_t i = 0; i < n_comparisons; i++) {
        struct rounds drawn;
        bool is_settled = false, is_broken = false;
        uint32_t n = 0;
        choose(r, i, &drawn);
        while (!is_settled && n < rounds)
            is_broken = look(r, &drawn, ++n, rules, &is_settled);
        found += is_broken;
        made += n;
    }
    printf("%s: %u of %u in %.1f rounds (%u pairs)\n", directory, found, n_comparisons,
           (double)made / n_comparisons, r->n);
    fflush(stdout);
    free(r);
    pp_arena_done(&arena);
}

static bool is_number(const char *argument, const char *flag, unsigned *ret) {
    if (strncmp(argument, flag, strlen(flag)) != 0) return false;
    *ret = (unsigned)strtoul(argument + strlen(flag), NULL, 10);
    return true;
}

int main(int argc, char **argv) {
    struct pp_arena arena = {0};
    struct gate_rules rules;
    struct pp_error err;
    if (!gate_rules_parse(pp_str_from(gate_default_rules), PP_STR("r"), &rules, &arena, &err))
        fail("rules", err.text);
    for (int i = 1; i < argc; i++) {
        if (is_number(argv[i], "-times=", &times) || is_number(argv[i], "-rounds=", &rounds))
            continue;
        if (rounds < 1 || rounds > MAX_ROUNDS) return 2;
        replay(argv[i], &rules);
    }
    gate_rules_done(&rules);
    pp_arena_done(&arena);
    return 0;
}
