/* Pairs that are given as texts: "key=value". */
#ifndef BASE_PAIRS_H
#define BASE_PAIRS_H

#include "base/arena.h"
#include "cpprof/error.h"

struct pairs {
    struct pp_str *texts; /* key and value by turns, sorted by key; each key once */
    size_t n_texts;
};

/* Of a key that comes several times the last value counts. The texts are referred to. */
bool pairs_parse(const char *const *texts, size_t n, struct pairs *ret_pairs,
                 struct pp_arena *arena, struct pp_error *err);

#endif
