/* The world, as main gives it to the program. */
#ifndef DRIVER_ENV_H
#define DRIVER_ENV_H

#include "cpprof/diag.h"
#include "cpprof/str.h"

struct driver_env {
    int in, out; /* file descriptors */
    bool in_is_terminal, out_is_terminal;
    bool pipe_ends_quietly; /* who started the program did not ask for the error */
    int terminal;           /* where a line that is redrawn may tell of progress; 0: nowhere */
    struct pp_diag diag;    /* warnings and errors, a line each */
    const char *(*getenv)(const char *name);
};

/* A variable of the environment; "" if it is not set. */
static inline struct pp_str env_variable(const struct driver_env *env, const char *name) {
    return env->getenv ? pp_str_from(env->getenv(name)) : (struct pp_str){0};
}

#endif
