/* What lower layers report as data, in the words of the command line. */
#ifndef DRIVER_WORDS_H
#define DRIVER_WORDS_H

#include "base/arena.h"
#include "cpprof/error.h"
#include "driver/settings.h"

/* One line: what is wrong, and the flag that it is about, if there is one, as it was given. */
struct pp_str error_words(const struct pp_error *err, const struct settings *s,
                          struct pp_arena *arena);

#endif
