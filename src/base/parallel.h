/* Tasks over the machine's processors. Who splits a work into tasks sees to it that the result does
 * not depend on how many threads there are. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

/* At most so many threads. */
enum { PARALLEL_MAX = 64 };

/* How many threads are worth starting for n tasks, from 1 on: at most as many as processors that
 * this process may use, or as `wanted` if that isn't 0. */
unsigned parallel_width(size_t n_tasks, unsigned wanted);

/* Calls run(user, worker, task) once for each task 0 to n_tasks - 1 and returns when all are done;
 * worker is 0 to n_threads - 1, and one worker runs one task at a time. The caller's thread is one
 * of them; where no other can be had, it does their work itself. */
void parallel_run(unsigned n_threads, size_t n_tasks,
                  void (*run)(void *user, unsigned worker, size_t task), void *user);

/* The calling thread, and those that it starts, get what others leave of the processors. */
void parallel_give_way(void);

/* Threads that are kept for many runs. A run waits for none of them that has not begun to work: on
 * a busy machine that is a time slice. */
struct parallel_team;
struct parallel_team *parallel_open(unsigned n_threads); /* the caller's is one of them */
void parallel_team_run(struct parallel_team *t, size_t n_tasks,
                       void (*run)(void *user, unsigned worker, size_t task), void *user);
void parallel_close(struct parallel_team *t); /* NULL is fine */

#endif
