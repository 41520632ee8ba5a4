/* See sandbox.h. The numbers are the kernel's (linux/landlock.h), which older systems do not have.
 */
#include "driver/host/sandbox.h"

#include "base/file.h"
#include "base/path.h"
#include "driver/host/output.h"
#include "driver/indexing.h"
#include "symbol/symbolize.h"
#include "symbol/symbolize_mode.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(SYS_landlock_create_ruleset) && !defined(CPPROF_NO_SANDBOX)

enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };

#define FS_EXECUTE      (UINT64_C(1) << 0)
#define FS_WRITE_FILE   (UINT64_C(1) << 1)
#define FS_TREE         (UINT64_C(0x1ff) << 4) /* removing and making of files of every kind */
#define FS_REFER        (UINT64_C(1) << 13)
#define FS_TRUNCATE     (UINT64_C(1) << 14)
#define NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPES          UINT64_C(3) /* abstract sockets and signals of processes outside */

struct ruleset {
    uint64_t fs, net, scoped;
};

struct beneath {
    uint64_t allowed;
    int32_t fd;
} __attribute__((packed));

long sandbox_version(void) {
    long v = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
    return v > 0 ? v : 0;
}

static uint64_t writing(long v) {
    return FS_WRITE_FILE | FS_TREE | (v >= 2 ? FS_REFER : 0) | (v >= 3 ? FS_TRUNCATE : 0);
}

/* ---- what this command line writes ---- */

struct cage {
    const struct command_line *cl;
    const struct world *env;
    struct pp_arena arena;
    int rules;
    uint64_t writing;
    int failure; /* errno of a rule that is missing: the cage would keep the report in */
};

/* A path that cannot be opened gets no rule; writing there fails as it would have. */
static void allow(struct cage *c, const char *path) {
    struct stat st;
    struct beneath rule = {c->writing, open(path, O_PATH | O_CLOEXEC)};
    if (rule.fd < 0 && (errno == EMFILE || errno == ENFILE)) c->failure = errno;
    if (rule.fd < 0) return;
    if (fstat(rule.fd, &st) == 0 && !S_ISDIR(st.st_mode))
        rule.allowed &= FS_WRITE_FILE | FS_TRUNCATE;
    syscall(SYS_landlock_add_rule, c->rules, RULE_PATH_BENEATH, &rule, 0);
    close(rule.fd);
}

/* A report file: the directory that its links lead to. What exists and is no file is itself written
 * to. */
static void allow_file(struct cage *c, const char *name) {
    struct stat st;
    if (!*name) return;
    if (stat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
        allow(c, name);
        return;
    }
    struct pp_str target = output_target(name, &c->arena);
    allow(c, pp_arena_copy(&c->arena, path_dir(target, &c->arena)).data);
}

/* A directory to save in, which is made now: the one above it must not be written to. Returns
 * whether nothing else will be tried. */
static bool allow_directory(struct cage *c, struct pp_str dir, unsigned mode) {
    dir = path_clean(dir, &c->arena);
    if (!file_make_folders(dir, mode)) return false;
    const char *path = pp_arena_copy(&c->arena, dir).data;
    allow(c, path);
    return access(path, W_OK | X_OK) == 0;
}

/* Where a profile from a server is saved; see save.c. */
static void allow_saving(struct cage *c) {
    struct pp_str own = world_variable(c->env, "PPROF_TMPDIR"),
                  home = world_variable(c->env, "HOME");
    if (own.len && allow_directory(c, own, 0755)) return;
    if (home.len && allow_directory(c, path_join(home, PP_STR("pprof"), &c->arena), 0755)) return;
    allow_directory(c, world_tmp(c->env), 0755);
}

/* Where indexes of binaries are put after the report; see indexing_later.c. */
static void allow_indexes(struct cage *c) {
    struct index_store store;
    bool symbolizes = !symbolize_parse_mode(c->cl->settings.symbolize, NULL).none;
    if (symbolizes && indexing_store(&c->cl->settings, c->env, &store, &c->arena, NULL) &&
        indexing_may_write(&store))
        allow(c, pp_arena_copy(&c->arena, store.dir).data);
}

/* What libdebuginfod keeps. */
static void allow_cache(struct cage *c) {
    struct pp_str own = world_variable(c->env, "DEBUGINFOD_CACHE_PATH"),
                  home = world_variable(c->env, "HOME");
    struct pp_str cache = world_home(c->env, "XDG_CACHE_HOME", PP_STR(".cache"), &c->arena);
    if (own.len && allow_directory(c, own, 0700)) return;
    if (cache.len)
        allow_directory(c, path_join(cache, PP_STR("debuginfod_client"), &c->arena), 0700);
    struct pp_str old = path_join(home, PP_STR(".debuginfod_client_cache"), &c->arena);
    if (home.len) allow(c, pp_arena_copy(&c->arena, old).data);
}

/* ---- what it needs ---- */

/* Lists ("@file") count as servers: what they name is not known yet. */
static bool is_here(const char *source) {
    struct stat st;
    return !*source || !strcmp(source, "-") || stat(source, &st) == 0;
}

static bool needs_network(const struct command_line *cl) {
    const struct text_list *bases[] = {&cl->settings.base, &cl->settings.diff_base};
    for (size_t i = 0; i < cl->n_operands; i++)
        if (!is_here(cl->operands[i])) return true;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < bases[k]->n; i++)
            if (!is_here(bases[k]->at[i])) return true;
    return false;
}

static bool is_caged(const struct command_line *cl) {
    if (cl->settings.nosandbox || !cl->n_operands) return false;
    if (cl->settings.record) return true;
    if (!cl->report) return false;
    return !cl->report->viewers || cl->encoder || *cl->settings.output;
}

static void lock_in(struct cage *c) {
    if (c->failure) pp_say(&c->env->diag, "no sandbox: %s", strerror(c->failure));
    /* The kernel asks for this promise first: no program gains rights by being started. */
    else if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        syscall(SYS_landlock_restrict_self, c->rules, 0);
    close(c->rules);
    pp_arena_done(&c->arena);
}

void sandbox_enter(const struct command_line *cl) {
    long v = is_caged(cl) ? sandbox_version() : 0;
    if (!v) return;
    bool fetches = needs_network(cl), debuginfod = cl->settings.debuginfod;
    bool programs = cl->report && (cl->report->traits & (REPORT_OUTSIDE | REPORT_OBJECTS)) != 0;
    struct cage c = {.cl = cl, .env = cl->env, .writing = writing(v)};
    const struct ruleset set = {
        .fs = c.writing | (programs ? 0 : FS_EXECUTE),
        .net = v >= 4 && !fetches && !debuginfod ? NET_CONNECT_TCP : 0,
        .scoped = v >= 6 ? SCOPES : 0,
    };
    c.rules = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    if (c.rules < 0) return;
    allow_file(&c, cl->settings.output);
    allow_file(&c, cl->settings.update_base);
    allow_file(&c, cl->settings.history); /* and its journal, beside it */
    allow_file(&c, cl->settings.merge_history);
    if (fetches) allow_saving(&c);
    if (debuginfod) allow_cache(&c);
    allow_indexes(&c);
    lock_in(&c);
}

void sandbox_serve(const struct command_line *cl, struct pp_str settings) {
    long v = cl->settings.nosandbox ? 0 : sandbox_version();
    if (!v) return;
    struct cage c = {.cl = cl, .env = cl->env, .writing = writing(v)};
    const struct ruleset set = {
        .fs = c.writing,
        .net = v >= 4 && !cl->settings.debuginfod ? NET_CONNECT_TCP : 0,
        .scoped = v >= 6 ? SCOPES : 0,
    };
    c.rules = (int)syscall(SYS_landlock_create_ruleset, &set, sizeof set, 0);
    if (c.rules < 0) return;
    if (settings.len) allow_directory(&c, path_dir(settings, &c.arena), 0700);
    allow_indexes(&c);
    lock_in(&c);
}

#else

long sandbox_version(void) {
    return 0;
}

void sandbox_enter(const struct command_line *cl) {
    (void)cl;
}

void sandbox_serve(const struct command_line *cl, struct pp_str settings) {
    (void)cl;
    (void)settings;
}

#endif
