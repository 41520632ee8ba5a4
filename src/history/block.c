#include "history/block.h"

#include "base/num.h"
#include "base/out.h"
#include "history/pack.h"
#include "profile/wire.h"

#include <inttypes.h>
#include <math.h>

enum { MAX_FUNCTIONS = 1 << 24 };

/* ---- the head: which runs, and what functions they have ---- */

static void put_head(struct out *o, const struct block *b) {
    int64_t last = 0;
    wire_out_varint(o, b->n_runs);
    for (uint32_t i = 0; i < b->n_runs; i++) {
        wire_out_varint(o, pack_fold(num_add(b->runs[i], num_neg(last))));
        last = b->runs[i];
    }
    wire_out_varint(o, (uint64_t)num_from_double(b->total));
    wire_out_varint(o, b->n_functions);
    last = 0;
    for (uint32_t i = 0; i < b->n_functions; i++) {
        const struct block_function *f = &b->functions[i];
        wire_out_varint(o, (uint64_t)(f->id - last));
        last = f->id;
        for (int cost = 0; cost < HISTORY_COSTS; cost++)
            wire_out_varint(o, f->share[cost]);
        wire_out_varint(o, pack_fold(num_add(f->caller, num_neg(f->id))));
        wire_out_varint(o, f->caller_share);
    }
}

/* A number of things that need a byte each, at least. */
static uint32_t take_count(struct wire_reader *h, uint64_t most) {
    uint64_t n = wire_take(h);
    if (n > most || n > (uint64_t)(h->rest.end - h->rest.at)) h->failed = true;
    return h->failed ? 0 : (uint32_t)n;
}

static void take_runs(struct block_head *head, struct pp_arena *arena) {
    struct wire_reader *r = &head->rest;
    struct block *b = &head->block;
    int64_t last = 0;
    b->n_runs = take_count(r, COLUMN_MAX_RUNS);
    b->runs = PP_NEW(arena, int64_t, b->n_runs);
    for (uint32_t i = 0; i < b->n_runs; i++)
        b->runs[i] = last = num_add(last, pack_unfold(wire_take(r)));
    b->total = (double)wire_take(r);
    head->left = take_count(r, MAX_FUNCTIONS);
}

bool block_next(struct block_head *head, struct block_function *ret_function) {
    struct wire_reader *r = &head->rest;
    struct block_function *f = &head->last;
    if (r->failed || !head->left) return false;
    int64_t last = f->id;
    f->id = num_add(last, (int64_t)wire_take(r));
    for (int cost = 0; cost < HISTORY_COSTS; cost++)
        f->share[cost] = (uint32_t)wire_take(r);
    f->caller = num_add(f->id, pack_unfold(wire_take(r)));
    f->caller_share = (uint32_t)wire_take(r);
    if (f->id <= last) r->failed = true;
    head->left--;
    *ret_function = *f;
    return !r->failed;
}

bool block_damaged(const struct history *h, int64_t id, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT, "%s: block %" PRId64 " can't be read", h->path, id);
}

bool block_is_whole(const struct block_head *head, struct pp_error *err) {
    const struct wire_reader *r = &head->rest;
    bool is_whole = !r->failed && !head->left && r->rest.at == r->rest.end;
    return is_whole || block_damaged(head->h, head->block.id, err);
}

bool block_open(struct history *h, int64_t id, struct block_head *ret_head, struct pp_arena *arena,
                struct pp_error *err) {
    struct block_head head = {.h = h, .block = {.id = id}};
    bool row = false;
    if (!db_ask(h->db, "SELECT head FROM blocks WHERE id = ?", &head.q, err)) return false;
    db_set_int(head.q, 1, id);
    if (!db_next(head.q, &row, err) || !(row || block_damaged(h, id, err))) {
        block_close(&head);
        return false;
    }
    struct pp_str bytes = db_text(head.q, 0);
    const uint8_t *from = (const uint8_t *)bytes.data;
    head.rest.rest = (struct wire){from, from + bytes.len};
    take_runs(&head, arena);
    *ret_head = head;
    return true;
}

void block_close(struct block_head *head) {
    db_done(head->q);
}

bool block_read(struct history *h, int64_t id, struct block *ret_block, struct pp_arena *arena,
                struct pp_error *err) {
    struct block_head head;
    if (!block_open(h, id, &head, arena, err)) return false;
    struct block b = head.block;
    b.functions = PP_NEW(arena, struct block_function, head.left);
    while (block_next(&head, &b.functions[b.n_functions]))
        b.n_functions++;
    bool ok = block_is_whole(&head, err);
    block_close(&head);
    if (ok) *ret_block = b;
    return ok;
}

bool block_write(struct history *h, const struct block *b, struct pp_error *err) {
    struct db_query *q;
    struct out o;
    if (!db_ask(h->db, "UPDATE blocks SET n = ?, head = ? WHERE id = ?", &q, err)) return false;
    out_open_memory(&o);
    put_head(&o, b);
    db_set_int(q, 1, b->n_runs);
    db_set_blob(q, 2, out_text(&o));
    db_set_int(q, 3, b->id);
    bool ok = db_do(q, err);
    out_close(&o, NULL);
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
