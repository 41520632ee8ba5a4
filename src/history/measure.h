/* From a profile to what a history keeps of it, and from that to a profile again. */
#ifndef HISTORY_MEASURE_H
#define HISTORY_MEASURE_H

#include "history/history.h"
#include "profile/profile.h"

struct graph_options;

struct history_measuring {
    uint32_t main_type; /* the one that is meant when none is named */
    bool only;          /* the others are not kept */
    const struct graph_options *paths;
};

/* The sample types; entry->run is the caller's. Fails as gate_table_build does. */
bool history_measure(const struct pp_profile *p, const struct history_measuring *m,
                     struct history_entry *entry, struct pp_arena *arena, struct pp_error *err);

struct history_span {
    uint32_t from, to;
};

/* These runs of a window as profiles: a sample a function, without callers; the sample types are
 * the counts and the window's type. ret_profiles has room for to - from. */
bool history_profiles(const struct history_window *w, struct history_span runs,
                      struct pp_profile *ret_profiles, struct pp_arena *arena,
                      struct pp_error *err);

/* The machine that this program runs on: its processor, how many, the system's version. */
struct pp_str history_machine(struct pp_arena *arena);

#endif
