#include "driver/rounds.h"

#include "base/clock.h"
#include "base/progress.h"
#include "driver/host/leash.h"
#include "driver/report.h"
#include "gate/gate_stats.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ROUNDS = 100 };

/* What the command prints is of interest only when it fails, or to -benchmarks. */
static const char script[] = "cd -- \"$1\" && CPPROF_OUT=$2 && export CPPROF_OUT || exit\n"
                             "(eval \"$4\") >\"$3\" && exit\n"
                             "status=$?; tail -n 20 \"$3\" >&2; exit $status";

struct rounds {
    const struct command_line *cl;
    struct pp_str dir, sides[2];
    int folder; /* the directory, if it is to go; else -1 */
    const char *profiles[2][MAX_ROUNDS], *printed[2][MAX_ROUNDS]; /* by side */
    uint32_t n, most;
    int64_t started;
    struct leash leash;
    struct pp_arena *arena;
};

static const char *const side_names[] = {"old", "new"};

/* ---- the directory: old/01.prof, new/01.prof ..., and beside what the command printed ---- */

static bool make_directory(const char *path, struct pp_error *err) {
    return mkdir(path, 0777) == 0 || pp_fail(err, PP_E_IO, "%s: %s", path, strerror(errno));
}

static int open_folder(int at, const char *name) {
    return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* What is removed is in the directory that was made, whatever has its name by then: in TMPDIR
 * others may be at work. */
static bool make_folder(struct rounds *r, struct pp_str dir, struct pp_error *err) {
    struct stat st;
    if (!mkdtemp((char *)(uintptr_t)dir.data) ||
        (r->folder = open_folder(AT_FDCWD, dir.data)) < 0 || fstat(r->folder, &st) != 0)
        return pp_fail(err, PP_E_IO, "%s: %s", dir.data, strerror(errno));
    if (st.st_uid == geteuid() && !(st.st_mode & 077)) return true;
    close(r->folder);
    r->folder = -1;
    return pp_fail(err, PP_E_IO, "%s: is another than was made", dir.data);
}

static bool open_directory(struct rounds *r, struct pp_error *err) {
    const char *kept = r->cl->settings.run_dir;
    struct pp_str dir = pp_arena_printf(r->arena, "%s/cpprof-XXXXXX", world_tmp(r->cl->env).data);
    struct stat st;
    if (*kept)
        dir = pp_str_from(kept);
    else if (!make_folder(r, dir, err))
        return false;
    if (*kept && stat(kept, &st) != 0 && !make_directory(kept, err)) return false;
    /* Commands run elsewhere. */
    char *whole = realpath(dir.data, NULL);
    if (!whole) return pp_fail(err, PP_E_IO, "%s: %s", dir.data, strerror(errno));
    r->dir = pp_arena_copy(r->arena, pp_str_from(whole));
    free(whole);
    for (int side = 0; side < 2; side++) {
        r->sides[side] = pp_arena_printf(r->arena, "%s/%s", r->dir.data, side_names[side]);
        if (!make_directory(r->sides[side].data, err)) return false;
    }
    return true;
}

/* Closes it, too. */
static void remove_files(int folder) {
    DIR *dir = folder >= 0 ? fdopendir(folder) : NULL;
    if (!dir) return;
    for (const struct dirent *entry; (entry = readdir(dir));)
        unlinkat(folder, entry->d_name, 0);
    closedir(dir);
}

/* A profiler may have written more than what it was told to. */
static void close_directory(void *subject) {
    struct rounds *r = subject;
    if (r->folder < 0) return;
    for (int side = 0; side < 2; side++) {
        remove_files(open_folder(r->folder, side_names[side]));
        unlinkat(r->folder, side_names[side], AT_REMOVEDIR);
    }
    remove_files(r->folder);
    rmdir(r->dir.data);
    r->folder = -1;
}

/* ---- one run ---- */

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_written(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

static bool run_told(struct rounds *r, const char *const argv[], uint32_t round, int side,
                     struct pp_error *err) {
    struct pp_str what = round ? pp_arena_printf(r->arena, "Round %u, %s", round, side_names[side])
                               : pp_arena_printf(r->arena, "Warming up, %s", side_names[side]);
    struct progress progress;
    progress_begin(&progress, r->cl->env->terminal, what.data);
    bool ok = leash_run(&r->leash, argv, (unsigned)r->cl->settings.run_seconds, err);
    progress_end(&progress);
    if (!ok && err->code == PP_E_LIMIT) err->about = "run_seconds";
    return ok;
}

/* Round 0 warms up. */
static bool make_run(struct rounds *r, uint32_t round, int side, struct pp_error *err) {
    const char *in = r->cl->operands[side];
    struct pp_str text =
        pp_arena_printf(r->arena, "%s/%s-%02u.txt", r->dir.data, side_names[side], round);
    struct pp_str profile =
        round ? pp_arena_printf(r->arena, "%s/%02u.prof", r->sides[side].data, round)
              : pp_arena_printf(r->arena, "%s/warm-%s.prof", r->dir.data, side_names[side]);
    const char *const argv[] = {
        "/bin/sh", "-c", script, "sh", in, profile.data, text.data, r->cl->settings.run, NULL};
    if (!is_directory(in))
        return pp_fail(err, PP_E_NOT_FOUND, "-run in %s: the directory is gone", in);
    if (!run_told(r, argv, round, side, err)) return pp_wrap(err, "-run in %s", in);
    if (!is_written(profile.data))
        return pp_fail(err, PP_E_NOT_FOUND,
                       "-run in %s: the command wrote no profile to $CPPROF_OUT", in);
    if (!round) return true;
    r->profiles[side][round - 1] = profile.data;
    r->printed[side][round - 1] = text.data;
    return true;
}

/* Which side is first changes, so that what comes first has no advantage. */
static bool make_round(struct rounds *r, uint32_t round, struct pp_error *err) {
    int first = round % 2;
    if (!make_run(r, round, first, err) || !make_run(r, round, !first, err)) return false;
    r->n = round;
    return true;
}

/* ---- the verdict ---- */

/* -benchmarks=-: of all runs, the base's first. */
static struct text_list what_was_printed(const struct rounds *r) {
    struct text_list all = {.at = PP_NEW(r->arena, const char *, 2 * (size_t)r->n)};
    for (int side = 0; side < 2; side++)
        for (uint32_t round = 0; round < r->n; round++)
            all.at[all.n++] = r->printed[side][round];
    return all;
}

/* The command line as if these runs had been given; paths are those of the two directories. */
static bool look_at(const struct rounds *r, struct report_look *look, int *ret_status,
                    struct pp_error *err) {
    struct command_line cl = *r->cl;
    char *from[2] = {realpath(cl.operands[0], NULL), realpath(cl.operands[1], NULL)};
    if (!*cl.settings.trim_path && from[0] && from[1])
        cl.settings.trim_path = pp_arena_printf(r->arena, "%s:%s", from[0], from[1]).data;
    free(from[0]);
    free(from[1]);
    cl.settings.base = (struct text_list){(const char **)r->profiles[0], r->n};
    const struct text_list *benchmarks = &r->cl->settings.benchmarks;
    if (benchmarks->n == 1 && !strcmp(benchmarks->at[0], "-"))
        cl.settings.benchmarks = what_was_printed(r);
    cl.operands = (char **)(uintptr_t)r->profiles[1];
    cl.n_operands = r->n;
    return driver_report_runs(&cl, look, ret_status, err);
}

static int64_t seconds_so_far(const struct rounds *r) {
    return (clock_ms() - r->started) / 1000;
}

static void tell(const struct rounds *r, const char *what) {
    pp_say(&r->cl->env->diag, "round %u of at most %u, %llds: %s", r->n, r->most,
           (long long)seconds_so_far(r), what);
}

static bool run_rounds(struct rounds *r, int *ret_status, struct pp_error *err) {
    struct report_look look = {0};
    if (!make_round(r, 0, err)) return false;
    tell(r, "warmed up");
    while (!look.is_settled && !look.is_last) {
        if (!make_round(r, r->n + 1, err)) return false;
        look.is_last = r->n == r->most || seconds_so_far(r) >= r->cl->settings.run_seconds;
        look.share = gate_look(r->n, r->most, look.is_last);
        if (look.share > 0 && !look_at(r, &look, ret_status, err)) return false;
        tell(r, look.is_settled ? "sure" : look.is_last ? "the last one" : "not sure yet");
    }
    return true;
}

static bool check(const struct command_line *cl, struct pp_error *err) {
    const struct settings *s = &cl->settings;
    if (!cl->report || !(cl->report->traits & REPORT_RUNS))
        return pp_fail(err, PP_E_USAGE, "-run goes with -gate");
    if (s->base.n || s->diff_base.n)
        return pp_fail(err, PP_E_USAGE, "-run makes the runs of both sides; leave -base out");
    if (cl->n_operands != 2 || !is_directory(cl->operands[0]) || !is_directory(cl->operands[1]))
        return pp_fail(err, PP_E_USAGE,
                       "-run needs two directories: cpprof -gate -run=COMMAND OLD_DIR NEW_DIR");
    if (s->rounds < 1 || s->rounds > MAX_ROUNDS)
        return pp_fail(err, PP_E_USAGE, "-rounds=%d: from 1 to %d", s->rounds, MAX_ROUNDS);
    return true;
}

bool driver_rounds(const struct command_line *cl, int *ret_status, struct pp_error *err) {
    struct pp_arena arena = {0};
    if (!check(cl, err)) return false;
    struct rounds r = {.cl = cl, .arena = &arena, .started = clock_ms(), .folder = -1};
    r.most = (uint32_t)cl->settings.rounds;
    leash_begin(&r.leash, close_directory, &r);
    bool ok =
        open_directory(&r, err) && leash_watch(&r.leash, err) && run_rounds(&r, ret_status, err);
    leash_end(&r.leash);
    pp_arena_done(&arena);
    return ok;
}
