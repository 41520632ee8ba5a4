/* A function over several shares of a work, each in a thread of its own. Who splits the work sees
 * to it that the result does not depend on how many shares there are. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

/* At most so many shares. */
enum { PARALLEL_MAX = 8 };

/* How many processors this process may use, from 1 to PARALLEL_MAX. */
unsigned parallel_width(void);

/* Calls run(user, 0) ... run(user, n - 1), n from 1 to PARALLEL_MAX, and returns when all have.
 * Where no thread can be had, it does their work itself. */
void parallel_run(unsigned n, void (*run)(void *user, unsigned share), void *user);

#endif
