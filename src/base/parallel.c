#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

struct share {
    void (*run)(void *user, unsigned share);
    void *user;
    unsigned number;
    bool started;
    pthread_t thread;
};

unsigned parallel_width(void) {
    cpu_set_t cpus;
    if (sched_getaffinity(0, sizeof cpus, &cpus) != 0) return 1;
    int n = CPU_COUNT(&cpus);
    return n < 1 ? 1 : n > PARALLEL_MAX ? PARALLEL_MAX : (unsigned)n;
}

static void *run_share(void *arg) {
    struct share *s = arg;
    s->run(s->user, s->number);
    return NULL;
}

void parallel_run(unsigned n, void (*run)(void *user, unsigned share), void *user) {
    struct share shares[PARALLEL_MAX];
    for (unsigned i = 1; i < n; i++) {
        shares[i] = (struct share){.run = run, .user = user, .number = i};
        shares[i].started = !pthread_create(&shares[i].thread, NULL, run_share, &shares[i]);
    }
    run(user, 0);
    for (unsigned i = 1; i < n; i++) {
        if (shares[i].started)
            pthread_join(shares[i].thread, NULL);
        else
            run(user, i);
    }
}
