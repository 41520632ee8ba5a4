#include "base/intern.h"

#include "base/hash.h"

void interner_init(struct interner *in, struct pp_arena *arena) {
    *in = (struct interner){.arena = arena};
    intern_static(in, PP_STR(""));
}

void interner_done(struct interner *in) {
    index_done(&in->index);
}

static uint64_t hash_of(struct pp_str s) {
    return hash_bytes(hash_seed(), s.data, s.len);
}

static uint32_t push(struct interner *in, struct pp_str s) {
    PP_PUSH(in->arena, in->strings, in->n, in->cap, s);
    return in->n - 1;
}

/* The first equal one, else `id`, which is what comes with this hash from here on. */
static uint32_t find_or_put(struct interner *in, struct pp_str s, uint64_t hash, uint32_t id) {
    for (struct index_probe i = index_probe(&in->index, hash); index_next(&in->index, &i);)
        if (pp_str_eq(in->strings[i.position], s)) return i.position;
    index_add(&in->index, hash, id);
    return id;
}

bool interner_adopt(struct interner *in, struct pp_str *strings, uint32_t n, const bool *wanted,
                    struct pp_arena *arena) {
    *in = (struct interner){.arena = arena, .strings = strings, .n = n, .cap = n};
    size_t n_wanted = 0;
    for (uint32_t s = 0; s < n; s++)
        n_wanted += wanted[s];
    index_reserve(&in->index, n_wanted);
    for (uint32_t s = 0; s < n; s++)
        if (wanted[s] && find_or_put(in, strings[s], hash_of(strings[s]), s) != s) return false;
    return true;
}

static uint32_t add(struct interner *in, struct pp_str s, bool copy) {
    uint32_t found = find_or_put(in, s, hash_of(s), in->n);
    if (found < in->n) return found;
    return push(in, copy ? pp_arena_copy(in->arena, s) : s);
}

uint32_t intern(struct interner *in, struct pp_str s) {
    return add(in, s, true);
}

uint32_t intern_static(struct interner *in, struct pp_str s) {
    return add(in, s, false);
}

struct intern_later intern_later(struct interner *in, struct pp_str s) {
    uint64_t hash = hash_of(s);
    index_prefetch(&in->index, hash);
    return (struct intern_later){hash, push(in, pp_arena_copy(in->arena, s))};
}

uint32_t intern_settle(struct interner *in, struct intern_later later) {
    return find_or_put(in, in->strings[later.id], later.hash, later.id);
}
