#include "report/homonyms.h"

#include "graph/name.h"
#include "profile/base_mark.h"

/* By name: the first file of each side (string ids), and whether a side has another one. */
struct files {
    uint32_t first[2];
    bool are_many;
};

struct homonyms {
    const struct report_ctx *rc;
    const struct pp_profile *p;
    struct files *of;
    bool any;
    struct pp_arena *scratch;
};

static bool has_place(const struct pp_function *f) {
    return f->name && f->filename && f->start_line;
}

/* Of two checkouts of one tree, too, which -trim_path makes alike. */
static bool is_same_file(const struct homonyms *h, uint32_t a, uint32_t b) {
    const struct graph_options *paths = &h->rc->graph;
    return a == b || pp_str_eq(name_file(pp_string(h->p, a), paths, h->scratch),
                               name_file(pp_string(h->p, b), paths, h->scratch));
}

static void see(struct homonyms *h, uint32_t function, bool side) {
    const struct pp_function *f = &h->p->functions[function];
    if (!has_place(f)) return;
    struct files *files = &h->of[f->name];
    if (!files->first[side])
        files->first[side] = f->filename;
    else if (!is_same_file(h, files->first[side], f->filename))
        h->any = files->are_many = true;
}

static void see_stack(struct homonyms *h, uint32_t stack, bool side, bool *seen) {
    const struct pp_stack *s = &h->p->stacks[stack];
    for (uint32_t i = 0; i < s->len; i++) {
        uint32_t at = pp_frame(h->p, s->first + i);
        if (seen[at]) continue;
        seen[at] = true;
        const struct pp_location *l = &h->p->locations[at];
        for (uint32_t k = 0; k < l->n_lines; k++)
            see(h, h->p->lines[l->first_line + k].function, side);
    }
}

static void see_side(struct homonyms *h, bool side) {
    bool *seen = PP_NEW(h->scratch, bool, h->p->n_locations);
    bool *walked = PP_NEW(h->scratch, bool, h->p->n_stacks);
    const bool *of_base = base_mark_sets(h->p, h->scratch);
    for (uint32_t i = 0; i < h->p->n_samples; i++) {
        uint32_t stack = h->p->sample_stack[i];
        if (of_base[pp_labels_of(h->p, i)] != side || walked[stack]) continue;
        walked[stack] = true;
        see_stack(h, stack, side, seen);
    }
}

/* Most profiles have no name twice, whoever's it is. */
static bool has_any(struct homonyms *h) {
    for (uint32_t i = 0; i < h->p->n_functions; i++)
        see(h, i, false);
    if (!h->any) return false;
    h->any = false;
    memset(h->of, 0, h->p->n_strings * sizeof *h->of);
    see_side(h, false);
    see_side(h, true);
    return h->any;
}

void homonyms_tell_apart(const struct report_ctx *rc, struct pp_profile *ret_view,
                         struct graph_options *ret_options) {
    struct pp_arena scratch = {0};
    struct homonyms h = {.rc = rc, .p = rc->profile, .scratch = &scratch};
    *ret_view = *rc->profile;
    *ret_options = rc->graph;
    h.of = PP_NEW(&scratch, struct files, h.p->n_strings);
    if (rc->graph.blanks.filename && !rc->graph.blanks.function && has_any(&h)) {
        ret_view->functions = PP_NEW(rc->arena, struct pp_function, h.p->n_functions);
        for (uint32_t i = 0; i < h.p->n_functions; i++) {
            struct pp_function *f = &ret_view->functions[i];
            *f = h.p->functions[i];
            if (!has_place(f) || !h.of[f->name].are_many) f->filename = 0;
        }
        ret_options->blanks.filename = false;
    }
    pp_arena_done(&scratch);
}
