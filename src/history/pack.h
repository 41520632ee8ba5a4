/* The sums of a run as bytes: varints, column by column, deflated. */
#ifndef HISTORY_PACK_H
#define HISTORY_PACK_H

#include "base/arena.h"
#include "cpprof/error.h"

struct packed_sum {
    int64_t id; /* of a function; rises */
    int64_t self, cum, count;
    int64_t caller; /* the id of who calls it most; 0: nobody, or unknown */
};

/* Functions that only their files tell apart have one key: sums with one id, beside each other, are
 * one. Returns how many are left. */
uint32_t pack_join(struct packed_sum *sums, uint32_t n);

/* Lives in `arena`. */
bool pack_sums(const struct packed_sum *sums, uint32_t n, struct pp_str *ret_bytes,
               struct pp_arena *arena, struct pp_error *err);

/* Fails with PP_E_FORMAT for bytes that pack_sums did not write. */
bool unpack_sums(struct pp_str bytes, struct packed_sum **ret_sums, uint32_t *ret_n,
                 struct pp_arena *arena, struct pp_error *err);

/* Small numbers of either sign as small ones without. */
uint64_t pack_fold(int64_t v);
int64_t pack_unfold(uint64_t v);

#endif
