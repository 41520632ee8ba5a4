#include "load/fetch.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "base/path.h"
#include "base/progress.h"
#include "load/compare.h"
#include "load/gather.h"
#include "load/operands.h"
#include "load/save.h"
#include "load/symbolz.h"
#include "load/tally.h"
#include "profile/edit.h"
#include "profile/source_mark.h"
#include "profile/view/view.h"
#include "symbol/local_files.h"
#include "symbol/symbolize.h"
#include "symbol/symbolize_mode.h"
#include "symbol/unwind.h"

#include <sys/stat.h>

enum { DEBUGINFOD_SECONDS = 60, AT_ONCE = 128 /* runs that are fetched together */ };

struct fetcher {
    const struct load_options *o;
    const struct world *env;
    const char *const *names;
    size_t n_names;
    struct live live;
    struct gather gather;
    struct cfi_unwinder unwinder;
    struct local_files files;
    struct pp_arena arena; /* names */
};

/* Some sources as one, and what is known of them together. */
struct side {
    const char *const *operands;
    size_t n;
    const char *what; /* "source" or "base" */
    bool is_marked;   /* of a few sources, which one a sample came from */
    /* Set by read_side: */
    struct profile_facts facts;         /* the source's name if it is the only one */
    struct source_names marked;         /* the names that marks stand for, */
    uint32_t runs[MOST_MARKED_SOURCES]; /* and how many runs each holds */
};

/* One line at a time: what is within does not tell of itself. */
static void tell(struct fetcher *f, struct progress *p, const char *what) {
    progress_begin(p, f->env->terminal, what);
    f->live.progress = p;
}

static void told(struct fetcher *f) {
    progress_end(f->live.progress);
    f->live.progress = NULL;
}

static bool read_side(struct fetcher *f, struct side *side, struct held *ret,
                      struct pp_error *err) {
    struct source_names s = {.arena = &f->arena};
    if (!operands_expand(side->operands, side->n, f->env->in, &s, err)) return false;
    if (side->is_marked && s.n > 1 && s.n <= MOST_MARKED_SOURCES) side->marked = s;
    f->gather.marked = side->marked.at;
    f->gather.runs = side->runs;
    f->gather.what = side->what;
    struct progress progress;
    tell(f, &progress, "Reading");
    bool ok = gather(&f->gather, s.at, s.n, ret, err);
    told(f);
    if (!ok) return false;
    const struct profile_facts facts =
        profile_facts(&ret->profile, s.n == 1 ? pp_str_from(s.at[0]) : PP_STR(""));
    side->facts = profile_facts_copy(&facts, &f->arena);
    side->facts.runs = (uint32_t)ret->n_runs;
    return true;
}

static void tell_sources(const struct side *side, struct fetched *f, struct pp_arena *arena) {
    const struct source_names *names = &side->marked;
    if (!names->n) return;
    struct pp_str *copies = PP_NEW(arena, struct pp_str, names->n);
    uint32_t *runs = PP_NEW(arena, uint32_t, names->n);
    for (size_t i = 0; i < names->n; i++) {
        copies[i] = pp_arena_copy(arena, pp_str_from(names->at[i]));
        runs[i] = side->runs[i];
    }
    f->sources = (struct source_marks){copies, runs, (uint32_t)names->n,
                                       source_mark_take(&f->profile, arena)};
}

static bool compare(struct fetcher *f, struct held *p, struct side *base_side,
                    struct pp_error *err) {
    struct held base;
    if (!base_side->n) return true;
    return read_side(f, base_side, &base, err) &&
           (compare_sides(f->o, &f->env->diag, p, &base, err) ||
            pp_wrap(err, "comparing with %s", base_side->operands[0]));
}

/* ---- the whole ---- */

static struct locate_options where_binaries_are(const struct load_options *o,
                                                const struct world *env) {
    return (struct locate_options){.search_path = env->getenv("PPROF_BINARY_PATH"),
                                   .home = env->getenv("HOME"),
                                   .build_id = o->buildid};
}

/* And where perf keeps what it recorded, if it did. */
static const struct pp_str *kept_directories(const struct locate_options *where, size_t *ret_n,
                                             struct pp_arena *arena) {
    size_t n;
    const struct pp_str *dirs = locate_directories(where, &n, arena);
    struct pp_str home = pp_str_from(where->home ? where->home : "");
    struct pp_str kept = path_join(home, PP_STR(".debug"), arena);
    *ret_n = n;
    if (home.len == 0 || file_look(kept) != FILE_DIRECTORY) return dirs;
    struct pp_str *all = PP_NEW(arena, struct pp_str, n + 1);
    if (n) memcpy(all, dirs, n * sizeof *all);
    all[n] = kept;
    *ret_n = n + 1;
    return all;
}

/* Separate debug files are also looked for where binaries are. */
struct binaries *fetch_binaries(const struct load_options *o, const struct world *env,
                                struct pp_arena *arena) {
    unsigned seconds = o->timeout > 0 ? (unsigned)o->timeout : DEBUGINFOD_SECONDS;
    const struct locate_options where = where_binaries_are(o, env);
    struct binaries_options opt = {
        .debuginfod = o->debuginfod,
        .debuginfod_seconds = seconds,
        .debuginfod_bytes = pp_limits_or_default(&o->limits).max_bytes,
        .owns_process = true,
        .index = o->index,
        .kernel_files = &kernel_files_here,
    };
    struct binaries *binaries = PP_NEW(arena, struct binaries, 1);
    opt.debug_dirs = kept_directories(&where, &opt.n_debug_dirs, arena);
    struct pp_error why;
    if (!binaries_init(binaries, &opt, &why)) pp_say(&env->diag, "-debuginfod: %s", why.text);
    return binaries;
}

/* When the profile was taken: as it says, or not after its files were written; 0: unknown. */
static int64_t time_taken(const struct fetcher *f, const struct pp_profile *p) {
    int64_t newest = 0;
    struct stat s;
    if (p->time_nanos) return num_add(p->time_nanos, p->duration_nanos);
    for (size_t i = 0; i < f->n_names; i++) {
        if (stat(f->names[i], &s) != 0 || !S_ISREG(s.st_mode)) continue;
        int64_t written = clock_ns(s.st_mtim);
        if (written > newest) newest = written;
    }
    return newest;
}

/* Names for addresses. */
static bool add_symbols(const struct fetcher *f, struct held *p, struct binaries *binaries,
                        struct symbol_report *ret_report, struct pp_error *err) {
    struct progress progress;
    const struct symbolize_options opt = {.mode = f->o->symbolize,
                                          .plain_names = f->o->plain_names,
                                          .binaries = binaries,
                                          .perf_map = f->o->perf_map,
                                          .taken = time_taken(f, &p->profile),
                                          .progress = progress_tick,
                                          .user = &progress,
                                          .diag = &f->env->diag};
    struct symbolized s;
    progress_begin(&progress, f->live.progress ? 0 : f->env->terminal, "Symbolizing");
    bool ok = symbolize(&p->profile, &opt, &s, &p->arena, err);
    progress_end(&progress);
    if (!ok) return false;
    p->profile = s.profile;
    *ret_report = s.report;
    if (s.report.incomplete)
        pp_say(&f->env->diag,
               "Try setting PPROF_BINARY_PATH to the search path for local binaries; "
               "-symbols tells what was looked for.");
    return true;
}

static bool ask_server(void *user, const struct symbol_request *rq, struct pp_str *ret_answer,
                       struct pp_arena *arena, struct pp_error *err) {
    return live_post(user, rq, ret_answer, arena, err);
}

/* Names from the servers that the profile came from. Where they tell none, that is said. */
static void add_remote_symbols(struct fetcher *f, struct held *p) {
    struct symbolize_mode mode = symbolize_parse_mode(f->o->symbolize, NULL);
    if (!f->live.any || mode.none || !mode.remote) return;
    if (f->o->plain_names) mode.demangle = DEMANGLE_NONE;
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
    const char *comment = f->o->add_comment;
    if (f->o->all_frames) p->profile.drop_frames = p->profile.keep_frames = 0;
    view_prune_uninteresting(&p->profile, &p->profile, &p->arena);
    live_forget(&p->profile, &p->arena);
    for (size_t i = 0; i < f->o->labels.n_texts; i += 2)
        view_set_label(&p->profile, f->o->labels.texts[i], f->o->labels.texts[i + 1], &p->profile,
                       &p->arena);
    if (*comment) profile_add_comment(&p->profile, pp_str_from(comment), &p->arena);
}

static void end(struct fetcher *f) {
    live_done(&f->live);
    pp_arena_done(&f->arena);
}

static void begin(struct fetcher *f, const struct load_options *o, const struct world *env) {
    *f = (struct fetcher){.o = o, .env = env, .names = o->sources, .n_names = o->n_sources};
    f->live = (struct live){.options = o, .env = env};
    f->live.max_bytes = pp_limits_or_default(&o->limits).max_bytes;
    f->gather = (struct gather){.live = &f->live,
                                .env = env,
                                .options = o,
                                .host = {.diag = env->diag, .unwinder = &f->unwinder.unwinder},
                                .locate = where_binaries_are(o, env)};
    f->gather.numbers_only = symbolize_parse_mode(o->symbolize, NULL).none;
    size_t n_dirs;
    const struct pp_str *dirs = kept_directories(&f->gather.locate, &n_dirs, &f->arena);
    cfi_unwinder_init(&f->unwinder, dirs, n_dirs);
    local_files_init(&f->files, dirs, n_dirs);
    if (!f->gather.numbers_only) f->gather.host.files = &f->files.files;
    /* The first of several operands is the binary if it is one. */
    if (f->n_names > 1 && locate_is_binary(f->names[0])) {
        f->gather.locate.binary = *f->names++;
        f->n_names--;
    }
}

void fetched_done(struct fetched *f) {
    if (f->binaries) binaries_done(f->binaries);
    f->binaries = NULL;
}

bool fetch_profile(const struct load_options *o, const struct world *env,
                   struct fetched *ret_fetched, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    struct held p = {0};
    *arena = (struct pp_arena){0};
    *ret_fetched = (struct fetched){0};
    ret_fetched->options = o;
    begin(&f, o, env);
    const bool many = o->compares && o->bases.n > 1;
    if (!many) f.live.ahead_name = o->base;
    struct side now = {
        .operands = f.names, .n = f.n_names, .what = "source", .is_marked = o->tells_sources};
    struct side before = {.operands = &o->base, .n = o->base != NULL, .what = "base"};
    if (many) before = (struct side){.operands = o->bases.at, .n = o->bases.n, .what = "base"};
    f.gather.is_alone = before.n == 0;
    struct gather_ahead *ahead = before.n == 1 ? gather_ahead(&f.gather, before.operands[0]) : NULL;
    f.gather.ahead = &ahead;
    bool ok = read_side(&f, &now, &p, err) && compare(&f, &p, &before, err);
    gather_forget(ahead);
    if (ok) {
        ret_fetched->binaries = fetch_binaries(o, env, &p.arena);
        ok = add_symbols(&f, &p, ret_fetched->binaries, &ret_fetched->symbols, err);
        ret_fetched->wanted = binaries_unindexed(ret_fetched->binaries, &p.arena);
    }
    if (!ok || !o->keeps_binaries) fetched_done(ret_fetched);
    if (ok) add_remote_symbols(&f, &p);
    if (ok) finish(&f, &p);
    ret_fetched->sides[0] = profile_facts_copy(&before.facts, &p.arena);
    ret_fetched->sides[1] = profile_facts_copy(&now.facts, &p.arena);
    ret_fetched->is_compared = o->base != NULL;
    ret_fetched->only_source = ret_fetched->sides[1].source;
    ret_fetched->profile = p.profile;
    ret_fetched->kept = p.kept;
    if (ok) tell_sources(&now, ret_fetched, &p.arena);
    if (ok && f.live.any) save_profile(&ret_fetched->profile, env);
    end(&f);
    *arena = p.arena;
    return ok;
}

/* One of several sources: its name, and what was fetched of it. */
struct one {
    const char *name;
    struct live_source *live;
    struct held held; /* its arena may hold something already */
    struct symbol_report symbols;
};

static bool fetch_one(struct fetcher *f, struct binaries *binaries, struct one *one,
                      struct pp_error *err) {
    struct held *p = &one->held;
    f->live.n_origins = 0; /* those of others */
    if (!gather_one(&f->gather, one->name, one->live, p, err) ||
        !add_symbols(f, p, binaries, &one->symbols, err))
        return false;
    add_remote_symbols(f, p);
    finish(f, p);
    if (one->live->url) save_profile(&p->profile, f->env);
    return true;
}

/* Visits what was fetched of each source; a few are fetched at once. */
static bool each_source(struct fetcher *f, const struct source_names *names,
                        bool (*visit)(void *user, size_t at, struct live_source *live,
                                      struct pp_error *err),
                        void *user, struct pp_error *err) {
    size_t n = names->n;
    bool ok = true;
    struct progress progress;
    struct live_source *live = PP_NEW(&f->arena, struct live_source, n);
    tell(f, &progress, "Reading");
    for (size_t i = 0; i < n && ok; i++) {
        if (i % AT_ONCE == 0)
            live_fetch(&f->live, names->at + i, n - i < AT_ONCE ? n - i : AT_ONCE, live + i);
        ok = visit(user, i, &live[i], err);
        progress_tick(&progress, i + 1, n);
        live_source_done(&f->live, &live[i]);
    }
    for (size_t i = 0; i < n; i++)
        live_source_done(&f->live, &live[i]);
    told(f);
    return ok;
}

/* ---- runs, the bases first ---- */

struct runs {
    struct fetcher *f;
    struct source_names names;
    size_t n_bases;
    struct fetched_runs fetched;
    struct binaries *binaries; /* that they share */
    struct pp_arena *arena;
};

static bool fetch_run(void *user, size_t at, struct live_source *live, struct pp_error *err) {
    struct runs *r = user;
    const char *name = r->names.at[at];
    struct one one = {.name = name, .live = live, .held = {.arena = *r->arena}};
    bool is_base = at < r->n_bases, ok = fetch_one(r->f, r->binaries, &one, err);
    *r->arena = one.held.arena;
    if (!ok) return is_base && pp_wrap(err, "base");
    r->fetched.profiles[at] = one.held.profile;
    r->fetched.names[at] = pp_arena_copy(r->arena, pp_str_from(name));
    r->fetched.n[!is_base]++;
    return true;
}

static bool list_runs(struct fetcher *f, struct source_names *ret_names, size_t *ret_n_bases,
                      struct pp_error *err) {
    const struct text_list *bases = &f->o->bases;
    for (size_t i = 0; i < bases->n; i++)
        if (!operands_expand(&bases->at[i], 1, f->env->in, ret_names, err))
            return pp_wrap(err, "base");
    *ret_n_bases = ret_names->n;
    return operands_expand(f->names, f->n_names, f->env->in, ret_names, err);
}

static bool fetch_all_runs(struct fetcher *f, struct fetched_runs *ret_runs, struct pp_arena *arena,
                           struct pp_error *err) {
    struct runs runs = {.f = f, .names = {.arena = &f->arena}, .arena = arena};
    if (!list_runs(f, &runs.names, &runs.n_bases, err)) return false;
    runs.binaries = fetch_binaries(f->o, f->env, &f->arena);
    runs.fetched.profiles = PP_NEW(arena, struct pp_profile, runs.names.n);
    runs.fetched.names = PP_NEW(arena, struct pp_str, runs.names.n);
    bool ok = each_source(f, &runs.names, fetch_run, &runs, err);
    if (ok) *ret_runs = runs.fetched;
    binaries_done(runs.binaries);
    return ok;
}

/* ---- each by itself, one after the other ---- */

struct visiting {
    struct fetcher *f;
    struct source_names names;
    struct binaries *binaries;
    struct tally tally;
    fetch_visit *visit;
    void *user;
};

static bool visit_one(void *user, size_t at, struct live_source *live, struct pp_error *err) {
    struct visiting *v = user;
    struct one one = {.name = v->names.at[at], .live = live};
    struct pp_error why = {0};
    bool ok = fetch_one(v->f, v->binaries, &one, &why);
    if (ok) {
        const struct fetched f = {.profile = one.held.profile,
                                  .only_source = pp_str_from(one.name),
                                  .symbols = one.symbols,
                                  .binaries = v->binaries};
        v->tally.n_read++;
        ok = v->visit(v->user, &f, at, v->names.n, err);
    } else if (v->names.n > 1 && !v->f->o->strict) {
        tally_failed(&v->tally, one.name, &why);
        ok = true;
    } else {
        *err = why;
    }
    pp_arena_done(&one.held.arena);
    return ok;
}

bool fetch_each(const struct load_options *o, const struct world *env, fetch_visit *visit,
                void *user, struct pp_error *err) {
    struct fetcher f;
    struct visiting v = {
        .f = &f,
        .names = {.arena = &f.arena},
        .tally = {.what = "source", .strict = o->strict, .diag = &env->diag},
        .visit = visit,
        .user = user,
    };
    begin(&f, o, env);
    bool ok = operands_expand(f.names, f.n_names, env->in, &v.names, err);
    if (ok) {
        v.binaries = fetch_binaries(o, env, &f.arena);
        const struct pp_profile none = {0};
        ok = each_source(&f, &v.names, visit_one, &v, err) && tally_report(&v.tally, &none, err);
        binaries_done(v.binaries);
    }
    end(&f);
    return ok;
}

bool fetch_runs(const struct load_options *o, const struct world *env,
                struct fetched_runs *ret_runs, struct pp_arena *arena, struct pp_error *err) {
    struct fetcher f;
    *arena = (struct pp_arena){0};
    begin(&f, o, env);
    bool ok = fetch_all_runs(&f, ret_runs, arena, err);
    end(&f);
    return ok;
}
