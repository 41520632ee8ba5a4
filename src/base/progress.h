/* A line on the terminal for work that takes more than a second; gone when the work is done. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "cpprof/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    int terminal;
    const char *what;       /* "Symbolizing" */
    int64_t started, shown; /* milliseconds */
    int drawing;            /* a thread draws right now */
    bool visible;
};

/* `terminal`: a descriptor; 0: nothing is drawn. */
void progress_begin(struct progress *p, int terminal, const char *what);

/* `user` is the struct progress. May be called from any thread. */
void progress_tick(void *user, size_t done, size_t total);

void progress_end(struct progress *p);

/* What these draw with: the line in the place of the last one, cut to the terminal's width, and
 * none any more. A terminal that is gone is no error. */
void progress_draw(int terminal, struct pp_str line);
void progress_clear(int terminal);

#endif
