#include "profile/find_type.h"

uint32_t profile_find_type(const struct pp_profile *p, struct pp_str name) {
    struct pp_str inuse = PP_STR("inuse_"), bare = name;
    if (pp_str_has_prefix(name, inuse)) bare = pp_str_slice(name, inuse.len, name.len);
    for (uint32_t t = 0; t < p->n_types; t++) {
        struct pp_str type = pp_string(p, p->sample_types[t].type);
        if (pp_str_eq(type, name) || pp_str_eq(type, bare)) return t;
    }
    return PP_NONE;
}
