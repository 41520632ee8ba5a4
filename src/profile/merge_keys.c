#include "profile/merge_keys.h"

/* The sums of all entries, each made of those that it refers to. */
struct keyer {
    const struct pp_profile *p;
    struct known_texts strings;
    struct known_sums *mappings, *functions, *locations;
};

/* Begins what is no other kind of entry; texts begin with 0. */
enum { MAPPING = 1, FUNCTION, LOCATION, LOOSE_LOCATION, STACK };

static struct known_sums sums_of_mapping(const struct pp_profile *p, const struct pp_mapping *m) {
    struct known_sums k = known_mix(known_begin(MAPPING), mapping_rounded_size(m), m->offset);
    k = known_mix(k, m->as_image, 0);
    return known_mix_sums(k, known_text_sums(pp_string(p, mapping_identity(m))));
}

static struct known_sums sums_of_function(struct keyer *k, const struct pp_function *f) {
    struct known_sums sums = known_mix_sums(known_begin(FUNCTION), known_text(k->strings, f->name));
    sums = known_mix_sums(sums, known_text(k->strings, f->system_name));
    sums = known_mix_sums(sums, known_text(k->strings, f->filename));
    return known_mix(sums, (uint64_t)f->start_line, 0);
}

/* Its address counts from where its mapping begins, its column in the last line only. A location
 * without a mapping may get one where the profile has none. */
static struct known_sums sums_of_location(const struct keyer *k, const struct pp_location *l) {
    const struct pp_profile *p = k->p;
    struct known_sums sums = known_begin(p->n_mappings ? LOCATION : LOOSE_LOCATION);
    uint64_t address = l->address;
    if (l->mapping != PP_NONE) {
        sums = known_mix_sums(sums, k->mappings[l->mapping]);
        address -= p->mappings[l->mapping].start;
    }
    sums = known_mix(sums, address, l->is_folded);
    struct pp_line line = {0};
    for (uint32_t i = 0; i < l->n_lines; i++) {
        line = pp_line_at(p, l->first_line + i);
        sums = known_mix_sums(sums, k->functions[line.function]);
        sums = known_mix(sums, (uint64_t)line.line, i);
    }
    return known_mix(sums, (uint64_t)line.column, l->n_lines);
}

static struct known_key key_of_stack(const struct keyer *k, struct pp_stack stack) {
    struct known_sums even = known_begin(STACK), odd = known_mix(even, stack.len, 0);
    uint32_t i = 0;
    for (; stack.len - i >= 2; i += 2) { /* each waits for its multiplications */
        even = known_mix_sums(even, k->locations[pp_frame(k->p, stack.first + i)]);
        odd = known_mix_sums(odd, k->locations[pp_frame(k->p, stack.first + i + 1)]);
    }
    if (i < stack.len) even = known_mix_sums(even, k->locations[pp_frame(k->p, stack.first + i)]);
    even = known_mix(even, odd.a, odd.b);
    return known_end(known_mix(even, odd.b, odd.a));
}

void merge_keys_make(const struct pp_profile *p, struct merge_keys *ret_keys,
                     struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct keyer k = {
        .p = p,
        .strings = {p->strings, PP_NEW(&scratch, struct known_sums, p->n_strings)},
        .functions = PP_NEW(&scratch, struct known_sums, p->n_functions),
        .locations = PP_NEW(&scratch, struct known_sums, p->n_locations),
        .mappings = PP_NEW(arena, struct known_sums, p->n_mappings),
    };
    struct known_key *stacks = PP_NEW(arena, struct known_key, p->n_stacks);
    for (uint32_t i = 0; i < p->n_mappings; i++)
        k.mappings[i] = sums_of_mapping(p, &p->mappings[i]);
    for (uint32_t i = 0; i < p->n_functions; i++)
        k.functions[i] = sums_of_function(&k, &p->functions[i]);
    for (uint32_t i = 0; i < p->n_locations; i++)
        k.locations[i] = sums_of_location(&k, &p->locations[i]);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        stacks[i] = key_of_stack(&k, p->stacks[i]);
    pp_arena_done(&scratch);
    *ret_keys = (struct merge_keys){stacks, k.mappings, p->n_mappings};
}

bool merge_keys_hold(const struct merge_keys *keys, const struct pp_profile *p) {
    if (keys->n_mappings == 0) return true;
    if (keys->n_mappings != p->n_mappings) return false;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct known_sums now = sums_of_mapping(p, &p->mappings[i]), then = keys->mappings[i];
        if (now.a != then.a || now.b != then.b) return false;
    }
    return true;
}
