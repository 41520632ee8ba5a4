#include "driver/gather.h"

#include "driver/tally.h"
#include "profile/decode.h"
#include "profile/merge.h"
#include "symbol/pool.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 128 }; /* sources; that merging goes by chunks shows in the result */

struct chunk {
    const struct gather *g;
    const char *const *names;
    size_t n;
    struct live_source *live; /* one a name */
    struct tally *tally;
    bool only; /* the source is the only one: its failure is the whole's */
};

/* ---- one source ---- */

static bool open_source(const struct chunk *c, size_t at, struct input *ret_in,
                        struct pp_error *err) {
    const struct gather *g = c->g;
    if (c->live[at].url) return live_open(&c->live[at], &g->limits, ret_in, err);
    if (!strcmp(c->names[at], "-")) return input_open_fd(ret_in, dup(g->env->in), &g->limits, err);
    return input_open_file(ret_in, c->names[at], &g->limits, err);
}

/* May run in any thread. */
static bool decode_source(const struct chunk *c, size_t at, struct held *ret,
                          struct pp_error *err) {
    struct input in;
    if (!open_source(c, at, &in, err)) return false;
    bool ok = profile_decode(&in, &ret->profile, &ret->arena, err);
    input_close(&in);
    live_close(&c->live[at]);
    return ok;
}

static void settle_source(const struct chunk *c, size_t at, struct held *h) {
    locate_binaries(&h->profile, &c->g->locate, &h->profile, &h->arena, &c->g->env->diag);
    if (c->live[at].url) live_remember(c->g->live, &c->live[at], &h->profile, &h->arena);
}

/* ---- reading ahead: a few sources are decoded at the same time ---- */

enum { WINDOW = 64 /* sources that are decoded at most */, AHEAD = 4 /* a thread */ };

struct reader {
    const struct chunk *c;
    size_t next;     /* source that is wanted */
    size_t first, n; /* sources that are decoded */
    unsigned n_threads;
    struct decoded {
        struct held held;
        struct pp_error why;
        bool ok;
    } at[WINDOW];
};

static struct reader *reader_open(const struct chunk *c) {
    struct reader *r = pp_malloc(sizeof *r);
    r->c = c;
    r->next = r->first = r->n = 0;
    r->n_threads = pool_threads(c->n, 0);
    return r;
}

static void reader_close(struct reader *r) {
    for (; r->next < r->first + r->n; r->next++)
        pp_arena_done(&r->at[r->next - r->first].held.arena);
    free(r);
}

static void decode_task(void *user, unsigned worker, size_t task) {
    struct reader *r = user;
    struct decoded *d = &r->at[task];
    (void)worker;
    d->held = (struct held){0};
    d->ok = decode_source(r->c, r->first + task, &d->held, &d->why);
}

enum read_status { READ_OK, READ_LEFT_OUT, READ_FAILED };

/* The next source; there is one. */
static enum read_status read_next(struct reader *r, struct held *ret, struct pp_error *err) {
    const struct chunk *c = r->c;
    if (r->next == r->first + r->n) {
        size_t left = c->n - r->next, want = AHEAD * (size_t)r->n_threads;
        if (want > WINDOW) want = WINDOW;
        r->first = r->next;
        r->n = want < left ? want : left;
        pool_run(r->n_threads, r->n, decode_task, r);
    }
    size_t at = r->next++;
    struct decoded *d = &r->at[at - r->first];
    if (d->ok) {
        *ret = d->held;
        settle_source(c, at, ret);
        tally_read(c->tally, c->names[at], &ret->profile);
        return READ_OK;
    }
    pp_arena_done(&d->held.arena);
    if (c->only || c->g->strict) {
        pp_fail(err, d->why.code, "%s: %s%s", c->names[at], d->why.text,
                c->only ? "" : " (-strict)");
        return READ_FAILED;
    }
    tally_failed(c->tally, c->names[at], &d->why);
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

/* Takes a source in, which is used up. */
static void stream_add(struct stream *s, struct held *one) {
    if (s->n++ == 0) {
        s->first = *one;
        return;
    }
    if (!s->merge) {
        s->merge = merge_open(&s->merged.arena);
        merge_add(s->merge, &s->first.profile);
        pp_arena_done(&s->first.arena);
    }
    merge_add(s->merge, &one->profile);
    pp_arena_done(&one->arena);
}

/* The sum, or nothing if there was no source; the stream can be used again. */
static bool stream_finish(struct stream *s, struct held *ret, struct pp_error *err) {
    bool ok = true;
    *ret = s->merge ? s->merged : s->first;
    if (s->merge) ok = merge_close(s->merge, &ret->profile, err);
    *s = (struct stream){0};
    return ok;
}

static void stream_give_up(struct stream *s) {
    merge_give_up(s->merge);
    pp_arena_done(&s->first.arena);
    pp_arena_done(&s->merged.arena);
}

enum chunk_status { CHUNK_OK, CHUNK_MIXED, CHUNK_FAILED };

static enum chunk_status stream_chunk(const struct chunk *c, struct held *ret,
                                      struct pp_error *err) {
    struct stream s = {0};
    struct reader *r = reader_open(c);
    enum chunk_status status = CHUNK_OK;
    while (r->next < c->n && status == CHUNK_OK) {
        struct held one;
        enum read_status read = read_next(r, &one, err);
        if (read == READ_FAILED) status = CHUNK_FAILED;
        if (read != READ_OK) continue;
        if (stream_takes(&s, &one.profile)) {
            stream_add(&s, &one);
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
        if (stat(c->names[i], &st) == 0 && !S_ISREG(st.st_mode)) return false;
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
        *c->tally = before;
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
    if (!decode_source(&c, 0, ret, err)) return pp_wrap(err, "%s", name);
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

bool gather(const struct gather *g, const char *const *names, size_t n, const char *what,
            struct held *ret, struct pp_error *err) {
    struct tally tally = {0};
    struct stream total = {0};
    struct held sum = {0};
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += CHUNK) {
        struct chunk c = {g, names + at, n - at < CHUNK ? n - at : CHUNK, NULL, &tally, n == 1};
        ok = add_chunk(&c, &total, err);
    }
    if (ok)
        ok = stream_finish(&total, &sum, err);
    else
        stream_give_up(&total);
    if (!ok && err->code == PP_E_INCOMPATIBLE && n > 1)
        pp_wrap(err, "merging the %s profiles", what);
    ok = ok && tally_report(&tally, what, &sum.profile, g->strict, &g->env->diag, err);
    if (ok)
        *ret = sum;
    else
        pp_arena_done(&sum.arena);
    return ok;
}
