/* What functions cost in the runs of a window. The columns of blocks are read one after the other,
 * and decoded on all processors. */
#include "base/parallel.h"
#include "history/block.h"
#include "history/source.h"

#include <inttypes.h>

/* A function's cells in a block. */
struct packed_column {
    const struct source_block *block;
    uint32_t row; /* of the pick */
    struct pp_str bytes;
    bool is_damaged, occurs;
};

/* Those that are in memory at once. */
struct batch {
    struct packed_column *at;
    size_t n, cap, bytes;
    struct pp_arena arena;
};

struct reading {
    const struct history_window *w;
    const struct history_pick *pick;
    struct history_values values;
    uint32_t *row_of; /* by function of the window: 1 + its place in the pick */
    struct batch batch;
    unsigned width;
    struct column_cell **room; /* by worker, for a column */
    struct pp_arena scratch;
};

/* ---- cells ---- */

static bool is_in(const struct history_pick *p, uint32_t run) {
    return run >= p->from && run < p->to;
}

/* Whether it counts as one in which the function occurs. */
static bool put_cell(const struct reading *r, uint32_t run, uint32_t row,
                     const struct column_cell *c) {
    const struct history_pick *p = r->pick;
    r->values.cost[row][run - p->from] = (double)(p->cost == HISTORY_SELF ? c->self : c->cum);
    if (p->with_counts) r->values.count[row][run - p->from] = (double)c->count;
    return p->with_occurs && c->cum != 0;
}

static void take_loose(struct reading *r, const struct loose_sums *loose) {
    const struct history_source *s = r->w->source;
    for (uint32_t k = 0; k < loose->n && is_in(r->pick, loose->run); k++) {
        const struct packed_sum *one = &loose->sums[k];
        const struct column_cell cell = {0, one->self, one->cum, one->count};
        uint32_t row = r->row_of[s->row_of[one->id] - 1];
        if (row && put_cell(r, loose->run, row - 1, &cell)) r->values.occurs[row - 1] = true;
    }
}

/* Cells that are not asked for are not decoded. */
static enum column_part last_part(const struct history_pick *p) {
    return p->cost == HISTORY_SELF && !p->with_occurs ? COLUMN_SELF : COLUMN_CUM;
}

static void take_column(void *user, unsigned worker, size_t at) {
    const struct reading *r = user;
    struct packed_column *c = &r->batch.at[at];
    struct column_cell *cells = r->room[worker];
    uint32_t n;
    c->is_damaged = !column_read(c->bytes, c->block->n_runs, last_part(r->pick), cells, &n);
    for (uint32_t i = 0; i < n && !c->is_damaged; i++) {
        uint32_t run = c->block->run_of[cells[i].run];
        if (run && is_in(r->pick, run - 1) && put_cell(r, run - 1, c->row, &cells[i]))
            c->occurs = true;
    }
}

static bool take_batch(struct reading *r, struct pp_error *err) {
    struct batch *b = &r->batch;
    bool ok = true;
    parallel_run(r->width, b->n, take_column, r);
    for (size_t i = 0; i < b->n && ok; i++) {
        if (b->at[i].occurs) r->values.occurs[b->at[i].row] = true;
        ok = !b->at[i].is_damaged || block_damaged(r->w->source->h, b->at[i].block->id, err);
    }
    pp_arena_done(&b->arena);
    *b = (struct batch){.n = 0};
    return ok;
}

/* ---- reading ---- */

static bool has_run(const struct history_pick *p, const struct source_block *b) {
    for (uint32_t i = 0; i < b->n_runs; i++)
        if (b->run_of[i] && is_in(p, b->run_of[i] - 1)) return true;
    return false;
}

static bool read_block(struct reading *r, const struct source_block *b, struct db_query *q,
                       struct pp_error *err) {
    enum { MOST_BYTES = 4 << 20 };
    const struct history_pick *p = r->pick;
    struct batch *batch = &r->batch;
    for (uint32_t i = 0; i < p->n; i++) {
        bool occurs;
        db_set_int(q, 1, b->id);
        db_set_int(q, 2, r->w->functions[p->functions[i]].id);
        if (!db_next(q, &occurs, err)) return false;
        if (!occurs) continue;
        const struct packed_column c = {
            .block = b, .row = i, .bytes = pp_arena_copy(&batch->arena, db_text(q, 0))};
        PP_PUSH(&batch->arena, batch->at, batch->n, batch->cap, c);
        batch->bytes += c.bytes.len;
        db_again(q);
        if (batch->bytes > MOST_BYTES && !take_batch(r, err)) return false;
    }
    return true;
}

static bool read_blocks(struct reading *r, struct pp_error *err) {
    const struct history_source *s = r->w->source;
    struct db_query *q;
    bool ok = true;
    if (!db_ask(s->h->db, "SELECT cells FROM columns WHERE block = ? AND function = ?", &q, err))
        return false;
    for (size_t i = 0; i < s->n_blocks && ok; i++)
        if (has_run(r->pick, &s->blocks[i])) ok = read_block(r, &s->blocks[i], q, err);
    db_done(q);
    return ok && take_batch(r, err);
}

static double **make_rows(const struct history_pick *p, struct pp_arena *arena) {
    size_t width = p->to - p->from;
    double **rows = PP_NEW(arena, double *, p->n);
    double *all = PP_NEW(arena, double, width * p->n);
    for (uint32_t i = 0; i < p->n; i++)
        rows[i] = all + i * width;
    return rows;
}

static void open_workers(struct reading *r) {
    enum { WORTH = 32 }; /* columns for a thread */
    const struct history_source *s = r->w->source;
    uint32_t most = 0, n = 0;
    for (size_t i = 0; i < s->n_blocks; i++) {
        if (!has_run(r->pick, &s->blocks[i])) continue;
        if (s->blocks[i].n_runs > most) most = s->blocks[i].n_runs;
        n++;
    }
    r->width = parallel_width((size_t)n * r->pick->n / WORTH, 0);
    r->room = PP_NEW(&r->scratch, struct column_cell *, r->width);
    for (unsigned i = 0; i < r->width; i++)
        r->room[i] = PP_NEW(&r->scratch, struct column_cell, most);
}

bool history_values(const struct history_window *w, const struct history_pick *pick,
                    struct history_values *ret_values, struct pp_arena *arena,
                    struct pp_error *err) {
    enum { MAX_CELLS = 1 << 26 };
    struct reading r = {.w = w, .pick = pick};
    size_t width = pick->to - pick->from;
    if (width * pick->n > MAX_CELLS)
        return pp_fail(err, PP_E_LIMIT, "%s: %u functions in %zu runs are too many; ask for fewer",
                       w->source->h->path, pick->n, width);
    r.values.cost = make_rows(pick, arena);
    if (pick->with_counts) r.values.count = make_rows(pick, arena);
    if (pick->with_occurs) r.values.occurs = PP_NEW(arena, bool, pick->n);
    r.row_of = PP_NEW(&r.scratch, uint32_t, w->n_functions);
    for (uint32_t i = 0; i < pick->n; i++)
        r.row_of[pick->functions[i]] = i + 1;
    for (size_t i = 0; i < w->source->n_loose; i++)
        take_loose(&r, &w->source->loose[i]);
    open_workers(&r);
    bool ok = read_blocks(&r, err);
    pp_arena_done(&r.batch.arena);
    pp_arena_done(&r.scratch);
    if (ok) *ret_values = r.values;
    return ok;
}
