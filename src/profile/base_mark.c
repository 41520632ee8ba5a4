#include "profile/base_mark.h"

#include "profile/view/view.h"

static const struct pp_str key = {"pprof::base", 11}, value = {"true", 4};

void base_mark_set(struct pp_profile *p, struct pp_arena *arena) {
    view_set_label(p, key, value, p, arena);
}

static bool is_marked(const struct pp_profile *p, uint32_t label_set) {
    struct pp_label_set s = p->label_sets[label_set];
    for (uint32_t i = 0; i < s.n_text; i++) {
        const struct pp_label *l = &p->labels[s.first + i];
        if (base_mark_is_key(pp_string(p, l->key)) && pp_str_eq(pp_string(p, l->text), value))
            return true;
    }
    return false;
}

/* Most profiles have no such string. */
static bool may_be_marked(const struct pp_profile *p) {
    for (uint32_t i = 0; i < p->n_strings; i++)
        if (base_mark_is_key(pp_string(p, i))) return true;
    return false;
}

bool base_mark_is_used(const struct pp_profile *p) {
    const bool any = may_be_marked(p);
    for (uint32_t i = 0; any && i < p->n_label_sets; i++) {
        struct pp_label_set s = p->label_sets[i];
        for (uint32_t j = 0; j < s.n_text; j++)
            if (base_mark_is_key(pp_string(p, p->labels[s.first + j].key))) return true;
    }
    return false;
}

bool *base_mark_sets(const struct pp_profile *p, struct pp_arena *arena) {
    bool *marked = PP_NEW(arena, bool, p->n_label_sets);
    const bool any = may_be_marked(p);
    for (uint32_t i = 0; any && i < p->n_label_sets; i++)
        marked[i] = is_marked(p, i);
    return marked;
}

struct pp_profile base_mark_side(const struct pp_profile *p, bool is_base, struct pp_arena *arena) {
    struct pp_profile side = *p;
    uint8_t *keep = PP_NEW(arena, uint8_t, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        keep[i] = is_marked(p, i) == is_base;
    view_select(&side, side.sample_labels, keep, arena);
    return side;
}

bool base_mark_is_key(struct pp_str text) {
    return pp_str_eq(text, key);
}
