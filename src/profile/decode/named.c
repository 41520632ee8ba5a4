#include "profile/decode/named.h"

#include "base/hash.h"

void named_init(struct named *n, struct profile_builder *b) {
    struct pp_mapping mapping = {
        .id = 1, .has_functions = true, .has_filenames = true, .has_line_numbers = true};
    *n = (struct named){.b = b};
    builder_add_mapping(b, &mapping);
}

void named_done(struct named *n) {
    index_done(&n->functions);
    index_done(&n->locations);
}

uint32_t named_function(struct named *n, struct pp_str name, struct pp_str file) {
    struct pp_function f = {.name = builder_string(n->b, name),
                            .filename = builder_string(n->b, file)};
    f.system_name = f.name;
    uint64_t hash = hash_word(hash_word(hash_seed(), f.name), f.filename);
    for (struct index_probe i = index_probe(&n->functions, hash); index_next(&n->functions, &i);) {
        const struct pp_function *g = &n->b->p.functions[i.position];
        if (g->name == f.name && g->filename == f.filename) return i.position;
    }
    uint32_t position = builder_add_function(n->b, &f);
    index_add(&n->functions, hash, position);
    return position;
}

uint32_t named_location(struct named *n, uint32_t function, int64_t line) {
    const struct pp_profile *p = &n->b->p;
    uint64_t hash = hash_word(hash_word(hash_seed(), function), (uint64_t)line);
    for (struct index_probe i = index_probe(&n->locations, hash); index_next(&n->locations, &i);) {
        const struct pp_line l = pp_line_at(p, p->locations[i.position].first_line);
        if (l.function == function && l.line == line) return i.position;
    }
    struct pp_line l = {.function = function, .line = line};
    struct pp_location location = {0};
    uint32_t position = builder_add_location(n->b, &location, &l, 1);
    index_add(&n->locations, hash, position);
    return position;
}

uint32_t named_frame(struct named *n, struct pp_str name, struct pp_str file, int64_t line) {
    return named_location(n, named_function(n, name, file), line);
}
