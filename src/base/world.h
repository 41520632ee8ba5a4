/* The world around the program, as main gives it: streams, a terminal, the environment. */
#ifndef BASE_WORLD_H
#define BASE_WORLD_H

#include "cpprof/diag.h"
#include "cpprof/str.h"

#include <stdbool.h>

struct world {
    int in, out; /* file descriptors */
    bool in_is_terminal, out_is_terminal;
    bool pipe_ends_quietly; /* who started the program did not ask for the error */
    int terminal;           /* where a line that is redrawn may tell of progress; 0: nowhere */
    struct pp_diag diag;    /* warnings and errors, a line each */
    const char *(*getenv)(const char *name);
};

/* A variable of the environment; "" if it is not set. */
static inline struct pp_str world_variable(const struct world *env, const char *name) {
    return env->getenv ? pp_str_from(env->getenv(name)) : (struct pp_str){0};
}

#endif
