/* Views that cut what uninteresting functions call. Names are compared without their parameters. */
#include "profile/edit.h"
#include "profile/view/matcher.h"
#include "profile/view/view.h"

/* Up to the first '(' that opens a list of parameters; without the dot that begins a function's
 * entry point in the ELF v1 ABI of PowerPC. */
static struct pp_str without_parameters(struct pp_str name) {
    const struct pp_str anonymous = PP_STR("(anonymous namespace)");
    const struct pp_str call = PP_STR("operator()");
    if (name.len && name.data[0] == '.') name = pp_str_slice(name, 1, name.len);
    for (size_t i = 0; i < name.len;) {
        struct pp_str rest = pp_str_slice(name, i, name.len);
        if (pp_str_has_prefix(rest, anonymous))
            i += anonymous.len;
        else if (pp_str_has_prefix(rest, call))
            i += call.len;
        else if (rest.data[0] == '(')
            return pp_str_slice(name, 0, i);
        else
            i++;
    }
    return name;
}

/* Which functions match `drop` and not `keep`; one without a name doesn't. */
static uint8_t *pick_functions(const struct pp_profile *p, const struct regex *drop,
                               const struct regex *keep, struct pp_arena *scratch) {
    uint8_t *picked = PP_NEW(scratch, uint8_t, p->n_functions);
    enum { UNKNOWN, NO, YES };
    uint8_t *names = PP_NEW(scratch, uint8_t, p->n_strings);
    for (uint32_t i = 0; i < p->n_functions; i++) {
        uint32_t name = p->functions[i].name;
        if (names[name] == UNKNOWN) {
            struct pp_str bare = without_parameters(pp_string(p, name));
            bool yes = pp_string(p, name).len && regex_matches(drop, bare) &&
                       !(keep && regex_matches(keep, bare));
            names[name] = yes ? YES : NO;
        }
        picked[i] = names[name] == YES;
    }
    return picked;
}

enum { WHOLE = 1, BENEATH = 2 };

/* Cuts the lines from the outermost match inwards; says which locations go whole or in part. */
static uint8_t *prune_lines(struct pp_profile *view, const uint8_t *picked, struct pp_arena *arena,
                            struct pp_arena *scratch) {
    uint8_t *marks = PP_NEW(scratch, uint8_t, view->n_locations);
    struct pp_location *locations = profile_own_locations(view, arena);
    for (uint32_t i = 0; i < view->n_locations; i++) {
        struct pp_location *l = &locations[i];
        uint32_t n = l->n_lines;
        while (n > 0 && !picked[view->lines[l->first_line + n - 1].function])
            n--;
        if (n == 0) continue;
        marks[i] = n == l->n_lines ? WHOLE | BENEATH : BENEATH;
        if (n < l->n_lines) {
            l->first_line += n;
            l->n_lines = PP_LINES(l->n_lines - n);
        }
    }
    return marks;
}

void view_prune(const struct pp_profile *p, const struct regex *drop, const struct regex *keep,
                struct pp_profile *ret_view, struct pp_arena *arena) {
    struct pp_profile view = *p;
    struct pp_arena scratch = {0};
    uint8_t *picked = pick_functions(p, drop, keep, &scratch);
    uint8_t *marks = prune_lines(&view, picked, arena, &scratch);
    struct pp_stack *stacks = profile_own_stacks(&view, arena);
    for (uint32_t i = 0; i < view.n_stacks; i++) {
        uint32_t first = stacks[i].first;
        uint32_t n = stacks[i].len;
        while (n > 0 && marks[pp_frame(&view, first + n - 1)])
            n--;
        while (n > 0 && !marks[pp_frame(&view, first + n - 1)])
            n--;
        if (n == 0) continue;
        uint32_t cut = marks[pp_frame(&view, first + n - 1)] & WHOLE ? n : n - 1;
        stacks[i].first += cut;
        stacks[i].len -= cut;
    }
    pp_arena_done(&scratch);
    *ret_view = view;
}

static struct regex *compile_anchored(struct pp_str text) {
    struct pp_arena scratch = {0};
    struct pp_str s = {PP_NEW(&scratch, char, text.len + 4), text.len + 4};
    char *to = (char *)s.data;
    memcpy(to, "^(", 2);
    memcpy(to + 2, text.data, text.len);
    memcpy(to + 2 + text.len, ")$", 2);
    struct regex *rx = regex_compile(s, NULL);
    pp_arena_done(&scratch);
    return rx;
}

void view_prune_uninteresting(const struct pp_profile *p, struct pp_profile *ret_view,
                              struct pp_arena *arena) {
    struct pp_profile view = *p;
    if (p->drop_frames != 0) {
        struct regex *drop = compile_anchored(pp_string(p, p->drop_frames));
        struct regex *keep = p->keep_frames ? compile_anchored(pp_string(p, p->keep_frames)) : NULL;
        if (drop && (keep || !p->keep_frames)) view_prune(p, drop, keep, &view, arena);
        regex_free(drop);
        regex_free(keep);
    }
    *ret_view = view;
}

void view_prune_from(const struct pp_profile *p, const struct regex *rx,
                     struct pp_profile *ret_view, struct pp_arena *arena) {
    struct pp_profile view = *p;
    struct pp_arena scratch = {0};
    uint8_t *picked = pick_functions(p, rx, NULL, &scratch);
    uint8_t *hit = PP_NEW(&scratch, uint8_t, p->n_locations);
    struct pp_location *locations = profile_own_locations(&view, arena);
    for (uint32_t i = 0; i < view.n_locations; i++) {
        struct pp_location *l = &locations[i];
        uint32_t n = 0;
        while (n < l->n_lines && !picked[view.lines[l->first_line + n].function])
            n++;
        if (n == l->n_lines) continue;
        hit[i] = 1;
        l->first_line += n;
        l->n_lines = PP_LINES(l->n_lines - n);
    }
    struct pp_stack *stacks = profile_own_stacks(&view, arena);
    for (uint32_t i = 0; i < view.n_stacks; i++) {
        uint32_t n = 0;
        while (n < stacks[i].len && !hit[pp_frame(&view, stacks[i].first + n)])
            n++;
        if (n == stacks[i].len) continue;
        stacks[i].first += n;
        stacks[i].len -= n;
    }
    pp_arena_done(&scratch);
    *ret_view = view;
}
