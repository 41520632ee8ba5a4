#include "base/parallel.h"

#include "base/arena.h"
#include "base/scope.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What is to be done; on the stack of who waits for it. */
struct job {
    atomic_size_t next;
    size_t n_tasks;
    void (*run)(void *user, unsigned worker, size_t task);
    void *user;
    struct scope *scope; /* that the threads belong to while they do it */
    atomic_bool failed;
};

struct worker {
    struct parallel_team *team;
    unsigned number;
    pthread_t thread;
    bool started;
};

struct parallel_team {
    pthread_mutex_t lock;
    pthread_cond_t begun, left; /* a job; the last one inside */
    struct job *job;            /* that a thread may still enter */
    size_t n_jobs, n_inside;    /* jobs so far; threads that are in the present one */
    bool stop;
    struct scope_mark *mark;
    unsigned n;
    struct worker workers[]; /* the first is the caller */
};

void parallel_give_way(void) {
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19); /* of this thread, on Linux */
}

unsigned parallel_width(size_t n_tasks, unsigned wanted) {
    cpu_set_t processors;
    if (n_tasks < 2) return 1;
    size_t n = scope_may(SCOPE_THREADS) ? wanted : 1;
    if (!n)
        n = sched_getaffinity(0, sizeof processors, &processors) ? 1
                                                                 : (size_t)CPU_COUNT(&processors);
    if (n > n_tasks) n = n_tasks;
    if (n > PARALLEL_MAX) n = PARALLEL_MAX;
    return n ? (unsigned)n : 1;
}

struct doing {
    struct job *job;
    unsigned worker;
};

static void work(void *doing) {
    const struct doing *d = doing;
    for (;;) {
        size_t task = atomic_fetch_add(&d->job->next, 1);
        if (task >= d->job->n_tasks) return;
        d->job->run(d->job->user, d->worker, task);
    }
}

/* Memory that is exhausted in one thread ends the call when all have left. */
static void work_in_scope(struct job *j, unsigned worker) {
    struct doing d = {j, worker};
    if (!scope_run_thread(j->scope, work, &d)) j->failed = true;
}

static void *help(void *worker) {
    struct worker *w = worker;
    struct parallel_team *t = w->team;
    size_t seen = 0;
    pthread_mutex_lock(&t->lock);
    while (!t->stop) {
        struct job *j = t->job;
        if (!j || seen == t->n_jobs) {
            pthread_cond_wait(&t->begun, &t->lock);
            continue;
        }
        seen = t->n_jobs;
        t->n_inside++;
        pthread_mutex_unlock(&t->lock);
        work_in_scope(j, w->number);
        pthread_mutex_lock(&t->lock);
        if (--t->n_inside == 0) pthread_cond_signal(&t->left);
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

static void end_threads(void *team) {
    struct parallel_team *t = team;
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_broadcast(&t->begun);
    pthread_mutex_unlock(&t->lock);
    for (unsigned i = 1; i < t->n; i++)
        if (t->workers[i].started) pthread_join(t->workers[i].thread, NULL);
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->begun);
    pthread_cond_destroy(&t->left);
}

struct parallel_team *parallel_open(unsigned n_threads) {
    unsigned n = n_threads < PARALLEL_MAX ? n_threads : PARALLEL_MAX;
    struct parallel_team *t = pp_calloc(1, sizeof *t + n * sizeof *t->workers);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->begun, NULL);
    pthread_cond_init(&t->left, NULL);
    t->mark = scope_hold(end_threads, t);
    t->n = n;
    for (unsigned i = 1; i < n; i++) {
        struct worker *w = &t->workers[i];
        *w = (struct worker){.team = t, .number = i};
        w->started = pthread_create(&w->thread, NULL, help, w) == 0;
    }
    return t;
}

void parallel_team_run(struct parallel_team *t, size_t n_tasks,
                       void (*run)(void *user, unsigned worker, size_t task), void *user) {
    struct job j = {.n_tasks = n_tasks, .run = run, .user = user, .scope = scope_current()};
    pthread_mutex_lock(&t->lock);
    t->job = &j;
    t->n_jobs++;
    pthread_cond_broadcast(&t->begun);
    pthread_mutex_unlock(&t->lock);
    work_in_scope(&j, 0);
    pthread_mutex_lock(&t->lock);
    t->job = NULL;
    while (t->n_inside)
        pthread_cond_wait(&t->left, &t->lock);
    pthread_mutex_unlock(&t->lock);
    if (j.failed) pp_out_of_memory(0);
}

void parallel_close(struct parallel_team *t) {
    if (!t) return;
    scope_drop(t->mark);
    end_threads(t);
    pp_free(t);
}

void parallel_run(unsigned n_threads, size_t n_tasks,
                  void (*run)(void *user, unsigned worker, size_t task), void *user) {
    if (n_threads <= 1 || n_tasks <= 1) {
        for (size_t i = 0; i < n_tasks; i++)
            run(user, 0, i);
        return;
    }
    struct parallel_team *t = parallel_open(n_threads);
    parallel_team_run(t, n_tasks, run, user);
    parallel_close(t);
}
