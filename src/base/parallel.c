#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

struct pool {
    atomic_size_t next;
    size_t n_tasks;
    void (*run)(void *user, unsigned worker, size_t task);
    void *user;
};

struct worker {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
    bool started;
};

unsigned parallel_width(size_t n_tasks, unsigned wanted) {
    cpu_set_t processors;
    size_t n = wanted;
    if (!n)
        n = sched_getaffinity(0, sizeof processors, &processors) ? 1
                                                                 : (size_t)CPU_COUNT(&processors);
    if (n > n_tasks) n = n_tasks;
    if (n > PARALLEL_MAX) n = PARALLEL_MAX;
    return n ? (unsigned)n : 1;
}

static void *work(void *arg) {
    struct worker *w = arg;
    for (;;) {
        size_t task = atomic_fetch_add(&w->pool->next, 1);
        if (task >= w->pool->n_tasks) return NULL;
        w->pool->run(w->pool->user, w->number, task);
    }
}

void parallel_run(unsigned n_threads, size_t n_tasks,
                  void (*run)(void *user, unsigned worker, size_t task), void *user) {
    struct pool pool = {.n_tasks = n_tasks, .run = run, .user = user};
    struct worker workers[PARALLEL_MAX] = {0};
    if (n_threads > PARALLEL_MAX) n_threads = PARALLEL_MAX;
    for (unsigned i = 0; i < n_threads; i++)
        workers[i] = (struct worker){.pool = &pool, .number = i};
    for (unsigned i = 1; i < n_threads; i++)
        workers[i].started = pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0;
    work(&workers[0]);
    for (unsigned i = 1; i < n_threads; i++)
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
}
