/* Where the values of a window are: what read.c finds, and values.c reads. */
#ifndef HISTORY_SOURCE_H
#define HISTORY_SOURCE_H

#include "history/pack.h"
#include "history/store.h"

/* A run that is still a row. */
struct loose_sums {
    uint32_t run; /* of the window */
    struct packed_sum *sums;
    uint32_t n;
};

/* A block that has runs of the window. */
struct source_block {
    int64_t id;
    uint32_t *run_of; /* by place: 1 + the run of the window; 0: another one */
    uint32_t n_runs;
};

struct history_source {
    struct history *h;
    struct loose_sums *loose;
    size_t n_loose, cap_loose;
    struct source_block *blocks;
    size_t n_blocks, cap_blocks;
    uint32_t *row_of; /* by id, up to max_id: 1 + the window's function */
    int64_t max_id;
};

#endif
