/* From the file to what a question is about. */
#include "base/index.h"
#include "base/intern.h"
#include "history/pack.h"
#include "history/store.h"

#include <inttypes.h>

/* ---- which runs ---- */

/* The newest run's, where the question names none. */
static bool choose(struct history *h, const struct history_question *q, struct history_window *w,
                   struct pp_arena *arena, struct pp_error *err) {
    struct db_query *d;
    bool row;
    if (!db_ask(h->db,
                "SELECT machine, type FROM runs JOIN sums ON run = id WHERE is_default"
                " ORDER BY time_ns DESC, id DESC LIMIT 1",
                &d, err))
        return false;
    bool ok = db_next(d, &row, err);
    if (ok && row) {
        w->machine = pp_arena_copy(arena, q->machine.len ? q->machine : db_text(d, 0));
        w->type = pp_arena_copy(arena, q->type.len ? q->type : db_text(d, 1));
    }
    db_done(d);
    if (!ok) return false;
    return row || pp_fail(err, PP_E_NOT_FOUND, "%s: holds no run yet; -record adds one", h->path);
}

/* Whether a run has all the labels that are asked for. */
static bool has_labels(struct pp_str labels, const struct pairs *wanted, struct pp_arena *scratch) {
    for (size_t i = 0; wanted && i < wanted->n_texts; i += 2) {
        struct pp_str one = pp_arena_printf(scratch, "\n%.*s=%.*s\n", PP_STR_ARG(wanted->texts[i]),
                                            PP_STR_ARG(wanted->texts[i + 1]));
        if (!memmem(labels.data ? labels.data : "", labels.len, one.data, one.len)) return false;
    }
    return true;
}

struct loading {
    struct history *h;
    const struct history_question *q;
    struct history_window *w;
    struct pp_arena *arena;
    struct packed_sum **sums; /* by run */
    uint32_t *n_sums;
    int64_t max_id;
    uint32_t *row_of; /* by id: 1 + the function */
};

static bool read_run(struct loading *l, struct db_query *d, uint32_t at, struct pp_error *err) {
    struct history_window *w = l->w;
    w->runs[at] = (struct history_run){
        .time_ns = db_int(d, 1),
        .duration_ns = db_int(d, 2),
        .commit = pp_arena_copy(l->arena, db_text(d, 3)),
        .labels = pp_arena_copy(l->arena, db_text(d, 4)),
        .source = pp_arena_copy(l->arena, db_text(d, 5)),
        .machine = w->machine,
    };
    if (!w->unit.len) w->unit = pp_arena_copy(l->arena, db_text(d, 6));
    w->total[at] = (double)db_int(d, 7);
    w->count[at] = (double)db_int(d, 8);
    if (!unpack_sums(db_text(d, 9), &l->sums[at], &l->n_sums[at], l->arena, err))
        return pp_wrap(err, "%s: run %" PRId64, l->h->path, db_int(d, 0));
    for (uint32_t i = 0; i < l->n_sums[at]; i++)
        if (l->sums[at][i].id < 0 || l->sums[at][i].id > l->max_id)
            return pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 ": a function is missing",
                           l->h->path, db_int(d, 0));
    return true;
}

/* The newest first, into the end of the arrays. */
static bool read_runs(struct loading *l, struct db_query *d, uint32_t room, uint32_t *ret_n,
                      struct pp_error *err) {
    uint32_t n = 0;
    for (bool row = true; n < room;) {
        struct pp_arena scratch = {0};
        if (!db_next(d, &row, err)) return false;
        if (!row) break;
        bool wanted = has_labels(db_text(d, 4), l->q->labels, &scratch);
        pp_arena_done(&scratch);
        if (!wanted) continue;
        if (!read_run(l, d, room - 1 - n, err)) return false;
        n++;
    }
    *ret_n = n;
    return true;
}

static void move_down(struct loading *l, uint32_t room, uint32_t n) {
    struct history_window *w = l->w;
    uint32_t from = room - n;
    w->runs += from;
    w->total += from;
    w->count += from;
    l->sums += from;
    l->n_sums += from;
    w->n_runs = n;
}

static bool load_runs(struct loading *l, struct pp_error *err) {
    int64_t n_all, n = 0;
    struct db_query *d = NULL;
    if (!db_number(l->h->db, "SELECT count(*) FROM runs", &n_all, err) ||
        !db_number(l->h->db, "SELECT coalesce(max(id), 0) FROM functions", &l->max_id, err))
        return false;
    uint32_t room = l->q->n_runs && l->q->n_runs < n_all ? l->q->n_runs : (uint32_t)n_all;
    if (l->max_id > INT32_MAX)
        return pp_fail(err, PP_E_FORMAT, "%s: has too many functions", l->h->path);
    l->w->runs = PP_NEW(l->arena, struct history_run, room);
    l->w->total = PP_NEW(l->arena, double, room);
    l->w->count = PP_NEW(l->arena, double, room);
    l->sums = PP_NEW(l->arena, struct packed_sum *, room);
    l->n_sums = PP_NEW(l->arena, uint32_t, room);
    uint32_t got = 0;
    bool ok = db_ask(l->h->db,
                     "SELECT id, time_ns, duration_ns, commit_id, labels, source, unit, total,"
                     " count, functions FROM runs JOIN sums ON run = id AND type = ?1"
                     " WHERE machine = ?2 ORDER BY time_ns DESC, id DESC",
                     &d, err);
    if (ok) {
        db_set_text(d, 1, l->w->type);
        db_set_text(d, 2, l->w->machine);
        ok = read_runs(l, d, room, &got, err);
    }
    db_done(d);
    if (!ok) return false;
    move_down(l, room, got);
    ok = db_ask(l->h->db, "SELECT count(*) FROM runs WHERE machine <> ?", &d, err);
    if (ok) {
        bool row;
        db_set_text(d, 1, l->w->machine);
        ok = db_next(d, &row, err);
        n = ok && row ? db_int(d, 0) : 0;
    }
    db_done(d);
    l->w->n_elsewhere = (uint32_t)n;
    return ok;
}

/* ---- their functions ---- */

static void number_functions(struct loading *l) {
    l->row_of = PP_NEW(l->arena, uint32_t, (size_t)l->max_id + 1);
    for (uint32_t i = 0; i < l->w->n_runs; i++)
        for (uint32_t k = 0; k < l->n_sums[i]; k++) {
            uint32_t *row = &l->row_of[l->sums[i][k].id];
            if (!*row) *row = ++l->w->n_functions;
        }
}

static void fill_functions(struct loading *l) {
    struct history_window *w = l->w;
    size_t n = w->n_runs, cells = n * w->n_functions;
    double *values = PP_NEW(l->arena, double, cells * 3);
    w->functions = PP_NEW(l->arena, struct history_function, w->n_functions);
    for (uint32_t f = 0; f < w->n_functions; f++) {
        w->functions[f].self = values + f * n;
        w->functions[f].cum = values + cells + f * n;
        w->functions[f].count = values + 2 * cells + f * n;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < l->n_sums[i]; k++) {
            const struct packed_sum *s = &l->sums[i][k];
            struct history_function *f = &w->functions[l->row_of[s->id] - 1];
            f->self[i] = (double)s->self;
            f->cum[i] = (double)s->cum;
            f->count[i] = (double)s->count;
        }
}

static bool name_functions(struct loading *l, struct pp_error *err) {
    struct db_query *d;
    bool ok = true;
    if (!db_ask(l->h->db, "SELECT id, key, name, file, line FROM functions", &d, err)) return false;
    while (db_more(d, &ok, err)) {
        int64_t id = db_int(d, 0);
        uint32_t at = id >= 0 && id <= l->max_id ? l->row_of[id] : 0;
        if (!at) continue;
        struct history_function *f = &l->w->functions[at - 1];
        f->key = pp_arena_copy(l->arena, db_text(d, 1));
        f->name = pp_arena_copy(l->arena, db_text(d, 2));
        f->file = pp_arena_copy(l->arena, db_text(d, 3));
        f->line = db_int(d, 4);
    }
    db_done(d);
    return ok;
}

static bool load_blessed(struct loading *l, struct pp_error *err) {
    struct db_query *d;
    bool ok = true;
    size_t n = 0, cap = 0;
    if (!db_ask(l->h->db, "SELECT name, commit_id, reason FROM blessed ORDER BY 1, 2", &d, err))
        return false;
    while (db_more(d, &ok, err)) {
        const struct history_blessing b = {pp_arena_copy(l->arena, db_text(d, 0)),
                                           pp_arena_copy(l->arena, db_text(d, 1)),
                                           pp_arena_copy(l->arena, db_text(d, 2))};
        PP_PUSH(l->arena, l->w->blessed, n, cap, b);
    }
    l->w->n_blessed = (uint32_t)n;
    db_done(d);
    return ok;
}

bool history_load(struct history *h, const struct history_question *q,
                  struct history_window *ret_window, struct pp_arena *arena, struct pp_error *err) {
    enum { MAX_CELLS = 1 << 26 };
    struct history_window w = {.n_runs = 0};
    struct loading l = {.h = h, .q = q, .w = &w, .arena = arena};
    if (!choose(h, q, &w, arena, err) || !load_runs(&l, err)) return false;
    if (!w.n_runs)
        return pp_fail(err, PP_E_NOT_FOUND,
                       "%s: no run has this sample type, machine and labels (%.*s, %.*s)", h->path,
                       PP_STR_ARG(w.type), PP_STR_ARG(w.machine));
    number_functions(&l);
    if ((uint64_t)w.n_functions * w.n_runs > MAX_CELLS)
        return pp_fail(err, PP_E_LIMIT, "%s: %u functions in %u runs are too many; ask for fewer",
                       h->path, w.n_functions, w.n_runs);
    fill_functions(&l);
    if (!name_functions(&l, err) || !load_blessed(&l, err)) return false;
    *ret_window = w;
    return true;
}
