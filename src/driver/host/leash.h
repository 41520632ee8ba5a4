/* Commands of the user that end with this program. When it is told to end (by SIGHUP, SIGINT,
 * SIGQUIT or SIGTERM, where they are not ignored), the command that runs is sent the same signal,
 * with all of its process group; what is left of it two seconds later is killed. Then what the
 * commands left is put away, and the signal ends the program. When the program is stopped
 * (SIGTSTP), so is the command. */
#ifndef DRIVER_HOST_LEASH_H
#define DRIVER_HOST_LEASH_H

#include "cpprof/error.h"

#include <pthread.h>
#include <signal.h>

struct leash {
    void (*put_away)(void *subject);
    void *subject;
    sigset_t heard, mask; /* the signals; what was blocked before */
    pthread_t watcher;
    bool is_watched, is_over;
    pthread_mutex_t lock; /* of is_over and pid; who ends the program keeps it */
    int pid;              /* of the command that runs, or 0 */
};

/* From here on the signals wait, until leash_watch begins to hear them. While there is one thread.
 */
void leash_begin(struct leash *l, void (*put_away)(void *subject), void *subject);
bool leash_watch(struct leash *l, struct pp_error *err);

/* Runs a command, without input and without a terminal, to its end. */
bool leash_run(struct leash *l, const char *const *argv, struct pp_error *err);

/* Puts away what the commands left, and lets the signals be as they were. */
void leash_end(struct leash *l);

#endif
