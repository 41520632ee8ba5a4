/* Where indexes of binaries are kept (symbol/index_store.h), as settings and environment say; and
 * making them ahead. */
#ifndef DRIVER_INDEXING_H
#define DRIVER_INDEXING_H

#include "base/world.h"
#include "driver/flags.h"
#include "symbol/index_store.h"

/* -index=DIR; else cpprof/symbols in XDG_CACHE_HOME or $HOME/.cache; nowhere with -noindex, or
 * where the environment says none. False for a bad -max_index. */
bool indexing_store(const struct settings *s, const struct world *env,
                    struct index_store *ret_store, struct pp_arena *arena, struct pp_error *err);

/* Whether indexes may be put there unasked: into a folder of the user's own. It is made below a
 * cache that is there, but nothing is that the user named. */
bool indexing_may_write(const struct index_store *s);

/* -make_index BINARY...: makes the index of each, and says a line about it. */
bool indexing_make(const struct command_line *cl, struct pp_error *err);

#endif
