/* See perf_queue.h. */
#include "profile/decode/perf/perf_queue.h"

#include "base/arena.h"

static void make_room(struct perf_queue *q) {
    q->cap = q->cap ? q->cap * 2 : 4096;
    q->at = pp_realloc(q->at, q->cap * sizeof *q->at);
    q->turns = pp_realloc(q->turns, q->cap * sizeof *q->turns);
    q->other = pp_realloc(q->other, q->cap * sizeof *q->other);
    q->sorted = pp_realloc(q->sorted, q->cap * sizeof *q->sorted);
}

void perf_queue_add(struct perf_queue *q, const struct perf_waiting *w) {
    if (q->n == q->cap) make_room(q);
    q->turns[q->n] = (struct perf_turn){w->time, q->n};
    q->at[q->n++] = *w;
    if (w->spool) w->spool->n_waiting++;
    if (w->time > q->newest) q->newest = w->time;
}

/* ---- sorting: what waits is a few runs that are in order, one a processor ---- */

static size_t end_of_run(const struct perf_turn *at, size_t from, size_t n) {
    size_t i = from + 1;
    while (i < n && at[i - 1].time <= at[i].time)
        i++;
    return i < n ? i : n;
}

/* Merges [a, b) and [b, end), of equals the earlier first. */
static void merge(const struct perf_turn *from, size_t a, size_t b, size_t end,
                  struct perf_turn *to) {
    size_t left = a, right = b;
    for (size_t i = a; i < end; i++) {
        bool take_left = right == end || (left < b && from[left].time <= from[right].time);
        to[i] = from[take_left ? left++ : right++];
    }
}

/* Merges each two runs; returns how many there were. */
static size_t merge_pairs(const struct perf_turn *from, size_t n, struct perf_turn *to) {
    size_t n_runs = 0;
    for (size_t a = 0, b, end; a < n; a = end) {
        b = end_of_run(from, a, n);
        end = b < n ? end_of_run(from, b, n) : n;
        merge(from, a, b, end, to);
        n_runs += b < n ? 2 : 1;
    }
    return n_runs;
}

static void sort(struct perf_queue *q) {
    if (q->n == 0 || end_of_run(q->turns, 0, q->n) == q->n) return;
    for (size_t n_runs = 3; n_runs > 2;) {
        n_runs = merge_pairs(q->turns, q->n, q->sorted);
        struct perf_turn *sorted = q->sorted;
        q->sorted = q->turns;
        q->turns = sorted;
    }
}

/* Those from n on, which stay, come first, in the order of time. */
static void drop(struct perf_queue *q, size_t n) {
    for (size_t i = n; i < q->n; i++) {
        q->other[i - n] = q->at[q->turns[i].at];
        q->turns[i - n] = (struct perf_turn){q->turns[i].time, i - n};
    }
    struct perf_waiting *stay = q->other;
    q->other = q->at;
    q->at = stay;
    q->n -= n;
}

static bool flush(struct perf_queue *q, uint64_t until, perf_deliver *deliver, void *user) {
    size_t n = 0;
    sort(q);
    while (n < q->n && q->turns[n].time <= until)
        n++;
    const struct perf_run run = {q->at, q->turns, n};
    bool ok = deliver(user, &run);
    for (size_t i = 0; i < n && q->spools; i++) {
        struct perf_spool *spool = perf_run_at(&run, i)->spool;
        if (!spool) continue;
        spool->n_waiting--;
        perf_spool_settle(spool);
    }
    if (n) drop(q, n);
    return ok;
}

bool perf_queue_round(struct perf_queue *q, perf_deliver *deliver, void *user) {
    uint64_t until = q->newest_of_round;
    q->newest_of_round = q->newest;
    return flush(q, until, deliver, user);
}

bool perf_queue_rest(struct perf_queue *q, perf_deliver *deliver, void *user) {
    return flush(q, UINT64_MAX, deliver, user);
}

struct perf_spool *perf_spool_new(struct perf_queue *q, size_t cap) {
    struct perf_spool *s = pp_calloc(1, sizeof *s);
    s->cap = cap;
    s->bytes = pp_malloc(cap);
    s->next = q->spools;
    s->link = &q->spools;
    s->n_waiting = 1; /* whoever fills it */
    if (s->next) s->next->link = &s->next;
    q->spools = s;
    return s;
}

void perf_spool_settle(struct perf_spool *s) {
    if (s->n_waiting) return;
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    pp_free(s->bytes);
    pp_free(s);
}

void perf_queue_done(struct perf_queue *q) {
    for (struct perf_spool *s = q->spools, *next; s; s = next) {
        next = s->next;
        pp_free(s->bytes);
        pp_free(s);
    }
    pp_free(q->at);
    pp_free(q->other);
    pp_free(q->turns);
    pp_free(q->sorted);
    *q = (struct perf_queue){0};
}
