/* Distinct strings with small ids: equal texts have equal ids, id 0 is "". */
#ifndef BASE_INTERN_H
#define BASE_INTERN_H

#include "base/arena.h"
#include "base/index.h"
#include "cpprof/str.h"

struct interner {
    struct pp_arena *arena; /* holds the views and the copied bytes */
    struct pp_str *strings;
    uint32_t n;
    size_t cap;
    struct hash_index index;
};

/* An interner is used up by interner_done, which frees its index; its strings live on in the arena.
 */
void interner_init(struct interner *in, struct pp_arena *arena);
void interner_done(struct interner *in);

/* Begins with strings that the arena has, of which the first is "" and those are found that are
 * wanted. False: two of these are equal. */
bool interner_adopt(struct interner *in, struct pp_str *strings, uint32_t n, const bool *wanted,
                    struct pp_arena *arena);

/* The id of `s`; copies its bytes into the arena when it is new. */
uint32_t intern(struct interner *in, struct pp_str s);

/* The same, but keeps the given bytes, which must live as long as the arena. */
uint32_t intern_static(struct interner *in, struct pp_str s);

/* Of many strings most are new, and to find that out is to wait for memory. A string that is added
 * now (its bytes copied, with an id of its own) is looked up some strings later by intern_settle,
 * which gives the id of the equal one that is there, or its own. All are settled, in their order,
 * before a string is added otherwise. */
struct intern_later {
    uint64_t hash;
    uint32_t id;
};

struct intern_later intern_later(struct interner *in, struct pp_str s);
uint32_t intern_settle(struct interner *in, struct intern_later later);

#endif
