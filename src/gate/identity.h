/* Which names of two builds are the same function. Compilers and runtimes put numbers, hashes and
 * marks into names that change from build to build; a key is the name without them. Only keys are
 * compared; what is shown are names, whole. docs/gate.md lists what is left out. */
#ifndef GATE_IDENTITY_H
#define GATE_IDENTITY_H

#include "base/arena.h"
#include "cpprof/str.h"

enum identity_level {
    IDENTITY_BUILD, /* without what a build makes up: addresses, hashes, marks of the compiler */
    IDENTITY_FAMILY /* without ordinals too: func1 and func2 of one function are one family */
};

/* The name itself where nothing is to be left out; else lives in `arena`. */
struct pp_str identity_key(struct pp_str name, enum identity_level level, struct pp_arena *arena);

/* Whether a name says nothing: "(anonymous)", "f.<locals>.<lambda>". Only its place tells such
 * functions apart. */
bool identity_is_nameless(struct pp_str name);

/* How alike two keys are: 0 to 1. The last word (the function) counts more than what stands before
 * it (package, class). */
double identity_likeness(struct pp_str a, struct pp_str b);

#endif
