#include "load/fetch.h"

#include "base/num.h"
#include "driver/host/progress.h"
#include "driver/number.h"
#include "load/gather.h"
#include "load/operands.h"
#include "load/save.h"
#include "load/symbolz.h"
#include "load/tally.h"
#include "profile/base_mark.h"
#include "profile/edit.h"
#include "profile/merge.h"
#include "profile/view/view.h"
#include "symbol/symbolize.h"
#include "symbol/unwind.h"

#include <sys/stat.h>

enum { DEBUGINFOD_SECONDS = 60, AT_ONCE = 128 /* runs that are fetched together */ };

struct fetcher {
    const struct command_line *cl;
    const struct driver_env *env;
    const char *const *names;
    size_t n_names;
    struct live live;
    struct gather gather;
    struct cfi_unwinder unwinder;
    struct pp_arena arena; /* names */
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

static bool read_all(struct fetcher *f, const char *const *operands, size_t n, const char *what,
                     struct held *ret, struct pp_error *err) {
    struct source_names s = {0};
    return operands_expand(operands, n, f->env->in, &s, &f->arena, err) &&
           gather(&f->gather, s.at, s.n, what, ret, err);
}

static bool has_trait(const struct fetcher *f, unsigned trait) {
    return f->cl->report && f->cl->report->traits & trait;
}

/* ---- the base ---- */

/* What the profile is compared with. */
struct base {
    const char *const *names;
    size_t n;
    bool marked; /* its samples get the label pprof::base */
};

/* Subtracts; says so when sample types were lost. */
static bool subtract(struct fetcher *f, struct held *p, struct held *base, struct pp_error *err) {
    struct tally types = {0};
    tally_read(&types, "the profile", &p->profile);
    tally_read(&types, "the base", &base->profile);
    double *minus = PP_NEW(&base->arena, double, base->profile.n_types);
    for (uint32_t i = 0; i < base->profile.n_types; i++)
        minus[i] = -1;
    if (has_trait(f, REPORT_COMPARES))
        profile_negate(&base->profile, &base->profile, &base->arena);
    else
        profile_scale(&base->profile, minus, &base->profile, &base->arena);
    return held_add(p, base, err) &&
           tally_report(&types, "compared", &p->profile, f->gather.strict, &f->env->diag, err);
}

static bool compare(struct fetcher *f, struct held *p, const struct base *b, uint32_t *ret_runs,
                    struct pp_error *err) {
    struct held base;
    if (!b->n) return true;
    if (!read_all(f, b->names, b->n, "base", &base, err)) return false;
    *ret_runs = (uint32_t)base.n_runs;
    if (b->marked) base_mark_set(&base.profile, &base.arena);
    if (f->cl->settings.normalize &&
        !profile_normalize(&p->profile, &base.profile, &p->profile, &p->arena, err)) {
        pp_arena_done(&base.arena);
        return false;
    }
    return subtract(f, p, &base, err) || pp_wrap(err, "comparing with %s", b->names[0]);
}

/* Of several bases the last one counts, as in the reference; where runs are compared, all do. An
 * empty name is none. */
static struct base bases_of(struct fetcher *f, const struct text_list *list, const char *flag) {
    const char **names = PP_NEW(&f->arena, const char *, list->n);
    struct base base = {.names = names};
    for (size_t i = 0; i < list->n; i++) {
        if (!has_trait(f, REPORT_COMPARES)) {
            if (base.n && *list->at[i])
                pp_say(&f->env->diag, "-%s is given more than once; only the last counts", flag);
            base.n = 0;
        }
        if (*list->at[i]) names[base.n++] = list->at[i];
    }
    return base;
}

static bool choose_base(struct fetcher *f, struct base *ret_base, struct pp_error *err) {
    const struct settings *s = &f->cl->settings;
    struct base base = bases_of(f, &s->base, "base");
    struct base diff_base = bases_of(f, &s->diff_base, "diff_base");
    if (base.n && diff_base.n) return pp_fail(err, PP_E_USAGE, "-base and -diff_base: one of them");
    if (s->normalize && !base.n && !diff_base.n)
        return pp_fail(err, PP_E_USAGE, "-normalize needs -base or -diff_base");
    *ret_base = base.n ? base : diff_base;
    ret_base->marked = diff_base.n || has_trait(f, REPORT_COMPARES);
    return true;
}

/* ---- the whole ---- */

/* Separate debug files are also looked for where binaries are. */
static struct binaries *open_binaries(struct fetcher *f, struct pp_arena *arena) {
    const struct settings *s = &f->cl->settings;
    struct binaries_options opt = {.debuginfod = s->debuginfod,
                                   .debuginfod_seconds =
                                       s->timeout > 0 ? (unsigned)s->timeout : DEBUGINFOD_SECONDS};
    struct binaries *binaries = PP_NEW(arena, struct binaries, 1);
    opt.debug_dirs = locate_directories(&f->gather.locate, &opt.n_debug_dirs, arena);
    struct pp_error why;
    if (!binaries_init(binaries, &opt, &why)) pp_say(&f->env->diag, "-debuginfod: %s", why.text);
    return binaries;
}

/* When the profile was taken: as it says, or not after its files were written; 0: unknown. */
static int64_t time_taken(const struct fetcher *f, const struct pp_profile *p) {
    int64_t newest = 0;
    struct stat s;
    if (p->time_nanos) return num_add(p->time_nanos, p->duration_nanos);
    for (size_t i = 0; i < f->n_names; i++) {
        if (stat(f->names[i], &s) != 0 || !S_ISREG(s.st_mode)) continue;
        int64_t written = s.st_mtim.tv_sec * INT64_C(1000000000) + s.st_mtim.tv_nsec;
        if (written > newest) newest = written;
    }
    return newest;
}

/* Names for addresses. */
static bool add_symbols(const struct fetcher *f, struct held *p, struct binaries *binaries,
                        struct symbol_report *ret_report, struct pp_error *err) {
    struct progress progress;
    const struct symbolize_options opt = {.mode = f->cl->settings.symbolize,
                                          .plain_names = has_trait(f, REPORT_PLAIN_NAMES),
                                          .binaries = binaries,
                                          .perf_map = f->cl->settings.perf_map,
                                          .taken = time_taken(f, &p->profile),
                                          .progress = progress_tick,
                                          .user = &progress};
    progress_begin(&progress, f->env, "Symbolizing");
    bool ok = symbolize(&p->profile, &opt, &p->profile, ret_report, &p->arena, &f->env->diag, err);
    progress_end(&progress);
    if (ok && ret_report->incomplete)
        pp_say(&f->env->diag,
               "Try setting PPROF_BINARY_PATH to the search path for local binaries; "
               "-symbols tells what was looked for.");
    return ok;
}

static bool ask_server(void *user, struct pp_str url, struct pp_str addresses,
                       struct pp_str *ret_answer, struct pp_arena *arena, struct pp_error *err) {
    return live_post(user, url, addresses, ret_answer, arena, err);
}

/* Names from the servers that the profile came from. Where they tell none, that is said. */
static void add_remote_symbols(struct fetcher *f, struct held *p) {
    struct symbolize_mode mode = symbolize_parse_mode(f->cl->settings.symbolize, NULL);
    if (!f->live.any || mode.none || !mode.remote) return;
    if (has_trait(f, REPORT_PLAIN_NAMES)) mode.demangle = DEMANGLE_NONE;
    const struct symbolz z = {.origins = f->live.origins,
                              .n_origins = f->live.n_origins,
                              .force = mode.again,
                              .demangle = mode.demangle,
                              .post = ask_server,
                              .user = &f->live};
    struct pp_error why;
    if (!symbolz_symbolize(&p->profile, &z, &p->profile, &p->arena, &why))
        pp_say(&f->env->diag, "remote symbols: %s", why.text);
}

static void finish(const struct fetcher *f, struct held *p) {
    const struct settings *s = &f->cl->settings;
    if (s->all_frames) p->profile.drop_frames = p->profile.keep_frames = 0;
    view_prune_uninteresting(&p->profile, &p->profile, &p->arena);
    live_forget(&p->profile, &p->arena);
    if (*s->add_comment) profile_add_comment(&p->profile, pp_str_from(s->add_comment), &p->arena);
}

static void end(struct fetcher *f) {
    live_done(&f->live);
    pp_arena_done(&f->arena);
}

static bool begin(struct fetcher *f, const struct command_line *cl, const struct driver_env *env,
                  struct pp_error *err) {
    *f = (struct fetcher){.cl = cl, .env = env};
    f->names = (const char *const *)cl->operands;
    f->n_names = cl->n_operands;
    f->gather.env = env;
    f->gather.strict = cl->settings.strict;
    f->gather.decoders = cl->catalog.decoders;
    f->gather.n_decoders = cl->catalog.n_decoders;
    f->gather.host = (struct decode_host){env->diag, &f->unwinder.unwinder};
    f->gather.timestamps = cl->settings.timestamps;
    f->gather.numbers_only = symbolize_parse_mode(cl->settings.symbolize, NULL).none;
    if (!read_limits(&cl->settings, &f->gather.limits, err)) return false;
    f->live = (struct live){.settings = &cl->settings, .env = env};
    f->live.max_bytes = pp_limits_or_default(&f->gather.limits).max_bytes;
    f->gather.live = &f->live;
    f->gather.locate = (struct locate_options){.search_path = env->getenv("PPROF_BINARY_PATH"),
                                               .home = env->getenv("HOME"),
                                               .build_id = cl->settings.buildid};
    size_t n_dirs;
    const struct pp_str *dirs = locate_directories(&f->gather.locate, &n_dirs, &f->arena);
    cfi_unwinder_init(&f->unwinder, dirs, n_dirs);
    /* The first of several operands is the binary if it is one. */
    if (f->n_names > 1 && locate_is_binary(f->names[0])) {
        f->gather.locate.binary = *f->names++;
        f->n_names--;
    }
    return true;
}

void fetched_done(struct fetched *f) {
    if (f->binaries) binaries_done(f->binaries);
    f->binaries = NULL;
}

bool fetch_profile(const struct command_line *cl, const struct driver_env *env,
                   struct fetched *ret_fetched, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    struct held p = {0};
    struct base base;
    *arena = (struct pp_arena){0};
    *ret_fetched = (struct fetched){0};
    bool ok = begin(&f, cl, env, err) && choose_base(&f, &base, err);
    if (ok) {
        f.live.ahead_name = base.n == 1 ? base.names[0] : NULL;
        ok = read_all(&f, f.names, f.n_names, "source", &p, err);
        ret_fetched->runs[1] = (uint32_t)p.n_runs;
        ok = ok && compare(&f, &p, &base, &ret_fetched->runs[0], err);
    }
    if (ok) {
        ret_fetched->binaries = open_binaries(&f, &p.arena);
        ok = add_symbols(&f, &p, ret_fetched->binaries, &ret_fetched->symbols, err);
    }
    if (!ok || (cl->report && !has_trait(&f, REPORT_OBJECTS))) fetched_done(ret_fetched);
    if (ok) add_remote_symbols(&f, &p);
    if (ok) finish(&f, &p);
    if (ok && f.live.any) save_profile(&p.profile, env);
    end(&f);
    ret_fetched->profile = p.profile;
    *arena = p.arena;
    return ok;
}

/* The runs, and the binaries that they share. */
struct runs {
    struct fetched_runs fetched;
    struct binaries *binaries;
};

static bool fetch_run(struct fetcher *f, struct runs *runs, const char *name,
                      struct live_source *live, struct pp_arena *arena, struct pp_error *err) {
    struct held p = {.arena = *arena};
    uint32_t at = runs->fetched.n[0] + runs->fetched.n[1];
    struct symbol_report symbols;
    f->live.n_origins = 0; /* those of other runs */
    bool ok = gather_one(&f->gather, name, live, &p, err) &&
              add_symbols(f, &p, runs->binaries, &symbols, err);
    if (ok) add_remote_symbols(f, &p);
    if (ok) finish(f, &p);
    if (ok && live->url) save_profile(&p.profile, f->env);
    *arena = p.arena;
    if (!ok) return false;
    runs->fetched.profiles[at] = p.profile;
    runs->fetched.names[at] = pp_arena_copy(arena, pp_str_from(name));
    return true;
}

static bool list_runs(struct fetcher *f, struct source_names *ret_names, size_t *ret_n_bases,
                      struct pp_error *err) {
    const struct text_list *bases[] = {&f->cl->settings.base, &f->cl->settings.diff_base};
    for (int list = 0; list < 2; list++)
        for (size_t i = 0; i < bases[list]->n; i++)
            if (*bases[list]->at[i] &&
                !operands_expand(&bases[list]->at[i], 1, f->env->in, ret_names, &f->arena, err))
                return pp_wrap(err, "base");
    *ret_n_bases = ret_names->n;
    return operands_expand(f->names, f->n_names, f->env->in, ret_names, &f->arena, err);
}

static bool fetch_all_runs(struct fetcher *f, struct fetched_runs *ret_runs, struct pp_arena *arena,
                           struct pp_error *err) {
    struct source_names names = {0};
    size_t n_bases;
    if (!list_runs(f, &names, &n_bases, err)) return false;
    struct live_source *live = PP_NEW(&f->arena, struct live_source, names.n);
    struct runs runs = {.binaries = open_binaries(f, &f->arena)};
    runs.fetched.profiles = PP_NEW(arena, struct pp_profile, names.n);
    runs.fetched.names = PP_NEW(arena, struct pp_str, names.n);
    bool ok = true;
    for (size_t i = 0; i < names.n && ok; i++) {
        size_t left = names.n - i;
        if (i % AT_ONCE == 0)
            live_fetch(&f->live, names.at + i, left < AT_ONCE ? left : AT_ONCE, live + i);
        ok = fetch_run(f, &runs, names.at[i], &live[i], arena, err) ||
             (i < n_bases && pp_wrap(err, "base"));
        runs.fetched.n[i >= n_bases]++;
        live_source_done(&f->live, &live[i]);
    }
    for (size_t i = 0; i < names.n; i++)
        live_source_done(&f->live, &live[i]);
    if (ok) *ret_runs = runs.fetched;
    binaries_done(runs.binaries);
    return ok;
}

bool fetch_runs(const struct command_line *cl, const struct driver_env *env,
                struct fetched_runs *ret_runs, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    *arena = (struct pp_arena){0};
    bool ok = begin(&f, cl, env, err) && fetch_all_runs(&f, ret_runs, arena, err);
    end(&f);
    return ok;
}
