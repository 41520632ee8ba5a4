/* Tasks over the machine's cores. */
#ifndef SYMBOL_POOL_H
#define SYMBOL_POOL_H

#include <stddef.h>

enum { POOL_MAX_THREADS = 64 };

/* How many threads are worth starting for n tasks: at most the machine's cores, and `wanted` if
 * that isn't 0. */
unsigned pool_threads(size_t n_tasks, unsigned wanted);

/* Calls run(user, worker, task) once for each task 0 to n - 1; worker is 0 to n_threads - 1, and
 * one worker runs one task at a time. Returns when all are done. One thread is the caller's. */
void pool_run(unsigned n_threads, size_t n_tasks,
              void (*run)(void *user, unsigned worker, size_t task), void *user);

#endif
