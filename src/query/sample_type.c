/* Which of a profile's values is meant. */
#include "profile/find_type.h"
#include "query/query.h"

#include <stdlib.h>

static bool is_whole_number(const char *text) {
    const char *digits = text + (*text == '-' || *text == '+');
    return *digits && strspn(digits, "0123456789") == strlen(digits);
}

/* "0 samples, 1 cpu" */
static struct pp_str type_names(const struct pp_profile *p, struct pp_arena *arena) {
    struct out o;
    out_open_memory(&o);
    for (uint32_t t = 0; t < p->n_types; t++) {
        if (t) OUT_LIT(&o, ", ");
        out_u64(&o, t);
        out_char(&o, ' ');
        out_str(&o, pp_string(p, p->sample_types[t].type));
    }
    struct pp_str names = pp_arena_copy(arena, out_text(&o));
    out_close(&o, NULL);
    return names;
}

uint32_t query_default_type(const struct pp_profile *p) {
    for (uint32_t t = 0; p->default_sample_type && t < p->n_types; t++)
        if (p->sample_types[t].type == p->default_sample_type) return t;
    return p->n_types - 1;
}

static bool no_such_type(const struct pp_profile *p, struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct pp_str names = type_names(p, &scratch);
    pp_fail(err, PP_E_USAGE, "no such sample type; the profile has %.*s", PP_STR_ARG(names));
    pp_arena_done(&scratch);
    return pp_about(err, "sample_index");
}

bool query_sample_type(const struct pp_profile *p, const char *text, uint32_t *ret_type,
                       struct pp_error *err) {
    if (p->n_types == 0) return pp_fail(err, PP_E_FORMAT, "the profile has no samples");
    if (!*text) {
        *ret_type = query_default_type(p);
        return true;
    }
    if (is_whole_number(text)) {
        long v = strtol(text, NULL, 10);
        if (v < 0 || v >= (long)p->n_types) return no_such_type(p, err);
        *ret_type = (uint32_t)v;
        return true;
    }
    uint32_t type = profile_find_type(p, pp_str_from(text));
    if (type == PP_NONE) return no_such_type(p, err);
    *ret_type = type;
    return true;
}
