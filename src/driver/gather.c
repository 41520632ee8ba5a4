#include "driver/gather.h"

#include "driver/tally.h"
#include "profile/decode.h"
#include "profile/merge.h"
#include "profile/view.h"

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
    if (c->live[at].url) return live_open(g->live, &c->live[at], &g->limits, ret_in, err);
    if (!strcmp(c->names[at], "-")) return input_open_fd(ret_in, dup(g->env->in), &g->limits, err);
    return input_open_file(ret_in, c->names[at], &g->limits, err);
}

static bool decode_source(const struct chunk *c, size_t at, struct held *ret,
                          struct pp_error *err) {
    struct input in;
    if (!open_source(c, at, &in, err)) return false;
    bool ok = profile_decode(&in, &ret->profile, &ret->arena, err);
    input_close(&in);
    if (!ok) return false;
    locate_binaries(&ret->profile, &c->g->locate, &ret->profile, &ret->arena, &c->g->env->diag);
    if (c->live[at].url) live_remember(c->g->live, &c->live[at], &ret->profile, &ret->arena);
    return true;
}

enum read_status { READ_OK, READ_LEFT_OUT, READ_FAILED };

static enum read_status read_source(const struct chunk *c, size_t at, struct held *ret,
                                    struct pp_error *err) {
    struct pp_error why = {0};
    *ret = (struct held){0};
    if (decode_source(c, at, ret, &why)) {
        tally_read(c->tally, c->names[at], &ret->profile);
        return READ_OK;
    }
    pp_arena_done(&ret->arena);
    if (c->only || c->g->strict) {
        pp_fail(err, why.code, "%s: %s%s", c->names[at], why.text, c->only ? "" : " (-strict)");
        return READ_FAILED;
    }
    tally_failed(c->tally, c->names[at], &why);
    return READ_LEFT_OUT;
}

/* ---- a chunk whose sources are alike: each is merged and forgotten ---- */

struct stream {
    struct held first; /* until there is a second one: a single source stays as it is */
    struct held merged;
    struct merge_stream *merge;
    size_t n;
};

/* Takes a source in, which is used up; false when it is not like the first. */
static bool stream_add(struct stream *s, struct held *one) {
    if (s->n++ == 0) {
        s->first = *one;
        return true;
    }
    bool takes = true;
    if (!s->merge) {
        s->merge = merge_open(&s->merged.arena);
        takes = merge_takes(s->merge, &s->first.profile);
        if (takes) merge_add(s->merge, &s->first.profile);
        pp_arena_done(&s->first.arena);
    }
    takes = takes && merge_takes(s->merge, &one->profile);
    if (takes) merge_add(s->merge, &one->profile);
    pp_arena_done(&one->arena);
    return takes;
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
    enum chunk_status status = CHUNK_OK;
    for (size_t i = 0; i < c->n && status == CHUNK_OK; i++) {
        struct held one;
        enum read_status read = read_source(c, i, &one, err);
        if (read == READ_FAILED) status = CHUNK_FAILED;
        if (read == READ_OK && !stream_add(&s, &one)) status = CHUNK_MIXED;
    }
    if (status != CHUNK_OK) {
        stream_give_up(&s);
        return status;
    }
    if (s.n < 2) {
        *ret = s.first;
        return s.n == 0 || profile_combine(&ret->profile, 1, &ret->profile, &ret->arena, err)
                   ? CHUNK_OK
                   : CHUNK_FAILED;
    }
    *ret = s.merged;
    return merge_close(s.merge, &ret->profile, err) ? CHUNK_OK : CHUNK_FAILED;
}

/* ---- any chunk: all its sources in memory ---- */

static bool hold_chunk(const struct chunk *c, struct held *ret, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct held *held = PP_NEW(&scratch, struct held, c->n);
    struct pp_profile *profiles = PP_NEW(&scratch, struct pp_profile, c->n);
    size_t n = 0;
    bool ok = true;
    for (size_t i = 0; i < c->n && ok; i++) {
        enum read_status read = read_source(c, i, &held[n], err);
        ok = read != READ_FAILED;
        if (read == READ_OK) {
            profiles[n] = held[n].profile;
            n++;
        }
    }
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

static bool add_chunk(struct chunk *c, struct held *sum, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct held one = {0};
    size_t n_before = c->tally->n_read;
    c->live = PP_NEW(&scratch, struct live_source, c->n);
    live_fetch(c->g->live, c->names, c->n, c->live);
    bool ok = read_chunk(c, &one, err);
    for (size_t i = 0; i < c->n; i++)
        live_source_done(c->g->live, &c->live[i]);
    pp_arena_done(&scratch);
    if (!ok || c->tally->n_read == n_before) {
        pp_arena_done(&one.arena);
        return ok;
    }
    if (n_before) return held_add(sum, &one, err);
    *sum = one;
    return true;
}

bool gather_one(const struct gather *g, const char *name, struct held *ret, struct pp_error *err) {
    struct live_source live;
    struct chunk c = {.g = g, .names = &name, .n = 1, .live = &live};
    live_fetch(g->live, &name, 1, &live);
    bool ok = decode_source(&c, 0, ret, err) || pp_wrap(err, "%s", name);
    live_source_done(g->live, &live);
    return ok;
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
    struct held sum = {0};
    bool ok = true;
    for (size_t at = 0; at < n && ok; at += CHUNK) {
        struct chunk c = {g, names + at, n - at < CHUNK ? n - at : CHUNK, NULL, &tally, n == 1};
        ok = add_chunk(&c, &sum, err);
        if (!ok && err->code == PP_E_INCOMPATIBLE && n > 1)
            pp_wrap(err, "merging the %s profiles", what);
    }
    ok = ok && tally_report(&tally, what, &sum.profile, g->strict, &g->env->diag, err);
    if (ok)
        *ret = sum;
    else
        pp_arena_done(&sum.arena);
    return ok;
}
