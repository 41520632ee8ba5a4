/* Pruning, and merging two histories. */
#include "history/block.h"
#include "history/rows.h"

#include <inttypes.h>

struct pruning {
    struct history *h;
    uint32_t keep, gone;
};

static bool prune(void *user, struct pp_error *err) {
    struct pruning *p = user;
    struct db_query *q;
    if (!db_ask(p->h->db,
                "DELETE FROM runs WHERE id NOT IN"
                " (SELECT id FROM runs ORDER BY time_ns DESC, id DESC LIMIT ?)",
                &q, err))
        return false;
    db_set_int(q, 1, p->keep);
    bool ok = db_do(q, err);
    p->gone = (uint32_t)db_changes(p->h->db);
    db_done(q);
    return ok && db_run(p->h->db, "DELETE FROM sums WHERE run NOT IN (SELECT id FROM runs)", err) &&
           block_drop_gone(p->h, err);
}

bool history_prune(struct history *h, uint32_t keep, uint32_t *ret_gone, struct pp_error *err) {
    struct pruning p = {.h = h, .keep = keep};
    if (!history_change(h, prune, &p, err) || !db_run(h->db, "VACUUM", err)) return false;
    *ret_gone = p.gone;
    return true;
}

/* ---- merging ---- */

struct merging {
    struct history *to, *from;
    uint32_t added;
    struct history_sum *functions; /* of `from`, by id; key NULL: none */
    int64_t max_id;
    struct row_reader rows;
    struct pp_error *err;
    struct pp_arena arena;
};

static bool read_functions(struct merging *m, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    if (!history_begin(m->from, err) || !history_max_function(m->from, &m->max_id, err) ||
        !db_ask(m->from->db, "SELECT id, key, name, file, line FROM functions", &q, err))
        return false;
    m->functions = PP_NEW(&m->arena, struct history_sum, (size_t)m->max_id + 1);
    while (db_more(q, &ok, err)) {
        int64_t id = db_int(q, 0);
        if (id < 0 || id > m->max_id) continue;
        m->functions[id] = (struct history_sum){
            .key = pp_arena_copy(&m->arena, db_text(q, 1)),
            .name = pp_arena_copy(&m->arena, db_text(q, 2)),
            .file = pp_arena_copy(&m->arena, db_text(q, 3)),
            .line = db_int(q, 4),
        };
    }
    db_done(q);
    return ok;
}

/* 1 + the one with this id; 0: none. */
static uint32_t find_sum(const struct packed_sum *sums, uint32_t n, int64_t id) {
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (sums[mid].id < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low < n && sums[low].id == id ? low + 1 : 0;
}

static bool read_sums(struct merging *m, struct db_query *q, const struct row_place *place,
                      struct history_sums *ret_sums, struct pp_arena *arena) {
    struct row_list rows = {0};
    struct history_sums s = {.type = place->type,
                             .unit = pp_arena_copy(arena, db_text(q, 1)),
                             .is_default = db_int(q, 2) != 0,
                             .total = db_int(q, 3),
                             .count = db_int(q, 4)};
    if (!rows_read(&m->rows, place, &rows, arena, m->err)) return false;
    const struct packed_sum *packed = rows.at;
    s.n = (uint32_t)rows.n;
    s.at = PP_NEW(arena, struct history_sum, s.n);
    for (uint32_t i = 0; i < s.n; i++) {
        if (packed[i].id > m->max_id)
            return pp_fail(m->err, PP_E_FORMAT, "%s: a function is missing", m->from->path);
        s.at[i] = m->functions[packed[i].id];
        s.at[i].self = packed[i].self;
        s.at[i].cum = packed[i].cum;
        s.at[i].count = packed[i].count;
        s.at[i].caller = find_sum(packed, s.n, packed[i].caller);
    }
    *ret_sums = s;
    return true;
}

static bool read_types(struct merging *m, int64_t run, struct history_entry *entry,
                       struct pp_arena *arena, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    size_t n = 0, cap = 0;
    if (!db_ask(
            m->from->db,
            "SELECT type, unit, is_default, total, count, functions, block FROM sums WHERE run = ?"
            " ORDER BY type",
            &q, err))
        return false;
    db_set_int(q, 1, run);
    while (db_more(q, &ok, err)) {
        struct history_sums sums;
        const struct row_place place = {.run = run,
                                        .type = pp_arena_copy(arena, db_text(q, 0)),
                                        .functions = db_text(q, 5),
                                        .block = db_int(q, 6)};
        ok = read_sums(m, q, &place, &sums, arena);
        if (ok) PP_PUSH(arena, entry->types, n, cap, sums);
    }
    entry->n_types = (uint32_t)n;
    db_done(q);
    return ok;
}

static bool merge_run(struct merging *m, struct db_query *q, struct pp_error *err) {
    struct pp_arena arena = {0};
    bool known = false;
    struct history_entry entry = {.run = {.time_ns = db_int(q, 1),
                                          .duration_ns = db_int(q, 2),
                                          .commit = pp_arena_copy(&arena, db_text(q, 3)),
                                          .machine = pp_arena_copy(&arena, db_text(q, 4)),
                                          .labels = pp_arena_copy(&arena, db_text(q, 5)),
                                          .source = pp_arena_copy(&arena, db_text(q, 6))}};
    bool ok =
        read_types(m, db_int(q, 0), &entry, &arena, err) && history_add(m->to, &entry, &known, err);
    m->added += ok && !known;
    pp_arena_done(&arena);
    return ok;
}

static bool merge_blessed(struct merging *m, struct pp_error *err) {
    struct db_query *from, *to = NULL;
    if (!db_ask(m->from->db, "SELECT name, commit_id, reason, time_ns FROM blessed", &from, err))
        return false;
    bool ok = db_ask(m->to->db, "INSERT OR IGNORE INTO blessed VALUES(?,?,?,?)", &to, err);
    while (db_more(from, &ok, err)) {
        for (int i = 0; i < 3; i++)
            db_set_text(to, i + 1, db_text(from, i));
        db_set_int(to, 4, db_int(from, 3));
        ok = db_do(to, err);
    }
    db_done(from);
    db_done(to);
    return ok;
}

static bool merge(void *user, struct pp_error *err) {
    struct merging *m = user;
    struct db_query *q;
    bool ok = true;
    if (!read_functions(m, err) ||
        !db_ask(m->from->db,
                "SELECT id, time_ns, duration_ns, commit_id, machine, labels, source FROM runs"
                " ORDER BY id",
                &q, err))
        return false;
    while (db_more(q, &ok, err))
        ok = merge_run(m, q, err);
    db_done(q);
    return ok && merge_blessed(m, err);
}

bool history_merge(struct history *h, struct history *other, uint32_t *ret_added,
                   struct pp_error *err) {
    struct merging m = {.to = h, .from = other, .rows = {.h = other}, .err = err};
    bool ok = history_change(h, merge, &m, err);
    rows_done(&m.rows);
    pp_arena_done(&m.arena);
    if (ok) *ret_added = m.added;
    return ok;
}
