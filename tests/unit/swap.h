/* Between the question what a path is and its opening a stranger may put something else there: the
 * stat of this program lets him. Beside it, whether a file was opened at all. */
#ifndef SWAP_H
#define SWAP_H

#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* Takes the path's place after the next stat of anything. */
static const char *swap_in;

int stat(const char *restrict path, struct stat *restrict st) {
    int status = fstatat(AT_FDCWD, path, st, 0);
    if (swap_in) assert_int_equal(rename(swap_in, path), 0);
    swap_in = NULL;
    return status;
}

/* For opened_since. */
static inline int watch_opening(const char *path) {
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    assert_true(fd >= 0);
    assert_true(inotify_add_watch(fd, path, IN_OPEN) >= 0);
    return fd;
}

/* Whether the file was opened since then; closes `watch`. */
static inline bool opened_since(int watch) {
    char events[4096] __attribute__((aligned(8)));
    ssize_t n = read(watch, events, sizeof events);
    close(watch);
    return n > 0;
}

#endif
