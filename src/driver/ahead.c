#include "driver/ahead.h"

#include "base/parallel.h"
#include "graph/sum_store.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

enum { FEW_FRAMES = 1 << 22 }; /* any report of them takes less than a tenth of a second */

/* ---- the steps of the prompt ---- */

static void find_out(const struct report_ctx *rc) {
    struct graph g;
    struct trim_result trim;
    struct pp_error err = {0};
    void *found = NULL;
    if (!rc->format->collect) {
        report_graph(rc, &g, &trim);
        graph_done(&g);
    } else if (rc->format->collect(rc, &found, &err)) {
        rc->format->close(found);
    }
}

bool ahead_reports(void *question, unsigned n) {
    static const struct report_format *const formats[] = {&top_report, &dot_report, &flame_report};
    static const struct pp_diag silent;
    const struct ahead_question *of = question;
    struct query_host host = of->host;
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct query q;
    if (n >= sizeof formats / sizeof *formats) return false;
    host.diag = &silent;
    const struct query_request request = {of->p, formats[n], &of->question, NULL, &host};
    bool ok = query_open(&q, &request, &arena, &err) && sum_store_is_of(host.sums, q.rc.profile);
    if (ok) find_out(&q.rc);
    query_done(&q);
    pp_arena_done(&arena);
    return ok;
}

/* ---- the thread ---- */

struct ahead {
    ahead_step *step;
    void *user;
    enum ahead_priority priority;
    atomic_bool stop;
    bool done;
    pthread_t thread;
};

static void *run(void *user) {
    struct ahead *a = user;
    if (a->priority == AHEAD_OF_NONE) parallel_give_way();
    for (unsigned n = 0; !a->done && !a->stop; n++)
        a->done = !a->step(a->user, n);
    return NULL;
}

/* Signals are for the other threads. */
static bool start(struct ahead *a) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    bool ok = pthread_create(&a->thread, NULL, run, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

bool ahead_is_worth(const struct pp_profile *p) {
    return p->n_frames >= FEW_FRAMES;
}

struct ahead *ahead_begin(ahead_step *step, void *user, enum ahead_priority priority) {
    struct ahead *a = pp_calloc(1, sizeof *a);
    a->step = step;
    a->user = user;
    a->priority = priority;
    if (start(a)) return a;
    pp_free(a);
    return NULL;
}

bool ahead_end(struct ahead *a) {
    if (!a) return true;
    a->stop = true;
    pthread_join(a->thread, NULL);
    bool done = a->done;
    pp_free(a);
    return done;
}
