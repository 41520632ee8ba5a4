/* The program cpprof: gives the driver the real world. */
#include "base/arena.h"
#include "base/progress.h"
#include "base/safe.h"
#include "driver/run.h"
#include "end.h"

#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void put(void *stream, struct pp_str piece) {
    fwrite(piece.data, 1, piece.len, stream);
}

/* Messages quote names from profiles and of files, so they are made safe to show, and stay lines.
 */
static void say(void *user, const char *line) {
    const int *terminal = user;
    if (*terminal) progress_clear(*terminal); /* in its place */
    struct pp_str rest = pp_str_from(line);
    for (;;) {
        size_t len = strcspn(rest.data, "\n");
        safe_text(pp_str_slice(rest, 0, len), true, put, stderr);
        if (len == rest.len) break;
        fputs("\\x0a", stderr);
        rest = pp_str_slice(rest, len + 1, rest.len);
    }
    fputc('\n', stderr);
}

static const char *environment(const char *name) {
    return getenv(name);
}

/* Where lines are redrawn: no file, no pipe, no terminal that says it is dumb. */
static int terminal_of(int fd) {
    const char *kind = getenv("TERM");
    return isatty(fd) && !(kind && !strcmp(kind, "dumb")) ? fd : 0;
}

/* glibc takes a zone that it does not know for one of that name; it is UTC here, as it is for Go.
 * What other programs are given stays. */
static void settle_zone(void) {
    const char *zone = getenv("TZ"), *folder = getenv("TZDIR");
    char path[500], magic[4];
    if (!zone || !*zone) return;
    const char *file = zone + (*zone == ':');
    if (*file == '/') folder = "";
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "/usr/share/zoneinfo", file);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is_known = fd >= 0 && read(fd, magic, sizeof magic) == (ssize_t)sizeof magic &&
                    !memcmp(magic, "TZif", sizeof magic);
    if (fd >= 0) close(fd);
    if (is_known) return;
    setenv("TZ", "UTC0", 1);
    tzset();
    setenv("TZ", zone, 1);
}

/* The memory that even a small report takes is found by the system at once, not page by page. */
static void find_first_memory(void) {
    enum { FIRST = 128 << 10, PAGE = 4 << 10 };
    char *memory = malloc(FIRST + PAGE);
    if (memory) madvise(memory + -(uintptr_t)memory % PAGE, FIRST, MADV_POPULATE_WRITE);
    free(memory);
}

int main(int argc, char **argv) {
    (void)argc;
    end_when_the_stack_is_small();
    /* A closed pipe is a failed write, which ends the program as the signal would, but in order. */
    bool pipe_was_ignored = signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    signal(SIGXFSZ, SIG_IGN);             /* and so is a file that may not become longer */
    mallopt(M_MMAP_THRESHOLD, 512 << 10); /* fixed: large tables grow in place and leave no holes */
    mallopt(M_TOP_PAD, 1 << 20);          /* all else comes in few system calls */
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
    find_first_memory();
    pp_set_oom_hook(end_out_of_memory);
    end_when_a_file_shrinks();
    settle_zone();
    int terminal = terminal_of(STDERR_FILENO);
    const struct world env = {
        .in = STDIN_FILENO,
        .out = STDOUT_FILENO,
        .in_is_terminal = isatty(STDIN_FILENO),
        .out_is_terminal = isatty(STDOUT_FILENO),
        .pipe_ends_quietly = !pipe_was_ignored,
        .terminal = terminal,
        .diag = {.say = say, .user = &terminal},
        .getenv = environment,
    };
    return driver_run(argv, &env);
}
