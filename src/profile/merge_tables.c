#include "profile/merge_tables.h"

#include "base/hash.h"
#include "profile/merge_keys.h"

static uint32_t map_string(struct merge_tables *t, uint32_t id) {
    if (!t->strings[id]) t->strings[id] = builder_string(t->b, pp_string(t->src, id)) + 1;
    return t->strings[id] - 1;
}

static uint64_t hash_mapping(const struct pp_mapping *m) {
    uint64_t hash = hash_word(hash_seed(), mapping_rounded_size(m));
    return hash_word(hash_word(hash, m->offset), mapping_identity(m));
}

static uint32_t find_mapping(const struct merge_tables *t, const struct pp_mapping *m,
                             uint64_t hash) {
    for (struct index_probe i = index_probe(&t->mappings, hash); index_next(&t->mappings, &i);) {
        const struct pp_mapping *have = &t->b->p.mappings[i.position];
        if (mapping_rounded_size(have) == mapping_rounded_size(m) && have->offset == m->offset &&
            have->as_image == m->as_image && mapping_identity(have) == mapping_identity(m))
            return i.position;
    }
    return PP_NONE;
}

static uint32_t map_mapping(struct merge_tables *t, uint32_t at) {
    if (t->source_mappings[at]) return t->source_mappings[at] - 1;
    struct pp_mapping mapping = t->src->mappings[at];
    mapping.file = map_string(t, mapping.file);
    mapping.build_id = map_string(t, mapping.build_id);
    mapping.kernel_symbol = map_string(t, mapping.kernel_symbol);
    uint64_t hash = hash_mapping(&mapping);
    uint32_t found = find_mapping(t, &mapping, hash);
    if (found == PP_NONE) {
        mapping.id = (uint64_t)t->b->p.n_mappings + 1;
        found = builder_add_mapping(t->b, &mapping);
        index_add(&t->mappings, hash, found);
    }
    t->source_mappings[at] = found + 1;
    return found;
}

static uint64_t hash_function(const struct pp_function *f) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)f->name << 32 | f->system_name);
    return hash_word(hash_word(hash, f->filename), (uint64_t)f->start_line);
}

static uint32_t find_function(const struct merge_tables *t, const struct pp_function *f,
                              uint64_t hash) {
    for (struct index_probe i = index_probe(&t->functions, hash); index_next(&t->functions, &i);) {
        const struct pp_function *have = &t->b->p.functions[i.position];
        if (have->name == f->name && have->system_name == f->system_name &&
            have->filename == f->filename && have->start_line == f->start_line)
            return i.position;
    }
    return PP_NONE;
}

static uint32_t map_function(struct merge_tables *t, uint32_t at) {
    if (t->source_functions[at]) return t->source_functions[at] - 1;
    struct pp_function f = t->src->functions[at];
    f.name = map_string(t, f.name);
    f.system_name = map_string(t, f.system_name);
    f.filename = map_string(t, f.filename);
    uint64_t hash = hash_function(&f);
    uint32_t found = find_function(t, &f, hash);
    if (found == PP_NONE) {
        found = builder_add_function(t->b, &f);
        index_add(&t->functions, hash, found);
    }
    t->source_functions[at] = found + 1;
    return found;
}

/* The column counts in the last line only: the first location seen keeps its others. */
static bool same_lines(const struct pp_profile *p, uint32_t first, const struct pp_line *lines,
                       uint32_t n) {
    for (uint32_t i = 0; i < n; i++) {
        struct pp_line have = pp_line_at(p, first + i);
        if (have.function != lines[i].function || have.line != lines[i].line) return false;
        if (i + 1 == n && have.column != lines[i].column) return false;
    }
    return true;
}

static uint64_t hash_location(const struct pp_location *l, const struct pp_line *lines) {
    uint64_t hash =
        hash_word(hash_word(hash_seed(), l->address), (uint64_t)l->mapping << 1 | l->is_folded);
    for (uint32_t i = 0; i < l->n_lines; i++)
        hash = hash_word(hash_word(hash, lines[i].function), (uint64_t)lines[i].line);
    return hash;
}

static uint32_t find_location(const struct merge_tables *t, const struct pp_location *l,
                              const struct pp_line *lines, uint64_t hash) {
    const struct pp_profile *p = &t->b->p;
    for (struct index_probe i = index_probe(&t->locations, hash); index_next(&t->locations, &i);) {
        const struct pp_location *have = &p->locations[i.position];
        if (have->address == l->address && have->mapping == l->mapping &&
            have->is_folded == l->is_folded && have->n_lines == l->n_lines &&
            same_lines(p, have->first_line, lines, l->n_lines))
            return i.position;
    }
    return PP_NONE;
}

/* A location on its way: with the merged tables' ids, its lines in lines[]. */
struct arriving {
    struct pp_location location;
    uint64_t hash;
};

/* Its lines come after the n_lines that are there. */
static struct arriving translate_location(struct merge_tables *t, uint32_t at, uint32_t n_lines) {
    struct pp_location l = t->src->locations[at];
    if (l.mapping != PP_NONE) {
        uint64_t start = t->src->mappings[l.mapping].start;
        l.mapping = map_mapping(t, l.mapping);
        l.address += t->b->p.mappings[l.mapping].start - start;
    }
    PP_RESERVE(t->scratch, t->lines, n_lines, t->cap_lines, l.n_lines);
    struct pp_line *lines = t->lines + n_lines;
    for (uint32_t i = 0; i < l.n_lines; i++) {
        lines[i] = pp_line_at(t->src, l.first_line + i);
        lines[i].function = map_function(t, lines[i].function);
    }
    l.first_line = n_lines;
    return (struct arriving){l, hash_location(&l, lines)};
}

static uint32_t find_or_add_location(struct merge_tables *t, struct arriving *a) {
    struct pp_location *l = &a->location;
    const struct pp_line *lines = t->lines + l->first_line;
    uint32_t found = find_location(t, l, lines, a->hash);
    if (found != PP_NONE) return found;
    found = builder_add_location(t->b, l, lines, l->n_lines);
    index_add(&t->locations, a->hash, found);
    return found;
}

/* ---- locations that a source's samples have for the first time ---- */

static void prefetch_string(const struct merge_tables *t, uint32_t id) {
    __builtin_prefetch(&t->strings[id]);
    __builtin_prefetch(&t->src->strings[id]);
}

static void expect_lines(const struct merge_tables *t, uint32_t at) {
    __builtin_prefetch(&t->src->lines[t->src->locations[at].first_line]);
}

static void expect_functions(const struct merge_tables *t, uint32_t at) {
    const struct pp_location *l = &t->src->locations[at];
    for (uint32_t i = 0; i < l->n_lines; i++) {
        uint32_t function = t->src->lines[l->first_line + i].function;
        __builtin_prefetch(&t->source_functions[function]);
        __builtin_prefetch(&t->src->functions[function]);
    }
}

/* The functions of a location that are not known yet. */
static void each_new_function(const struct merge_tables *t, uint32_t at,
                              void (*visit)(const struct merge_tables *t,
                                            const struct pp_function *f)) {
    const struct pp_location *l = &t->src->locations[at];
    for (uint32_t i = 0; i < l->n_lines; i++) {
        uint32_t function = t->src->lines[l->first_line + i].function;
        if (!t->source_functions[function]) visit(t, &t->src->functions[function]);
    }
}

static void prefetch_names(const struct merge_tables *t, const struct pp_function *f) {
    prefetch_string(t, f->name);
    prefetch_string(t, f->system_name);
    prefetch_string(t, f->filename);
}

static void prefetch_texts(const struct merge_tables *t, const struct pp_function *f) {
    __builtin_prefetch(t->src->strings[f->name].data);
    __builtin_prefetch(t->src->strings[f->system_name].data);
}

static void expect_names(const struct merge_tables *t, uint32_t at) {
    each_new_function(t, at, prefetch_names);
}

static void expect_texts(const struct merge_tables *t, uint32_t at) {
    each_new_function(t, at, prefetch_texts);
}

/* What a location is made of lies in tables that are larger than any cache: it comes from memory
 * step by step, for some locations at a time. */
void merge_locations(struct merge_tables *t, const uint32_t *at, size_t n) {
    struct arriving arriving[MERGE_LOCATIONS];
    uint32_t n_lines = 0;
    static void (*const steps[])(const struct merge_tables *t, uint32_t at) = {
        expect_lines, expect_functions, expect_names, expect_texts};
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&t->src->locations[at[i]]);
    for (size_t step = 0; step < sizeof steps / sizeof *steps; step++)
        for (size_t i = 0; i < n; i++)
            steps[step](t, at[i]);
    for (size_t i = 0; i < n; i++) {
        arriving[i] = translate_location(t, at[i], n_lines);
        n_lines += arriving[i].location.n_lines;
        index_prefetch(&t->locations, arriving[i].hash);
    }
    for (size_t i = 0; i < n; i++)
        t->source_locations[at[i]] = find_or_add_location(t, &arriving[i]) + 1;
}

void merge_function_names(struct merge_tables *t) {
    for (uint32_t i = 0; i < t->src->n_functions; i++) {
        const struct pp_function *f = &t->src->functions[i];
        map_string(t, f->name);
        map_string(t, f->system_name);
        map_string(t, f->filename);
    }
}

void merge_all_locations(struct merge_tables *t) {
    uint32_t next[MERGE_LOCATIONS];
    size_t n = 0;
    for (uint32_t i = 0; i < t->src->n_functions; i++)
        map_function(t, i);
    for (uint32_t i = 0; i < t->src->n_locations; i++) {
        next[n++] = i;
        if (n == MERGE_LOCATIONS) merge_locations(t, next, n);
        n %= MERGE_LOCATIONS;
    }
    merge_locations(t, next, n);
}

uint32_t merge_label_set(struct merge_tables *t, uint32_t at) {
    if (t->label_sets[at]) return t->label_sets[at] - 1;
    struct pp_label_set set = t->src->label_sets[at];
    uint32_t n = set.n_text + set.n_num;
    PP_RESERVE(t->scratch, t->labels, 0, t->cap_labels, n);
    for (uint32_t i = 0; i < n; i++) {
        struct pp_label l = t->src->labels[set.first + i];
        l.key = map_string(t, l.key);
        if (l.text != PP_NONE) l.text = map_string(t, l.text);
        t->labels[i] = l;
    }
    t->label_sets[at] = builder_label_set(t->b, t->labels, set.n_text, set.n_num) + 1;
    return t->label_sets[at] - 1;
}

/* ---- tables that are there already ---- */

static bool adopt_mappings(struct merge_tables *t) {
    for (uint32_t i = 0; i < t->b->p.n_mappings; i++) {
        const struct pp_mapping *m = &t->b->p.mappings[i];
        uint64_t hash = hash_mapping(m);
        if (find_mapping(t, m, hash) != PP_NONE) return false;
        index_add(&t->mappings, hash, i);
    }
    return true;
}

enum { AHEAD = 16 /* entries whose slots come from memory meanwhile */ };

static bool adopt_functions(struct merge_tables *t) {
    const struct pp_profile *p = &t->b->p;
    for (uint32_t i = 0; i < p->n_functions; i++) {
        const struct pp_function *f = &p->functions[i];
        uint64_t hash = hash_function(f);
        if (p->n_functions - i > AHEAD) index_prefetch(&t->functions, hash_function(f + AHEAD));
        if (find_function(t, f, hash) != PP_NONE) return false;
        index_add(&t->functions, hash, i);
    }
    return true;
}

static bool adopt_location(struct merge_tables *t, uint32_t at, struct pp_line *lines) {
    const struct pp_location *l = &t->b->p.locations[at];
    for (uint32_t i = 0; i < l->n_lines; i++)
        lines[i] = pp_line_at(&t->b->p, l->first_line + i);
    uint64_t hash = hash_location(l, lines);
    if (find_location(t, l, lines, hash) != PP_NONE) return false;
    index_add(&t->locations, hash, at);
    return true;
}

static bool adopt_locations(struct merge_tables *t) {
    struct pp_arena scratch = {0};
    uint32_t most = 0;
    for (uint32_t i = 0; i < t->b->p.n_locations; i++)
        if (t->b->p.locations[i].n_lines > most) most = t->b->p.locations[i].n_lines;
    struct pp_line *lines = PP_NEW(&scratch, struct pp_line, most);
    bool ok = true;
    for (uint32_t i = 0; ok && i < t->b->p.n_locations; i++)
        ok = adopt_location(t, i, lines);
    pp_arena_done(&scratch);
    return ok;
}

/* Those that something in the tables is called; a label that was left out is not. */
static void want_strings(const struct pp_profile *p, bool *wanted) {
    const uint32_t header[] = {0,
                               p->default_sample_type,
                               p->doc_url,
                               p->drop_frames,
                               p->keep_frames,
                               p->period_type.type,
                               p->period_type.unit};
    for (size_t i = 0; i < sizeof header / sizeof *header; i++)
        wanted[header[i]] = true;
    for (uint32_t i = 0; i < p->n_types; i++)
        wanted[p->sample_types[i].type] = wanted[p->sample_types[i].unit] = true;
    for (uint32_t i = 0; i < p->n_comments; i++)
        wanted[p->comments[i]] = true;
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        const struct pp_mapping *m = &p->mappings[i];
        wanted[m->file] = wanted[m->build_id] = wanted[m->kernel_symbol] = true;
    }
    for (uint32_t i = 0; i < p->n_functions; i++) {
        const struct pp_function *f = &p->functions[i];
        wanted[f->name] = wanted[f->system_name] = wanted[f->filename] = true;
    }
    for (uint32_t i = 0; i < p->n_labels; i++) {
        wanted[p->labels[i].key] = true;
        if (p->labels[i].text != PP_NONE) wanted[p->labels[i].text] = true;
    }
}

bool merge_strings_adopt(struct merge_tables *t, const struct pp_profile *p) {
    struct pp_arena scratch = {0};
    bool *wanted = PP_NEW(&scratch, bool, p->n_strings);
    want_strings(p, wanted);
    bool ok = interner_adopt(&t->b->strings, p->strings, p->n_strings, wanted, t->b->arena);
    pp_arena_done(&scratch);
    return ok;
}

bool merge_tables_adopt(struct merge_tables *t) {
    index_reserve(&t->functions, t->b->p.n_functions);
    index_reserve(&t->locations, t->b->p.n_locations);
    return adopt_mappings(t) && adopt_functions(t) && adopt_locations(t) &&
           builder_adopt_label_sets(t->b);
}

void merge_tables_reserve(struct merge_tables *t, const struct pp_profile *first) {
    index_reserve(&t->functions, first->n_functions);
    index_reserve(&t->locations, first->n_locations);
    index_reserve(&t->b->strings.index, first->n_strings);
}

void merge_tables_begin(struct merge_tables *t, const struct pp_profile *src,
                        struct pp_arena *scratch) {
    t->src = src;
    t->scratch = scratch;
    t->strings = PP_NEW(scratch, uint32_t, src->n_strings);
    t->source_mappings = PP_NEW(scratch, uint32_t, src->n_mappings);
    t->source_functions = PP_NEW(scratch, uint32_t, src->n_functions);
    t->source_locations = PP_NEW(scratch, uint32_t, src->n_locations);
    t->label_sets = PP_NEW(scratch, uint32_t, src->n_label_sets);
    t->labels = NULL;
    t->lines = NULL;
    t->cap_labels = t->cap_lines = 0;
    /* The first mapping is the main binary and stays first. */
    if (t->b->p.n_mappings == 0 && src->n_mappings > 0) map_mapping(t, 0);
}

void merge_tables_done(struct merge_tables *t) {
    index_done(&t->mappings);
    index_done(&t->functions);
    index_done(&t->locations);
}
