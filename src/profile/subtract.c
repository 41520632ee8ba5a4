/* A profile less its base for who only sums it up: the profile's own tables become the result's. So
 * nothing of it is copied, and what is made of each side can be made at once. */
#include "profile/merge.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/parallel.h"
#include "profile/merger.h"

enum {
    BLOCK = 32,  /* stacks that are looked up together */
    SHARES = 16, /* of the base's stacks */
};

struct subtraction {
    struct merger m;
    struct pp_profile *p, *base;
    struct pp_arena scratch;      /* of the base's tables, and what became of its stacks */
    bool has_strings, has_tables; /* the profile's are those of a merge: no two entries are equal */
};

/* ---- samples ---- */

static void add_values(int64_t *sums, const int64_t *values, uint32_t n) {
    for (uint32_t t = 0; t < n; t++)
        sums[t] = num_add(sums[t], values[t]);
}

static void take_values(int64_t *sums, const int64_t *values, uint32_t n) {
    for (uint32_t t = 0; t < n; t++)
        sums[t] = num_sub(sums[t], values[t]);
}

/* Those of one stack become one in place, if they come with the same labels, and none is nothing:
 * those that cancel each other stay, since they have what they are made of before others do.
 * With `is_minus` values change their sign, as profile_scale does it. */
static void sum_samples(struct pp_profile *p, bool is_minus) {
    struct pp_arena scratch = {0};
    uint32_t *last = PP_NEW(&scratch, uint32_t, p->n_stacks); /* one more than its last sample */
    uint32_t n = 0, n_types = p->n_types;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t *values = p->values + (size_t)i * n_types;
        if (merger_is_nothing(values, n_types)) continue;
        for (uint32_t t = 0; is_minus && t < n_types; t++)
            values[t] = num_from_double(-(double)values[t]);
        uint32_t stack = p->sample_stack[i], labels = pp_labels_of(p, i), row = last[stack];
        if (row && pp_labels_of(p, row - 1) == labels) {
            int64_t *sums = p->values + (size_t)(row - 1) * n_types;
            add_values(sums, values, n_types);
            if (!merger_is_nothing(sums, n_types)) continue;
            take_values(sums, values, n_types);
        }
        p->sample_stack[n] = stack;
        if (p->sample_labels) p->sample_labels[n] = labels;
        memmove(p->values + (size_t)n * n_types, values, n_types * sizeof *values);
        last[stack] = ++n;
    }
    p->n_samples = n;
    pp_arena_done(&scratch);
}

static void drop_nothing(struct pp_profile *p) {
    uint32_t n = 0, n_types = p->n_types;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        const int64_t *values = p->values + (size_t)i * n_types;
        if (merger_is_nothing(values, n_types)) continue;
        memmove(p->values + (size_t)n * n_types, values, n_types * sizeof *values);
        p->sample_stack[n] = p->sample_stack[i];
        if (p->sample_labels) p->sample_labels[n] = p->sample_labels[i];
        n++;
    }
    p->n_samples = n;
}

/* The locations that samples have, and how many they are. */
static bool *used_locations(const struct pp_profile *p, uint32_t *ret_n, struct pp_arena *scratch) {
    bool *stacks = PP_NEW(scratch, bool, p->n_stacks);
    bool *used = PP_NEW(scratch, bool, p->n_locations);
    uint32_t n_used = 0;
    for (uint32_t i = 0; i < p->n_samples; i++)
        stacks[p->sample_stack[i]] = true;
    for (uint32_t i = 0; i < p->n_stacks && n_used < p->n_locations; i++)
        for (uint32_t j = 0; stacks[i] && j < p->stacks[i].len; j++) {
            uint32_t location = pp_frame(p, p->stacks[i].first + j);
            n_used += !used[location];
            used[location] = true;
        }
    *ret_n = n_used;
    return used;
}

/* Locations that no sample has become blank; false if that is all of them. */
static bool blank_unused(struct pp_profile *p) {
    struct pp_arena scratch = {0};
    uint32_t n_used;
    const bool *used = used_locations(p, &n_used, &scratch);
    for (uint32_t i = 0; n_used < p->n_locations && i < p->n_locations; i++)
        if (!used[i]) p->locations[i] = (struct pp_location){.mapping = PP_NONE};
    pp_arena_done(&scratch);
    return n_used > 0;
}

/* ---- entries that are one and look different ---- */

/* A merge keeps the mapping and the location that a sample has first. Here those of the profile's
 * tables are kept, also those that no sample of it has, and then the first of the base's tables. */

static unsigned flags_of(const struct pp_mapping *m) {
    return m->has_functions | m->has_filenames << 1 | m->has_line_numbers << 2 |
           m->has_inline_frames << 3;
}

/* Whether it matters which of the two is kept. */
static bool mapping_differs(const struct subtraction *s, uint32_t at) {
    const struct merge_tables *t = &s->m.tables;
    if (!t->source_mappings[at]) return false;
    const struct pp_mapping *m = &s->base->mappings[at];
    const struct pp_mapping *kept = &t->b->p.mappings[t->source_mappings[at] - 1];
    return m->start != kept->start || m->limit != kept->limit ||
           t->strings[m->file] - 1 != kept->file || t->strings[m->build_id] - 1 != kept->build_id ||
           flags_of(m) != flags_of(kept);
}

static bool columns_differ(const struct subtraction *s, uint32_t at) {
    const struct pp_profile *sum = &s->m.b.p;
    const struct pp_location *l = &s->base->locations[at];
    const struct pp_location *kept = &sum->locations[s->m.tables.source_locations[at] - 1];
    for (uint32_t i = 0; i + 1 < l->n_lines; i++)
        if (pp_line_at(s->base, l->first_line + i).column !=
            pp_line_at(sum, kept->first_line + i).column)
            return true;
    return false;
}

/* Whether one is kept that a merge does not keep. `differs`: mappings of the base. */
static bool keeps_others(const struct subtraction *s, const bool *differs,
                         struct pp_arena *scratch) {
    const struct pp_profile *p = s->p, *base = s->base;
    const struct merge_tables *t = &s->m.tables;
    uint32_t n_used;
    const bool *used = used_locations(p, &n_used, scratch);
    bool *used_mappings = PP_NEW(scratch, bool, s->m.b.p.n_mappings);
    if (p->n_mappings) used_mappings[0] = true; /* a first mapping is kept in any case */
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (used[i] && p->locations[i].mapping != PP_NONE)
            used_mappings[p->locations[i].mapping] = true;
    for (uint32_t i = 0; i < base->n_locations; i++) {
        uint32_t kept = t->source_locations[i] - 1, mapping = base->locations[i].mapping;
        if (kept < p->n_locations && used[kept]) continue;
        if (columns_differ(s, i)) return true;
        if (mapping != PP_NONE && differs[mapping] &&
            !used_mappings[t->source_mappings[mapping] - 1])
            return true;
    }
    return false;
}

static bool is_as_merged(const struct subtraction *s) {
    struct pp_arena scratch = {0};
    const struct pp_profile *base = s->base;
    bool *differs = PP_NEW(&scratch, bool, base->n_mappings);
    bool any = base->n_places || s->p->n_places; /* only they have columns */
    for (uint32_t i = 0; i < base->n_mappings; i++)
        any |= differs[i] = mapping_differs(s, i);
    bool is_same = !any || !keeps_others(s, differs, &scratch);
    pp_arena_done(&scratch);
    return is_same;
}

/* ---- the base's stacks, once its locations are known ---- */

struct block {
    uint32_t first, n; /* stacks */
    uint64_t hash[BLOCK];
    struct pp_stack frames[BLOCK]; /* in at[] */
    uint32_t *at;
    size_t cap;
};

static void hash_block(const struct subtraction *s, struct block *block, struct pp_arena *scratch) {
    const struct pp_profile *base = s->base;
    uint32_t n_frames = 0;
    for (uint32_t i = 0; i < block->n; i++) {
        struct pp_stack stack = base->stacks[block->first + i];
        PP_RESERVE(scratch, block->at, n_frames, block->cap, stack.len);
        uint32_t *frames = block->at + n_frames;
        for (uint32_t j = 0; j < stack.len; j++)
            frames[j] = s->m.tables.source_locations[pp_frame(base, stack.first + j)] - 1;
        block->frames[i] = (struct pp_stack){n_frames, stack.len};
        block->hash[i] = builder_stack_hash(frames, stack.len);
        index_prefetch(&s->m.b.stacks, block->hash[i]);
        n_frames += stack.len;
    }
}

/* Which of the profile's they are, if any. */
static void find_block(struct subtraction *s, const struct block *block) {
    const struct profile_builder *b = &s->m.b;
    uint32_t likely[BLOCK];
    for (uint32_t i = 0; i < block->n; i++)
        likely[i] = builder_expect_stack(b, block->hash[i]);
    for (uint32_t i = 0; i < block->n; i++)
        builder_expect_frames(b, likely[i]);
    for (uint32_t i = 0; i < block->n; i++) {
        struct pp_stack f = block->frames[i];
        uint32_t found = builder_find_stack(b, block->hash[i], block->at + f.first, f.len);
        s->m.stacks[block->first + i] = found == PP_NONE ? 0 : found + 1;
    }
}

static void find_share(void *user, unsigned worker, size_t share) {
    (void)worker;
    struct subtraction *s = user;
    struct pp_arena scratch = {0};
    struct block block = {0};
    uint64_t n = s->base->n_stacks;
    uint32_t end = (uint32_t)(n * (share + 1) / SHARES);
    for (uint32_t at = (uint32_t)(n * share / SHARES); at < end; at += block.n) {
        block.first = at;
        block.n = end - at < BLOCK ? end - at : BLOCK;
        hash_block(s, &block, &scratch);
        find_block(s, &block);
    }
    pp_arena_done(&scratch);
}

/* ---- the whole ---- */

/* What needs nothing of the other side but strings. */
static void prepare_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    struct merge_tables *t = &s->m.tables;
    switch (part) {
    case 0:
        s->has_strings = merge_strings_adopt(t, s->p);
        if (s->has_strings) merge_function_names(t);
        break;
    case 1:
        sum_samples(s->p, false);
        index_reserve(&s->m.samples, s->p->n_samples);
        merger_samples(&s->m);
        break;
    default:
        s->has_tables = merge_tables_adopt(t);
    }
}

static void finish_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    if (part == 0)
        sum_samples(s->base, true);
    else if (s->has_strings && s->has_tables)
        merge_all_locations(&s->m.tables);
}

/* Tables of which hardly anything is used are not worth it. A first mapping comes first. */
static bool is_worth_it(const struct pp_profile *p, const struct pp_profile *base) {
    return p->n_frames >= p->n_locations && base->n_frames >= base->n_locations &&
           (p->n_mappings || !base->n_mappings);
}

/* Sums up both sides' samples in their own places. False: the profile's tables are not those of a
 * merge, or the base needs others. */
static bool prepare(struct subtraction *s, struct pp_arena *arena) {
    struct merger *m = &s->m;
    *m = (struct merger){.src = s->p, .adopts = true};
    builder_adopt(&m->b, s->p, arena);
    interner_init(&m->comments, &m->kept);
    index_reserve(&m->b.stacks, s->p->n_stacks);
    m->tables.b = &m->b;
    merge_tables_begin(&m->tables, s->base, &s->scratch);
    parallel_run(parallel_width(3, 0), 3, prepare_part, s);
    parallel_run(parallel_width(2, 0), 2, finish_part, s);
    s->p->n_samples = m->b.p.n_samples;
    return s->has_strings && s->has_tables && is_as_merged(s);
}

static bool subtract(struct subtraction *s, struct pp_profile *ret_sum, struct pp_error *err) {
    struct merger *m = &s->m;
    s->p->strings = m->b.strings.strings; /* they may have moved */
    merger_header(m);
    merger_end(m);
    m->adopts = false;
    m->src = s->base;
    m->stacks = PP_NEW(&s->scratch, uint32_t, s->base->n_stacks);
    parallel_run(parallel_width(SHARES, 0), SHARES, find_share, s);
    merger_header(m);
    merger_samples(m);
    merger_end(m);
    merger_done(m);
    return builder_finish(&m->b, ret_sum, err);
}

bool profile_subtract(struct pp_profile *p, struct pp_profile *base, struct pp_arena *arena,
                      struct pp_error *err) {
    struct subtraction s = {.p = p, .base = base};
    struct pp_profile sum;
    p->period = merger_scaled(p->period);
    base->period = merger_scaled(base->period);
    bool is_worth = is_worth_it(p, base), is_sum = is_worth && prepare(&s, arena);
    bool ok = is_sum && subtract(&s, &sum, err);
    pp_arena_done(&s.scratch);
    if (!is_sum) {
        if (is_worth) {
            builder_done(&s.m.b);
            merger_end(&s.m);
            merger_done(&s.m);
        } else {
            sum_samples(base, true);
        }
        const struct pp_profile both[2] = {*p, *base};
        return profile_merge(both, 2, p, arena, err);
    }
    if (!ok) return false;
    drop_nothing(&sum);
    if (!blank_unused(&sum)) return profile_merge(&sum, 1, p, arena, err);
    *p = sum;
    return true;
}
