/* The sums of a run and type, wherever they are: as a row, or in a block. Made for runs one after
 * the other: a part of a block is turned from columns into rows at once. */
#ifndef HISTORY_ROWS_H
#define HISTORY_ROWS_H

#include "history/block.h"
#include "history/pack.h"

struct row_slice;

struct row_reader {
    struct history *h;
    struct row_slice *slices; /* one a type */
    size_t n, cap;
    struct pp_arena arena;
};

/* As the table `sums` has it. */
struct row_place {
    int64_t run, block; /* block 0: the sums are in `functions` */
    struct pp_str type, functions;
};

struct row_list {
    struct packed_sum *at; /* ids rise */
    size_t n, cap;
};

/* Stays until the next is read, or lives in `arena`. */
bool rows_read(struct row_reader *r, const struct row_place *place, struct row_list *ret_list,
               struct pp_arena *arena, struct pp_error *err);

void rows_done(struct row_reader *r);

#endif
