/* Simulated profiles: what the gate's model says a program does, run by run. */
#ifndef STATS_WORLD_H
#define STATS_WORLD_H

#include <stdint.h>

enum { WORLD_FUNCTIONS = 41, WORLD_RUNS = 24 };

enum noise_kind { NOISE_OWN, NOISE_WHOLE, NOISE_BOTH };

/* Function 0 is the one in question: a twentieth of the program. */
struct world {
    uint32_t n[2];     /* runs a side, 24 in sum at most */
    double count;      /* expected of function 0 in an old run */
    double growth;     /* of function 0: 0.4 */
    double all_growth; /* of every function */
    double noise;      /* standard deviation, relative */
    enum noise_kind kind;
    int log_normal; /* else gamma */
    double shared;  /* noise that the first old and the first new run share, and so on */
    double bursts;  /* in how many of its runs a function costs half as much again */
    int in_turns;   /* whether the gate is told that they are pairs */
};

/* flat[f][run], total[run]: old runs, then new ones. */
struct world_profile {
    double flat[WORLD_FUNCTIONS][WORLD_RUNS];
    double total[WORLD_RUNS];
    double whole[WORLD_RUNS]; /* the noise that all functions of a run share */
};

struct dice {
    uint64_t state;
};

double world_expected(const struct world *w, int function);
void world_roll(const struct world *w, struct dice *dice, struct world_profile *ret);

#endif
