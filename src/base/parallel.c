#include "base/parallel.h"

#include "base/arena.h"
#include "base/scope.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

struct pool {
    atomic_size_t next;
    size_t n_tasks;
    void (*run)(void *user, unsigned worker, size_t task);
    void *user;
    struct scope *scope; /* what the threads belong to */
};

struct worker {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
    bool started, failed;
};

unsigned parallel_width(size_t n_tasks, unsigned wanted) {
    cpu_set_t processors;
    size_t n = scope_may(SCOPE_THREADS) ? wanted : 1;
    if (!n)
        n = sched_getaffinity(0, sizeof processors, &processors) ? 1
                                                                 : (size_t)CPU_COUNT(&processors);
    if (n > n_tasks) n = n_tasks;
    if (n > PARALLEL_MAX) n = PARALLEL_MAX;
    return n ? (unsigned)n : 1;
}

static void work(void *worker) {
    struct worker *w = worker;
    for (;;) {
        size_t task = atomic_fetch_add(&w->pool->next, 1);
        if (task >= w->pool->n_tasks) return;
        w->pool->run(w->pool->user, w->number, task);
    }
}

/* Memory that is exhausted in one thread ends the call when all have ended. */
static void *work_in_scope(void *worker) {
    struct worker *w = worker;
    w->failed = !scope_run_thread(w->pool->scope, work, w);
    return NULL;
}

void parallel_run(unsigned n_threads, size_t n_tasks,
                  void (*run)(void *user, unsigned worker, size_t task), void *user) {
    struct pool pool = {.n_tasks = n_tasks, .run = run, .user = user, .scope = scope_current()};
    struct worker workers[PARALLEL_MAX] = {0};
    if (n_threads > PARALLEL_MAX) n_threads = PARALLEL_MAX;
    for (unsigned i = 0; i < n_threads; i++)
        workers[i] = (struct worker){.pool = &pool, .number = i};
    for (unsigned i = 1; i < n_threads; i++)
        workers[i].started =
            pthread_create(&workers[i].thread, NULL, work_in_scope, &workers[i]) == 0;
    work_in_scope(&workers[0]);
    bool failed = workers[0].failed;
    for (unsigned i = 1; i < n_threads; i++) {
        if (workers[i].started) pthread_join(workers[i].thread, NULL);
        failed |= workers[i].failed;
    }
    if (failed) pp_out_of_memory(0);
}
