/* See perf_queue.h. */
#include "profile/decode/perf/perf_queue.h"

#include "base/sort.h"

void perf_queue_add(struct perf_queue *q, const struct perf_waiting *w) {
    if (q->n == q->cap) {
        q->cap = q->cap ? q->cap * 2 : 4096;
        q->at = pp_realloc(q->at, q->cap * sizeof *q->at);
    }
    q->at[q->n++] = *w;
    if (w->spool) w->spool->n_waiting++;
    if (w->time > q->newest) q->newest = w->time;
}

static int by_time(const void *a, const void *b, void *user) {
    (void)user;
    const struct perf_waiting *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static bool is_sorted(const struct perf_queue *q) {
    for (size_t i = 1; i < q->n; i++)
        if (q->at[i].time < q->at[i - 1].time) return false;
    return true;
}

static bool flush(struct perf_queue *q, uint64_t until, perf_deliver *deliver, void *user) {
    size_t n = 0;
    bool ok = true;
    if (!is_sorted(q)) sort_stable(q->at, q->n, sizeof *q->at, by_time, NULL);
    for (; n < q->n && q->at[n].time <= until && ok; n++) {
        struct perf_waiting *w = &q->at[n];
        ok = deliver(user, w->at, w->size);
        if (!w->spool) continue;
        w->spool->n_waiting--;
        perf_spool_settle(w->spool);
    }
    q->n -= n;
    if (n && q->n) memmove(q->at, q->at + n, q->n * sizeof *q->at);
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
    *q = (struct perf_queue){0};
}
