/* A profile less its base for who only sums it up: the profile's own tables become the result's,
 * and the base's stacks that it does not have come behind its own. So nothing of it is copied, what
 * is made of each side can be made at once, and samples are looked up only where some may cancel
 * each other. */
#include "profile/merge.h"

#include "base/num.h"
#include "base/parallel.h"
#include "profile/merger.h"

enum {
    SHARES = 16, /* of a side's stacks */
    STACKS = 16, /* that are looked up together */
    SAMPLES = 32,
};

struct side {
    struct pp_profile *p;
    struct known_sums *labels; /* as the caller has them */
    struct known_sums *stacks; /* of each stack's frames in the result's tables */
};

struct subtraction {
    struct merger m;
    struct side source, base;
    bool never_cancel;
    struct pp_arena scratch;  /* of the base's tables, and what became of it */
    struct hash_index stacks; /* the profile's */
    uint32_t n_stacks;        /* of the profile: the base's come behind them */
    uint32_t *placed;         /* by stack of the base: the result's */
    struct pp_arena samples;  /* of these: */
    struct known_sums *keys;  /* by sample of the result, unless none cancel */
    size_t cap_keys;
    bool has_strings, has_tables; /* the profile's are those of a merge: no two entries are equal */
};

/* ---- samples ---- */

static bool same_labels(const struct side *side, uint32_t a, uint32_t b) {
    if (pp_labels_of(side->p, a) != pp_labels_of(side->p, b)) return false;
    const struct known_sums *sums = side->labels;
    return !sums || (sums[a].a == sums[b].a && sums[a].b == sums[b].b);
}

/* Those of one stack become one in place, if they follow each other with the same labels, and none
 * is nothing. With `is_minus` values change their sign, as profile_scale does it. */
static void sum_samples(const struct side *side, bool is_minus) {
    struct pp_profile *p = side->p;
    struct pp_arena scratch = {0};
    uint32_t *last = PP_NEW(&scratch, uint32_t, p->n_stacks); /* one more than its last sample */
    uint32_t n = 0, n_types = p->n_types;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t *values = p->values + (size_t)i * n_types;
        if (merger_is_nothing(values, n_types)) continue;
        for (uint32_t t = 0; is_minus && t < n_types; t++)
            values[t] = num_from_double(-(double)values[t]);
        uint32_t stack = p->sample_stack[i], row = last[stack];
        if (row && same_labels(side, row - 1, i)) {
            int64_t *sums = p->values + (size_t)(row - 1) * n_types;
            for (uint32_t t = 0; t < n_types; t++)
                sums[t] = num_add(sums[t], values[t]);
            continue;
        }
        p->sample_stack[n] = stack;
        if (p->sample_labels) p->sample_labels[n] = p->sample_labels[i];
        if (side->labels) side->labels[n] = side->labels[i];
        memmove(p->values + (size_t)n * n_types, values, n_types * sizeof *values);
        last[stack] = ++n;
    }
    p->n_samples = n;
    pp_arena_done(&scratch);
}

/* On its way into the result. */
struct arriving {
    uint32_t sample, labels; /* labels: in the result's tables */
    struct known_sums key;   /* stands for all that tells a sample from others */
};

static struct known_sums key_of(const struct side *side, const struct arriving *a) {
    struct known_sums k = known_mix(side->stacks[side->p->sample_stack[a->sample]], a->labels, 0);
    return side->labels ? known_mix_sums(k, side->labels[a->sample]) : known_mix(k, 0, 0);
}

/* The next samples that are not nothing. */
static uint32_t take_block(struct subtraction *s, const struct side *side, uint32_t *at,
                           struct arriving *block) {
    const struct pp_profile *p = side->p;
    uint32_t n = 0;
    for (; *at < p->n_samples && n < SAMPLES; ++*at) {
        if (merger_is_nothing(p->values + (size_t)*at * p->n_types, p->n_types)) continue;
        uint32_t labels = pp_labels_of(p, *at);
        if (side == &s->base) labels = merge_label_set(&s->m.tables, labels);
        block[n] = (struct arriving){.sample = *at, .labels = labels};
        if (!s->never_cancel) {
            block[n].key = key_of(side, &block[n]);
            index_prefetch(&s->m.samples, block[n].key.a);
        }
        n++;
    }
    return n;
}

static void expect_sample(const struct subtraction *s, const struct arriving *a) {
    struct index_probe i = index_probe(&s->m.samples, a->key.a);
    if (!index_next(&s->m.samples, &i)) return;
    __builtin_prefetch(&s->keys[i.position]);
    __builtin_prefetch(&s->m.b.p.values[(size_t)i.position * s->source.p->n_types], 1);
}

/* Whether there is such a sample, which takes these values then. If not, it is the next one. */
static bool adds_up(struct subtraction *s, const struct arriving *a, const int64_t *values) {
    const uint32_t n_types = s->source.p->n_types;
    struct pp_profile *sum = &s->m.b.p;
    for (struct index_probe i = index_probe(&s->m.samples, a->key.a);
         index_next(&s->m.samples, &i);) {
        if (s->keys[i.position].a != a->key.a || s->keys[i.position].b != a->key.b) continue;
        int64_t *sums = sum->values + (size_t)i.position * n_types;
        for (uint32_t t = 0; t < n_types; t++)
            sums[t] = num_add(sums[t], values[t]);
        return true;
    }
    s->keys[sum->n_samples] = a->key;
    index_add(&s->m.samples, a->key.a, sum->n_samples);
    return false;
}

/* Those of the profile itself stay in their own places, or come before them. */
static void add_samples(struct subtraction *s, const struct side *side) {
    const struct pp_profile *p = side->p;
    if (!s->never_cancel) {
        PP_RESERVE(&s->samples, s->keys, s->m.b.p.n_samples, s->cap_keys, p->n_samples);
        if (side == &s->source) index_reserve(&s->m.samples, p->n_samples);
    }
    struct arriving block[SAMPLES];
    for (uint32_t at = 0, n; (n = take_block(s, side, &at, block)) > 0;) {
        for (uint32_t i = 0; i < n && !s->never_cancel; i++)
            expect_sample(s, &block[i]);
        for (uint32_t i = 0; i < n; i++) {
            const struct arriving *a = &block[i];
            const int64_t *values = p->values + (size_t)a->sample * p->n_types;
            if (!s->never_cancel && adds_up(s, a, values)) continue;
            uint32_t stack = p->sample_stack[a->sample];
            builder_add_sample(&s->m.b, side == &s->base ? s->placed[stack] : stack, a->labels,
                               values, p->n_types);
        }
    }
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

/* The locations that samples have; NULL: none has any. */
static bool *used_locations(const struct pp_profile *p, struct pp_arena *scratch) {
    bool *stacks = PP_NEW(scratch, bool, p->n_stacks);
    bool *used = PP_NEW(scratch, bool, p->n_locations), any = false;
    uint32_t n_used = 0; /* before the first that is not */
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (!merger_is_nothing(p->values + (size_t)i * p->n_types, p->n_types))
            stacks[p->sample_stack[i]] = true;
    for (uint32_t i = 0; i < p->n_stacks && n_used < p->n_locations; i++) {
        struct pp_stack stack = p->stacks[i];
        if (!stacks[i] || !stack.len) continue;
        PP_WITH_FRAMES(p->frames, stack.first, frames,
                       for (uint32_t j = 0; j < stack.len; j++) used[pp_frame_in(frames, j)] =
                           true);
        while (n_used < p->n_locations && used[n_used])
            n_used++;
        any = true;
    }
    return any ? used : NULL;
}

/* Locations that no sample has become blank; false if that is all of them. */
static bool blank_unused(struct pp_profile *p) {
    struct pp_arena scratch = {0};
    const bool *used = used_locations(p, &scratch);
    for (uint32_t i = 0; used && i < p->n_locations; i++)
        if (!used[i]) p->locations[i] = (struct pp_location){.mapping = PP_NONE};
    pp_arena_done(&scratch);
    return used;
}

/* ---- entries that are one and look different ---- */

/* A merge keeps the mapping and the location that a sample has first. Here those of the profile's
 * tables are kept, also those that no sample of it has, and then the first of the base's tables. */

static bool same_flags(const struct pp_mapping *a, const struct pp_mapping *b) {
    return a->has_functions == b->has_functions && a->has_filenames == b->has_filenames &&
           a->has_line_numbers == b->has_line_numbers &&
           a->has_inline_frames == b->has_inline_frames;
}

/* Whether it matters which of the two is kept. */
static bool mapping_differs(const struct subtraction *s, uint32_t at) {
    const struct merge_tables *t = &s->m.tables;
    if (!t->source_mappings[at]) return false;
    const struct pp_mapping *m = &s->base.p->mappings[at];
    const struct pp_mapping *kept = &t->b->p.mappings[t->source_mappings[at] - 1];
    return m->start != kept->start || m->limit != kept->limit ||
           t->strings[m->file] - 1 != kept->file || t->strings[m->build_id] - 1 != kept->build_id ||
           !same_flags(m, kept);
}

static bool columns_differ(const struct subtraction *s, uint32_t at) {
    const struct pp_profile *sum = &s->m.b.p;
    const struct pp_location *l = &s->base.p->locations[at];
    const struct pp_location *kept = &sum->locations[s->m.tables.source_locations[at] - 1];
    for (uint32_t i = 0; i + 1 < l->n_lines; i++)
        if (pp_line_at(s->base.p, l->first_line + i).column !=
            pp_line_at(sum, kept->first_line + i).column)
            return true;
    return false;
}

/* Whether one is kept that a merge does not keep. `differs`: mappings of the base. */
static bool keeps_others(const struct subtraction *s, const bool *differs,
                         struct pp_arena *scratch) {
    const struct pp_profile *p = s->source.p, *base = s->base.p;
    const struct merge_tables *t = &s->m.tables;
    const bool *used = used_locations(p, scratch);
    bool *used_mappings = PP_NEW(scratch, bool, s->m.b.p.n_mappings);
    if (p->n_mappings) used_mappings[0] = true; /* a first mapping is kept in any case */
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (used && used[i] && p->locations[i].mapping != PP_NONE)
            used_mappings[p->locations[i].mapping] = true;
    for (uint32_t i = 0; i < base->n_locations; i++) {
        uint32_t kept = t->source_locations[i] - 1, mapping = base->locations[i].mapping;
        if (kept < p->n_locations && used && used[kept]) continue;
        if (columns_differ(s, i)) return true;
        if (mapping != PP_NONE && differs[mapping] &&
            !used_mappings[t->source_mappings[mapping] - 1])
            return true;
    }
    return false;
}

static bool is_as_merged(const struct subtraction *s) {
    struct pp_arena scratch = {0};
    const struct pp_profile *base = s->base.p;
    bool *differs = PP_NEW(&scratch, bool, base->n_mappings);
    bool any = base->n_places || s->source.p->n_places; /* only they have columns */
    for (uint32_t i = 0; i < base->n_mappings; i++)
        any |= differs[i] = mapping_differs(s, i);
    bool is_same = !any || !keeps_others(s, differs, &scratch);
    pp_arena_done(&scratch);
    return is_same;
}

/* ---- stacks, of which each share is read by itself ---- */

struct share {
    struct pp_arena scratch;
    uint32_t *frames; /* of the stack at hand */
    size_t cap;
};

/* A stack's frames in the result's tables: `merged`, one more than each; NULL: as they are. */
static void read_frames(const struct pp_profile *p, struct pp_stack stack, const uint32_t *merged,
                        uint32_t *to) {
    if (merged)
        PP_WITH_FRAMES(p->frames, stack.first, from,
                       for (uint32_t i = 0; i < stack.len; i++) to[i] =
                           merged[pp_frame_in(from, i)] - 1);
    else
        PP_WITH_FRAMES(p->frames, stack.first, from,
                       for (uint32_t i = 0; i < stack.len; i++) to[i] = pp_frame_in(from, i));
}

static uint32_t first_of_share(const struct pp_profile *p, size_t share) {
    return (uint32_t)((uint64_t)p->n_stacks * share / SHARES);
}

static struct known_sums sums_of_stack(struct share *share, const struct pp_profile *p,
                                       struct pp_stack stack, const uint32_t *merged) {
    PP_RESERVE(&share->scratch, share->frames, 0, share->cap, stack.len);
    read_frames(p, stack, merged, share->frames);
    struct pp_str bytes = {(const char *)share->frames, stack.len * sizeof *share->frames};
    return known_mix_bytes(known_begin(0), bytes);
}

static uint32_t find_stack(const struct subtraction *s, struct known_sums sums) {
    for (struct index_probe i = index_probe(&s->stacks, sums.a); index_next(&s->stacks, &i);) {
        struct known_sums have = s->source.stacks[i.position];
        if (have.a == sums.a && have.b == sums.b) return i.position;
    }
    return PP_NONE;
}

static void expect_stack(const struct subtraction *s, struct known_sums sums) {
    struct index_probe likely = index_probe(&s->stacks, sums.a);
    if (index_next(&s->stacks, &likely)) __builtin_prefetch(&s->source.stacks[likely.position]);
}

/* Which of the profile's some stacks of the base are. */
static void find_stacks(struct subtraction *s, uint32_t first, uint32_t end) {
    const struct known_sums *sums = s->base.stacks;
    for (uint32_t i = first; i < end; i++)
        expect_stack(s, sums[i]);
    for (uint32_t i = first; i < end; i++)
        s->placed[i] = find_stack(s, sums[i]);
}

static void read_stacks(struct subtraction *s, const struct side *side, size_t share_no) {
    struct share share = {0};
    const struct pp_profile *p = side->p;
    bool is_base = side == &s->base;
    const uint32_t *merged = is_base ? s->m.tables.source_locations : NULL;
    uint32_t at = first_of_share(p, share_no), end = first_of_share(p, share_no + 1);
    for (uint32_t i = at; i < end; i++) {
        side->stacks[i] = sums_of_stack(&share, p, p->stacks[i], merged);
        if (is_base) index_prefetch(&s->stacks, side->stacks[i].a);
        if (is_base && (i + 1 - at == STACKS || i + 1 == end)) {
            find_stacks(s, at, i + 1);
            at = i + 1;
        }
    }
    pp_arena_done(&share.scratch);
}

/* Those that the profile does not have come behind its own, as yet without their frames. */
static void place_new_stacks(struct subtraction *s) {
    const struct pp_profile *base = s->base.p;
    struct pp_profile *sum = &s->m.b.p;
    uint32_t n = 0, n_frames = 0;
    for (uint32_t i = 0; i < base->n_stacks; i++)
        if (s->placed[i] == PP_NONE) {
            n++;
            n_frames += base->stacks[i].len;
        }
    builder_reserve_stacks(&s->m.b, n, n_frames, sum->n_locations);
    for (uint32_t i = 0; i < base->n_stacks; i++)
        if (s->placed[i] == PP_NONE) {
            s->placed[i] = sum->n_stacks;
            sum->stacks[sum->n_stacks++] = (struct pp_stack){sum->n_frames, base->stacks[i].len};
            sum->n_frames += base->stacks[i].len;
        }
}

static void copy_new_stacks(const struct subtraction *s, size_t share_no) {
    const struct pp_profile *base = s->base.p, *sum = &s->m.b.p;
    const uint32_t *merged = s->m.tables.source_locations;
    uint32_t end = first_of_share(base, share_no + 1);
    for (uint32_t i = first_of_share(base, share_no); i < end; i++) {
        if (s->placed[i] < s->n_stacks) continue;
        uint32_t from = base->stacks[i].first;
        struct pp_stack to = sum->stacks[s->placed[i]];
        PP_WITH_FRAMES(sum->frames, to.first, frames,
                       for (uint32_t j = 0; j < to.len; j++)
                           pp_frame_put(frames, j, merged[pp_frame(base, from + j)] - 1));
    }
}

static void index_stacks(struct subtraction *s) {
    uint32_t n = s->source.p->n_stacks;
    index_reserve(&s->stacks, n);
    for (uint32_t i = 0; i < n; i++) {
        if (i + STACKS < n) index_prefetch(&s->stacks, s->source.stacks[i + STACKS].a);
        index_add(&s->stacks, s->source.stacks[i].a, i);
    }
}

/* ---- the whole ---- */

enum { STRINGS, TABLES, N_TABLES };

/* What needs nothing of the other side but strings. */
static void prepare_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    struct merge_tables *t = &s->m.tables;
    if (part == STRINGS) {
        s->has_strings = merge_strings_adopt(t, s->source.p);
        if (s->has_strings) merge_function_names(t);
    } else if (part == TABLES) {
        s->has_tables = merge_tables_adopt(t);
    } else {
        read_stacks(s, &s->source, part - N_TABLES);
    }
}

static void meet_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    if (part == 0)
        merge_all_locations(&s->m.tables);
    else
        index_stacks(s);
}

enum { OWN_SAMPLES, BASE_SAMPLES, N_SAMPLES };

/* What changes the samples, each side's by itself, and which of the base's stacks are known. */
static void find_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    if (part == BASE_SAMPLES) {
        sum_samples(&s->base, true);
    } else if (part != OWN_SAMPLES) {
        read_stacks(s, &s->base, part - N_SAMPLES);
    } else {
        sum_samples(&s->source, false);
        if (s->never_cancel)
            s->m.b.p.n_samples = s->source.p->n_samples;
        else
            add_samples(s, &s->source);
    }
}

static void add_part(void *user, unsigned worker, size_t part) {
    (void)worker;
    struct subtraction *s = user;
    if (part == 0)
        add_samples(s, &s->base);
    else
        copy_new_stacks(s, part - 1);
}

static bool fits(uint32_t a, uint32_t b) {
    return b < PP_FAR_PLACE && a < PP_FAR_PLACE - b;
}

/* Tables of which hardly anything is used are not worth it. */
static bool is_used(const struct pp_profile *p) {
    return (uint64_t)p->n_frames + p->n_samples >= p->n_locations;
}

/* A first mapping comes first. */
static bool is_worth_it(const struct pp_profile *p, const struct pp_profile *base) {
    return is_used(p) && is_used(base) && (p->n_mappings || !base->n_mappings) &&
           fits(p->n_strings, base->n_strings) && fits(p->n_locations, base->n_locations) &&
           fits(p->n_lines, base->n_lines) && fits(p->n_functions, base->n_functions) &&
           fits(p->n_mappings, base->n_mappings) && fits(p->n_stacks, base->n_stacks) &&
           fits(p->n_frames, base->n_frames) && fits(p->n_samples, base->n_samples) &&
           fits(p->n_labels, base->n_labels);
}

/* Its tables stand where they have grown to. */
static void give_back(struct pp_profile *p, const struct profile_builder *b) {
    p->strings = b->strings.strings;
    p->mappings = b->p.mappings;
    p->functions = b->p.functions;
    p->locations = b->p.locations;
    p->lines = b->p.lines;
    p->places = b->p.places;
}

/* Makes the tables of both sides one. False: the profile's are not those of a merge, or the base
 * needs others; samples are as they were. */
static bool prepare(struct subtraction *s, struct pp_arena *arena) {
    struct pp_profile *p = s->source.p, *base = s->base.p;
    struct merger *m = &s->m;
    builder_adopt(&m->b, p, arena);
    interner_init(&m->comments, &m->kept);
    m->tables.b = &m->b;
    merge_tables_begin(&m->tables, base, &s->scratch);
    s->source.stacks = PP_NEW(&s->scratch, struct known_sums, p->n_stacks);
    s->base.stacks = PP_NEW(&s->scratch, struct known_sums, base->n_stacks);
    s->placed = PP_NEW(&s->scratch, uint32_t, base->n_stacks);
    s->n_stacks = p->n_stacks;
    parallel_run(parallel_width(N_TABLES + SHARES, 0), N_TABLES + SHARES, prepare_part, s);
    bool ok = s->has_strings && s->has_tables;
    if (ok) parallel_run(parallel_width(2, 0), 2, meet_part, s);
    give_back(p, &m->b);
    return ok && is_as_merged(s);
}

static void take_header(struct merger *m, const struct pp_profile *p) {
    struct pp_profile scaled = *p;
    scaled.period = merger_scaled(p->period);
    m->src = &scaled;
    merger_header(m);
    m->src = NULL;
}

static void subtract(struct subtraction *s) {
    struct merger *m = &s->m;
    take_header(m, s->source.p);
    take_header(m, s->base.p);
    parallel_run(parallel_width(N_SAMPLES + SHARES, 0), N_SAMPLES + SHARES, find_part, s);
    place_new_stacks(s);
    parallel_run(parallel_width(1 + SHARES, 0), 1 + SHARES, add_part, s);
}

bool profile_subtract(struct pp_profile *p, struct pp_profile *base,
                      const struct told_apart *samples, struct pp_arena *arena) {
    if (!is_worth_it(p, base)) return false;
    struct subtraction s = {.source = {.p = p, .labels = samples->source},
                            .base = {.p = base, .labels = samples->base},
                            .never_cancel = samples->never_cancel};
    struct pp_profile sum;
    bool ok = prepare(&s, arena);
    if (ok) subtract(&s);
    index_done(&s.stacks);
    merger_done(&s.m);
    if (ok)
        ok = builder_finish(&s.m.b, &sum, NULL);
    else
        builder_done(&s.m.b);
    pp_arena_done(&s.scratch);
    pp_arena_done(&s.samples);
    if (!ok) return false;
    if (!s.never_cancel) drop_nothing(&sum);
    if (!blank_unused(&sum)) return profile_merge(&sum, 1, p, arena, NULL);
    *p = sum;
    return true;
}
