#include "end.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Says why, once, whichever thread comes first. Only what a signal handler may do. */
__attribute__((noreturn)) static void end(const char *line) {
    static atomic_flag said = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&said))
        pause();
    ssize_t ignored = write(STDERR_FILENO, line, strlen(line));
    (void)ignored;
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

static void cut_short(int number, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code == BUS_ADRERR)
        end("cpprof: a file became shorter, or its disk failed, while it was read; "
            "-symbolize=none reads no binaries\n");
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
