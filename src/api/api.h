/* What the files of the public library share: the handles, and the way into a call. */
#ifndef API_API_H
#define API_API_H

#include "base/arena.h"
#include "cpprof/context.h"
#include "profile/profile.h"
#include "query/catalog.h"
#include "symbol/symbolize.h"

struct pp_context {
    unsigned allow;
    struct pp_diag diag;
    struct pp_limits limits;
    struct catalog catalog;
    struct pp_arena arena; /* of the catalog */
};

/* A profile with all that belongs to it. Callers hold a pointer to its first member. */
struct loaded {
    struct pp_profile model;
    struct pp_arena arena;
    struct binaries binaries;
    bool has_binaries;
    struct symbol_report symbols;
    struct pp_str name;
    struct pp_str comparison; /* with what; "" */
};

static inline const struct loaded *loaded_of(const struct pp_profile *p) {
    return (const struct loaded *)(const void *)p;
}

/* Runs run(args) within the bounds of the context; false, with PP_E_MEMORY, when memory was
 * exhausted: then `args` holds nothing that is still there. */
bool api_call(const struct pp_context *ctx, void (*run)(void *args), void *args,
              struct pp_error *err);

/* A new, empty one; only inside a call. */
struct loaded *loaded_new(void);
void loaded_free(struct loaded *l); /* NULL is allowed */

#endif
