/* What merges one source after the other into a builder's tables; merge.h has what it is used for.
 */
#ifndef PROFILE_MERGER_H
#define PROFILE_MERGER_H

#include "base/num.h"
#include "profile/builder.h"
#include "profile/merge_keys.h"
#include "profile/merge_tables.h"

struct merger {
    struct profile_builder b;
    struct merge_tables tables;
    struct hash_index samples;
    struct known known;            /* stacks, by the keys of their sources */
    uint32_t n_asked, n_found;     /* keys; of the last some thousands */
    bool keys_are_vain;            /* too few were found */
    const struct pp_profile *src;  /* the source at hand */
    const struct merge_keys *keys; /* of its stacks, or NULL */
    uint32_t *stacks;              /* what became of them; one more, 0 is unknown */
    struct pp_arena scratch;       /* lives as long as one source */
    uint32_t *frames;
    size_t cap_frames;

    struct pp_arena kept; /* lives as long as the merger */
    struct interner comments;
    bool empty_comment;
    size_t n_sources;
    int64_t signs; /* negative: a value or a sum was, or ran over */
};

/* The result lives in `arena`; merger_done frees the rest. */
void merger_init(struct merger *m, struct pp_arena *arena);
void merger_done(struct merger *m);

/* Merges a source, which stays the one at hand until merger_end; its keys, or NULL, are for speed
 * only. merger_add does both. */
void merger_begin(struct merger *m, const struct pp_profile *source, const struct merge_keys *keys);
void merger_end(struct merger *m);
void merger_add(struct merger *m, const struct pp_profile *source, const struct merge_keys *keys);

/* A step of it: takes in what stands in the header of the source at hand. */
void merger_header(struct merger *m);

/* What the stacks of the source at hand have become, by keys that were made meanwhile. */
void merger_learn_keys(struct merger *m, const struct merge_keys *keys);

/* Uses the merger up. Samples that sum up to nothing go, with what only they use. */
bool merger_finish(struct merger *m, struct pp_profile *ret_merged, struct pp_error *err);

static inline bool merger_is_nothing(const int64_t *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (values[i]) return false;
    return true;
}

/* A period is scaled by 1, at least, before it is merged. */
static inline int64_t merger_scaled(int64_t period) {
    return num_from_double((double)period);
}

#endif
