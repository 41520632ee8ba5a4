/* What the texts that are made of one binary's names may take together. Its entries may all lead
 * into one long text, so their number and the file's size say nothing about it. Shared by threads;
 * once it is spent, nothing more is given. */
#ifndef SYMBOL_NAME_BUDGET_H
#define SYMBOL_NAME_BUDGET_H

#include "base/intern.h"

#include <stdatomic.h>

enum { NAME_BYTES = 512 << 20 }; /* of all that a profile's binaries tell */

struct name_budget {
    uint64_t most;
    atomic_uint_fast64_t taken;
};

static inline bool name_budget_take(struct name_budget *b, uint64_t n) {
    return atomic_fetch_add(&b->taken, n) + n <= b->most;
}

static inline bool name_budget_is_spent(const struct name_budget *b) {
    return atomic_load(&b->taken) > b->most;
}

/* Room for a text of n bytes, and zeros behind it; NULL when there is none left. */
static inline char *name_budget_room(struct name_budget *b, uint64_t n, struct pp_arena *arena) {
    return name_budget_take(b, n) ? PP_NEW(arena, char, n + 1) : NULL;
}

/* Only what is new there takes room. */
static inline uint32_t name_budget_intern(struct name_budget *b, struct interner *texts,
                                          struct pp_str text) {
    uint32_t n = texts->n;
    if (name_budget_is_spent(b)) return 0;
    uint32_t id = intern(texts, text);
    if (id >= n) name_budget_take(b, text.len);
    return id;
}

/* "" when there is no room left. */
static inline struct pp_str name_budget_copy(struct name_budget *b, struct pp_str text,
                                             struct pp_arena *arena) {
    return name_budget_take(b, text.len) ? pp_arena_copy(arena, text) : PP_STR("");
}

#endif
