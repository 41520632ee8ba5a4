#include "profile/check.h"

#include "base/arena.h"
#include "profile/id_map.h"

#include <inttypes.h>

/* Adds the ids of one table; the entries are `stride` bytes apart and begin with their id. */
static bool check_ids(const char *what, const void *table, size_t stride, uint32_t n,
                      struct pp_error *err) {
    if (id_map_is_in_order(table, stride, n)) return true;
    struct pp_arena scratch = {0};
    struct id_map seen;
    id_map_init(&seen, &scratch, n);
    bool ok = true;
    for (uint32_t i = 0; i < n && ok; i++) {
        uint64_t id;
        memcpy(&id, (const char *)table + i * stride, sizeof id);
        if (id == 0)
            ok = pp_fail(err, PP_E_FORMAT, "%s %" PRIu32 " has the reserved id 0", what, i + 1);
        else if (!id_map_add(&seen, id, i))
            ok = pp_fail(err, PP_E_FORMAT, "two %ss have the id %" PRIu64, what, id);
    }
    id_map_done(&seen);
    pp_arena_done(&scratch);
    return ok;
}

_Static_assert(offsetof(struct pp_mapping, id) == 0, "check_ids");
_Static_assert(offsetof(struct pp_function, id) == 0, "check_ids");
_Static_assert(offsetof(struct pp_location, id) == 0, "check_ids");

bool profile_check(const struct pp_profile *p, struct pp_error *err) {
    if (!check_ids("mapping", p->mappings, sizeof *p->mappings, p->n_mappings, err) ||
        !check_ids("function", p->functions, sizeof *p->functions, p->n_functions, err) ||
        !check_ids("location", p->locations, sizeof *p->locations, p->n_locations, err))
        return false;
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        for (uint32_t j = 0; j < l->n_lines; j++)
            if (p->lines[l->first_line + j].function == PP_NONE)
                return pp_fail(err, PP_E_FORMAT,
                               "location %" PRIu64 " has a line without a function", l->id);
    }
    return true;
}
