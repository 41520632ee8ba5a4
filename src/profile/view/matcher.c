#include "profile/view/matcher.h"

enum { UNKNOWN, NO, YES };

void matcher_init(struct matcher *m, const struct regex *rx, const struct pp_profile *p,
                  struct pp_arena *scratch) {
    *m = (struct matcher){rx, p, PP_NEW(scratch, uint8_t, p->n_strings)};
}

bool matcher_string(struct matcher *m, uint32_t string) {
    if (m->answers[string] == UNKNOWN)
        m->answers[string] = regex_matches(m->rx, pp_string(m->p, string)) ? YES : NO;
    return m->answers[string] == YES;
}

bool matcher_function(struct matcher *m, uint32_t function) {
    const struct pp_function *f = &m->p->functions[function];
    return matcher_string(m, f->name) || matcher_string(m, f->filename);
}

bool matcher_mapping(struct matcher *m, uint32_t mapping) {
    return mapping != PP_NONE && matcher_string(m, m->p->mappings[mapping].file);
}

bool matcher_location(struct matcher *m, const struct pp_location *l) {
    for (uint32_t i = 0; i < l->n_lines; i++)
        if (matcher_function(m, m->p->lines[l->first_line + i].function)) return true;
    return matcher_mapping(m, l->mapping);
}
