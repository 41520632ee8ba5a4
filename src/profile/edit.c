#include "profile/edit.h"

#include "base/hash.h"
#include "profile/id_map.h"
#include "profile/places.h"

/* ---- one table at a time ---- */

/* `room` elements, the first n of them copied. */
#define OWN(p, table, n, room, arena)                                                              \
    do {                                                                                           \
        void *own_ = pp_arena_alloc((arena), sizeof *(p)->table, 16, (room));                      \
        if ((n) > 0) memcpy(own_, (p)->table, (size_t)(n) * sizeof *(p)->table);                   \
        (p)->table = own_;                                                                         \
    } while (0)

struct pp_str *profile_own_strings(struct pp_profile *p, size_t room_for_more,
                                   struct pp_arena *arena) {
    OWN(p, strings, p->n_strings, p->n_strings + room_for_more, arena);
    return p->strings;
}

struct pp_mapping *profile_own_mappings(struct pp_profile *p, struct pp_arena *arena) {
    OWN(p, mappings, p->n_mappings, p->n_mappings, arena);
    return p->mappings;
}

struct pp_function *profile_own_functions(struct pp_profile *p, struct pp_arena *arena) {
    OWN(p, functions, p->n_functions, p->n_functions, arena);
    return p->functions;
}

void profile_own_function_ids(struct pp_profile *p, struct pp_arena *arena) {
    if (p->function_ids) OWN(p, function_ids, p->n_functions, p->n_functions, arena);
}

void profile_own_location_ids(struct pp_profile *p, struct pp_arena *arena) {
    if (p->location_ids) OWN(p, location_ids, p->n_locations, p->n_locations, arena);
}

uint64_t profile_next_id(const uint64_t *ids, uint32_t n) {
    uint64_t next = (uint64_t)n + 1;
    for (uint32_t i = 0; ids && i < n; i++)
        if (ids[i] >= next && ids[i] < UINT64_MAX / 2) next = ids[i] + 1;
    return next;
}

struct pp_line_row *profile_own_lines(struct pp_profile *p, struct pp_arena *arena) {
    OWN(p, lines, p->n_lines, p->n_lines, arena);
    return p->lines;
}

struct pp_location *profile_own_locations(struct pp_profile *p, struct pp_arena *arena) {
    OWN(p, locations, p->n_locations, p->n_locations, arena);
    return p->locations;
}

struct pp_stack *profile_own_stacks(struct pp_profile *p, struct pp_arena *arena) {
    OWN(p, stacks, p->n_stacks, p->n_stacks, arena);
    return p->stacks;
}

void profile_own_all(struct pp_profile *p, struct pp_arena *arena) {
    size_t n_values = (size_t)p->n_samples * p->n_types;
    profile_own_strings(p, 0, arena);
    for (uint32_t i = 0; i < p->n_strings; i++)
        p->strings[i] = pp_arena_copy(arena, p->strings[i]);
    profile_own_mappings(p, arena);
    profile_own_functions(p, arena);
    profile_own_function_ids(p, arena);
    profile_own_lines(p, arena);
    profile_own_locations(p, arena);
    profile_own_location_ids(p, arena);
    profile_own_stacks(p, arena);
    OWN(p, places, p->n_places, p->n_places, arena);
    OWN(p, sample_types, p->n_types, p->n_types, arena);
    if (p->frames.narrow) OWN(p, frames.narrow, p->n_frames, p->n_frames, arena);
    if (p->frames.middle) OWN(p, frames.middle, p->n_frames, p->n_frames, arena);
    if (p->frames.wide) OWN(p, frames.wide, p->n_frames, p->n_frames, arena);
    OWN(p, label_sets, p->n_label_sets, p->n_label_sets, arena);
    OWN(p, labels, p->n_labels, p->n_labels, arena);
    OWN(p, sample_stack, p->n_samples, p->n_samples, arena);
    if (p->sample_labels) OWN(p, sample_labels, p->n_samples, p->n_samples, arena);
    OWN(p, values, n_values, n_values, arena);
    OWN(p, comments, p->n_comments, p->n_comments, arena);
}

uint32_t profile_string(struct pp_profile *p, struct pp_str text, struct pp_arena *arena) {
    for (uint32_t i = 0; i < p->n_strings; i++)
        if (pp_str_eq(p->strings[i], text)) return i;
    profile_own_strings(p, 1, arena)[p->n_strings] = pp_arena_copy(arena, text);
    return p->n_strings++;
}

void profile_add_comment(struct pp_profile *p, struct pp_str text, struct pp_arena *arena) {
    uint32_t id = profile_string(p, text, arena);
    OWN(p, comments, p->n_comments, (size_t)p->n_comments + 1, arena);
    p->comments[p->n_comments++] = id;
}

/* ---- many functions and lines ---- */

void profile_edit_begin(struct profile_edit *e, const struct pp_profile *p,
                        struct pp_arena *arena) {
    *e = (struct profile_edit){.p = *p, .arena = arena, .n_old_functions = p->n_functions};
    interner_init(&e->strings, arena);
    for (uint32_t i = 0; i < p->n_strings; i++)
        intern_static(&e->strings, p->strings[i]);
    profile_own_mappings(&e->p, arena);
    profile_own_locations(&e->p, arena);
    profile_own_functions(&e->p, arena);
    profile_own_function_ids(&e->p, arena);
    profile_own_lines(&e->p, arena);
    OWN(&e->p, places, p->n_places, p->n_places, arena);
    e->cap_functions = e->cap_function_ids = p->n_functions;
    e->cap_lines = p->n_lines;
    e->cap_places = p->n_places;
    e->next_id = profile_next_id(p->function_ids, p->n_functions);
}

struct pp_profile profile_edit_finish(struct profile_edit *e) {
    e->p.strings = e->strings.strings;
    e->p.n_strings = e->strings.n;
    interner_done(&e->strings);
    index_done(&e->functions);
    return e->p;
}

uint32_t profile_edit_string(struct profile_edit *e, struct pp_str s) {
    return intern(&e->strings, s);
}

static bool is_same(const struct pp_function *a, const struct pp_function *b) {
    return a->name == b->name && a->system_name == b->system_name && a->filename == b->filename &&
           a->start_line == b->start_line;
}

uint32_t profile_edit_add_function(struct profile_edit *e, struct pp_function f) {
    size_t n = e->p.n_functions;
    id_map_set(&e->p.function_ids, &e->cap_function_ids, (uint32_t)n, e->next_id++, e->arena);
    PP_PUSH(e->arena, e->p.functions, n, e->cap_functions, f);
    e->p.n_functions = (uint32_t)n;
    return (uint32_t)n - 1;
}

uint32_t profile_edit_function(struct profile_edit *e, struct pp_function f) {
    uint64_t names = (uint64_t)f.name << 32 | f.filename;
    uint64_t hash = hash_word(hash_word(hash_seed(), names), (uint64_t)f.start_line);
    for (struct index_probe i = index_probe(&e->functions, hash); index_next(&e->functions, &i);)
        if (is_same(&e->p.functions[i.position], &f)) return i.position;
    index_add(&e->functions, hash, e->p.n_functions);
    return profile_edit_add_function(e, f);
}

void profile_edit_lines(struct profile_edit *e, uint32_t location, const struct pp_line *lines,
                        uint32_t n) {
    size_t n_lines = e->p.n_lines;
    struct pp_location *l = &e->p.locations[location];
    if (n_lines + n >= PP_FAR_PLACE) return; /* full: the location keeps what it has */
    l->first_line = (uint32_t)n_lines;
    l->n_lines = PP_LINES(n);
    l->is_folded = false;
    for (uint32_t i = 0; i < n; i++)
        PP_PUSH(e->arena, e->p.lines, n_lines, e->cap_lines,
                places_row(&e->p, &e->cap_places, &lines[i], e->arena));
    e->p.n_lines = (uint32_t)n_lines;
}

/* ---- where there may be nothing to change ---- */

struct profile_edit *late_edit_begin(struct late_edit *l) {
    if (!l->has_begun) profile_edit_begin(&l->edit, l->p, l->arena);
    l->has_begun = true;
    return &l->edit;
}

struct pp_profile late_edit_finish(struct late_edit *l) {
    return l->has_begun ? profile_edit_finish(&l->edit) : *l->p;
}

struct pp_function late_edit_function(const struct late_edit *l, uint32_t function) {
    return (l->has_begun ? &l->edit.p : l->p)->functions[function];
}

struct pp_str late_edit_text(const struct late_edit *l, uint32_t string) {
    return (l->has_begun ? l->edit.strings.strings : l->p->strings)[string];
}
