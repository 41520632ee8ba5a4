/* Tests by ranks: exact whatever the noise looks like, as long as it is alike on both sides. */
#ifndef GATE_RANK_H
#define GATE_RANK_H

#include <stdbool.h>
#include <stddef.h>

enum { GATE_MAX_RANKED = 50 }; /* a side */

enum gate_scores {
    GATE_RANKS,      /* Mann and Whitney's test */
    GATE_LOWER_HALF, /* ranks up to the middle, all above it alike: what is large in a few runs of
                        many counts for no more than that it is large */
};

/* How often chance alone puts `high` at least as far above `low`. Exact, with ties, up to 20 values
 * a side; the normal approximation above that. Of more than GATE_MAX_RANKED values a side
 * the first ones. */
double gate_rank_test(const double *low, size_t n_low, const double *high, size_t n_high,
                      enum gate_scores scores);

/* Do the largest values lie more than twice as far from the middle as the smallest do (Hogg, Fisher
 * and Randles 1975)? Which values are whose is not asked, so that a test that is chosen by the
 * answer is as exact as before. */
bool gate_is_skewed(const double *low, size_t n_low, const double *high, size_t n_high);

#endif
