/* A folder with what a stranger may name in place of a file: a FIFO, and a path for a link. What is
 * at `file` is the test's. */
#ifndef TRAPS_H
#define TRAPS_H

#include "swap.h"

#include <stdlib.h>

static char dir[] = "/tmp/cpprof-traps-XXXXXX", fifo[64], file[64], link_to[64];

static inline int make_traps(void **state) {
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(fifo, sizeof fifo, "%s/fifo", dir);
    snprintf(file, sizeof file, "%s/file", dir);
    snprintf(link_to, sizeof link_to, "%s/link", dir);
    return mkfifo(fifo, 0600);
}

static inline int remove_traps(void **state) {
    (void)state;
    unlink(fifo);
    unlink(file);
    return rmdir(dir);
}

#endif
