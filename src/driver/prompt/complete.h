/* What may stand at the end of a line of the prompt: commands, settings, their values, functions.
 */
#ifndef DRIVER_COMPLETE_H
#define DRIVER_COMPLETE_H

#include "base/arena.h"
#include "profile/profile.h"

struct completion {
    size_t from;          /* where in the line the word begins that is being typed */
    struct pp_str *words; /* what it may become, sorted, each once */
    size_t n, cap;
    bool inside; /* the words only hold what was typed, they do not begin with it */
};

/* Functions are regular expressions that match their name alone: `main\.\(\*T\)\.serve`. What
 * begins with the word comes first; where nothing does, the functions that hold it. */
void complete(const struct pp_profile *p, struct pp_str line, struct completion *ret_completion,
              struct pp_arena *arena);

/* The bytes with which all words begin. */
struct pp_str completion_common(const struct completion *c);

#endif
