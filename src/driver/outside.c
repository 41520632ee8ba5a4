#include "driver/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* argv of a command, and perhaps one more argument, in `arena`. */
static char **split(const char *command, const char *last, struct pp_arena *arena) {
    struct pp_str copy = pp_arena_copy(arena, pp_str_from(command));
    char **argv = PP_NEW(arena, char *, copy.len / 2 + 3);
    char *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r((char *)(uintptr_t)copy.data, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        argv[n++] = word;
    if (last) argv[n++] = (char *)(uintptr_t)pp_arena_copy(arena, pp_str_from(last)).data;
    return argv;
}

static bool start(char **argv, int in, int out, pid_t *ret_pid, struct pp_error *err) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, 0);
    if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, 1);
    int failure = posix_spawnp(ret_pid, argv[0], &actions, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure) return pp_fail(err, PP_E_IO, "%s: %s", argv[0], strerror(failure));
    return true;
}

static bool wait_for(pid_t pid, const char *name, struct pp_error *err) {
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return pp_fail(err, PP_E_IO, "%s: %s", name, strerror(errno));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return true;
    if (WIFEXITED(status))
        return pp_fail(err, PP_E_IO, "%s failed (%d)", name, WEXITSTATUS(status));
    return pp_fail(err, PP_E_IO, "%s was ended by a signal", name);
}

static bool write_all(int fd, struct pp_str bytes) {
    while (bytes.len) {
        ssize_t n = write(fd, bytes.data, bytes.len);
        if (n < 0 && errno != EINTR) return false;
        if (n > 0) bytes = pp_str_slice(bytes, (size_t)n, bytes.len);
    }
    return true;
}

static void copy_all(int fd, struct out *out) {
    char buffer[1 << 14];
    for (;;) {
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        out_bytes(out, buffer, (size_t)n);
    }
}

bool outside_filter(const char *command, struct pp_str input, struct out *out,
                    struct pp_error *err) {
    struct pp_arena arena = {0};
    char **argv = split(command, NULL, &arena);
    int in = memfd_create("report", MFD_CLOEXEC), ends[2] = {-1, -1};
    pid_t pid;
    bool ok = in >= 0 && write_all(in, input) && lseek(in, 0, SEEK_SET) == 0 &&
              pipe2(ends, O_CLOEXEC) == 0;
    if (!ok) pp_fail(err, PP_E_IO, "%s: %s", argv[0], strerror(errno));
    if (ok) ok = start(argv, in, ends[1], &pid, err) || pp_wrap(err, "starting %s", command);
    if (ends[1] >= 0) close(ends[1]);
    if (ok) {
        copy_all(ends[0], out);
        ok = wait_for(pid, argv[0], err);
    }
    if (ends[0] >= 0) close(ends[0]);
    if (in >= 0) close(in);
    pp_arena_done(&arena);
    return ok;
}

static bool save_temporary(const char *suffix, struct pp_str bytes, const struct driver_env *env,
                           struct pp_arena *arena, struct pp_str *ret_name, struct pp_error *err) {
    const char *dir = env->getenv("TMPDIR");
    struct pp_str name =
        pp_arena_printf(arena, "%s/cpprof-XXXXXX.%s", dir && *dir ? dir : "/tmp", suffix);
    int fd = mkostemps((char *)(uintptr_t)name.data, (int)strlen(suffix) + 1, O_CLOEXEC);
    bool ok = fd >= 0 && write_all(fd, bytes);
    if (!ok) pp_fail(err, PP_E_IO, "%s: %s", name.data, strerror(errno));
    if (fd >= 0 && close(fd) != 0 && ok)
        ok = pp_fail(err, PP_E_IO, "%s: %s", name.data, strerror(errno));
    *ret_name = name;
    return ok;
}

bool outside_view(const char *command, const char *suffix, struct pp_str bytes,
                  const struct driver_env *env, struct pp_error *err) {
    struct pp_arena arena = {0};
    struct pp_str name;
    pid_t pid;
    const char *browser = env->getenv("BROWSER");
    if (!strcmp(command, "xdg-open") && browser && *browser) command = browser;
    bool ok = save_temporary(suffix, bytes, env, &arena, &name, err);
    if (ok) {
        pp_say(&env->diag, "The picture is in %s", name.data);
        char **argv = split(command, name.data, &arena);
        ok = start(argv, -1, -1, &pid, err) && wait_for(pid, argv[0], err);
    }
    pp_arena_done(&arena);
    return ok;
}
