/* The world around the program, as main gives it: streams, a terminal, the environment. */
#ifndef BASE_WORLD_H
#define BASE_WORLD_H

#include "base/path.h"
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

/* Where temporary files are. */
static inline struct pp_str world_tmp(const struct world *env) {
    struct pp_str tmp = world_variable(env, "TMPDIR");
    return tmp.len ? tmp : PP_STR("/tmp");
}

/* A user's folder for something: $XDG_CACHE_HOME, or $HOME/.cache; "" where neither is set. Source:
 * "XDG Base Directory Specification", freedesktop.org. */
static inline struct pp_str world_home(const struct world *env, const char *variable,
                                       struct pp_str below_home, struct pp_arena *arena) {
    struct pp_str folder = world_variable(env, variable), home = world_variable(env, "HOME");
    return folder.len || !home.len ? folder : path_join(home, below_home, arena);
}

#endif
