/* Input and standard error go through files in memory, so the only pipe is the one that is read:
 * there is nothing to deadlock on, and a program that does not read its input raises no SIGPIPE. */
#include "base/process.h"

#include "base/clock.h"
#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PIECE = 64 << 10, POLL_MS = 5 };

extern char **environ;

/* ---- where programs are ---- */

static bool is_program(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

static bool find_in(struct pp_str name, struct pp_str dirs, struct pp_str *ret_path,
                    struct pp_arena *arena) {
    while (dirs.len) {
        const char *colon = memchr(dirs.data, ':', dirs.len);
        size_t len = colon ? (size_t)(colon - dirs.data) : dirs.len;
        struct pp_str dir = pp_str_slice(dirs, 0, len);
        dirs = pp_str_slice(dirs, colon ? len + 1 : len, dirs.len);
        if (!dir.len || dir.data[0] != '/') continue;
        struct pp_str path = pp_arena_printf(arena, "%.*s/%.*s", PP_STR_ARG(dir), PP_STR_ARG(name));
        if (!is_program(path.data)) continue;
        *ret_path = path;
        return true;
    }
    return false;
}

bool process_find(struct pp_str name, struct pp_str dirs, struct pp_str *ret_path,
                  struct pp_arena *arena) {
    if (!name.len || memchr(name.data, 0, name.len)) return false;
    if (memchr(name.data, '/', name.len)) {
        struct pp_str path = pp_arena_copy(arena, name);
        if (!is_program(path.data)) return false;
        *ret_path = path;
        return true;
    }
    return find_in(name, dirs, ret_path, arena) ||
           find_in(name, pp_str_from(getenv("PATH")), ret_path, arena);
}

struct pp_str process_file_argument(struct pp_str path, struct pp_arena *arena) {
    bool plain = path.len && path.data[0] != '-' && path.data[0] != '@';
    return plain ? pp_arena_copy(arena, path) : pp_arena_printf(arena, "./%.*s", PP_STR_ARG(path));
}

/* ---- starting ---- */

enum session { SESSION_OURS = 0, SESSION_OWN = POSIX_SPAWN_SETSID };

/* The descriptors that become standard input, output and error; -1: inherited, input closed. What
 * signals this program ignores or blocks is its own affair. */
static bool spawn(const char *const *argv, const int fds[3], enum session session, pid_t *ret_pid,
                  struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct pp_str path;
    bool found = process_find(pp_str_from(argv[0]), PP_STR(""), &path, &scratch);
    int status = 0;
    if (found) {
        posix_spawn_file_actions_t actions;
        posix_spawnattr_t attributes;
        sigset_t defaults, none;
        posix_spawn_file_actions_init(&actions);
        posix_spawnattr_init(&attributes);
        sigemptyset(&defaults);
        sigaddset(&defaults, SIGPIPE);
        sigaddset(&defaults, SIGXFSZ);
        posix_spawnattr_setsigdefault(&attributes, &defaults);
        sigemptyset(&none);
        posix_spawnattr_setsigmask(&attributes, &none);
        posix_spawnattr_setflags(
            &attributes, (short)(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (int)session));
        for (int i = 0; i < 3; i++)
            if (fds[i] >= 0) posix_spawn_file_actions_adddup2(&actions, fds[i], i);
        if (fds[0] < 0) posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
        status = posix_spawn(ret_pid, path.data, &actions, &attributes,
                             (char *const *)(uintptr_t)argv, environ);
        posix_spawn_file_actions_destroy(&actions);
        posix_spawnattr_destroy(&attributes);
    }
    pp_arena_done(&scratch);
    if (!found) return pp_fail(err, PP_E_NOT_FOUND, "%s: no such program is installed", argv[0]);
    return status == 0 || pp_fail(err, PP_E_IO, "%s: %s", argv[0], strerror(status));
}

static int memory_file(struct pp_str bytes) {
    int fd = memfd_create("cpprof", MFD_CLOEXEC);
    while (fd >= 0 && bytes.len) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            close(fd);
            return -1;
        }
        bytes = pp_str_slice(bytes, (size_t)n, bytes.len);
    }
    if (fd >= 0) lseek(fd, 0, SEEK_SET);
    return fd;
}

/* ---- ending ---- */

/* Waits until the deadline (0: for ever); then kills. Returns whether it ended by itself. */
static bool wait_until(pid_t pid, int64_t deadline, int *ret_status) {
    for (;;) {
        pid_t got = waitpid(pid, ret_status, deadline ? WNOHANG : 0);
        if (got == pid) return true;
        if (got < 0 && errno != EINTR) {
            *ret_status = 0; /* somebody ignores SIGCHLD: the status is lost */
            return true;
        }
        if (deadline && clock_ms() >= deadline) break;
        if (deadline) poll(NULL, 0, POLL_MS);
    }
    kill(pid, SIGKILL);
    while (waitpid(pid, ret_status, 0) < 0 && errno == EINTR)
        continue;
    return false;
}

/* How it ended, and the first line that it wrote to standard error. */
static bool judge(const char *program, int status, int errors, struct pp_error *err) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    char text[400] = "";
    ssize_t n = errors >= 0 ? pread(errors, text, sizeof text - 1, 0) : 0;
    text[n > 0 ? n : 0] = 0;
    text[strcspn(text, "\r\n")] = 0;
    const char *colon = *text ? ": " : "";
    if (WIFSIGNALED(status))
        return pp_fail(err, PP_E_IO, "%s was killed by signal %d (%s)%s%s", program,
                       WTERMSIG(status), strsignal(WTERMSIG(status)), colon, text);
    return pp_fail(err, PP_E_IO, "%s failed with exit status %d%s%s", program, WEXITSTATUS(status),
                   colon, text);
}

/* ---- running ---- */

struct run {
    const struct process *process;
    int input, errors, pipe[2];
    int64_t deadline;
};

bool process_fail_in_time(const char *name, unsigned seconds, struct pp_error *err) {
    pp_fail(err, PP_E_LIMIT, "%s had no end after %u seconds", name, seconds);
    if (err) err->limit = seconds;
    return false;
}

/* Reads all that it writes; false, with the reason, when it must be killed. */
static bool collect(struct run *r, struct out *output, struct pp_error *err) {
    const char *program = r->process->argv[0];
    uint64_t total = 0;
    char *piece = pp_malloc(PIECE);
    bool ok = true;
    for (;;) {
        int64_t left = r->deadline ? r->deadline - clock_ms() : -1;
        struct pollfd p = {.fd = r->pipe[0], .events = POLLIN};
        if (r->deadline && left <= 0) {
            ok = process_fail_in_time(program, r->process->seconds, err);
            break;
        }
        int ready = poll(&p, 1, left > 1000 ? 1000 : (int)left);
        if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
        ssize_t n = read(r->pipe[0], piece, PIECE);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) ok = pp_fail(err, PP_E_IO, "reading from %s: %s", program, strerror(errno));
        if (n <= 0) break;
        total += (uint64_t)n;
        if (r->process->max_output && total > r->process->max_output) {
            ok = pp_fail(err, PP_E_LIMIT, "%s: wrote more than %llu bytes", program,
                         (unsigned long long)r->process->max_output);
            break;
        }
        out_bytes(output, piece, (size_t)n);
    }
    pp_free(piece);
    return ok;
}

static bool run_open(struct run *r, struct pp_error *err) {
    *r = (struct run){.process = r->process, .pipe = {-1, -1}};
    r->input = memory_file(r->process->input);
    r->errors = memory_file(PP_STR(""));
    if (r->input < 0 || r->errors < 0 || pipe2(r->pipe, O_CLOEXEC) != 0)
        return pp_fail(err, PP_E_IO, "%s: %s", r->process->argv[0], strerror(errno));
    if (r->process->seconds) r->deadline = clock_ms() + (int64_t)r->process->seconds * 1000;
    return true;
}

/* For when this program is killed before it can kill that one. A second more, so that as long as it
 * lives it is the one that says so. */
static void bound_processor_time(pid_t pid, unsigned seconds) {
    const struct rlimit limit = {seconds + 1, seconds + 1};
    if (seconds) prlimit(pid, RLIMIT_CPU, &limit, NULL);
}

static void close_fd(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

bool process_run(const struct process *process, struct out *output, struct pp_error *err) {
    struct run r = {.process = process};
    const char *program = process->argv[0];
    if (!scope_may(SCOPE_PROGRAMS)) return pp_fail(err, PP_E_DENIED, "%s may not be run", program);
    pid_t pid = 0;
    bool ok = run_open(&r, err);
    if (ok)
        ok = spawn(process->argv, (int[3]){r.input, r.pipe[1], r.errors}, SESSION_OURS, &pid, err);
    if (ok) {
        bound_processor_time(pid, process->seconds);
        close_fd(&r.pipe[1]);
        int status;
        ok = collect(&r, output, err);
        if (!ok) kill(pid, SIGKILL);
        bool ended = wait_until(pid, r.deadline, &status);
        if (ok && !ended) ok = process_fail_in_time(program, process->seconds, err);
        if (ok) ok = judge(program, status, r.errors, err);
    }
    close_fd(&r.input);
    close_fd(&r.errors);
    close_fd(&r.pipe[0]);
    close_fd(&r.pipe[1]);
    return ok;
}

bool process_start(const char *const *argv, int *ret_pid, struct pp_error *err) {
    return spawn(argv, (int[3]){-1, -1, -1}, SESSION_OURS, ret_pid, err);
}

bool process_start_alone(const char *const *argv, int *ret_pid, struct pp_error *err) {
    return spawn(argv, (int[3]){-1, -1, -1}, SESSION_OWN, ret_pid, err);
}

bool process_wait(const char *const *argv, int pid, struct pp_error *err) {
    int status;
    wait_until(pid, 0, &status);
    return judge(argv[0], status, -1, err);
}
