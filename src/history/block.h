/* Runs of one sample type and machine by function instead of by run, so that a function's course is
 * read without the others'. A run is recorded as one row; when there are LOOSE_RUNS of them they
 * move into the newest block, or begin a new one. */
#ifndef HISTORY_BLOCK_H
#define HISTORY_BLOCK_H

#include "history/column.h"
#include "history/store.h"
#include "profile/wire.h"

enum { BLOCK_RUNS = 512, LOOSE_RUNS = 32 };

/* A function within a block. Shares are of the block's total, in millionths, rounded up. */
struct block_function {
    int64_t id;
    uint32_t share[HISTORY_COSTS];
    int64_t caller;        /* who called it most; 0: nobody, or unknown */
    uint32_t caller_share; /* by how much it is ahead of others */
};

/* A run within a block; its machine is the block's. */
struct block_run {
    int64_t id;
    struct history_run run;
    struct pp_str unit;
    int64_t total, count;
};

struct block {
    int64_t id;
    struct block_run *runs; /* by place */
    uint32_t n_runs;
    double total;                     /* of all its runs */
    struct block_function *functions; /* ids rise */
    uint32_t n_functions;
};

/* Says so; false. */
bool block_damaged(const struct history *h, int64_t id, struct pp_error *err);

/* ---- heads ---- */

/* From a row whose first columns are BLOCK_RUN_COLUMNS. Lives in `arena`. */
#define BLOCK_RUN_COLUMNS "id, time_ns, duration_ns, commit_id, labels, source, unit, total, count"
struct block_run block_run_of(struct db_query *row, struct pp_arena *arena);

/* False for bytes that block_write did not write. All lives in `arena`. */
bool block_take_runs(struct pp_str bytes, struct block *ret_block, struct pp_arena *arena);
bool block_take_functions(struct pp_str bytes, struct block *ret_block, struct pp_arena *arena);

/* A block's functions, one after the other. */
struct block_functions {
    double total; /* the block's */
    struct block_function last;
    uint32_t left;
    struct wire_reader rest;
};

/* Of bytes that stay where they are meanwhile. */
void block_begin_functions(struct pp_str bytes, struct block_functions *ret_functions);
bool block_next_function(struct block_functions *f);       /* into `last`; false: no more */
bool block_end_functions(const struct block_functions *f); /* false: they can't be read */

/* All of it; lives in `arena`. */
bool block_read(struct history *h, int64_t id, struct block *ret_block, struct pp_arena *arena,
                struct pp_error *err);

/* Adds an empty one: type, machine, and its id, unless it is to be a new one. */
#define BLOCK_INSERT                                                                               \
    "INSERT INTO blocks(type, machine, id, n, runs, functions) VALUES(?1, ?2, ?3, 0, x'', x'')"

/* Writes what block_read reads; its columns are the caller's. */
bool block_write(struct history *h, const struct block *b, struct pp_error *err);

/* The shares, from all its cells. */
void block_weigh(const struct block *b, const struct column_cell *cells, uint32_t n,
                 struct block_function *f);

/* Columns of one block after the other: opened once. */
struct block_columns {
    struct history *h;
    struct db_query *one, *put, *away;
    struct column_cell *cells; /* what was read; room for a block */
    uint32_t n;
    struct pp_arena arena;
};

bool block_columns_open(struct history *h, struct block_columns *ret_columns, struct pp_error *err);
void block_columns_close(struct block_columns *c);

/* None where the function does not occur. */
bool block_column(struct block_columns *c, const struct block *b, int64_t function,
                  struct pp_error *err);

/* No cells: takes it away. */
bool block_put_column(struct block_columns *c, const struct block *b, int64_t function,
                      struct pp_error *err);

/* ---- moving ---- */

/* When there are LOOSE_RUNS of a type and machine. Within history_change. */
bool block_compact(struct history *h, struct pp_str type, struct pp_str machine,
                   struct pp_error *err);

/* All types and machines: after an upgrade. Within history_change. */
bool block_compact_all(struct history *h, struct pp_error *err);

/* Takes runs that are gone out of all blocks. Within history_change. */
bool block_drop_gone(struct history *h, struct pp_error *err);

#endif
