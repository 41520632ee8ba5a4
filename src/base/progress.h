/* A line on the terminal for work that takes more than a second, or follows such work: what is
 * done, and how much of it or for how long. A thread draws it, so that work which never looks up is
 * told of, too; it is gone when the work is done. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "cpprof/str.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    int terminal;
    const char *what; /* "Symbolizing" */
    int64_t started;  /* milliseconds */
    int64_t quiet;    /* so many of them nothing is drawn */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t ended; /* is_running became false */
    size_t done, total;   /* total 0: not known */
    bool is_running, is_hidden, is_visible;
};

/* `terminal`: a descriptor; 0: nothing is drawn. `p` stays where it is until progress_end. */
void progress_begin(struct progress *p, int terminal, const char *what);

/* `user` is the struct progress. May be called from any thread. */
void progress_tick(void *user, size_t done, size_t total);

/* While another line is drawn there; `p` may be NULL. */
void progress_hide(struct progress *p, bool hide);

/* May be called again. */
void progress_end(struct progress *p);

/* What these draw with: the line in the place of the last one, cut to the terminal's width, and
 * none any more, for which nothing is written where there is none. A process has one terminal; it
 * being gone is no error. */
void progress_draw(int terminal, struct pp_str line);
void progress_clear(int terminal);

#endif
