#include "driver/indexing_later.h"

#include "base/parallel.h"
#include "driver/indexing.h"

#include <pthread.h>
#include <unistd.h>

/* Bytes of debug information that a processor gets through in a second, and what is a moment. */
static const uint64_t bytes_a_second = UINT64_C(80) << 20;
static const uint64_t milliseconds_after = 1500;

struct indexing {
    const struct fetched *fetched; /* its options, and what is wanted */
    const struct world *env;
    unsigned threads; /* 0: all processors */
    uint64_t most_bytes;
    atomic_bool stop;
    pthread_t thread;
};

/* Whatever fails: the next report goes on without an index, as this one did. */
static void make_all(struct indexing *x) {
    struct pp_arena arena = {0};
    struct binaries *b = fetch_binaries(x->fetched->options, x->env, &arena);
    const struct index_options opt = {.dirs = b->dirs, .threads = x->threads, .stop = &x->stop};
    for (size_t i = 0; i < x->fetched->wanted.n && !x->stop; i++) {
        const struct wanted_index *w = &x->fetched->wanted.at[i];
        struct index_made made = {.arena = &arena};
        if (w->bytes > x->most_bytes) continue;
        struct binary *binary = binaries_open(b, w->path, PP_STR(""), true);
        if (binary->is_open) index_store_make(&b->opt.index, &binary->object, &opt, &made, NULL);
    }
    binaries_done(b);
    pp_arena_done(&arena);
}

void indexing_after(const struct fetched *f, const struct world *env) {
    struct indexing x = {.fetched = f, .env = env};
    if (!f->wanted.n || !indexing_may_write(&f->options->index)) return;
    close(env->out);
    x.most_bytes = parallel_width(PARALLEL_MAX, 0) * bytes_a_second * milliseconds_after / 1000;
    make_all(&x);
}

static void *run(void *user) {
    parallel_give_way();
    make_all(user);
    return NULL;
}

struct indexing *indexing_begin(const struct fetched *f, const struct world *env) {
    if (!f->wanted.n || !indexing_may_write(&f->options->index)) return NULL;
    struct indexing *x = pp_calloc(1, sizeof *x);
    x->fetched = f;
    x->env = env;
    x->threads = 1;
    x->most_bytes = UINT64_MAX;
    if (pthread_create(&x->thread, NULL, run, x) == 0) return x;
    pp_free(x);
    return NULL;
}

void indexing_end(struct indexing *later) {
    if (!later) return;
    later->stop = true;
    pthread_join(later->thread, NULL);
    pp_free(later);
}
