#include "driver/ahead.h"

#include "graph/sum_store.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FEW_FRAMES = 1 << 22 }; /* any report of them takes less than a tenth of a second */

struct ahead {
    const struct pp_profile *p;
    struct pp_query question;
    struct query_host host;
    enum ahead_priority priority;
    atomic_bool stop;
    bool done;
    pthread_t thread;
};

/* False: nothing of such a question is kept. What is wrong with it is told to who asks. */
static bool find_out(const struct ahead *a, const struct report_format *format) {
    struct pp_arena arena = {0};
    struct pp_error err = {0};
    struct query q;
    struct graph g;
    struct trim_result trim;
    const struct query_request request = {a->p, format, &a->question, NULL, &a->host};
    bool ok = query_open(&q, &request, &arena, &err) && sum_store_is_of(a->host.sums, q.rc.profile);
    if (ok && format->collect) {
        void *found = NULL;
        if (format->collect(&q.rc, &found, &err)) format->close(found);
    } else if (ok) {
        report_graph(&q.rc, &g, &trim);
        graph_done(&g);
    }
    query_done(&q);
    pp_arena_done(&arena);
    return ok;
}

static void *run(void *user) {
    struct ahead *a = user;
    const struct report_format *const formats[] = {&top_report, &dot_report, &flame_report};
    const size_t n = sizeof formats / sizeof *formats;
    if (a->priority == AHEAD_OF_NONE)
        setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), 19); /* of this thread, on Linux */
    for (size_t i = 0; !a->done && !a->stop; i++)
        a->done = !find_out(a, formats[i]) || i + 1 == n;
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

struct ahead *ahead_begin(const struct pp_profile *p, const struct pp_query *question,
                          const struct query_host *host, enum ahead_priority priority) {
    static const struct pp_diag silent;
    struct ahead *a = pp_calloc(1, sizeof *a);
    a->p = p;
    a->question = *question;
    a->host = *host;
    a->host.diag = &silent;
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
