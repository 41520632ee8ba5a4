/* Profiles come into being: read, combined, symbolized. Each call has its arguments in a struct,
 * since it may end in the middle (scope.h). */
#include "api/api.h"

#include "base/scope.h"
#include "cpprof/profile.h"
#include "profile/base_mark.h"
#include "profile/decode/decode.h"
#include "profile/edit.h"
#include "profile/merge.h"
#include "profile/view/view.h"
#include "symbol/locate.h"

#include <errno.h>
#include <unistd.h>

struct loaded *loaded_new(void) {
    return pp_calloc(1, sizeof(struct loaded));
}

void loaded_free(struct loaded *l) {
    if (!l) return;
    if (l->has_binaries) binaries_done(&l->binaries);
    pp_arena_done(&l->arena);
    pp_free(l);
}

void pp_profile_free(struct pp_profile *p) {
    loaded_free((struct loaded *)(void *)p);
}

/* What every call that makes a profile has. */
struct making {
    struct pp_context *ctx;
    struct loaded *made;
    struct pp_error *err;
    bool ok;
};

/* Hands over what a call made, or frees it. */
static bool hand_over(const struct making *m, struct pp_profile **ret_profile) {
    if (m->ok)
        *ret_profile = &m->made->model;
    else
        loaded_free(m->made);
    return m->ok;
}

/* ---- reading ---- */

struct reading {
    struct making m;
    const char *name, *path; /* path: of a file */
    int fd;                  /* where there is no path; -1: memory */
    struct pp_str bytes;
};

static bool open_source(const struct reading *r, struct input *in) {
    const struct pp_limits *limits = &r->m.ctx->limits;
    if (r->path) return input_open_file(in, r->path, limits, r->m.err);
    if (r->fd < 0) return input_open_memory(in, r->bytes, limits, r->m.err);
    int own = dup(r->fd);
    if (own < 0) return pp_fail(r->m.err, PP_E_IO, "%s", strerror(errno));
    return input_open_fd(in, own, limits, r->m.err);
}

static void read_source(void *args) {
    struct reading *r = args;
    struct loaded *l = r->m.made = loaded_new();
    struct input in;
    l->name = pp_arena_copy(&l->arena, pp_str_from(r->name ? r->name : "profile"));
    if (open_source(r, &in)) {
        in.decoders = r->m.ctx->catalog.decoders;
        in.n_decoders = r->m.ctx->catalog.n_decoders;
        r->m.ok = profile_decode(&in, &l->model, &l->arena, r->m.err);
        input_close(&in);
    }
    if (r->m.ok)
        view_prune_uninteresting(&l->model, &l->model, &l->arena);
    else
        pp_wrap(r->m.err, "%s", l->name.data);
}

static bool read_any(struct reading *r, struct pp_profile **ret_profile) {
    return api_call(r->m.ctx, read_source, r, r->m.err) && hand_over(&r->m, ret_profile);
}

bool pp_profile_read_memory(struct pp_context *ctx, const void *bytes, size_t n, const char *name,
                            struct pp_profile **ret_profile, struct pp_error *err) {
    struct reading r = {.m = {.ctx = ctx, .err = err}, .name = name, .fd = -1, .bytes = {bytes, n}};
    return read_any(&r, ret_profile);
}

bool pp_profile_read_fd(struct pp_context *ctx, int fd, const char *name,
                        struct pp_profile **ret_profile, struct pp_error *err) {
    struct reading r = {.m = {.ctx = ctx, .err = err}, .name = name, .fd = fd};
    if (fd < 0) return pp_fail(err, PP_E_USAGE, "%d is no descriptor", fd);
    return read_any(&r, ret_profile);
}

bool pp_profile_read_file(struct pp_context *ctx, const char *path, struct pp_profile **ret_profile,
                          struct pp_error *err) {
    struct reading r = {.m = {.ctx = ctx, .err = err}, .name = path, .path = path};
    return read_any(&r, ret_profile);
}

/* ---- combining ---- */

struct combining {
    struct making m;
    const struct pp_profile *const *profiles;
    size_t n;
    unsigned flags;        /* of a subtraction: profiles[1] from profiles[0] */
    const double *factors; /* of a multiplication */
};

static struct loaded *begin_from(const struct pp_profile *p) {
    struct loaded *l = loaded_new();
    l->name = pp_arena_copy(&l->arena, loaded_of(p)->name);
    l->comparison = pp_arena_copy(&l->arena, loaded_of(p)->comparison);
    return l;
}

/* The result must not lean on its sources: merging copies, and a source alone is merged with
 * nothing. */
static bool merge_all(struct loaded *l, struct pp_profile *sources, size_t n,
                      struct pp_error *err) {
    struct pp_arena scratch = {0};
    bool ok = profile_prepare(sources, n, &scratch, err) &&
              profile_merge(sources, n, &l->model, &l->arena, err);
    if (ok) profile_own_all(&l->model, &l->arena);
    pp_arena_done(&scratch);
    return ok;
}

static void merge(void *args) {
    struct combining *c = args;
    struct loaded *l = c->m.made = begin_from(c->profiles[0]);
    struct pp_profile *sources = PP_NEW(&l->arena, struct pp_profile, c->n);
    for (size_t i = 0; i < c->n; i++)
        sources[i] = *c->profiles[i];
    c->m.ok = merge_all(l, sources, c->n, c->m.err);
}

bool pp_profile_merge(struct pp_context *ctx, const struct pp_profile *const *profiles, size_t n,
                      struct pp_profile **ret_profile, struct pp_error *err) {
    struct combining c = {.m = {.ctx = ctx, .err = err}, .profiles = profiles, .n = n};
    if (n == 0) return pp_fail(err, PP_E_USAGE, "no profile to merge");
    return api_call(ctx, merge, &c, err) && hand_over(&c.m, ret_profile);
}

static void subtract(void *args) {
    struct combining *c = args;
    struct loaded *l = c->m.made = begin_from(c->profiles[0]);
    struct pp_profile sides[2] = {*c->profiles[0], *c->profiles[1]};
    bool mark = c->flags & PP_SUBTRACT_MARK;
    l->comparison = mark ? PP_STR("-diff_base=base") : PP_STR("-base=base");
    if (mark) base_mark_set(&sides[1], &l->arena);
    if ((c->flags & PP_SUBTRACT_NORMALIZE) &&
        !profile_normalize(&sides[0], &sides[1], &sides[0], &l->arena, c->m.err))
        return;
    double *minus = PP_NEW(&l->arena, double, sides[1].n_types);
    for (uint32_t i = 0; i < sides[1].n_types; i++)
        minus[i] = -1;
    profile_scale(&sides[1], minus, &sides[1], &l->arena);
    c->m.ok = merge_all(l, sides, 2, c->m.err);
}

bool pp_profile_subtract(struct pp_context *ctx, const struct pp_profile *p,
                         const struct pp_profile *base, unsigned flags,
                         struct pp_profile **ret_profile, struct pp_error *err) {
    const struct pp_profile *sides[] = {p, base};
    struct combining c = {.m = {.ctx = ctx, .err = err}, .profiles = sides, .n = 2, .flags = flags};
    return api_call(ctx, subtract, &c, err) && hand_over(&c.m, ret_profile);
}

static void scale(void *args) {
    struct combining *c = args;
    struct loaded *l = c->m.made = begin_from(c->profiles[0]);
    profile_scale(c->profiles[0], c->factors, &l->model, &l->arena);
    profile_own_all(&l->model, &l->arena);
    c->m.ok = true;
}

bool pp_profile_scale(struct pp_context *ctx, const struct pp_profile *p, const double *factors,
                      struct pp_profile **ret_profile, struct pp_error *err) {
    struct combining c = {
        .m = {.ctx = ctx, .err = err}, .profiles = &p, .n = 1, .factors = factors};
    return api_call(ctx, scale, &c, err) && hand_over(&c.m, ret_profile);
}

/* ---- symbols ---- */

struct naming {
    struct making m;
    const struct pp_profile *p;
    struct pp_symbolize_options opt;
};

static void find_names(void *args) {
    struct naming *n = args;
    struct loaded *l = n->m.made = begin_from(n->p);
    const struct locate_options where = {.search_path = n->opt.debug_dirs};
    struct pp_str *dirs = NULL;
    size_t n_dirs = 0;
    if (n->opt.debug_dirs) dirs = locate_directories(&where, &n_dirs, &l->arena);
    const struct binaries_options opt = {
        .debug_dirs = dirs,
        .n_debug_dirs = n_dirs,
        .kernel_files = &kernel_files_here,
        .debuginfod = scope_may(SCOPE_NETWORK),
        .debuginfod_seconds = 60,
        .debuginfod_bytes = pp_limits_or_default(&n->m.ctx->limits).max_bytes,
    };
    struct pp_profile located = *n->p;
    if (n->opt.debug_dirs) locate_binaries(&located, &where, &located, &l->arena, &n->m.ctx->diag);
    struct pp_error why;
    if (!binaries_init(&l->binaries, &opt, &why)) pp_say(&n->m.ctx->diag, "%s", why.text);
    l->has_binaries = true;
    const struct symbolize_options how = {
        .mode = n->opt.mode ? n->opt.mode : "",
        .binaries = &l->binaries,
        .perf_map = n->opt.perf_map,
        .diag = &n->m.ctx->diag,
    };
    struct symbolized named;
    n->m.ok = symbolize(&located, &how, &named, &l->arena, n->m.err);
    if (!n->m.ok) return;
    l->model = named.profile;
    l->symbols = named.report;
    profile_own_all(&l->model, &l->arena);
}

bool pp_profile_symbolize(struct pp_context *ctx, const struct pp_profile *p,
                          const struct pp_symbolize_options *options,
                          struct pp_profile **ret_profile, struct pp_error *err) {
    struct naming n = {.m = {.ctx = ctx, .err = err}, .p = p};
    size_t size = options ? options->size : 0;
    if (options) memcpy(&n.opt, options, size < sizeof n.opt ? size : sizeof n.opt);
    if (!(ctx->allow & PP_ALLOW_FILES))
        return pp_fail(err, PP_E_DENIED, "files that a profile names may not be opened");
    return api_call(ctx, find_names, &n, err) && hand_over(&n.m, ret_profile);
}
