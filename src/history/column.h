/* What a function cost in the runs of a block, as bytes: only the runs in which it occurs, each
 * column as differences from its median in Rice's code (Rice, 1979; about as dense as deflate here,
 * and read ten times as fast). */
#ifndef HISTORY_COLUMN_H
#define HISTORY_COLUMN_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

enum { COLUMN_MAX_RUNS = 1 << 12 };

struct column_cell {
    uint32_t run; /* its place in the block; rises */
    int64_t self, cum, count;
};

/* Lives in `arena`. */
struct pp_str column_write(const struct column_cell *cells, uint32_t n, uint32_t n_runs,
                           struct pp_arena *arena);

/* COLUMN_SELF: without `cum`, which is the last in the bytes. */
enum column_part { COLUMN_SELF, COLUMN_CUM };

/* False for bytes that column_write did not write for so many runs, as far as they are read.
 * ret_cells has room for n_runs. */
bool column_read(struct pp_str bytes, uint32_t n_runs, enum column_part last,
                 struct column_cell *ret_cells, uint32_t *ret_n);

#endif
