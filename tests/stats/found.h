/* What a history tells of a program's functions: as -trend does it, from series in memory. */
#ifndef STATS_FOUND_H
#define STATS_FOUND_H

#include "history/whole.h"

static const struct change_limits limits = {.rate = 0.01, .least = 0.01};

/* `apart`: what all functions share, and how far they wander, is told apart. */
static void find(const struct change_series *series, uint32_t n, bool apart,
                 struct change_result *ret_found, struct pp_arena *arena) {
    struct whole whole = {0};
    struct change_result all;
    if (apart) whole_find(series, n, &limits, &whole, arena);
    struct change_series *left = whole_take_out(&whole, series, n, arena);
    change_find(left, n, &limits, &all, arena);
    struct change_result own = {PP_NEW(arena, struct change_point, all.n), 0, all.n_tests};
    for (uint32_t i = 0; i < all.n; i++)
        if (!whole_explains(&whole, series, left, &all, i) &&
            whole_is_own(&whole, series, left, &all, i))
            own.at[own.n++] = all.at[i];
    double limit = change_limit(&own, limits.rate);
    *ret_found = (struct change_result){own.at, 0, own.n_tests};
    for (uint32_t i = 0; i < own.n; i++)
        if (own.at[i].p <= limit) ret_found->at[ret_found->n++] = own.at[i];
}

#endif
