#include "report/baseline.h"

#include "base/path.h"
#include "graph/name.h"
#include "profile/edit.h"
#include "profile/merge.h"
#include "profile/runs.h"

/* Addresses matter only where they are all there is. */
static void strip_places(struct pp_profile *p, struct pp_arena *arena) {
    bool *needed = PP_NEW(arena, bool, p->n_mappings);
    profile_own_locations(p, arena);
    profile_own_mappings(p, arena);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        struct pp_location *l = &p->locations[i];
        if (l->n_lines)
            l->address = 0;
        else if (l->mapping != PP_NONE)
            needed[l->mapping] = true;
    }
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct pp_mapping *m = &p->mappings[i];
        if (needed[i]) continue;
        m->start = m->limit = m->offset = 0;
        m->build_id = 0;
    }
}

static uint32_t add_string(struct pp_profile *p, struct pp_str s) {
    p->strings[p->n_strings] = s;
    return p->n_strings++;
}

/* Each function and mapping gets a string of its own; merging makes equal ones one. Binaries are
 * built in directories that differ each time: their names are enough. */
static void strip_paths(struct pp_profile *p, const struct graph_options *paths,
                        struct pp_arena *arena) {
    profile_own_strings(p, (size_t)p->n_functions + p->n_mappings, arena);
    profile_own_functions(p, arena);
    for (uint32_t i = 0; i < p->n_functions; i++)
        p->functions[i].filename =
            add_string(p, name_file(pp_string(p, p->functions[i].filename), paths, arena));
    for (uint32_t i = 0; i < p->n_mappings; i++)
        if (p->mappings[i].file)
            p->mappings[i].file = add_string(p, path_base(pp_string(p, p->mappings[i].file)));
}

bool baseline_make(const struct report_runs *runs, const struct graph_options *paths,
                   struct pp_profile *ret_base, struct pp_arena *arena, struct pp_error *err) {
    uint32_t n = runs->n[1], n_runs = 0;
    struct pp_profile *parts = PP_NEW(arena, struct pp_profile, n), base;
    for (uint32_t i = 0; i < n; i++) {
        parts[i] = *runs->profiles[runs->n[0] + i];
        n_runs += profile_runs(&parts[i]);
        strip_places(&parts[i], arena);
        strip_paths(&parts[i], paths, arena);
        parts[i].time_nanos = parts[i].duration_nanos = 0;
        parts[i].n_comments = 0;
    }
    if (!profile_combine(parts, n, &base, arena, err) ||
        !profile_merge(&base, 1, &base, arena, err))
        return false;
    profile_set_runs(&base, n_runs, arena);
    *ret_base = base;
    return true;
}
