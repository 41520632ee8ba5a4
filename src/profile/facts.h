/* What tells a profile from others: kept where it was merged with others, and written beside rows.
 */
#ifndef PROFILE_FACTS_H
#define PROFILE_FACTS_H

#include "base/arena.h"
#include "profile/profile.h"

struct profile_facts {
    struct pp_str source;               /* as the user named it; "": several, or unknown */
    struct pp_str file, build_id;       /* of the first mapping; "": unknown */
    int64_t time_nanos, duration_nanos; /* 0: unknown */
    uint32_t runs;                      /* that it is the sum of (runs.h); 0: unknown */
};

/* The texts are the profile's. */
static inline struct profile_facts profile_facts(const struct pp_profile *p, struct pp_str source) {
    struct pp_str none = {0};
    return (struct profile_facts){
        .source = source,
        .file = p->n_mappings ? pp_string(p, p->mappings[0].file) : none,
        .build_id = p->n_mappings ? pp_string(p, p->mappings[0].build_id) : none,
        .time_nanos = p->time_nanos,
        .duration_nanos = p->duration_nanos,
    };
}

static inline struct profile_facts profile_facts_copy(const struct profile_facts *f,
                                                      struct pp_arena *arena) {
    struct profile_facts copy = *f;
    copy.source = pp_arena_copy(arena, f->source);
    copy.file = pp_arena_copy(arena, f->file);
    copy.build_id = pp_arena_copy(arena, f->build_id);
    return copy;
}

#endif
