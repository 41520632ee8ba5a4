/* From the file to what a question is about. */
#include "history/block.h"
#include "history/pack.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

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

/* A run that is still a row. */
struct loose_sums {
    uint32_t run;
    struct packed_sum *sums;
    uint32_t n;
};

/* A block that has runs of the window. */
struct source_block {
    struct block block;
    uint32_t *run_of; /* by place: 1 + the run of the window */
};

struct history_source {
    struct history *h;
    struct loose_sums *loose;
    size_t n_loose, cap_loose;
    struct source_block *blocks;
    size_t n_blocks, cap_blocks;
    uint32_t *row_of; /* by id: 1 + the function */
    int64_t max_id;
};

struct loading {
    const struct history_question *q;
    struct history_window *w;
    struct history_source *s;
    struct pp_arena *arena;
    int64_t *ids, *blocks; /* by run */
};

static bool read_loose(struct loading *l, struct db_query *d, uint32_t at, struct pp_error *err) {
    struct history_source *s = l->s;
    struct loose_sums loose = {.run = at};
    if (!unpack_sums(db_text(d, 10), &loose.sums, &loose.n, l->arena, err))
        return pp_wrap(err, "%s: run %" PRId64, s->h->path, l->ids[at]);
    if (loose.n && loose.sums[loose.n - 1].id > s->max_id)
        return pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 ": a function is missing", s->h->path,
                       l->ids[at]);
    PP_PUSH(l->arena, s->loose, s->n_loose, s->cap_loose, loose);
    return true;
}

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
    l->ids[at] = db_int(d, 0);
    l->blocks[at] = db_int(d, 9);
    return l->blocks[at] || read_loose(l, d, at, err);
}

/* The newest first, into the end of the arrays. */
static bool read_runs(struct loading *l, struct db_query *d, uint32_t room, uint32_t *ret_n,
                      struct pp_error *err) {
    uint32_t n = 0;
    struct pp_arena scratch = {0};
    bool ok = true;
    while (n < room && db_more(d, &ok, err)) {
        if (!has_labels(db_text(d, 4), l->q->labels, &scratch)) continue;
        n++;
        ok = read_run(l, d, room - n, err);
    }
    pp_arena_done(&scratch);
    *ret_n = n;
    return ok;
}

static void move_down(struct loading *l, uint32_t room, uint32_t n) {
    struct history_window *w = l->w;
    uint32_t from = room - n;
    w->runs += from;
    w->total += from;
    w->count += from;
    l->ids += from;
    l->blocks += from;
    w->n_runs = n;
    for (size_t i = 0; i < l->s->n_loose; i++)
        l->s->loose[i].run -= from;
}

static bool count_elsewhere(struct loading *l, struct pp_error *err) {
    struct db_query *d;
    bool row;
    if (!db_ask(l->s->h->db, "SELECT count(*) FROM runs WHERE machine <> ?", &d, err)) return false;
    db_set_text(d, 1, l->w->machine);
    bool ok = db_next(d, &row, err);
    l->w->n_elsewhere = ok && row ? (uint32_t)db_int(d, 0) : 0;
    db_done(d);
    return ok;
}

static bool load_runs(struct loading *l, struct pp_error *err) {
    struct history *h = l->s->h;
    int64_t n_all;
    struct db_query *d = NULL;
    uint32_t got = 0;
    if (!db_number(h->db, "SELECT count(*) FROM runs", &n_all, err) ||
        !db_number(h->db, "SELECT coalesce(max(id), 0) FROM functions", &l->s->max_id, err))
        return false;
    uint32_t room = l->q->n_runs && l->q->n_runs < n_all ? l->q->n_runs : (uint32_t)n_all;
    if (l->s->max_id < 0 || l->s->max_id > INT32_MAX)
        return pp_fail(err, PP_E_FORMAT, "%s: has too many functions", h->path);
    l->w->runs = PP_NEW(l->arena, struct history_run, room);
    l->w->total = PP_NEW(l->arena, double, room);
    l->w->count = PP_NEW(l->arena, double, room);
    l->ids = PP_NEW(l->arena, int64_t, room);
    l->blocks = PP_NEW(l->arena, int64_t, room);
    bool ok = db_ask(h->db,
                     "SELECT id, time_ns, duration_ns, commit_id, labels, source, unit, total,"
                     " count, block, functions FROM runs JOIN sums ON run = id AND type = ?1"
                     " WHERE machine = ?2 ORDER BY time_ns DESC, id DESC",
                     &d, err);
    if (ok) {
        db_set_text(d, 1, l->w->type);
        db_set_text(d, 2, l->w->machine);
        ok = read_runs(l, d, room, &got, err);
    }
    db_done(d);
    move_down(l, room, got);
    return ok && count_elsewhere(l, err);
}

/* ---- their blocks ---- */

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct run_id {
    int64_t id;
    uint32_t run;
};

static uint32_t find_run(const struct run_id *sorted, uint32_t n, int64_t id) {
    const struct run_id *found = bsearch(&id, sorted, n, sizeof *sorted, by_id);
    return found ? found->run + 1 : 0;
}

/* Runs that were recorded one after the other are in order already. */
static void sort_runs(struct run_id *runs, uint32_t n) {
    uint32_t sorted = 1;
    while (sorted < n && runs[sorted - 1].id < runs[sorted].id)
        sorted++;
    if (sorted < n) qsort(runs, n, sizeof *runs, by_id);
}

/* Neighbours are mostly in the same one. ret_n: without what follows itself. */
static void drop_repeated(int64_t *ids, uint32_t n, uint32_t *ret_n) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!kept || ids[i] != ids[kept - 1]) ids[kept++] = ids[i];
    *ret_n = kept;
}

static bool read_block(struct loading *l, int64_t id, const struct run_id *sorted,
                       struct pp_error *err) {
    struct history_source *s = l->s;
    struct source_block b = {.run_of = NULL};
    if (!block_read(s->h, id, &b.block, l->arena, err)) return false;
    if (b.block.n_functions && b.block.functions[b.block.n_functions - 1].id > s->max_id)
        return pp_fail(err, PP_E_FORMAT, "%s: block %" PRId64 ": a function is missing", s->h->path,
                       id);
    b.run_of = PP_NEW(l->arena, uint32_t, b.block.n_runs);
    for (uint32_t i = 0; i < b.block.n_runs; i++)
        b.run_of[i] = find_run(sorted, l->w->n_runs, b.block.runs[i]);
    PP_PUSH(l->arena, s->blocks, s->n_blocks, s->cap_blocks, b);
    return true;
}

/* Each of those that the runs are in, once. */
static bool load_blocks(struct loading *l, struct pp_error *err) {
    struct pp_arena scratch = {0};
    uint32_t n = l->w->n_runs;
    struct run_id *sorted = PP_NEW(&scratch, struct run_id, n);
    bool ok = true;
    for (uint32_t i = 0; i < n; i++)
        sorted[i] = (struct run_id){l->ids[i], i};
    sort_runs(sorted, n);
    int64_t *ids = l->blocks, last = 0;
    drop_repeated(ids, n, &n);
    if (n) qsort(ids, n, sizeof *ids, by_id);
    for (uint32_t i = 0; i < n && ok; last = ids[i++])
        if (ids[i] != last) ok = read_block(l, ids[i], sorted, err);
    pp_arena_done(&scratch);
    return ok;
}

/* ---- their functions ---- */

/* The one that each function's callers vote for. */
struct election {
    int64_t *caller; /* by function */
    double *ahead;
};

static void vote(struct election *e, uint32_t function, int64_t caller, double weight) {
    if (!caller) return;
    if (e->caller[function] == caller) {
        e->ahead[function] += weight;
        return;
    }
    e->ahead[function] -= weight;
    if (e->ahead[function] >= 0) return;
    e->caller[function] = caller;
    e->ahead[function] = -e->ahead[function];
}

/* In the order of their ids, wherever they are. */
static void number_functions(struct loading *l) {
    struct history_source *s = l->s;
    s->row_of = PP_NEW(l->arena, uint32_t, (size_t)s->max_id + 1);
    for (size_t i = 0; i < s->n_loose; i++)
        for (uint32_t k = 0; k < s->loose[i].n; k++)
            s->row_of[s->loose[i].sums[k].id] = 1;
    for (size_t i = 0; i < s->n_blocks; i++)
        for (uint32_t k = 0; k < s->blocks[i].block.n_functions; k++)
            s->row_of[s->blocks[i].block.functions[k].id] = 1;
    for (int64_t id = 0; id <= s->max_id; id++)
        if (s->row_of[id]) s->row_of[id] = ++l->w->n_functions;
}

static void weigh_loose(struct loading *l, const struct loose_sums *loose, struct election *e) {
    int half = loose->run >= l->w->n_runs / 2;
    for (uint32_t k = 0; k < loose->n; k++) {
        const struct packed_sum *one = &loose->sums[k];
        uint32_t row = l->s->row_of[one->id] - 1;
        struct history_function *f = &l->w->functions[row];
        f->most[HISTORY_SELF][half] += fabs((double)one->self);
        f->most[HISTORY_CUM][half] += fabs((double)one->cum);
        vote(e, row, one->caller, fabs((double)one->cum));
    }
}

static void weigh_block(struct loading *l, const struct source_block *b, struct election *e) {
    bool has_half[2] = {false};
    for (uint32_t i = 0; i < b->block.n_runs; i++)
        if (b->run_of[i]) has_half[b->run_of[i] - 1 >= l->w->n_runs / 2] = true;
    for (uint32_t k = 0; k < b->block.n_functions; k++) {
        const struct block_function *one = &b->block.functions[k];
        uint32_t row = l->s->row_of[one->id] - 1;
        struct history_function *f = &l->w->functions[row];
        for (int cost = 0; cost < HISTORY_COSTS; cost++)
            for (int half = 0; half < 2; half++)
                if (has_half[half]) f->most[cost][half] += one->share[cost] * 1e-6 * b->block.total;
        vote(e, row, one->caller, one->caller_share * 1e-6 * b->block.total);
    }
}

static void weigh_functions(struct loading *l) {
    struct pp_arena scratch = {0};
    uint32_t n = l->w->n_functions;
    struct election e = {PP_NEW(&scratch, int64_t, n), PP_NEW(&scratch, double, n)};
    l->w->functions = PP_NEW(l->arena, struct history_function, n);
    for (size_t i = 0; i < l->s->n_loose; i++)
        weigh_loose(l, &l->s->loose[i], &e);
    for (size_t i = 0; i < l->s->n_blocks; i++)
        weigh_block(l, &l->s->blocks[i], &e);
    for (uint32_t i = 0; i < n; i++) {
        bool is_known = e.caller[i] > 0 && e.caller[i] <= l->s->max_id;
        l->w->functions[i].caller = is_known ? l->s->row_of[e.caller[i]] : 0;
    }
    pp_arena_done(&scratch);
}

static bool name_functions(struct loading *l, struct pp_error *err) {
    struct history_source *s = l->s;
    struct db_query *d;
    bool ok = true;
    if (!db_ask(s->h->db, "SELECT id, key, name, file, line FROM functions", &d, err)) return false;
    while (db_more(d, &ok, err)) {
        int64_t id = db_int(d, 0);
        uint32_t at = id >= 0 && id <= s->max_id ? s->row_of[id] : 0;
        if (!at) continue;
        struct history_function *f = &l->w->functions[at - 1];
        f->id = id;
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
    if (!db_ask(l->s->h->db, "SELECT name, commit_id, reason FROM blessed ORDER BY 1, 2", &d, err))
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

static bool no_such_run(const struct loading *l, struct pp_error *err) {
    const struct pairs *labels = l->q->labels;
    struct pp_str wanted = PP_STR("");
    for (size_t i = 0; labels && i < labels->n_texts; i += 2)
        wanted = pp_arena_printf(l->arena, "%.*s%s %.*s=%.*s", PP_STR_ARG(wanted),
                                 i ? "," : " and the labels", PP_STR_ARG(labels->texts[i]),
                                 PP_STR_ARG(labels->texts[i + 1]));
    return pp_fail(err, PP_E_NOT_FOUND, "%s: no run has the sample type %.*s, the machine %.*s%.*s",
                   l->s->h->path, PP_STR_ARG(l->w->type), PP_STR_ARG(l->w->machine),
                   PP_STR_ARG(wanted));
}

bool history_load(struct history *h, const struct history_question *q,
                  struct history_window *ret_window, struct pp_arena *arena, struct pp_error *err) {
    struct history_window w = {.n_runs = 0};
    w.source = PP_NEW(arena, struct history_source, 1);
    w.source->h = h;
    struct loading l = {.q = q, .w = &w, .s = w.source, .arena = arena};
    if (!choose(h, q, &w, arena, err) || !load_runs(&l, err)) return false;
    if (!w.n_runs) return no_such_run(&l, err);
    if (!load_blocks(&l, err)) return false;
    number_functions(&l);
    weigh_functions(&l);
    if (!name_functions(&l, err) || !load_blessed(&l, err)) return false;
    *ret_window = w;
    return true;
}

/* ---- values ---- */

struct reading {
    const struct history_window *w;
    const struct history_pick *pick;
    uint32_t *row; /* by function: 1 + its place in the pick */
    double **values;
};

static double cost_of(const struct column_cell *c, enum history_cost cost) {
    return (double)(cost == HISTORY_SELF ? c->self : cost == HISTORY_CUM ? c->cum : c->count);
}

static void put_value(const struct reading *r, uint32_t run, uint32_t row,
                      const struct column_cell *c) {
    if (run >= r->pick->from && run < r->pick->to)
        r->values[row][run - r->pick->from] = cost_of(c, r->pick->cost);
}

static void read_values_loose(const struct reading *r, const struct loose_sums *loose) {
    for (uint32_t k = 0; k < loose->n; k++) {
        const struct packed_sum *s = &loose->sums[k];
        const struct column_cell cell = {0, s->self, s->cum, s->count};
        uint32_t row = r->row[r->w->source->row_of[s->id] - 1];
        if (row) put_value(r, loose->run, row - 1, &cell);
    }
}

static bool has_run(const struct reading *r, const struct source_block *b) {
    for (uint32_t i = 0; i < b->block.n_runs; i++)
        if (b->run_of[i] > r->pick->from && b->run_of[i] <= r->pick->to) return true;
    return false;
}

static bool read_values_block(const struct reading *r, const struct source_block *b,
                              struct block_columns *columns, struct pp_error *err) {
    if (!has_run(r, b)) return true;
    for (uint32_t k = 0; k < b->block.n_functions; k++) {
        int64_t id = b->block.functions[k].id;
        uint32_t row = r->row[r->w->source->row_of[id] - 1];
        if (!row) continue;
        if (!block_column(columns, &b->block, id, err)) return false;
        for (uint32_t i = 0; i < columns->n; i++) {
            uint32_t run = b->run_of[columns->cells[i].run];
            if (run) put_value(r, run - 1, row - 1, &columns->cells[i]);
        }
    }
    return true;
}

bool history_values(const struct history_window *w, const struct history_pick *pick,
                    double ***ret_values, struct pp_arena *arena, struct pp_error *err) {
    enum { MAX_CELLS = 1 << 26 };
    struct pp_arena scratch = {0};
    struct block_columns columns;
    size_t width = pick->to - pick->from;
    if (width * pick->n > MAX_CELLS)
        return pp_fail(err, PP_E_LIMIT, "%s: %u functions in %zu runs are too many; ask for fewer",
                       w->source->h->path, pick->n, width);
    struct reading r = {w, pick, PP_NEW(&scratch, uint32_t, w->n_functions),
                        PP_NEW(arena, double *, pick->n)};
    double *cells = PP_NEW(arena, double, width * pick->n);
    for (uint32_t i = 0; i < pick->n; i++) {
        r.row[pick->functions[i]] = i + 1;
        r.values[i] = cells + i * width;
    }
    for (size_t i = 0; i < w->source->n_loose; i++)
        read_values_loose(&r, &w->source->loose[i]);
    bool is_open = block_columns_open(w->source->h, &columns, err), ok = is_open;
    for (size_t i = 0; i < w->source->n_blocks && ok; i++)
        ok = read_values_block(&r, &w->source->blocks[i], &columns, err);
    if (is_open) block_columns_close(&columns);
    pp_arena_done(&scratch);
    if (ok) *ret_values = r.values;
    return ok;
}
