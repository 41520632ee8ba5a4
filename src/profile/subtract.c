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

/* Those of one stack become one in place, if they come with the same labels, and none is nothing.
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
            for (uint32_t t = 0; t < n_types; t++)
                sums[t] = num_add(sums[t], values[t]);
            continue;
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

/* Locations that no sample has become blank; false if that is all of them. */
static bool blank_unused(struct pp_profile *p) {
    struct pp_arena scratch = {0};
    bool *stacks = PP_NEW(&scratch, bool, p->n_stacks);
    bool *used = PP_NEW(&scratch, bool, p->n_locations);
    uint32_t n_used = 0;
    for (uint32_t i = 0; i < p->n_samples; i++)
        stacks[p->sample_stack[i]] = true;
    for (uint32_t i = 0; i < p->n_stacks && n_used < p->n_locations; i++)
        for (uint32_t j = 0; stacks[i] && j < p->stacks[i].len; j++) {
            uint32_t location = pp_frame(p, p->stacks[i].first + j);
            n_used += !used[location];
            used[location] = true;
        }
    for (uint32_t i = 0; n_used < p->n_locations && i < p->n_locations; i++)
        if (!used[i]) p->locations[i] = (struct pp_location){.mapping = PP_NONE};
    pp_arena_done(&scratch);
    return n_used > 0;
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
 * merge. */
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
    return s->has_strings && s->has_tables;
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
