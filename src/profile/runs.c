#include "profile/runs.h"

#include "profile/edit.h"

enum { MAX_RUNS = 100 };

/* The comment: "cpprof: 5 runs". */
static const char runs_prefix[] = "cpprof: ", runs_suffix[] = " runs";

uint32_t profile_runs(const struct pp_profile *p) {
    struct pp_str prefix = pp_str_from(runs_prefix), suffix = pp_str_from(runs_suffix);
    for (uint32_t i = 0; i < p->n_comments; i++) {
        struct pp_str c = pp_string(p, p->comments[i]);
        if (!pp_str_has_prefix(c, prefix) || !pp_str_has_suffix(c, suffix)) continue;
        if (c.len <= prefix.len + suffix.len) continue;
        uint32_t n = 0;
        for (size_t at = prefix.len; at < c.len - suffix.len && n <= MAX_RUNS; at++) {
            unsigned digit = (unsigned char)c.data[at] - (unsigned)'0';
            n = digit <= 9 ? n * 10 + digit : MAX_RUNS + 1;
        }
        if (n >= 1 && n <= MAX_RUNS) return n;
    }
    return 1;
}

void profile_set_runs(struct pp_profile *p, uint32_t n, struct pp_arena *arena) {
    profile_own_strings(p, 1, arena);
    p->strings[p->n_strings] = pp_arena_printf(arena, "%s%u%s", runs_prefix, n, runs_suffix);
    p->comments = PP_NEW(arena, uint32_t, 1);
    p->comments[0] = p->n_strings++;
    p->n_comments = 1;
}
