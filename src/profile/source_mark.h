/* Which source each sample came from, where several are merged and one of them may be picked as the
 * base of a comparison: a label while profiles are merged, so that samples of different sources
 * stay apart; a column afterwards. */
#ifndef PROFILE_SOURCE_MARK_H
#define PROFILE_SOURCE_MARK_H

#include "base/arena.h"
#include "profile/facts.h"
#include "profile/profile.h"

enum { MOST_MARKED_SOURCES = 16 };

/* What was merged, and which of it each sample came from; n is 0 where that is not told, or there
 * is only one. */
struct source_marks {
    const struct pp_str *names;
    const uint32_t *runs; /* that each is the sum of (runs.h) */
    uint32_t n;
    const uint8_t *of_sample;
};

/* Marks all samples, in place. */
void source_mark_set(struct pp_profile *p, uint32_t source, struct pp_arena *arena);

/* Takes the marks away, in place: by sample, its source. A sample without one is of source 0. */
uint8_t *source_mark_take(struct pp_profile *p, struct pp_arena *arena);

/* The same profile with one source as its base: its samples are subtracted and marked as a base's
 * (profile/base_mark.h). Strings, stacks and label sets keep their positions; what is not shared
 * lives in `arena`. */
void source_mark_compare(const struct pp_profile *p, const uint8_t *of_sample, uint32_t base,
                         struct pp_profile *ret_view, struct pp_arena *arena);

/* What is known of both sides of such a comparison: the base, and the others together. */
void source_mark_facts(const struct pp_profile *p, const struct source_marks *sources,
                       uint32_t base, struct profile_facts ret_sides[2]);

#endif
