/* From the file to what a question is about. */
#include "history/block.h"
#include "history/source.h"

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
                "SELECT machine, main_type FROM runs WHERE main_type <> ''"
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

/* A run of the type and machine. */
struct found_run {
    const struct block_run *run;
    uint32_t block, place; /* 1 + the source's, and its place there; 0: it is a row */
    struct pp_str sums;    /* of a row, packed */
};

struct loading {
    const struct history_question *q;
    struct history_window *w;
    struct history_source *s;
    struct pp_arena *arena;
    struct found_run *runs;
    size_t n_runs, cap_runs;
    struct pp_arena scratch;
};

static void add_run(struct loading *l, const struct found_run *run) {
    if (has_labels(run->run->run.labels, l->q->labels, &l->scratch))
        PP_PUSH(&l->scratch, l->runs, l->n_runs, l->cap_runs, *run);
}

static bool ask(const struct loading *l, const char *sql, struct db_query **ret_query,
                struct pp_error *err) {
    if (!db_ask(l->s->h->db, sql, ret_query, err)) return false;
    db_set_text(*ret_query, 1, l->w->type);
    db_set_text(*ret_query, 2, l->w->machine);
    return true;
}

static bool find_packed(struct loading *l, struct pp_error *err) {
    struct history_source *s = l->s;
    struct db_query *d;
    bool ok = true;
    if (!ask(l, "SELECT id, runs FROM blocks WHERE type = ? AND machine = ? ORDER BY id", &d, err))
        return false;
    while (db_more(d, &ok, err)) {
        struct block b = {.id = db_int(d, 0)};
        ok = block_take_runs(db_text(d, 1), &b, l->arena) || block_damaged(s->h, b.id, err);
        if (!ok) break;
        const struct source_block source = {b.id, PP_NEW(l->arena, uint32_t, b.n_runs), b.n_runs};
        PP_PUSH(l->arena, s->blocks, s->n_blocks, s->cap_blocks, source);
        for (uint32_t i = 0; i < b.n_runs; i++)
            add_run(l, &(struct found_run){
                           .run = &b.runs[i], .block = (uint32_t)s->n_blocks, .place = i});
    }
    db_done(d);
    return ok;
}

static bool find_loose(struct loading *l, struct pp_error *err) {
    struct db_query *d;
    bool ok = true;
    if (!ask(l,
             "SELECT " BLOCK_RUN_COLUMNS
             ", functions FROM sums CROSS JOIN runs ON run = id WHERE type = ? AND machine = ?",
             &d, err))
        return false;
    while (db_more(d, &ok, err)) {
        struct block_run *run = PP_NEW(l->arena, struct block_run, 1);
        *run = block_run_of(d, l->arena);
        add_run(l,
                &(struct found_run){.run = run, .sums = pp_arena_copy(&l->scratch, db_text(d, 9))});
    }
    db_done(d);
    return ok;
}

static int by_time(const void *a, const void *b) {
    const struct block_run *x = ((const struct found_run *)a)->run;
    const struct block_run *y = ((const struct found_run *)b)->run;
    if (x->run.time_ns != y->run.time_ns) return x->run.time_ns < y->run.time_ns ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* They mostly are in order already. */
static void sort_runs(struct found_run *runs, size_t n) {
    size_t sorted = 1;
    while (sorted < n && by_time(&runs[sorted - 1], &runs[sorted]) < 0)
        sorted++;
    if (sorted < n) qsort(runs, n, sizeof *runs, by_time);
}

static bool take_loose(struct loading *l, const struct found_run *r, uint32_t at,
                       struct pp_error *err) {
    struct history_source *s = l->s;
    struct loose_sums loose = {.run = at};
    if (!unpack_sums(r->sums, &loose.sums, &loose.n, l->arena, err))
        return pp_wrap(err, "%s: run %" PRId64, s->h->path, r->run->id);
    if (loose.n && loose.sums[loose.n - 1].id > s->max_id)
        return pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 ": a function is missing", s->h->path,
                       r->run->id);
    PP_PUSH(l->arena, s->loose, s->n_loose, s->cap_loose, loose);
    return true;
}

/* So many of the newest. */
static bool fill_window(struct loading *l, uint32_t n, struct pp_error *err) {
    struct history_window *w = l->w;
    const struct found_run *runs = l->runs + (l->n_runs - n);
    w->n_runs = n;
    w->runs = PP_NEW(l->arena, struct history_run, n);
    w->total = PP_NEW(l->arena, double, n);
    w->count = PP_NEW(l->arena, double, n);
    for (uint32_t i = 0; i < n; i++) {
        const struct block_run *r = runs[i].run;
        w->runs[i] = r->run;
        w->runs[i].machine = w->machine;
        w->total[i] = (double)r->total;
        w->count[i] = (double)r->count;
        if (r->unit.len) w->unit = r->unit;
        if (runs[i].block)
            l->s->blocks[runs[i].block - 1].run_of[runs[i].place] = 1 + i;
        else if (!take_loose(l, &runs[i], i, err))
            return false;
    }
    return true;
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
    enum { MOST_RUNS = INT32_MAX };
    if (!history_max_function(l->s->h, &l->s->max_id, err) || !find_packed(l, err) ||
        !find_loose(l, err))
        return false;
    size_t most = l->q->n_runs ? l->q->n_runs : MOST_RUNS;
    if (l->n_runs) sort_runs(l->runs, l->n_runs);
    return fill_window(l, (uint32_t)(l->n_runs < most ? l->n_runs : most), err) &&
           count_elsewhere(l, err);
}

/* ---- functions, in runs that are rows and in blocks ---- */

/* What is known of a function without its values, and whom its callers vote for. */
struct weight {
    double most[HISTORY_COSTS][2];
    int64_t caller;
    double ahead;
    bool occurs;
};

static void vote(struct weight *w, int64_t caller, double part) {
    if (!caller) return;
    if (w->caller == caller) {
        w->ahead += part;
        return;
    }
    w->ahead -= part;
    if (w->ahead >= 0) return;
    w->caller = caller;
    w->ahead = -w->ahead;
}

static void weigh_loose(const struct loading *l, struct weight *weights) {
    for (size_t i = 0; i < l->s->n_loose; i++) {
        const struct loose_sums *loose = &l->s->loose[i];
        int half = loose->run >= l->w->n_runs / 2;
        for (uint32_t k = 0; k < loose->n; k++) {
            const struct packed_sum *one = &loose->sums[k];
            struct weight *w = &weights[one->id];
            w->most[HISTORY_SELF][half] += fabs((double)one->self);
            w->most[HISTORY_CUM][half] += fabs((double)one->cum);
            vote(w, one->caller, fabs((double)one->cum));
            w->occurs = true;
        }
    }
}

/* A function of a block; has_half: of the window, that runs of it are in. */
static void weigh(struct weight *w, const struct block_function *f, double total,
                  const bool has_half[2]) {
    for (int cost = 0; cost < HISTORY_COSTS; cost++)
        for (int half = 0; half < 2; half++)
            if (has_half[half]) w->most[cost][half] += f->share[cost] * 1e-6 * total;
    vote(w, f->caller, f->caller_share * 1e-6 * total);
    w->occurs = true;
}

/* Halves of the window that it has runs of; false: none. */
static bool find_halves(const struct loading *l, const struct source_block *b,
                        bool ret_has_half[2]) {
    ret_has_half[0] = ret_has_half[1] = false;
    for (uint32_t i = 0; i < b->n_runs; i++)
        if (b->run_of[i]) ret_has_half[b->run_of[i] - 1 >= l->w->n_runs / 2] = true;
    return ret_has_half[0] || ret_has_half[1];
}

static bool weigh_block(const struct loading *l, struct pp_str functions, const bool has_half[2],
                        struct weight *weights) {
    struct block_functions f;
    block_begin_functions(functions, &f);
    while (block_next_function(&f)) {
        if (f.last.id > l->s->max_id) return false;
        weigh(&weights[f.last.id], &f.last, f.total, has_half);
    }
    return block_end_functions(&f);
}

/* Blocks without a run of the window are left out from here on. */
static bool weigh_blocks(struct loading *l, struct weight *weights, struct pp_error *err) {
    struct history_source *s = l->s;
    struct db_query *q;
    size_t n = 0;
    bool ok = true;
    if (!db_ask(s->h->db, "SELECT functions FROM blocks WHERE id = ?", &q, err)) return false;
    for (size_t i = 0; i < s->n_blocks && ok; i++) {
        bool has_half[2], row;
        const struct source_block b = s->blocks[i];
        if (!find_halves(l, &b, has_half)) continue;
        db_set_int(q, 1, b.id);
        ok = db_next(q, &row, err) && ((row && weigh_block(l, db_text(q, 0), has_half, weights)) ||
                                       block_damaged(s->h, b.id, err));
        s->blocks[n++] = b;
        db_again(q);
    }
    s->n_blocks = n;
    db_done(q);
    return ok;
}

/* Functions are numbered in the order of their ids, wherever they occur. */
static void take_functions(struct loading *l, const struct weight *weights) {
    struct history_source *s = l->s;
    struct history_window *w = l->w;
    s->row_of = PP_NEW(l->arena, uint32_t, (size_t)s->max_id + 1);
    for (int64_t id = 0; id <= s->max_id; id++)
        if (weights[id].occurs) s->row_of[id] = ++w->n_functions;
    w->functions = PP_NEW(l->arena, struct history_function, w->n_functions);
    for (int64_t id = 0; id <= s->max_id; id++) {
        if (!weights[id].occurs) continue;
        struct history_function *f = &w->functions[s->row_of[id] - 1];
        int64_t caller = weights[id].caller;
        f->id = id;
        memcpy(f->most, weights[id].most, sizeof f->most);
        f->caller = caller > 0 && caller <= s->max_id ? s->row_of[caller] : 0;
    }
}

static bool load_functions(struct loading *l, struct pp_error *err) {
    struct weight *weights = PP_NEW(&l->scratch, struct weight, (size_t)l->s->max_id + 1);
    weigh_loose(l, weights);
    if (!weigh_blocks(l, weights, err)) return false;
    take_functions(l, weights);
    return true;
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
        f->key = pp_arena_copy(l->arena, db_text(d, 1));
        f->name = db_text(d, 2);
        f->name = pp_str_eq(f->name, f->key) ? f->key : pp_arena_copy(l->arena, f->name);
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

void history_release(const struct history_window *w) {
    struct history *h = w->source->h;
    struct pp_error ignored;
    if (h->is_reading) db_run(h->db, "COMMIT", &ignored);
    h->is_reading = false;
}

bool history_load(struct history *h, const struct history_question *q,
                  struct history_window *ret_window, struct pp_arena *arena, struct pp_error *err) {
    struct history_window w = {.n_runs = 0};
    w.source = PP_NEW(arena, struct history_source, 1);
    w.source->h = h;
    struct loading l = {.q = q, .w = &w, .s = w.source, .arena = arena};
    bool ok = history_begin(h, err) && choose(h, q, &w, arena, err) && load_runs(&l, err) &&
              (w.n_runs || no_such_run(&l, err)) && load_functions(&l, err) &&
              name_functions(&l, err) && load_blessed(&l, err);
    pp_arena_done(&l.scratch);
    if (ok) *ret_window = w;
    return ok;
}
