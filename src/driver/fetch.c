#include "driver/fetch.h"

#include "driver/number.h"
#include "profile/decode.h"
#include "profile/merge.h"
#include "profile/view.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    CHUNK = 128
}; /* sources that are in memory at a time; merging by chunks shows in the result */

/* A profile together with the memory it lives in. */
struct held {
    struct pp_profile profile;
    struct pp_arena arena;
};

struct fetcher {
    const struct command_line *cl;
    const struct driver_env *env;
    const char *const *names;
    size_t n_names;
    const char *binary; /* given before the sources, or NULL */
    bool only;          /* a single source: its failure is the program's */
    struct pp_limits limits;
};

static bool read_limits(const struct settings *s, struct pp_limits *ret_limits,
                        struct pp_error *err) {
#define READ(name, value)                                                                          \
    if (*s->name && !number_size(s->name, &ret_limits->name))                                      \
        return pp_fail(err, PP_E_USAGE, "-%s=%s: a number or a size, as in 512mb", #name, s->name);
    PP_LIMITS(READ)
#undef READ
    return true;
}

/* ---- one source ---- */

/* A profile without mappings gets one for everything, so that it can still be symbolized. */
static void add_fake_mapping(struct pp_profile *p, struct pp_arena *arena) {
    if (p->n_mappings) return;
    p->mappings = PP_NEW(arena, struct pp_mapping, 1);
    p->mappings[0].id = 1;
    p->n_mappings = 1;
    struct pp_location *locations = view_own_locations(p, arena);
    for (uint32_t i = 0; i < p->n_locations; i++)
        locations[i].mapping = 0;
}

static bool read_source(const struct fetcher *f, const char *name, struct pp_profile *ret_profile,
                        struct pp_arena *arena, struct pp_error *err) {
    struct input in;
    bool ok = strcmp(name, "-") ? input_open_file(&in, name, &f->limits, err)
                                : input_open_fd(&in, dup(f->env->in), &f->limits, err);
    if (!ok) return false;
    ok = profile_decode(&in, ret_profile, arena, err);
    input_close(&in);
    if (ok) add_fake_mapping(ret_profile, arena);
    return ok;
}

/* ---- many sources ---- */

/* Reads and merges up to CHUNK sources. ret_n: how many could be read; 0 leaves `ret` empty. */
static bool read_chunk(const struct fetcher *f, const char *const *names, size_t n,
                       struct held *ret, size_t *ret_n, struct pp_error *err) {
    struct pp_arena read = {0};
    struct pp_profile *profiles = PP_NEW(&read, struct pp_profile, n);
    size_t n_read = 0;
    *ret = (struct held){0};
    for (size_t i = 0; i < n; i++) {
        struct pp_error why = {0};
        if (read_source(f, names[i], &profiles[n_read], &read, &why)) {
            n_read++;
        } else if (f->only) {
            pp_arena_done(&read);
            return pp_fail(err, why.code, "%s: %s", names[i], why.text);
        } else {
            pp_say(&f->env->diag, "%s: %s", names[i], why.text);
        }
    }
    *ret_n = n_read;
    bool ok = true;
    if (n_read == 1) {
        ok = profile_combine(profiles, 1, &ret->profile, &read, err);
        ret->arena = read;
        return ok;
    }
    if (n_read) ok = profile_combine(profiles, n_read, &ret->profile, &ret->arena, err);
    pp_arena_done(&read);
    return ok;
}

/* a + b, in the place of a; both are used up. */
static bool add_held(struct held *a, struct held *b, struct pp_error *err) {
    struct held sum = {0};
    struct pp_profile both[2] = {a->profile, b->profile};
    bool ok = profile_combine(both, 2, &sum.profile, &sum.arena, err);
    pp_arena_done(&a->arena);
    pp_arena_done(&b->arena);
    *a = sum;
    return ok;
}

static bool read_all(struct fetcher *f, const char *const *names, size_t n, const char *what,
                     struct held *ret, struct pp_error *err) {
    size_t n_read = 0;
    f->only = n == 1;
    *ret = (struct held){0};
    for (size_t at = 0; at < n; at += CHUNK) {
        struct held chunk;
        size_t n_chunk;
        bool ok = read_chunk(f, names + at, n - at < CHUNK ? n - at : CHUNK, &chunk, &n_chunk, err);
        if (ok && n_chunk) {
            if (n_read)
                ok = add_held(ret, &chunk, err);
            else
                *ret = chunk;
            n_read += n_chunk;
        } else {
            pp_arena_done(&chunk.arena);
        }
        if (!ok) return f->only ? false : pp_wrap(err, "merging the %s profiles", what);
    }
    if (n_read == 0) return pp_fail(err, PP_E_IO, "none of the %s profiles could be read", what);
    if (n_read < n) pp_say(&f->env->diag, "%zu of %zu %s profiles could be read", n_read, n, what);
    return true;
}

/* ---- the base ---- */

static bool subtract_base(struct fetcher *f, struct held *p, const char *base_name, bool marked,
                          struct pp_error *err) {
    struct held base;
    if (!read_all(f, &base_name, 1, "base", &base, err)) {
        pp_arena_done(&base.arena);
        return false;
    }
    if (marked)
        view_set_label(&base.profile, PP_STR("pprof::base"), PP_STR("true"), &base.profile,
                       &base.arena);
    if (f->cl->settings.normalize &&
        !profile_normalize(&p->profile, &base.profile, &p->profile, &p->arena, err)) {
        pp_arena_done(&base.arena);
        return false;
    }
    double *minus = PP_NEW(&base.arena, double, base.profile.n_types);
    for (uint32_t i = 0; i < base.profile.n_types; i++)
        minus[i] = -1;
    profile_scale(&base.profile, minus, &base.profile, &base.arena);
    return add_held(p, &base, err) || pp_wrap(err, "comparing with %s", base_name);
}

/* Of several bases the last one counts, as in the reference; an empty name is none. */
static const char *last_of(const struct fetcher *f, const struct text_list *list,
                           const char *flag) {
    const char *last = NULL;
    for (size_t i = 0; i < list->n; i++) {
        if (last && *list->at[i])
            pp_say(&f->env->diag, "-%s is given more than once; only the last counts", flag);
        last = *list->at[i] ? list->at[i] : NULL;
    }
    return last;
}

static bool compare(struct fetcher *f, struct held *p, struct pp_error *err) {
    const struct settings *s = &f->cl->settings;
    const char *base = last_of(f, &s->base, "base");
    const char *diff_base = last_of(f, &s->diff_base, "diff_base");
    if (base && diff_base) return pp_fail(err, PP_E_USAGE, "-base and -diff_base: one of them");
    if (s->normalize && !base && !diff_base)
        return pp_fail(err, PP_E_USAGE, "-normalize needs -base or -diff_base");
    if (!base && !diff_base) return true;
    bool marked = diff_base || (f->cl->report && f->cl->report->traits & REPORT_COMPARES);
    return subtract_base(f, p, base ? base : diff_base, marked, err);
}

/* ---- the whole ---- */

/* The first of several operands is the binary if it is one. */
static bool is_binary(const char *path) {
    char magic[4];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return false;
    ssize_t n = read(fd, magic, sizeof magic);
    close(fd);
    return n == (ssize_t)sizeof magic && !memcmp(magic, "\177ELF", sizeof magic);
}

static void finish(const struct fetcher *f, struct held *p) {
    const struct settings *s = &f->cl->settings;
    if (s->all_frames) p->profile.drop_frames = p->profile.keep_frames = 0;
    view_prune_uninteresting(&p->profile, &p->profile, &p->arena);
    if (!*s->add_comment) return;
    uint32_t text = view_string(&p->profile, pp_str_from(s->add_comment), &p->arena);
    uint32_t *comments = PP_NEW(&p->arena, uint32_t, (size_t)p->profile.n_comments + 1);
    if (p->profile.n_comments)
        memcpy(comments, p->profile.comments, p->profile.n_comments * sizeof *comments);
    comments[p->profile.n_comments++] = text;
    p->profile.comments = comments;
}

static bool begin(struct fetcher *f, const struct command_line *cl, const struct driver_env *env,
                  struct pp_error *err) {
    *f = (struct fetcher){.cl = cl, .env = env};
    f->names = (const char *const *)cl->operands;
    f->n_names = cl->n_operands;
    if (!read_limits(&cl->settings, &f->limits, err)) return false;
    if (f->n_names > 1 && is_binary(f->names[0])) {
        f->binary = *f->names++;
        f->n_names--;
    }
    return true;
}

bool fetch_profile(const struct command_line *cl, const struct driver_env *env,
                   struct pp_profile *ret_profile, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    *arena = (struct pp_arena){0};
    if (!begin(&f, cl, env, err)) return false;
    struct held p;
    bool ok = read_all(&f, f.names, f.n_names, "source", &p, err) && compare(&f, &p, err);
    if (ok) finish(&f, &p);
    *ret_profile = p.profile;
    *arena = p.arena;
    return ok;
}

static bool fetch_run(const struct fetcher *f, struct fetched_runs *runs, const char *name,
                      int side, struct pp_arena *arena, struct pp_error *err) {
    struct held p = {.arena = *arena};
    uint32_t at = runs->n[0] + runs->n[1];
    bool ok = read_source(f, name, &p.profile, &p.arena, err);
    if (ok) finish(f, &p);
    *arena = p.arena;
    if (!ok) return pp_wrap(err, "%s", name);
    runs->profiles[at] = p.profile;
    runs->names[at] = pp_str_from(name);
    runs->n[side]++;
    return true;
}

bool fetch_runs(const struct command_line *cl, const struct driver_env *env,
                struct fetched_runs *ret_runs, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    *arena = (struct pp_arena){0};
    if (!begin(&f, cl, env, err)) return false;
    const struct text_list *bases[] = {&cl->settings.base, &cl->settings.diff_base};
    size_t n = bases[0]->n + bases[1]->n + f.n_names;
    struct fetched_runs runs = {
        PP_NEW(arena, struct pp_profile, n), PP_NEW(arena, struct pp_str, n), {0, 0}};
    for (int list = 0; list < 2; list++)
        for (size_t i = 0; i < bases[list]->n; i++)
            if (*bases[list]->at[i] && !fetch_run(&f, &runs, bases[list]->at[i], 0, arena, err))
                return pp_wrap(err, "base");
    for (size_t i = 0; i < f.n_names; i++)
        if (!fetch_run(&f, &runs, f.names[i], 1, arena, err)) return false;
    *ret_runs = runs;
    return true;
}
