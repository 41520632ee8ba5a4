/* From the file to what a question is about. */
#include "history/block.h"
#include "history/source.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

/* ---- which runs ---- */

/* The newest run's, where the question names none. CROSS: runs are looked at first. */
static bool choose(struct history *h, const struct history_question *q, struct history_window *w,
                   struct pp_arena *arena, struct pp_error *err) {
    struct db_query *d;
    bool row;
    if (!db_ask(h->db,
                "SELECT machine, type FROM runs CROSS JOIN sums ON run = id WHERE is_default"
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

struct loaded_run {
    struct history_run run;
    struct pp_str unit;
    double total, count;
    int64_t id, block; /* block 0: its sums are here */
    struct packed_sum *sums;
    uint32_t n_sums;
    uint32_t at; /* in the window */
};

struct loading {
    const struct history_question *q;
    struct history_window *w;
    struct history_source *s;
    struct pp_arena *arena;
    struct loaded_run *runs; /* w->n_runs, as the file has them */
    size_t cap_runs;
    struct pp_arena scratch;
};

static bool read_loose(struct loading *l, struct db_query *d, struct loaded_run *r,
                       struct pp_error *err) {
    struct history_source *s = l->s;
    if (!unpack_sums(db_text(d, 10), &r->sums, &r->n_sums, l->arena, err))
        return pp_wrap(err, "%s: run %" PRId64, s->h->path, r->id);
    return !r->n_sums || r->sums[r->n_sums - 1].id <= s->max_id ||
           pp_fail(err, PP_E_FORMAT, "%s: run %" PRId64 ": a function is missing", s->h->path,
                   r->id);
}

/* Runs beside each other mostly have the same. */
static struct pp_str keep(struct loading *l, struct pp_str text, struct pp_str before) {
    return pp_str_eq(text, before) ? before : pp_arena_copy(l->arena, text);
}

static bool read_run(struct loading *l, struct db_query *d, struct pp_error *err) {
    struct history_window *w = l->w;
    const struct loaded_run none = {.id = 0}, *before = w->n_runs ? &l->runs[w->n_runs - 1] : &none;
    struct loaded_run r = {
        .run = {.time_ns = db_int(d, 1),
                .duration_ns = db_int(d, 2),
                .commit = keep(l, db_text(d, 3), before->run.commit),
                .labels = keep(l, db_text(d, 4), before->run.labels),
                .source = keep(l, db_text(d, 5), before->run.source),
                .machine = w->machine},
        .unit = keep(l, db_text(d, 6), before->unit),
        .total = (double)db_int(d, 7),
        .count = (double)db_int(d, 8),
        .id = db_int(d, 0),
        .block = db_int(d, 9),
    };
    if (!r.block && !read_loose(l, d, &r, err)) return false;
    PP_PUSH(&l->scratch, l->runs, w->n_runs, l->cap_runs, r);
    return true;
}

#define RUN_COLUMNS                                                                                \
    "SELECT id, time_ns, duration_ns, commit_id, labels, source, unit, total, count, block,"       \
    " functions FROM "

/* All runs are read in the order that they were recorded in, which takes half as long. */
static const char all_runs[] =
    RUN_COLUMNS "sums CROSS JOIN runs ON run = id WHERE type = ?1 AND machine = ?2";
static const char newest_runs[] =
    RUN_COLUMNS "runs JOIN sums ON run = id AND type = ?1 WHERE machine = ?2"
                " ORDER BY time_ns DESC, id DESC";

/* most: 0: all. */
static bool read_runs(struct loading *l, uint32_t most, struct pp_error *err) {
    struct db_query *d;
    bool ok = true;
    if (!db_ask(l->s->h->db, most ? newest_runs : all_runs, &d, err)) return false;
    db_set_text(d, 1, l->w->type);
    db_set_text(d, 2, l->w->machine);
    while ((!most || l->w->n_runs < most) && db_more(d, &ok, err))
        if (has_labels(db_text(d, 4), l->q->labels, &l->scratch)) ok = read_run(l, d, err);
    db_done(d);
    return ok;
}

typedef int compare_runs(const void *a, const void *b);

static int by_time(const void *a, const void *b) {
    const struct loaded_run *x = *(struct loaded_run *const *)a,
                            *y = *(struct loaded_run *const *)b;
    if (x->run.time_ns != y->run.time_ns) return x->run.time_ns < y->run.time_ns ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

static int by_id(const void *a, const void *b) {
    const struct loaded_run *x = *(struct loaded_run *const *)a,
                            *y = *(struct loaded_run *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

/* They mostly are in order already. */
static struct loaded_run **sort_runs(struct loading *l, compare_runs *compare) {
    uint32_t n = l->w->n_runs, sorted = 1;
    struct loaded_run **runs = PP_NEW(&l->scratch, struct loaded_run *, n);
    for (uint32_t i = 0; i < n; i++)
        runs[i] = &l->runs[i];
    while (sorted < n && compare(&runs[sorted - 1], &runs[sorted]) < 0)
        sorted++;
    if (sorted < n) qsort(runs, n, sizeof *runs, compare);
    return runs;
}

/* The oldest first. */
static void fill_window(struct loading *l) {
    struct history_window *w = l->w;
    struct loaded_run **sorted = sort_runs(l, by_time);
    w->runs = PP_NEW(l->arena, struct history_run, w->n_runs);
    w->total = PP_NEW(l->arena, double, w->n_runs);
    w->count = PP_NEW(l->arena, double, w->n_runs);
    for (uint32_t i = 0; i < w->n_runs; i++) {
        struct loaded_run *r = sorted[i];
        const struct loose_sums loose = {i, r->sums, r->n_sums};
        r->at = i;
        w->runs[i] = r->run;
        w->total[i] = r->total;
        w->count[i] = r->count;
        if (r->unit.len) w->unit = r->unit;
        if (!r->block) PP_PUSH(l->arena, l->s->loose, l->s->n_loose, l->s->cap_loose, loose);
    }
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
    int64_t n_all;
    uint32_t most = l->q->n_runs;
    if (!db_number(l->s->h->db, "SELECT count(*) FROM runs", &n_all, err) ||
        !history_max_function(l->s->h, &l->s->max_id, err) ||
        !read_runs(l, most < n_all ? most : 0, err))
        return false;
    fill_window(l);
    return count_elsewhere(l, err);
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

/* The window's runs by their ids. */
struct run_list {
    struct loaded_run **sorted;
    uint32_t n, next; /* next: the one after what was found last, which mostly is asked for */
};

static const struct loaded_run *find_run(struct run_list *list, int64_t id) {
    const struct loaded_run wanted = {.id = id}, *key = &wanted;
    struct loaded_run **at = &list->sorted[list->next];
    if (list->next == list->n || (*at)->id != id)
        at = bsearch(&key, list->sorted, list->n, sizeof *at, by_id);
    if (!at) return NULL;
    list->next = (uint32_t)(at - list->sorted) + 1;
    return *at;
}

static struct source_block find_runs(struct loading *l, const struct block *b,
                                     struct run_list *list, bool ret_has_half[2]) {
    struct source_block s = {b->id, PP_NEW(l->arena, uint32_t, b->n_runs), b->n_runs};
    for (uint32_t i = 0; i < b->n_runs; i++) {
        const struct loaded_run *r = find_run(list, b->runs[i]);
        if (!r) continue;
        s.run_of[i] = 1 + r->at;
        ret_has_half[r->at >= l->w->n_runs / 2] = true;
    }
    return s;
}

static bool weigh_block(struct loading *l, struct block_head *head, struct run_list *list,
                        struct weight *weights, struct pp_error *err) {
    struct history_source *s = l->s;
    struct block_function f;
    bool has_half[2] = {false};
    const struct source_block b = find_runs(l, &head->block, list, has_half);
    while (block_next(head, &f)) {
        if (f.id > s->max_id)
            return pp_fail(err, PP_E_FORMAT, "%s: block %" PRId64 ": a function is missing",
                           s->h->path, b.id);
        weigh(&weights[f.id], &f, head->block.total, has_half);
    }
    PP_PUSH(l->arena, s->blocks, s->n_blocks, s->cap_blocks, b);
    return block_is_whole(head, err);
}

static int by_number(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Those that the runs are in, each once, in their order. */
static int64_t *list_blocks(struct loading *l, uint32_t *ret_n) {
    int64_t *ids = PP_NEW(&l->scratch, int64_t, l->w->n_runs);
    uint32_t n = 0, kept = 0;
    for (uint32_t i = 0; i < l->w->n_runs; i++) {
        int64_t block = l->runs[i].block;
        if (block && (!n || ids[n - 1] != block)) ids[n++] = block;
    }
    if (n) qsort(ids, n, sizeof *ids, by_number);
    for (uint32_t i = 0; i < n; i++)
        if (!kept || ids[kept - 1] != ids[i]) ids[kept++] = ids[i];
    *ret_n = kept;
    return ids;
}

static bool weigh_blocks(struct loading *l, struct weight *weights, struct pp_error *err) {
    struct run_list list = {sort_runs(l, by_id), l->w->n_runs, 0};
    uint32_t n;
    bool ok = true;
    const int64_t *ids = list_blocks(l, &n);
    for (uint32_t i = 0; i < n && ok; i++) {
        struct block_head head;
        if (!block_open(l->s->h, ids[i], &head, &l->scratch, err)) return false;
        ok = weigh_block(l, &head, &list, weights, err);
        block_close(&head);
    }
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
        f->name = keep(l, db_text(d, 2), f->key);
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
