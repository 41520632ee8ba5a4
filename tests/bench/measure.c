/* Runs commands in turn and says what each run cost: the rounds are interleaved, each in another
 * order, so that whatever else the machine does meets all of them alike, and none always comes
 * after the one that leaves the least of the caches. The orders are the same in every measurement.
 *
 *     measure RUNS COMMAND [ARG ...] [-- COMMAND [ARG ...]] ...
 *
 * Output goes to /dev/null. One line a run: number of the command, exit status, wall time, CPU time
 * (user and system, of all threads), both in seconds, and the peak of its memory in kilobytes. A
 * small program of its own because a child's peak begins with the size of its parent, and because
 * starting a process from an interpreter costs more than the processes that are measured here. A
 * command whose run takes more than SLOW seconds is not run again. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MAX_COMMANDS = 16, SLOW = 10 };

extern char **environ;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double seconds(struct timeval t) {
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

/* The wall time of the run, or a negative number when it could not be started. */
static double run(int number, char **argv, const posix_spawn_file_actions_t *actions) {
    struct rusage use;
    int status;
    pid_t pid;
    double before = now();
    int failure = posix_spawnp(&pid, argv[0], actions, NULL, argv, environ);
    if (failure) {
        fprintf(stderr, "measure: %s: %s\n", argv[0], strerror(failure));
        return -1;
    }
    if (wait4(pid, &status, 0, &use) < 0) return -1;
    double wall = now() - before;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("%d %d %.6f %.6f %ld\n", number, code, wall,
           seconds(use.ru_utime) + seconds(use.ru_stime), use.ru_maxrss);
    return wall;
}

static void shuffle(int *order, int n) {
    for (int i = n - 1; i > 0; i--) {
        int other = rand() % (i + 1), kept = order[i]; /* rand: never seeded */
        order[i] = order[other];
        order[other] = kept;
    }
}

int main(int argc, char **argv) {
    char **commands[MAX_COMMANDS];
    int order[MAX_COMMANDS];
    bool slow[MAX_COMMANDS] = {0};
    int n = 0, runs = argc > 2 ? atoi(argv[1]) : 0;
    for (int i = 2, first = 2; i <= argc && n < MAX_COMMANDS; i++) {
        if (i < argc && strcmp(argv[i], "--")) continue;
        if (i > first) {
            order[n] = n;
            commands[n++] = argv + first;
        }
        first = i + 1;
        if (i < argc) argv[i] = NULL;
    }
    if (n == 0 || runs < 1) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARG ...] [-- COMMAND [ARG ...]] ...\n");
        return 2;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    for (int r = 0; r < runs; r++) {
        shuffle(order, n);
        for (int i = 0; i < n; i++) {
            int c = order[i];
            if (slow[c]) continue;
            double wall = run(c, commands[c], &actions);
            if (wall < 0) return 2;
            slow[c] = wall > SLOW;
            fflush(stdout);
        }
    }
    return 0;
}
