/* From rows, a run each, to blocks, and out of them again. */
#include "history/block.h"
#include "history/pack.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* How many runs move at once, at most: their rows are in memory together. */
enum { MOST_AT_ONCE = 128 };

struct loose_run {
    struct block_run run;
    struct packed_sum *sums; /* ids rise */
    uint32_t n_sums, next;
};

struct moving {
    struct history *h;
    struct pp_str type, machine;
    struct block block;
    uint32_t n_old; /* runs that the block had */
    struct loose_run runs[MOST_AT_ONCE];
    uint32_t n;
    struct block_columns columns;
    struct block_function *functions; /* as they will be */
    size_t n_functions, cap_functions;
    struct pp_arena arena;
};

/* ---- which rows, into which block ---- */

/* A statement whose first two values are the type and the machine. */
static bool ask(const struct moving *m, const char *sql, struct db_query **ret_q,
                struct pp_error *err) {
    if (!db_ask(m->h->db, sql, ret_q, err)) return false;
    db_set_text(*ret_q, 1, m->type);
    db_set_text(*ret_q, 2, m->machine);
    return true;
}

static bool count_loose(struct moving *m, int64_t *ret_n, struct pp_error *err) {
    struct db_query *q;
    bool row;
    if (!ask(m, "SELECT count(*) FROM sums JOIN runs ON id = run WHERE type = ? AND machine = ?",
             &q, err))
        return false;
    bool ok = db_next(q, &row, err);
    *ret_n = ok && row ? db_int(q, 0) : 0;
    db_done(q);
    return ok;
}

static bool read_loose(struct moving *m, uint32_t most, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    if (!ask(m,
             "SELECT " BLOCK_RUN_COLUMNS ", functions FROM sums JOIN runs ON id = run"
             " WHERE type = ? AND machine = ? ORDER BY run LIMIT ?",
             &q, err))
        return false;
    db_set_int(q, 3, most);
    while (db_more(q, &ok, err)) {
        struct loose_run *r = &m->runs[m->n++];
        r->run = block_run_of(q, &m->arena);
        ok = unpack_sums(db_text(q, 9), &r->sums, &r->n_sums, &m->arena, err) ||
             pp_wrap(err, "%s: run %" PRId64, m->h->path, r->run.id);
    }
    db_done(q);
    return ok;
}

static bool add_block(struct moving *m, struct pp_error *err) {
    struct db_query *q;
    if (!ask(m, BLOCK_INSERT, &q, err)) return false;
    bool ok = db_do(q, err);
    m->block = (struct block){.id = db_last_id(m->h->db)};
    db_done(q);
    return ok;
}

/* The newest with room. */
static bool choose_block(struct moving *m, struct pp_error *err) {
    struct db_query *q;
    bool row = false;
    int64_t id = 0;
    if (!ask(m,
             "SELECT id FROM blocks WHERE type = ? AND machine = ? AND n < ?"
             " ORDER BY id DESC LIMIT 1",
             &q, err))
        return false;
    db_set_int(q, 3, BLOCK_RUNS);
    bool ok = db_next(q, &row, err);
    if (ok && row) id = db_int(q, 0);
    db_done(q);
    if (!ok) return false;
    if (row && !block_read(m->h, id, &m->block, &m->arena, err)) return false;
    return (row && m->block.n_runs < BLOCK_RUNS) || add_block(m, err);
}

/* ---- functions ---- */

/* The next function of the block or of a row; 0: none is left. */
static int64_t next_function(const struct moving *m, uint32_t in_block) {
    const struct block *b = &m->block;
    int64_t least = in_block < b->n_functions ? b->functions[in_block].id : 0;
    for (uint32_t i = 0; i < m->n; i++) {
        const struct loose_run *r = &m->runs[i];
        if (r->next == r->n_sums) continue;
        int64_t id = r->sums[r->next].id;
        if (!least || id < least) least = id;
    }
    return least;
}

/* Who has most of the votes after each other takes as many from it. */
static void vote(struct block_function *f, int64_t caller, double part, double total) {
    double share = total > 0 ? part / total * 1e6 : 0;
    if (!caller) return;
    if (caller == f->caller)
        f->caller_share = (uint32_t)fmin(f->caller_share + share, UINT32_MAX);
    else if (share <= f->caller_share)
        f->caller_share -= (uint32_t)share;
    else {
        f->caller = caller;
        f->caller_share = (uint32_t)fmin(share - f->caller_share, UINT32_MAX);
    }
}

/* What the rows have of a function, after what the block has. */
static void take_cells(struct moving *m, struct block_function *f) {
    struct block_columns *c = &m->columns;
    for (uint32_t i = 0; i < m->n; i++) {
        struct loose_run *r = &m->runs[i];
        if (r->next == r->n_sums || r->sums[r->next].id != f->id) continue;
        const struct packed_sum *s = &r->sums[r->next++];
        c->cells[c->n++] = (struct column_cell){m->n_old + i, s->self, s->cum, s->count};
        vote(f, s->caller, fabs((double)s->cum), m->block.total);
    }
}

/* Shares of what the block was are smaller ones of what it will be. */
static struct block_function take_old(const struct moving *m, uint32_t *in_block, int64_t id,
                                      double before) {
    const struct block *b = &m->block;
    if (*in_block == b->n_functions || b->functions[*in_block].id != id)
        return (struct block_function){.id = id};
    struct block_function f = b->functions[(*in_block)++];
    if (b->total > 0) f.caller_share = (uint32_t)(f.caller_share * (before / b->total));
    return f;
}

static bool move_functions(struct moving *m, double before, struct pp_error *err) {
    uint32_t in_block = 0;
    for (int64_t id; (id = next_function(m, in_block)) > 0;) {
        struct block old = {.id = m->block.id, .n_runs = m->n_old};
        struct block_function f = take_old(m, &in_block, id, before);
        if (!block_column(&m->columns, &old, id, err)) return false;
        take_cells(m, &f);
        block_weigh(&m->block, m->columns.cells, m->columns.n, &f);
        if (!block_put_column(&m->columns, &m->block, id, err)) return false;
        PP_PUSH(&m->arena, m->functions, m->n_functions, m->cap_functions, f);
    }
    return true;
}

static bool drop_rows(struct moving *m, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    if (!db_ask(m->h->db, "DELETE FROM sums WHERE run = ? AND type = ?", &q, err)) return false;
    db_set_text(q, 2, m->type);
    for (uint32_t i = 0; i < m->n && ok; i++) {
        db_set_int(q, 1, m->runs[i].run.id);
        ok = db_do(q, err);
    }
    db_done(q);
    return ok;
}

/* The runs are the block's before the functions are. */
static double add_runs(struct moving *m) {
    struct block *b = &m->block;
    double before = b->total;
    struct block_run *runs = PP_NEW(&m->arena, struct block_run, (size_t)b->n_runs + m->n);
    if (b->n_runs) memcpy(runs, b->runs, b->n_runs * sizeof *runs);
    m->n_old = b->n_runs;
    b->runs = runs;
    for (uint32_t i = 0; i < m->n; i++) {
        runs[b->n_runs++] = m->runs[i].run;
        b->total += fabs((double)m->runs[i].run.total);
    }
    return before;
}

static bool move(struct moving *m, struct pp_error *err) {
    if (!choose_block(m, err)) return false;
    uint32_t room = BLOCK_RUNS - m->block.n_runs;
    if (!read_loose(m, room < MOST_AT_ONCE ? room : MOST_AT_ONCE, err)) return false;
    double before = add_runs(m);
    if (!block_columns_open(m->h, &m->columns, err)) return false;
    bool ok = move_functions(m, before, err);
    block_columns_close(&m->columns);
    m->block.functions = m->functions;
    m->block.n_functions = (uint32_t)m->n_functions;
    return ok && block_write(m->h, &m->block, err) && drop_rows(m, err);
}

bool block_compact(struct history *h, struct pp_str type, struct pp_str machine,
                   struct pp_error *err) {
    for (;;) {
        struct moving m = {.h = h, .type = type, .machine = machine};
        int64_t n;
        if (!count_loose(&m, &n, err)) return false;
        if (n < LOOSE_RUNS) return true;
        bool ok = move(&m, err);
        pp_arena_done(&m.arena);
        if (!ok) return false;
    }
}

bool block_compact_all(struct history *h, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct pair {
        struct pp_str type, machine;
    } *pairs = NULL;
    size_t n = 0, cap = 0;
    struct db_query *q;
    bool ok = true;
    if (!db_ask(h->db, "SELECT DISTINCT type, machine FROM sums JOIN runs ON id = run", &q, err))
        return false;
    while (db_more(q, &ok, err)) {
        const struct pair one = {pp_arena_copy(&scratch, db_text(q, 0)),
                                 pp_arena_copy(&scratch, db_text(q, 1))};
        PP_PUSH(&scratch, pairs, n, cap, one);
    }
    db_done(q);
    for (size_t i = 0; i < n && ok; i++)
        ok = block_compact(h, pairs[i].type, pairs[i].machine, err);
    pp_arena_done(&scratch);
    return ok;
}

/* ---- runs that are gone ---- */

struct dropping {
    struct history *h;
    struct block block;
    uint32_t *place; /* by old place: 1 + the new one; 0: it is gone */
    uint32_t n_left;
    double total;
    struct block_columns columns;
    struct pp_arena arena;
};

static bool find_left(struct dropping *d, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    d->place = PP_NEW(&d->arena, uint32_t, d->block.n_runs);
    if (!db_ask(d->h->db, "SELECT 1 FROM runs WHERE id = ?", &q, err)) return false;
    for (uint32_t i = 0; i < d->block.n_runs && ok; i++) {
        bool row;
        db_set_int(q, 1, d->block.runs[i].id);
        ok = db_next(q, &row, err);
        if (!ok || !row) continue;
        d->total += fabs((double)d->block.runs[i].total);
        d->block.runs[d->n_left] = d->block.runs[i];
        d->place[i] = ++d->n_left;
        db_again(q);
    }
    db_done(q);
    return ok;
}

static bool drop_from_columns(struct dropping *d, const struct block *left, struct pp_error *err) {
    struct block_columns *c = &d->columns;
    for (uint32_t i = 0; i < d->block.n_functions; i++) {
        struct block_function *f = &d->block.functions[i];
        uint32_t n = 0;
        if (!block_column(c, &d->block, f->id, err)) return false;
        for (uint32_t k = 0; k < c->n; k++) {
            struct column_cell cell = c->cells[k];
            uint32_t place = d->place[cell.run];
            if (!place) continue;
            cell.run = place - 1;
            c->cells[n++] = cell;
        }
        c->n = n;
        block_weigh(left, c->cells, n, f);
        if (!block_put_column(c, left, f->id, err)) return false;
    }
    return true;
}

static bool drop_block(const struct dropping *d, struct pp_error *err) {
    char sql[120];
    snprintf(sql, sizeof sql,
             "DELETE FROM columns WHERE block = %" PRId64
             "; DELETE FROM blocks WHERE id = %" PRId64,
             d->block.id, d->block.id);
    return db_run(d->h->db, sql, err);
}

static bool drop_gone(struct dropping *d, struct pp_error *err) {
    if (!find_left(d, err)) return false;
    if (d->n_left == d->block.n_runs) return true;
    if (!d->n_left) return drop_block(d, err);
    struct block left = d->block;
    left.n_runs = d->n_left;
    left.total = d->total;
    if (!block_columns_open(d->h, &d->columns, err)) return false;
    bool ok = drop_from_columns(d, &left, err);
    block_columns_close(&d->columns);
    return ok && block_write(d->h, &left, err);
}

bool block_drop_gone(struct history *h, struct pp_error *err) {
    int64_t id = 0, last;
    if (!db_number(h->db, "SELECT coalesce(max(id), 0) FROM blocks", &last, err)) return false;
    for (bool ok = true; id < last;) {
        struct dropping d = {.h = h};
        char next[80];
        snprintf(next, sizeof next, "SELECT min(id) FROM blocks WHERE id > %" PRId64, id);
        ok = db_number(h->db, next, &id, err) && block_read(h, id, &d.block, &d.arena, err) &&
             drop_gone(&d, err);
        pp_arena_done(&d.arena);
        if (!ok) return false;
    }
    return true;
}
