#include "end.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Only what a signal handler may do, here and where it is called. */

/* Once, whichever thread comes first. */
static void begin_to_end(void) {
    static atomic_flag said = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&said))
        pause();
}

static void say(const char *text) {
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

__attribute__((noreturn)) static void end(const char *line) {
    begin_to_end();
    say(line);
    _exit(2);
}

void end_out_of_memory(size_t wanted) {
    char line[100];
    snprintf(line, sizeof line, "cpprof: out of memory (%zu more bytes are needed)\n", wanted);
    end(line);
}

void end_without_library(const char *file) {
    char line[100];
    snprintf(line, sizeof line, "cpprof: %s, a part of the C library, cannot be loaded\n", file);
    end(line);
}

/* ---- a file that is cut while it is mapped ---- */

/* /proc/self/maps: "start-end rwxp offset dev inode   path". */
struct maps {
    int fd;
    char bytes[512];
    ssize_t n, at;
};

/* 0 at the end. */
static char next(struct maps *m) {
    if (m->at == m->n) {
        m->n = read(m->fd, m->bytes, sizeof m->bytes);
        m->at = 0;
        if (m->n <= 0) return (char)(m->n = 0);
    }
    return m->bytes[m->at++];
}

static uint64_t next_number(struct maps *m) {
    uint64_t v = 0;
    for (char c = next(m);; c = next(m)) {
        if (c >= '0' && c <= '9')
            v = v << 4 | (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            v = v << 4 | (uint64_t)(c - 'a' + 10);
        else
            return v;
    }
}

/* The rest of a line behind its numbers, of which a terminal gets nothing but letters. */
static void next_path(struct maps *m, char path[static PATH_MAX]) {
    char c = next(m);
    size_t n = 0;
    for (unsigned fields = 4; fields && c && c != '\n'; c = next(m))
        fields -= c == ' ';
    for (; c && c != '\n'; c = next(m))
        if ((c != ' ' || n) && n + 1 < PATH_MAX) path[n++] = c < ' ' || c > '~' ? '?' : c;
    path[n] = 0;
}

/* The file that is mapped at an address; "" where that can't be told. */
static void find_mapped(uint64_t address, char path[static PATH_MAX]) {
    struct maps m = {.fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC)};
    path[0] = 0;
    for (bool found = m.fd < 0; !found;) {
        uint64_t start = next_number(&m), end = next_number(&m);
        next_path(&m, path);
        found = end == 0 || (start <= address && address < end);
    }
}

__attribute__((noreturn)) static void end_with_file(uint64_t address) {
    char path[PATH_MAX];
    begin_to_end();
    find_mapped(address, path);
    say("cpprof: ");
    say(path[0] ? path : "a file");
    say(" became shorter, or its disk failed, while it was read; "
        "-symbolize=none reads no binaries\n");
    _exit(2);
}

static void cut_short(int number, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code == BUS_ADRERR) end_with_file((uintptr_t)info->si_addr);
    signal(number, SIG_DFL); /* the access is made again */
}

void end_when_a_file_shrinks(void) {
    const struct sigaction action = {.sa_sigaction = cut_short, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
}

void end_when_the_stack_is_small(void) {
    enum { LEAST = 512 }; /* kilobytes */
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY ||
        limit.rlim_cur >= LEAST << 10)
        return;
    end("cpprof: the stack is limited to less than 512 kB; ulimit -s 8192 allows what is usual\n");
}
