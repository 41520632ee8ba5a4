/* The sums of a run as bytes: varints, column by column, deflated. */
#ifndef HISTORY_PACK_H
#define HISTORY_PACK_H

#include "base/arena.h"
#include "cpprof/error.h"

struct packed_sum {
    int64_t id; /* of a function; rises */
    int64_t self, cum, count;
};

/* Lives in `arena`. */
bool pack_sums(const struct packed_sum *sums, uint32_t n, struct pp_str *ret_bytes,
               struct pp_arena *arena, struct pp_error *err);

/* Fails with PP_E_FORMAT for bytes that pack_sums did not write. */
bool unpack_sums(struct pp_str bytes, struct packed_sum **ret_sums, uint32_t *ret_n,
                 struct pp_arena *arena, struct pp_error *err);

#endif
