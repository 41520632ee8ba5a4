/* See profile_edit.h. */
#include "symbol/profile_edit.h"

#include "base/hash.h"

static void *copied(struct pp_arena *arena, const void *from, size_t size) {
    void *to = pp_arena_alloc(arena, 1, 16, size + 1);
    if (size) memcpy(to, from, size);
    return to;
}

void profile_edit_begin(struct profile_edit *e, const struct pp_profile *p,
                        struct pp_arena *arena) {
    *e = (struct profile_edit){.p = *p, .arena = arena, .n_old_functions = p->n_functions};
    interner_init(&e->strings, arena);
    for (uint32_t i = 0; i < p->n_strings; i++)
        intern_static(&e->strings, p->strings[i]);
    e->p.mappings = copied(arena, p->mappings, p->n_mappings * sizeof *p->mappings);
    e->p.locations = copied(arena, p->locations, p->n_locations * sizeof *p->locations);
    e->p.functions = copied(arena, p->functions, p->n_functions * sizeof *p->functions);
    e->p.lines = copied(arena, p->lines, p->n_lines * sizeof *p->lines);
    e->cap_functions = p->n_functions;
    e->cap_lines = p->n_lines;
    /* The reference counts on from the number of functions, even if that id is taken. */
    e->next_id = (uint64_t)p->n_functions + 1;
    for (uint32_t i = 0; i < p->n_functions; i++)
        if (p->functions[i].id >= e->next_id && p->functions[i].id < UINT64_MAX / 2)
            e->next_id = p->functions[i].id + 1;
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

uint32_t profile_edit_function(struct profile_edit *e, struct pp_function f) {
    uint64_t names = (uint64_t)f.name << 32 | f.filename;
    uint64_t hash = hash_word(hash_word(hash_seed(), names), (uint64_t)f.start_line);
    for (struct index_probe i = index_probe(&e->functions, hash); index_next(&e->functions, &i);)
        if (is_same(&e->p.functions[i.position], &f)) return i.position;
    size_t n = e->p.n_functions;
    index_add(&e->functions, hash, (uint32_t)n);
    f.id = e->next_id++;
    PP_PUSH(e->arena, e->p.functions, n, e->cap_functions, f);
    e->p.n_functions = (uint32_t)n;
    return (uint32_t)n - 1;
}

void profile_edit_lines(struct profile_edit *e, uint32_t location, const struct pp_line *lines,
                        uint32_t n) {
    size_t n_lines = e->p.n_lines;
    struct pp_location *l = &e->p.locations[location];
    if (n_lines + n >= PP_NONE) return; /* full: the location keeps what it has */
    l->first_line = (uint32_t)n_lines;
    l->n_lines = n;
    l->is_folded = false;
    for (uint32_t i = 0; i < n; i++)
        PP_PUSH(e->arena, e->p.lines, n_lines, e->cap_lines, lines[i]);
    e->p.n_lines = (uint32_t)n_lines;
}
