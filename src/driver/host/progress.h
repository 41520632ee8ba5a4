/* A line on the terminal for work that takes more than a second; gone when the work is done. */
#ifndef DRIVER_PROGRESS_H
#define DRIVER_PROGRESS_H

#include "driver/env.h"

#include <stddef.h>
#include <stdint.h>

struct progress {
    const struct driver_env *env;
    const char *what;       /* "Symbolizing" */
    int64_t started, shown; /* milliseconds */
    int drawing;            /* a thread draws right now */
    bool visible;
};

void progress_begin(struct progress *p, const struct driver_env *env, const char *what);

/* `user` is the struct progress. May be called from any thread. */
void progress_tick(void *user, size_t done, size_t total);

void progress_end(struct progress *p);

#endif
