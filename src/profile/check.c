#include "profile/check.h"

#include "base/arena.h"
#include "profile/id_map.h"

#include <inttypes.h>

static bool check_ids(const char *what, const void *ids, size_t stride, uint32_t n,
                      struct pp_error *err) {
    uint32_t place;
    uint64_t id;
    if (id_map_are_ids(ids, stride, n, &place)) return true;
    memcpy(&id, (const char *)ids + place * stride, sizeof id);
    if (id == 0)
        return pp_fail(err, PP_E_FORMAT, "%s %" PRIu32 " has the reserved id 0", what, place + 1);
    return pp_fail(err, PP_E_FORMAT, "two %ss have the id %" PRIu64, what, id);
}

_Static_assert(offsetof(struct pp_mapping, id) == 0, "check_ids");

bool profile_check(const struct pp_profile *p, struct pp_error *err) {
    if (!check_ids("mapping", p->mappings, sizeof *p->mappings, p->n_mappings, err) ||
        !check_ids("function", p->function_ids, sizeof *p->function_ids, p->n_functions, err) ||
        !check_ids("location", p->location_ids, sizeof *p->location_ids, p->n_locations, err))
        return false;
    for (uint32_t i = 0; i < p->n_locations; i++) {
        const struct pp_location *l = &p->locations[i];
        for (uint32_t j = 0; j < l->n_lines; j++)
            if (p->lines[l->first_line + j].function == PP_NONE)
                return pp_fail(err, PP_E_FORMAT,
                               "location %" PRIu64 " has a line without a function",
                               pp_id(p->location_ids, i));
    }
    return true;
}
