/* Files of older versions become files of this one. Version 1 had neither blocks nor callers; in
 * version 2 a block had its runs' ids, and all else of a run was in `runs` and `sums`. */
#include "base/num.h"
#include "history/block.h"
#include "history/pack.h"

#include <inttypes.h>

/* Which type is meant where none is named was a sum's. */
static const char main_types[] =
    "ALTER TABLE runs ADD COLUMN main_type TEXT NOT NULL DEFAULT '';"
    "UPDATE runs SET main_type = coalesce((SELECT type FROM sums WHERE run = runs.id AND"
    " is_default), '');"
    "ALTER TABLE sums RENAME TO old_sums;" SCHEMA_OF_SUMS;

static bool upgrade_1(struct history *h, struct pp_error *err) {
    return db_run(h->db,
                  "INSERT INTO sums SELECT run, type, unit, total, count, functions FROM "
                  "old_sums;" SCHEMA_OF_BLOCKS SCHEMA_OF_COLUMNS,
                  err) &&
           block_compact_all(h, err);
}

/* ---- from 2 ---- */

struct upgrading {
    struct history *h;
    struct db_query *old, *run, *add;
    struct pp_arena arena; /* of a block */
};

static bool read_run(struct upgrading *u, struct pp_str type, struct block_run *r,
                     struct pp_error *err) {
    bool row;
    db_set_int(u->run, 1, r->id);
    db_set_text(u->run, 2, type);
    if (!db_next(u->run, &row, err)) return false;
    if (!row)
        return pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 " of a block is missing", u->h->path,
                       r->id);
    *r = block_run_of(u->run, &u->arena);
    db_again(u->run);
    return true;
}

/* The runs' ids, then the functions as they are now. */
static bool take_head(struct upgrading *u, struct pp_str head, struct block *b) {
    const uint8_t *from = (const uint8_t *)head.data;
    struct wire_reader r = {.rest = {from, from + head.len}};
    uint64_t n = wire_take(&r);
    int64_t last = 0;
    if (r.failed || n > COLUMN_MAX_RUNS) return false;
    b->runs = PP_NEW(&u->arena, struct block_run, n);
    b->n_runs = (uint32_t)n;
    for (uint32_t i = 0; i < n; i++)
        b->runs[i].id = last = num_add(last, pack_unfold(wire_take(&r)));
    size_t read = (size_t)(r.rest.at - from);
    return !r.failed && block_take_functions(pp_str_slice(head, read, head.len), b, &u->arena);
}

/* The old one is the row that is being read. */
static bool upgrade_block(struct upgrading *u, struct pp_error *err) {
    struct block b = {.id = db_int(u->old, 0)};
    struct pp_str type = db_text(u->old, 1);
    if (!take_head(u, db_text(u->old, 3), &b)) return block_damaged(u->h, b.id, err);
    for (uint32_t i = 0; i < b.n_runs; i++)
        if (!read_run(u, type, &b.runs[i], err)) return false;
    db_set_text(u->add, 1, type);
    db_set_text(u->add, 2, db_text(u->old, 2));
    db_set_int(u->add, 3, b.id);
    return db_do(u->add, err) && block_write(u->h, &b, err);
}

static bool upgrade_blocks(struct upgrading *u, struct pp_error *err) {
    struct db *db = u->h->db;
    bool ok = db_ask(db, "SELECT id, type, machine, head FROM old_blocks", &u->old, err) &&
              db_ask(db,
                     "SELECT " BLOCK_RUN_COLUMNS
                     " FROM runs JOIN old_sums ON run = id WHERE id = ? AND type = ?",
                     &u->run, err) &&
              db_ask(db, BLOCK_INSERT, &u->add, err);
    while (ok && db_more(u->old, &ok, err)) {
        ok = upgrade_block(u, err);
        pp_arena_done(&u->arena);
    }
    db_done(u->old);
    db_done(u->run);
    db_done(u->add);
    return ok;
}

static bool upgrade_2(struct history *h, struct pp_error *err) {
    struct upgrading u = {.h = h};
    return db_run(h->db,
                  "INSERT INTO sums SELECT run, type, unit, total, count, functions FROM old_sums"
                  " WHERE block IS NULL;"
                  "ALTER TABLE blocks RENAME TO old_blocks;" SCHEMA_OF_BLOCKS,
                  err) &&
           upgrade_blocks(&u, err) && db_run(h->db, "DROP TABLE old_blocks", err);
}

bool history_upgrade(struct history *h, struct pp_error *err) {
    int64_t version;
    if (!db_number(h->db, "PRAGMA user_version", &version, err)) return false;
    if (version == HISTORY_VERSION) return true; /* somebody else was first */
    return db_run(h->db, main_types, err) &&
           (version == 1 ? upgrade_1(h, err) : upgrade_2(h, err)) &&
           db_run(h->db, "DROP TABLE old_sums", err) && history_mark(h, err);
}
