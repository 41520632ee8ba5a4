/* See debuginfod.h. Declared here and not by elfutils/debuginfod.h, so that building needs nothing:
 * the interface is a stable one, elfutils 0.180 and later. */
#include "symbol/debuginfod.h"

#include "base/clock.h"
#include "base/library.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ID = 128 };

bool debuginfod_open(struct debuginfod *ret_servers, unsigned seconds, uint64_t max_bytes,
                     struct pp_error *err) {
    const char *urls = getenv("DEBUGINFOD_URLS");
    if (!urls || !*urls) return pp_fail(err, PP_E_USAGE, "no server is named in DEBUGINFOD_URLS");
    void *library = library_open(LIBRARY_DEBUGINFOD);
    if (!library)
        return pp_fail(err, PP_E_UNSUPPORTED,
                       LIBRARY_DEBUGINFOD
                       " is not installed (Debian: apt-get install libdebuginfod1)");
    struct debuginfod d = {.seconds = seconds,
                           .max_bytes = max_bytes,
                           .deadline = clock_ms() + INT64_C(1000) * seconds};
    if (!library_find(library, "debuginfod_begin", &d.begin) ||
        !library_find(library, "debuginfod_end", &d.end) ||
        !library_find(library, "debuginfod_find_debuginfo", &d.find_debuginfo) ||
        !library_find(library, "debuginfod_find_executable", &d.find_executable) ||
        !library_find(library, "debuginfod_set_progressfn", &d.set_progressfn))
        return pp_fail(err, PP_E_UNSUPPORTED, LIBRARY_DEBUGINFOD " is none");
    *ret_servers = d;
    return true;
}

/* When the fetch that this thread is in has to end; 0: it had to. The library's callback gets
 * nothing but its client. */
static __thread int64_t fetch_deadline;
/* What it may bring, and whether it wanted more. */
static __thread uint64_t fetch_max;
static __thread bool fetch_too_large;

static int on_progress(struct debuginfod_client *client, long done, long total) {
    (void)client;
    fetch_too_large =
        (done > 0 && (uint64_t)done > fetch_max) || (total > 0 && (uint64_t)total > fetch_max);
    if (fetch_too_large) return 1;
    if (clock_ms() < fetch_deadline) return 0;
    fetch_deadline = 0;
    return 1;
}

static const char *reason(int code) {
    switch (code) {
    case ENOENT:
        return "no server has it";
    case ECONNREFUSED:
    case EHOSTUNREACH:
        return "no server could be reached";
    default:
        return strerror(code);
    }
}

static int ask(const struct debuginfod *d, struct debuginfod_file file, char **ret_path) {
    struct debuginfod_client *client = d->begin();
    if (!client) return -ENOMEM;
    d->set_progressfn(client, on_progress);
    /* A length of 0: the id is text. */
    int fd = (file.kind == DEBUGINFOD_EXECUTABLE ? d->find_executable : d->find_debuginfo)(
        client, (const unsigned char *)file.id.data, 0, ret_path);
    d->end(client);
    return fd;
}

/* What was sent is counted by on_progress; a file that unpacks to more is stopped by the system, as
 * only it sees what the library writes. The limit is the process's, so one fetch at a time. */
static int find(const struct debuginfod *d, struct debuginfod_file file, char **ret_path) {
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const struct timespec now = {0};
    struct rlimit before, limit;
    sigset_t too_long, mask;
    if (!d->owns_process) return ask(d, file, ret_path);
    pthread_mutex_lock(&one_at_a_time);
    sigemptyset(&too_long);
    sigaddset(&too_long, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &too_long, &mask);
    bool limited = getrlimit(RLIMIT_FSIZE, &before) == 0 && before.rlim_cur > d->max_bytes;
    limit = (struct rlimit){d->max_bytes, before.rlim_max};
    limited = limited && setrlimit(RLIMIT_FSIZE, &limit) == 0;
    int fd = ask(d, file, ret_path);
    if (limited) setrlimit(RLIMIT_FSIZE, &before);
    if (sigtimedwait(&too_long, NULL, &now) == SIGXFSZ && limited && fd < 0) fetch_too_large = true;
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    return fd;
}

/* ---- what is here already ---- */

/* The library opens what it keeps, and would wait for a FIFO without end. */
static bool is_no_file(struct pp_str folder, const char *name, struct pp_str *ret_path,
                       struct pp_arena *arena) {
    struct stat st;
    *ret_path = pp_arena_printf(arena, "%.*s/%s", PP_STR_ARG(folder), name);
    return stat(ret_path->data, &st) == 0 && !S_ISREG(st.st_mode);
}

/* The folders that it may keep files in, as its manual has them. */
static size_t list_folders(struct pp_str ret_folders[4], struct pp_arena *arena) {
    static const struct {
        const char *variable, *below;
    } places[] = {{"DEBUGINFOD_CACHE_PATH", ""},
                  {"HOME", "/.debuginfod_client_cache"},
                  {"XDG_CACHE_HOME", "/debuginfod_client"},
                  {"HOME", "/.cache/debuginfod_client"}};
    size_t n = 0;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        const char *value = getenv(places[i].variable);
        if (value && *value)
            ret_folders[n++] = pp_arena_printf(arena, "%s%s", value, places[i].below);
    }
    return n;
}

static bool check_kept(struct debuginfod_file file, struct pp_arena *arena, struct pp_error *err) {
    static const char *const settings[] = {"cache_clean_interval_s", "cache_miss_s",
                                           "max_unused_age_s"};
    const char *name = file.kind == DEBUGINFOD_EXECUTABLE ? "executable" : "debuginfo";
    struct pp_str folders[4], path;
    size_t n = list_folders(folders, arena);
    bool bad = false;
    for (size_t i = 0; i < n && !bad; i++) {
        struct pp_str own = pp_arena_printf(arena, "%s/%.*s", folders[i].data, PP_STR_ARG(file.id));
        bad = is_no_file(own, name, &path, arena);
        for (size_t k = 0; k < sizeof settings / sizeof *settings && !bad; k++)
            bad = is_no_file(folders[i], settings[k], &path, arena);
    }
    return !bad || pp_fail(err, PP_E_UNSUPPORTED, "%s is not a regular file", path.data);
}

static bool is_hex(struct pp_str id) {
    for (size_t i = 0; i < id.len; i++)
        if (!text_is_lower_hex(id.data[i])) return false;
    return id.len >= 4 && id.len <= MAX_ID && id.len % 2 == 0;
}

bool debuginfod_fetch(const struct debuginfod *servers, struct debuginfod_file file,
                      struct pp_str *ret_path, struct pp_arena *arena, struct pp_error *err) {
    char *path = NULL;
    if (!is_hex(file.id)) return pp_fail(err, PP_E_UNSUPPORTED, "the build id is not hexadecimal");
    if (!check_kept(file, arena, err)) return false;
    file.id = pp_arena_copy(arena, file.id);
    fetch_deadline = servers->deadline;
    fetch_max = servers->max_bytes;
    fetch_too_large = false;
    int fd = clock_ms() < fetch_deadline ? find(servers, file, &path) : -ETIME;
    if (fd < 0) {
        free(path);
        if (fetch_too_large)
            return pp_fail(err, PP_E_LIMIT, "more than %" PRIu64 " bytes (max_bytes)", fetch_max);
        if (fd == -ETIME || fetch_deadline == 0)
            return pp_fail(err, PP_E_IO, "not here after %u seconds", servers->seconds);
        return pp_fail(err, PP_E_IO, "%s", reason(-fd));
    }
    close(fd);
    *ret_path = pp_arena_copy(arena, pp_str_from(path));
    free(path);
    return true;
}
