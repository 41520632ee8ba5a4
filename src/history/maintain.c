/* Pruning, and merging two histories. */
#include "history/block.h"
#include "history/rows.h"

#include <inttypes.h>
#include <stdlib.h>

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
    struct packed_run *packed; /* by run, then by type */
    size_t n_packed, cap_packed, next_packed;
    struct row_reader rows;
    struct pp_error *err;
    struct pp_arena arena;
};

struct type_list {
    struct history_sums *at;
    size_t n, cap;
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

/* ---- a run's sums, wherever they are ---- */

struct packed_run {
    struct pp_str type, unit;
    int64_t run, block, total, count;
};

static int by_run_and_type(const void *a, const void *b) {
    const struct packed_run *x = a, *y = b;
    if (x->run != y->run) return x->run < y->run ? -1 : 1;
    return pp_str_cmp(x->type, y->type);
}

static bool list_packed(struct merging *m, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    if (!db_ask(m->from->db, "SELECT id, type, runs FROM blocks", &q, err)) return false;
    while (db_more(q, &ok, err)) {
        struct block b = {.id = db_int(q, 0)};
        struct pp_str type = pp_arena_copy(&m->arena, db_text(q, 1));
        ok = block_take_runs(db_text(q, 2), &b, &m->arena) || block_damaged(m->from, b.id, err);
        for (uint32_t i = 0; i < b.n_runs && ok; i++) {
            const struct block_run *r = &b.runs[i];
            const struct packed_run one = {type, r->unit, r->id, b.id, r->total, r->count};
            PP_PUSH(&m->arena, m->packed, m->n_packed, m->cap_packed, one);
        }
    }
    db_done(q);
    if (ok && m->n_packed) qsort(m->packed, m->n_packed, sizeof *m->packed, by_run_and_type);
    return ok;
}

static bool read_sums(struct merging *m, const struct packed_run *r, struct pp_str functions,
                      struct history_sums *ret_sums, struct pp_arena *arena) {
    struct row_list rows = {0};
    const struct row_place place = {
        .run = r->run, .type = r->type, .functions = functions, .block = r->block};
    struct history_sums s = {
        .type = r->type, .unit = r->unit, .total = r->total, .count = r->count};
    if (!rows_read(&m->rows, &place, &rows, arena, m->err)) return false;
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

/* Runs come as their ids rise: those before this one are done with. */
static bool read_packed(struct merging *m, int64_t run, struct type_list *types,
                        struct pp_arena *arena) {
    for (; m->next_packed < m->n_packed && m->packed[m->next_packed].run <= run; m->next_packed++) {
        const struct packed_run *r = &m->packed[m->next_packed];
        struct history_sums sums;
        if (r->run < run) continue;
        if (!read_sums(m, r, PP_STR(""), &sums, arena)) return false;
        PP_PUSH(arena, types->at, types->n, types->cap, sums);
    }
    return true;
}

static bool read_loose(struct merging *m, int64_t run, struct type_list *types,
                       struct pp_arena *arena, struct pp_error *err) {
    struct db_query *q;
    bool ok = true;
    if (!db_ask(m->from->db,
                "SELECT type, unit, total, count, functions FROM sums WHERE run = ? ORDER BY type",
                &q, err))
        return false;
    db_set_int(q, 1, run);
    while (db_more(q, &ok, err)) {
        struct history_sums sums;
        const struct packed_run r = {.type = pp_arena_copy(arena, db_text(q, 0)),
                                     .unit = pp_arena_copy(arena, db_text(q, 1)),
                                     .run = run,
                                     .total = db_int(q, 2),
                                     .count = db_int(q, 3)};
        ok = read_sums(m, &r, db_text(q, 4), &sums, arena);
        if (ok) PP_PUSH(arena, types->at, types->n, types->cap, sums);
    }
    db_done(q);
    return ok;
}

static bool read_types(struct merging *m, int64_t run, struct pp_str main_type,
                       struct history_entry *entry, struct pp_arena *arena) {
    struct type_list types = {0};
    if (!read_packed(m, run, &types, arena) || !read_loose(m, run, &types, arena, m->err))
        return false;
    for (size_t i = 0; i < types.n; i++)
        types.at[i].is_default = pp_str_eq(types.at[i].type, main_type);
    entry->types = types.at;
    entry->n_types = (uint32_t)types.n;
    return true;
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
    bool ok = read_types(m, db_int(q, 0), db_text(q, 7), &entry, &arena) &&
              history_add(m->to, &entry, &known, err);
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
    if (!read_functions(m, err) || !list_packed(m, err) ||
        !db_ask(m->from->db,
                "SELECT id, time_ns, duration_ns, commit_id, machine, labels, source, main_type"
                " FROM runs ORDER BY id",
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
