#include "load/gather.h"

#include "base/isal.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "load/tally.h"
#include "profile/decode/decode.h"
#include "profile/merge.h"
#include "profile/runs.h"
#include "profile/source_mark.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 128, /* sources; that merging goes by chunks shows where samples cancel each other */
    MANY = 16    /* that are worth loading a library, keeping memory, and keys of stacks */
};

struct chunk {
    const struct gather *g;
    const char *const *names;
    size_t n;
    struct live_source *live; /* one a name */
    struct tally *tally;
    bool only;            /* the source is the only one: its failure is the whole's */
    atomic_bool *no_keys; /* of a stream: its sources need none; or NULL */
};

/* ---- one source ---- */

/* Directories with files were replaced by these. */
static bool is_empty_directory(const char *name) {
    struct stat st;
    return stat(name, &st) == 0 && S_ISDIR(st.st_mode) && access(name, R_OK) == 0;
}

static bool open_source(const struct chunk *c, size_t at, struct input *ret_in,
                        struct pp_error *err) {
    const struct gather *g = c->g;
    const char *name = c->names[at];
    if (c->live[at].url) return live_open(&c->live[at], &g->options->limits, ret_in, err);
    if (!strcmp(name, "-")) return input_open_fd(ret_in, dup(g->env->in), &g->options->limits, err);
    if (input_open_file(ret_in, name, &g->options->limits, err)) return true;
    return is_empty_directory(name) ? pp_fail(err, PP_E_IO, "is a directory without files") : false;
}

/* Its samples are those of the profile in the end, or of one side of it that is only summed, with
 * no label more, and nobody saves it. */
static bool stays_as_it_is(const struct chunk *c, size_t at) {
    const struct gather *g = c->g;
    return c->only && (g->is_alone || g->options->sums_only) && !c->live[at].url &&
           !g->options->labels.n_texts;
}

/* May run in any thread. */
static bool decode_source(const struct chunk *c, size_t at, struct held *ret,
                          struct pp_error *ret_doubt, struct pp_error *err) {
    struct input in;
    if (!open_source(c, at, &in, err)) return false;
    in.decoders = c->g->options->decoders;
    in.n_decoders = c->g->options->n_decoders;
    in.host = &c->g->host;
    in.keep_times = c->g->options->timestamps;
    in.no_labels = c->g->options->no_labels && !c->live[at].url; /* those are saved, too */
    in.labels_later = c->g->options->labels_later && stays_as_it_is(c, at);
    in.units_only = in.labels_later || (in.no_labels && c->only && c->g->is_alone);
    in.numbers_only = c->g->numbers_only;
    in.is_merged = c->n >= MANY;
    bool ok = profile_decode(&in, &ret->profile, &ret->arena, err);
    if (ok && c->no_keys && !atomic_load_explicit(c->no_keys, memory_order_relaxed))
        merge_keys_make(&ret->profile, &ret->keys, &ret->arena);
    memcpy(ret->note, in.note, sizeof ret->note);
    ret->kept = in.kept;
    *ret_doubt = in.doubt;
    input_close(&in);
    live_close(&c->live[at]);
    return ok;
}

/* What was read nevertheless: said, or an error. */
static bool settle_doubt(const struct gather *g, const char *name, const struct pp_error *doubt,
                         struct pp_error *err) {
    if (doubt->code == PP_E_NONE) return true;
    if (g->options->strict) return pp_fail(err, doubt->code, "%s: %s (-strict)", name, doubt->text);
    pp_say(&g->env->diag, "%s: %s", name, doubt->text);
    return true;
}

static uint32_t mark_of(const struct chunk *c, size_t at) {
    return (uint32_t)(&c->names[at] - c->g->marked);
}

static void settle_source(const struct chunk *c, size_t at, struct held *h) {
    locate_binaries(&h->profile, &c->g->locate, &h->profile, &h->arena, &c->g->env->diag);
    if (c->g->marked) {
        c->g->runs[mark_of(c, at)] = profile_runs(&h->profile);
        source_mark_set(&h->profile, mark_of(c, at), &h->arena);
    }
    if (c->live[at].url) live_remember(c->g->live, &c->live[at], &h->profile, &h->arena);
}

/* ---- a file that is decoded while others are gathered ---- */

struct decoded {
    struct held held;
    struct pp_error why, doubt;
    bool ok, ready;
};

struct gather_ahead {
    struct gather g;
    const char *name;
    struct live_source none;
    struct decoded decoded;
    pthread_t thread;
};

static void *ahead_thread(void *arg) {
    struct gather_ahead *a = arg;
    const struct chunk c = {.g = &a->g, .names = &a->name, .n = 1, .live = &a->none, .only = true};
    struct decoded *d = &a->decoded;
    d->ok = decode_source(&c, 0, &d->held, &d->doubt, &d->why);
    return NULL;
}

static bool is_large_file(const char *name) {
    enum { WORTH_A_THREAD = 256 << 10 };
    struct stat st;
    return stat(name, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= WORTH_A_THREAD;
}

struct gather_ahead *gather_ahead(const struct gather *g, const char *name) {
    if (!is_large_file(name) || parallel_width(2, 0) < 2) return NULL;
    struct gather_ahead *a = pp_malloc(sizeof *a);
    *a = (struct gather_ahead){.g = *g, .name = name};
    if (pthread_create(&a->thread, NULL, ahead_thread, a) == 0) return a;
    pp_free(a);
    return NULL;
}

static struct decoded ahead_take(struct gather_ahead *a) {
    pthread_join(a->thread, NULL);
    struct decoded decoded = a->decoded;
    pp_free(a);
    return decoded;
}

void gather_forget(struct gather_ahead *a) {
    if (!a) return;
    struct decoded d = ahead_take(a);
    pp_arena_done(&d.held.arena);
}

static void decode_one(const struct chunk *c, size_t at, struct decoded *ret) {
    struct gather_ahead **a = c->g->ahead;
    if (a && *a && (*a)->name == c->names[at]) {
        *ret = ahead_take(*a);
        *a = NULL;
        return;
    }
    *ret = (struct decoded){0};
    ret->ok = decode_source(c, at, &ret->held, &ret->doubt, &ret->why);
}

/* ---- reading ahead: threads decode the next few sources while those before are merged ---- */

enum { AHEAD = 3 /* sources a thread */, MAX_THREADS = 16 };

struct reader {
    const struct chunk *c;
    size_t next;    /* source that is wanted */
    size_t claimed; /* sources up to here were taken by some thread */
    size_t ahead;

    unsigned n_threads; /* besides the caller's own */
    pthread_t threads[MAX_THREADS];
    pthread_mutex_t lock;
    pthread_cond_t decoded, taken;
    bool stop;
    struct decoded at[]; /* source i in i % ahead */
};

static bool may_claim(const struct reader *r) {
    return r->claimed < r->c->n && r->claimed < r->next + r->ahead;
}

/* Holds the lock before and after, but not meanwhile. */
static void decode_next(struct reader *r) {
    size_t at = r->claimed++;
    struct decoded d;
    pthread_mutex_unlock(&r->lock);
    decode_one(r->c, at, &d);
    pthread_mutex_lock(&r->lock);
    d.ready = true;
    r->at[at % r->ahead] = d;
    pthread_cond_signal(&r->decoded);
}

/* Decodes the next source, or waits for news where there is none to decode. */
static void decode_or_wait(struct reader *r, pthread_cond_t *news) {
    if (may_claim(r))
        decode_next(r);
    else
        pthread_cond_wait(news, &r->lock);
}

static void *reader_thread(void *arg) {
    struct reader *r = arg;
    pthread_mutex_lock(&r->lock);
    while (!r->stop)
        decode_or_wait(r, &r->taken);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

static struct reader *reader_open(const struct chunk *c) {
    unsigned wanted = parallel_width(c->n, 0);
    if (wanted > MAX_THREADS) wanted = MAX_THREADS;
    size_t ahead = wanted > 1 ? (size_t)AHEAD * wanted : 1;
    struct reader *r = pp_malloc(sizeof *r + ahead * sizeof *r->at);
    r->c = c;
    r->next = r->claimed = 0;
    r->n_threads = 0;
    r->stop = false;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->decoded, NULL);
    pthread_cond_init(&r->taken, NULL);
    r->ahead = ahead;
    for (size_t i = 0; i < r->ahead; i++)
        r->at[i].ready = false;
    while (r->n_threads + 1 < wanted &&
           pthread_create(&r->threads[r->n_threads], NULL, reader_thread, r) == 0)
        r->n_threads++;
    return r;
}

static void reader_close(struct reader *r) {
    pthread_mutex_lock(&r->lock);
    r->stop = true;
    pthread_cond_broadcast(&r->taken);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < r->n_threads; i++)
        pthread_join(r->threads[i], NULL);
    for (; r->next < r->claimed; r->next++)
        pp_arena_done(&r->at[r->next % r->ahead].held.arena);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->decoded);
    pthread_cond_destroy(&r->taken);
    pp_free(r);
}

/* The next source as it was decoded. While it is not there the caller's thread decodes, too. */
static void reader_take(struct reader *r, struct decoded *ret) {
    struct decoded *d = &r->at[r->next % r->ahead];
    pthread_mutex_lock(&r->lock);
    while (!d->ready)
        decode_or_wait(r, &r->decoded);
    *ret = *d;
    d->ready = false;
    r->next++;
    pthread_cond_signal(&r->taken);
    pthread_mutex_unlock(&r->lock);
}

enum read_status { READ_OK, READ_LEFT_OUT, READ_FAILED };

/* The next source; there is one. */
static enum read_status read_next(struct reader *r, struct held *ret, struct pp_error *err) {
    const struct chunk *c = r->c;
    size_t at = r->next;
    struct decoded d;
    reader_take(r, &d);
    bool is_told = d.ok && d.doubt.code != PP_E_NONE && tally_was_told(c->tally);
    if (d.ok && !is_told && !settle_doubt(c->g, c->names[at], &d.doubt, err)) {
        pp_arena_done(&d.held.arena);
        return READ_FAILED;
    }
    if (d.ok) {
        *ret = d.held;
        settle_source(c, at, ret);
        tally_read(c->tally, c->names[at], &ret->profile);
        tally_note(c->tally, c->names[at], ret->note);
        return READ_OK;
    }
    pp_arena_done(&d.held.arena);
    if (c->only || c->g->options->strict) {
        pp_fail(err, d.why.code, "%s: %s%s", c->names[at], d.why.text, c->only ? "" : " (-strict)");
        pp_about(err, d.why.about);
        return READ_FAILED;
    }
    tally_failed(c->tally, c->names[at], &d.why);
    return READ_LEFT_OUT;
}

/* ---- sources that are alike: each is merged and forgotten ---- */

struct stream {
    struct held first; /* until there is a second one: a single source stays as it is */
    struct held merged;
    struct merge_stream *merge;
    size_t n;
};

static bool stream_takes(const struct stream *s, const struct pp_profile *p) {
    if (s->n == 0) return true;
    return s->merge ? merge_takes(s->merge, p) : merge_alike(&s->first.profile, p);
}

static const struct merge_keys *keys_of(const struct held *h) {
    return h->keys.stacks ? &h->keys : NULL;
}

/* Takes a source in, which is used up. */
static void stream_add(struct stream *s, struct held *one) {
    if (s->n++ == 0) {
        s->first = *one;
        return;
    }
    if (!s->merge) {
        s->merge = merge_open(&s->merged.arena);
        merge_add(s->merge, &s->first.profile, keys_of(&s->first));
        pp_arena_done(&s->first.arena);
    }
    merge_add(s->merge, &one->profile, keys_of(one));
    pp_arena_done(&one->arena);
}

/* The sum, or nothing if there was no source; the stream can be used again. */
static bool stream_finish(struct stream *s, struct held *ret, struct pp_error *err) {
    bool ok = !s->merge || merge_close(s->merge, &s->merged.profile, err); /* into its arena */
    *ret = s->merge ? s->merged : s->first;
    *s = (struct stream){0};
    return ok;
}

static void stream_give_up(struct stream *s) {
    merge_give_up(s->merge);
    pp_arena_done(&s->first.arena);
    pp_arena_done(&s->merged.arena);
}

/* Mixed: not to be merged this way. */
enum chunk_status { CHUNK_OK, CHUNK_MIXED, CHUNK_FAILED };

/* Samples of a chunk that cancel each other go, and then come behind those of later chunks. */
static bool needs_chunks(const struct chunk *c, const struct stream *s) {
    return c->n > CHUNK && s->merge && merge_may_cancel(s->merge);
}

static void tick(const struct gather *g, size_t at, size_t n) {
    if (at && at % CHUNK == 0 && g->live->progress) progress_tick(g->live->progress, at, n);
}

static enum chunk_status stream_chunk(const struct chunk *chunk, struct held *ret,
                                      struct pp_error *err) {
    struct stream s = {0};
    atomic_bool no_keys = chunk->n < MANY;
    struct chunk with_keys = *chunk;
    with_keys.no_keys = &no_keys;
    const struct chunk *c = &with_keys;
    struct reader *r = reader_open(c);
    enum chunk_status status = CHUNK_OK;
    while (r->next < c->n && status == CHUNK_OK) {
        struct held one;
        tick(c->g, r->next, c->n);
        enum read_status read = read_next(r, &one, err);
        if (read == READ_FAILED) status = CHUNK_FAILED;
        if (read != READ_OK) continue;
        if (stream_takes(&s, &one.profile)) {
            stream_add(&s, &one);
            if (needs_chunks(c, &s)) status = CHUNK_MIXED;
            if (s.merge && !merge_wants_keys(s.merge)) atomic_store(&no_keys, true);
        } else {
            pp_arena_done(&one.arena);
            status = CHUNK_MIXED;
        }
    }
    reader_close(r);
    if (status != CHUNK_OK) {
        stream_give_up(&s);
        return status;
    }
    bool alone = s.n == 1;
    bool ok = stream_finish(&s, ret, err);
    if (alone) ok = profile_combine(&ret->profile, 1, &ret->profile, &ret->arena, err);
    return ok ? CHUNK_OK : CHUNK_FAILED;
}

/* ---- any chunk: all its sources in memory ---- */

static bool hold_chunk(const struct chunk *c, struct held *ret, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct held *held = PP_NEW(&scratch, struct held, c->n);
    struct pp_profile *profiles = PP_NEW(&scratch, struct pp_profile, c->n);
    struct reader *r = reader_open(c);
    size_t n = 0;
    bool ok = true;
    while (r->next < c->n && ok) {
        enum read_status read = read_next(r, &held[n], err);
        ok = read != READ_FAILED;
        if (read == READ_OK) {
            profiles[n] = held[n].profile;
            n++;
        }
    }
    reader_close(r);
    if (ok && n == 1) {
        *ret = held[--n];
        ok = profile_combine(&ret->profile, 1, &ret->profile, &ret->arena, err);
    } else if (ok && n) {
        struct pp_arena prepared = {0};
        ok = profile_prepare(profiles, n, &prepared, err) &&
             profile_merge(profiles, n, &ret->profile, &ret->arena, err);
        pp_arena_done(&prepared);
    }
    while (n)
        pp_arena_done(&held[--n].arena);
    pp_arena_done(&scratch);
    return ok;
}

/* ---- chunks ---- */

/* Whether all sources can be read a second time. */
static bool is_repeatable(const struct chunk *c) {
    for (size_t i = 0; i < c->n; i++) {
        struct stat st;
        if (c->live[i].url) continue;
        if (!strcmp(c->names[i], "-")) return false;
        if (stat(c->names[i], &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
            return false;
    }
    return true;
}

/* Leaves `ret` empty when no source could be read. */
static bool read_chunk(const struct chunk *c, struct held *ret, struct pp_error *err) {
    if (is_repeatable(c)) {
        const struct tally before = *c->tally;
        size_t n_origins = c->g->live->n_origins;
        enum chunk_status status = stream_chunk(c, ret, err);
        if (status != CHUNK_MIXED) return status == CHUNK_OK;
        tally_return(c->tally, &before);
        c->g->live->n_origins = n_origins;
    }
    return hold_chunk(c, ret, err);
}

/* Adds a chunk's sum to the others'. What the reference merges pair by pair comes out the same when
 * it is merged in one go, as long as no sample is nothing at the end of a chunk. */
static bool add_sum(struct stream *total, struct held *one, struct pp_error *err) {
    struct held sum;
    if (stream_takes(total, &one->profile)) {
        stream_add(total, one);
        if (!total->merge || !merge_has_zeros(total->merge)) return true;
        if (!stream_finish(total, &sum, err)) {
            pp_arena_done(&sum.arena);
            return false;
        }
    } else if (!stream_finish(total, &sum, err)) {
        pp_arena_done(&one->arena);
        pp_arena_done(&sum.arena);
        return false;
    } else if (!held_add(&sum, one, err)) {
        pp_arena_done(&sum.arena);
        return false;
    }
    stream_add(total, &sum);
    return true;
}

static bool add_chunk(struct chunk *c, struct stream *total, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct held one = {0};
    size_t n_before = c->tally->n_read;
    c->live = PP_NEW(&scratch, struct live_source, c->n);
    live_fetch(c->g->live, c->names, c->n, c->live);
    bool ok = read_chunk(c, &one, err);
    for (size_t i = 0; i < c->n; i++)
        live_source_done(c->g->live, &c->live[i]);
    pp_arena_done(&scratch);
    if (ok && c->tally->n_read > n_before) return add_sum(total, &one, err);
    pp_arena_done(&one.arena);
    return ok;
}

bool gather_one(const struct gather *g, const char *name, struct live_source *live,
                struct held *ret, struct pp_error *err) {
    struct chunk c = {.g = g, .names = &name, .n = 1, .live = live};
    struct pp_error doubt = {0};
    if (!decode_source(&c, 0, ret, &doubt, err)) return pp_wrap(err, "%s", name);
    if (!settle_doubt(g, name, &doubt, err) ||
        !profile_combine(&ret->profile, 1, &ret->profile, &ret->arena, err))
        return false;
    if (*ret->note) pp_say(&g->env->diag, "%s: %s", name, ret->note);
    settle_source(&c, 0, ret);
    return true;
}

bool held_add(struct held *a, struct held *b, struct pp_error *err) {
    struct held sum = {0};
    struct pp_profile both[2] = {a->profile, b->profile};
    bool ok = profile_combine(both, 2, &sum.profile, &sum.arena, err);
    pp_arena_done(&a->arena);
    pp_arena_done(&b->arena);
    *a = sum;
    return ok;
}

bool held_subtract(struct held *a, struct held *b, struct pp_error *err) {
    bool ok = profile_subtract(&a->profile, &b->profile, &a->arena, err);
    pp_arena_done(&b->arena);
    if (!ok) pp_arena_done(&a->arena);
    return ok;
}

static bool are_files(const char *const *names, size_t n) {
    struct stat st;
    for (size_t i = 0; i < n; i++)
        if (stat(names[i], &st) || !S_ISREG(st.st_mode)) return false;
    return true;
}

/* All of them as if they were one chunk, which gives the same and looks up less: what few profiles
 * do not allow. */
static enum chunk_status gather_whole(const struct chunk *all, struct held *ret,
                                      struct pp_error *err) {
    struct pp_arena scratch = {0};
    const struct tally before = *all->tally;
    struct chunk c = *all;
    c.live = PP_NEW(&scratch, struct live_source, c.n);
    enum chunk_status status =
        c.n > CHUNK && are_files(c.names, c.n) ? stream_chunk(&c, ret, err) : CHUNK_MIXED;
    if (status == CHUNK_MIXED) tally_return(c.tally, &before);
    pp_arena_done(&scratch);
    return status;
}

static bool gather_chunks(const struct chunk *all, struct held *ret, struct pp_error *err) {
    struct stream total = {0};
    bool ok = true;
    for (size_t at = 0; at < all->n && ok; at += CHUNK) {
        struct chunk c = *all;
        c.names += at;
        c.n = all->n - at < CHUNK ? all->n - at : CHUNK;
        tick(c.g, at, all->n);
        ok = add_chunk(&c, &total, err);
    }
    if (ok) return stream_finish(&total, ret, err);
    stream_give_up(&total);
    return false;
}

bool gather(const struct gather *g, const char *const *names, size_t n, struct held *ret,
            struct pp_error *err) {
    struct tally tally = {.what = g->what, .strict = g->options->strict, .diag = &g->env->diag};
    struct held sum = {0};
    if (n >= MANY) {
        isal_expect_many();
        pp_keep_freed_memory();
    }
    const struct chunk all = {g, names, n, NULL, &tally, n == 1, NULL};
    enum chunk_status whole = gather_whole(&all, &sum, err);
    bool ok = whole == CHUNK_OK;
    if (whole == CHUNK_MIXED) ok = gather_chunks(&all, &sum, err);
    if (!ok && err->code == PP_E_INCOMPATIBLE && n > 1)
        pp_wrap(err, "merging the %s profiles", g->what);
    ok = ok && tally_report(&tally, &sum.profile, err);
    sum.n_runs = tally.n_runs;
    if (ok)
        *ret = sum;
    else
        pp_arena_done(&sum.arena);
    return ok;
}
