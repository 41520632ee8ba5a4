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

/* A run as a profile: a sample a function, without callers; the sample types are the counts and the
 * window's type. */
void history_profile(const struct history_window *w, uint32_t run, struct pp_profile *ret_profile,
                     struct pp_arena *arena);

/* The machine that this program runs on: its processor, how many, the system's version. */
struct pp_str history_machine(struct pp_arena *arena);

#endif
