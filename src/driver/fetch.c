#include "driver/fetch.h"

#include "driver/gather.h"
#include "driver/number.h"
#include "driver/save.h"
#include "driver/operands.h"
#include "profile/merge.h"
#include "profile/view.h"

#include <fcntl.h>
#include <unistd.h>

struct fetcher {
    const struct command_line *cl;
    const struct driver_env *env;
    const char *binary; /* given before the sources, or NULL */
    struct gather gather;
    struct live live;
    struct pp_arena arena; /* names */
};

static bool read_all(struct fetcher *f, const char *const *operands, size_t n, const char *what,
                     struct held *ret, struct pp_error *err) {
    struct source_names s;
    return operands_expand(operands, n, f->env->in, &s, &f->arena, err) &&
           gather(&f->gather, s.at, s.n, what, ret, err);
}

/* ---- the base ---- */

static bool subtract_base(struct fetcher *f, struct held *p, const char *base_name, bool diff,
                          struct pp_error *err) {
    struct held base;
    if (!read_all(f, &base_name, 1, "base", &base, err)) return false;
    if (diff)
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
static const char *last_of(const struct fetcher *f, const struct text_list *list, const char *flag) {
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
    if (base && diff_base)
        return pp_fail(err, PP_E_USAGE, "-base and -diff_base: one of them");
    if (s->normalize && !base && !diff_base)
        return pp_fail(err, PP_E_USAGE, "-normalize needs -base or -diff_base");
    if (!base && !diff_base) return true;
    return subtract_base(f, p, base ? base : diff_base, diff_base != NULL, err);
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

bool fetch_profile(const struct command_line *cl, const struct driver_env *env,
                   struct pp_profile *ret_profile, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f = {.cl = cl, .env = env};
    if (!number_size(cl->settings.max_bytes, &f.limits.max_bytes))
        return pp_fail(err, PP_E_USAGE, "-max_bytes=%s: a size, as in 512mb", cl->settings.max_bytes);
    const char *const *names = (const char *const *)cl->operands;
    size_t n = cl->n_operands;
    if (n > 1 && is_binary(names[0])) {
        f.binary = *names++;
        n--;
    }
    struct held p;
    bool ok = read_all(&f, names, n, "source", &p, err) && compare(&f, &p, err);
    if (ok) finish(&f, &p);
    *ret_profile = p.profile;
    *arena = p.arena;
    return ok;
}
