#include "history/block.h"

#include "base/num.h"
#include "base/out.h"
#include "history/pack.h"
#include "profile/wire.h"

#include <inttypes.h>
#include <math.h>

enum { MAX_FUNCTIONS = 1 << 24 };

bool block_damaged(const struct history *h, int64_t id, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT, "%s: block %" PRId64 " can't be read", h->path, id);
}

/* A number of things that need a byte each, at least. */
static uint32_t take_count(struct wire_reader *r, uint64_t most) {
    uint64_t n = wire_take(r);
    if (n > most || n > (uint64_t)(r->rest.end - r->rest.at)) r->failed = true;
    return r->failed ? 0 : (uint32_t)n;
}

static struct wire_reader read_bytes(struct pp_str bytes) {
    const uint8_t *from = (const uint8_t *)bytes.data;
    return (struct wire_reader){.rest = {from, from + bytes.len}};
}

static bool is_at_end(const struct wire_reader *r) {
    return !r->failed && r->rest.at == r->rest.end;
}

struct block_run block_run_of(struct db_query *row, struct pp_arena *arena) {
    return (struct block_run){.id = db_int(row, 0),
                              .run = {.time_ns = db_int(row, 1),
                                      .duration_ns = db_int(row, 2),
                                      .commit = pp_arena_copy(arena, db_text(row, 3)),
                                      .labels = pp_arena_copy(arena, db_text(row, 4)),
                                      .source = pp_arena_copy(arena, db_text(row, 5))},
                              .unit = pp_arena_copy(arena, db_text(row, 6)),
                              .total = db_int(row, 7),
                              .count = db_int(row, 8)};
}

/* ---- runs: numbers as differences from the run before, texts only where they differ ---- */

static void put_difference(struct out *o, int64_t v, int64_t before) {
    wire_out_varint(o, pack_fold(num_add(v, num_neg(before))));
}

static int64_t take_difference(struct wire_reader *r, int64_t before) {
    return num_add(before, pack_unfold(wire_take(r)));
}

static void put_text(struct out *o, struct pp_str text, struct pp_str before) {
    bool is_same = pp_str_eq(text, before);
    wire_out_varint(o, is_same ? 0 : 1 + text.len);
    if (!is_same) out_str(o, text);
}

static struct pp_str take_text(struct wire_reader *r, struct pp_str before) {
    uint64_t len = wire_take(r);
    if (len == 0) return before;
    if (--len > (uint64_t)(r->rest.end - r->rest.at)) {
        r->failed = true;
        return before;
    }
    const char *text = (const char *)r->rest.at;
    r->rest.at += len;
    return (struct pp_str){text, len};
}

static void put_run(struct out *o, const struct block_run *r, const struct block_run *before) {
    put_difference(o, r->id, before->id);
    put_difference(o, r->run.time_ns, before->run.time_ns);
    put_difference(o, r->run.duration_ns, before->run.duration_ns);
    put_difference(o, r->total, before->total);
    put_difference(o, r->count, before->count);
    put_text(o, r->run.commit, before->run.commit);
    put_text(o, r->run.labels, before->run.labels);
    put_text(o, r->run.source, before->run.source);
    put_text(o, r->unit, before->unit);
}

static struct block_run take_run(struct wire_reader *in, const struct block_run *before) {
    struct block_run r = {.id = take_difference(in, before->id)};
    r.run.time_ns = take_difference(in, before->run.time_ns);
    r.run.duration_ns = take_difference(in, before->run.duration_ns);
    r.total = take_difference(in, before->total);
    r.count = take_difference(in, before->count);
    r.run.commit = take_text(in, before->run.commit);
    r.run.labels = take_text(in, before->run.labels);
    r.run.source = take_text(in, before->run.source);
    r.unit = take_text(in, before->unit);
    return r;
}

static void put_runs(struct out *o, const struct block *b) {
    const struct block_run none = {.id = 0};
    wire_out_varint(o, b->n_runs);
    for (uint32_t i = 0; i < b->n_runs; i++)
        put_run(o, &b->runs[i], i ? &b->runs[i - 1] : &none);
}

bool block_take_runs(struct pp_str bytes, struct block *ret_block, struct pp_arena *arena) {
    const struct block_run none = {.id = 0};
    struct wire_reader in = read_bytes(pp_arena_copy(arena, bytes));
    uint32_t n = take_count(&in, COLUMN_MAX_RUNS);
    struct block_run *runs = PP_NEW(arena, struct block_run, n);
    for (uint32_t i = 0; i < n; i++)
        runs[i] = take_run(&in, i ? &runs[i - 1] : &none);
    if (!is_at_end(&in)) return false;
    ret_block->runs = runs;
    ret_block->n_runs = n;
    return true;
}

/* ---- functions ---- */

static void put_functions(struct out *o, const struct block *b) {
    int64_t last = 0;
    wire_out_varint(o, (uint64_t)num_from_double(b->total));
    wire_out_varint(o, b->n_functions);
    for (uint32_t i = 0; i < b->n_functions; i++) {
        const struct block_function *f = &b->functions[i];
        wire_out_varint(o, (uint64_t)(f->id - last));
        last = f->id;
        for (int cost = 0; cost < HISTORY_COSTS; cost++)
            wire_out_varint(o, f->share[cost]);
        put_difference(o, f->caller, f->id);
        wire_out_varint(o, f->caller_share);
    }
}

void block_begin_functions(struct pp_str bytes, struct block_functions *ret_functions) {
    struct block_functions f = {.rest = read_bytes(bytes)};
    f.total = (double)wire_take(&f.rest);
    f.left = take_count(&f.rest, MAX_FUNCTIONS);
    *ret_functions = f;
}

bool block_next_function(struct block_functions *f) {
    struct wire_reader *r = &f->rest;
    struct block_function *one = &f->last;
    int64_t before = one->id;
    if (r->failed || !f->left) return false;
    one->id = num_add(before, (int64_t)wire_take(r));
    for (int cost = 0; cost < HISTORY_COSTS; cost++)
        one->share[cost] = (uint32_t)wire_take(r);
    one->caller = take_difference(r, one->id);
    one->caller_share = (uint32_t)wire_take(r);
    if (one->id <= before) r->failed = true;
    f->left--;
    return !r->failed;
}

bool block_end_functions(const struct block_functions *f) {
    return !f->left && is_at_end(&f->rest);
}

bool block_take_functions(struct pp_str bytes, struct block *b, struct pp_arena *arena) {
    struct block_functions f;
    block_begin_functions(bytes, &f);
    b->total = f.total;
    b->functions = PP_NEW(arena, struct block_function, f.left);
    while (block_next_function(&f))
        b->functions[b->n_functions++] = f.last;
    return block_end_functions(&f);
}

/* ---- a block ---- */

bool block_read(struct history *h, int64_t id, struct block *ret_block, struct pp_arena *arena,
                struct pp_error *err) {
    struct block b = {.id = id};
    struct db_query *q;
    bool row = false;
    if (!db_ask(h->db, "SELECT runs, functions FROM blocks WHERE id = ?", &q, err)) return false;
    db_set_int(q, 1, id);
    bool ok = db_next(q, &row, err) && ((row && block_take_runs(db_text(q, 0), &b, arena) &&
                                         block_take_functions(db_text(q, 1), &b, arena)) ||
                                        block_damaged(h, id, err));
    db_done(q);
    if (ok) *ret_block = b;
    return ok;
}

bool block_write(struct history *h, const struct block *b, struct pp_error *err) {
    struct db_query *q;
    struct out runs, functions;
    if (!db_ask(h->db, "UPDATE blocks SET n = ?, runs = ?, functions = ? WHERE id = ?", &q, err))
        return false;
    out_open_memory(&runs);
    out_open_memory(&functions);
    put_runs(&runs, b);
    put_functions(&functions, b);
    db_set_int(q, 1, b->n_runs);
    db_set_blob(q, 2, out_text(&runs));
    db_set_blob(q, 3, out_text(&functions));
    db_set_int(q, 4, b->id);
    bool ok = db_do(q, err);
    out_close(&runs, NULL);
    out_close(&functions, NULL);
    db_done(q);
    return ok;
}

static uint32_t to_share(double part, double total) {
    double share = total > 0 ? ceil(part / total * 1e6) : 0;
    return share < 0 ? 0 : share < UINT32_MAX ? (uint32_t)share : UINT32_MAX;
}

void block_weigh(const struct block *b, const struct column_cell *cells, uint32_t n,
                 struct block_function *f) {
    double self = 0, cum = 0;
    for (uint32_t i = 0; i < n; i++) {
        self += fabs((double)cells[i].self);
        cum += fabs((double)cells[i].cum);
    }
    f->share[HISTORY_SELF] = to_share(self, b->total);
    f->share[HISTORY_CUM] = to_share(cum, b->total);
}

/* ---- columns ---- */

bool block_columns_open(struct history *h, struct block_columns *ret_columns,
                        struct pp_error *err) {
    struct block_columns c = {.h = h};
    bool ok =
        db_ask(h->db, "SELECT cells FROM columns WHERE block = ? AND function = ?", &c.one, err) &&
        db_ask(h->db, "DELETE FROM columns WHERE block = ? AND function = ?", &c.away, err) &&
        db_ask(h->db, "INSERT OR REPLACE INTO columns VALUES(?,?,?)", &c.put, err);
    c.cells = PP_NEW(&c.arena, struct column_cell, COLUMN_MAX_RUNS);
    *ret_columns = c;
    if (!ok) block_columns_close(ret_columns);
    return ok;
}

void block_columns_close(struct block_columns *c) {
    db_done(c->one);
    db_done(c->away);
    db_done(c->put);
    pp_arena_done(&c->arena);
}

bool block_column(struct block_columns *c, const struct block *b, int64_t function,
                  struct pp_error *err) {
    bool row;
    c->n = 0;
    db_set_int(c->one, 1, b->id);
    db_set_int(c->one, 2, function);
    if (!db_next(c->one, &row, err)) return false;
    if (!row) return true;
    bool ok = column_read(db_text(c->one, 0), b->n_runs, COLUMN_CUM, c->cells, &c->n);
    db_again(c->one);
    return ok || block_damaged(c->h, b->id, err);
}

bool block_put_column(struct block_columns *c, const struct block *b, int64_t function,
                      struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct db_query *q = c->n ? c->put : c->away;
    db_set_int(q, 1, b->id);
    db_set_int(q, 2, function);
    if (c->n) db_set_blob(q, 3, column_write(c->cells, c->n, b->n_runs, &scratch));
    bool ok = db_do(q, err);
    pp_arena_done(&scratch);
    return ok;
}
