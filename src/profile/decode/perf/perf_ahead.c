/* See perf_ahead.h. Blocks of records go round between the two. */
#include "profile/decode/perf/perf_ahead.h"

#include "base/arena.h"
#include "base/scope.h"

#include <pthread.h>

enum { BLOCKS = 4, BLOCK = 4096 };

struct block {
    size_t n;
    struct perf_waiting records[BLOCK];
};

struct perf_ahead {
    struct perf_framer framer; /* the thread's, until it is joined */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t made, taken;
    struct scope_mark *mark;
    size_t n_made, n_taken; /* blocks; the one before n_taken is being looked at */
    bool started, stop, ended;
    struct block blocks[BLOCKS];
};

/* Waits until a block is free; false: to be ended. */
static bool wait_for_room(struct perf_ahead *a) {
    pthread_mutex_lock(&a->lock);
    while (a->n_made - a->n_taken == BLOCKS - 1 && !a->stop)
        pthread_cond_wait(&a->taken, &a->lock);
    bool go_on = !a->stop;
    pthread_mutex_unlock(&a->lock);
    return go_on;
}

static void publish(struct perf_ahead *a, bool ended) {
    pthread_mutex_lock(&a->lock);
    a->n_made += !ended;
    a->ended = ended;
    pthread_cond_signal(&a->made);
    pthread_mutex_unlock(&a->lock);
}

static void *frame_all(void *ahead) {
    struct perf_ahead *a = ahead;
    bool turned = false;
    while (!turned && wait_for_room(a)) {
        struct block *b = &a->blocks[a->n_made % BLOCKS];
        b->n = perf_frame(&a->framer, b->records, BLOCK);
        if (b->n == 0) break;
        turned = a->framer.has_turned;
        publish(a, false);
    }
    publish(a, true);
    return NULL;
}

static void end_thread(void *ahead) {
    struct perf_ahead *a = ahead;
    pthread_mutex_lock(&a->lock);
    a->stop = true;
    pthread_cond_signal(&a->taken);
    pthread_mutex_unlock(&a->lock);
    if (a->started) pthread_join(a->thread, NULL);
    pthread_mutex_destroy(&a->lock);
    pthread_cond_destroy(&a->made);
    pthread_cond_destroy(&a->taken);
}

struct perf_ahead *perf_ahead_start(const struct perf_framer *from) {
    if (!scope_may(SCOPE_THREADS)) return NULL;
    struct perf_ahead *a = pp_calloc(1, sizeof *a);
    a->framer = *from;
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->made, NULL);
    pthread_cond_init(&a->taken, NULL);
    a->mark = scope_hold(end_thread, a);
    a->started = pthread_create(&a->thread, NULL, frame_all, a) == 0;
    if (a->started) return a;
    perf_ahead_stop(a);
    return NULL;
}

size_t perf_ahead_next(struct perf_ahead *a, const struct perf_waiting **ret_records) {
    pthread_mutex_lock(&a->lock);
    pthread_cond_signal(&a->taken);
    while (a->n_taken == a->n_made && !a->ended)
        pthread_cond_wait(&a->made, &a->lock);
    const struct block *b = a->n_taken < a->n_made ? &a->blocks[a->n_taken++ % BLOCKS] : NULL;
    pthread_mutex_unlock(&a->lock);
    if (!b) return 0;
    *ret_records = b->records;
    return b->n;
}

struct perf_framer perf_ahead_stop(struct perf_ahead *a) {
    scope_drop(a->mark);
    end_thread(a);
    struct perf_framer stood = a->framer;
    pp_free(a);
    return stood;
}
