#include "profile/merge.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/parallel.h"
#include "profile/builder.h"
#include "profile/merge_keys.h"
#include "profile/merge_tables.h"

#include <stdlib.h>

struct merger {
    struct profile_builder b;
    struct merge_tables tables;
    struct hash_index samples;
    struct known known;            /* stacks, by the keys of their sources */
    uint32_t n_asked, n_found;     /* keys; of the last some thousands */
    bool keys_are_vain;            /* too few were found */
    const struct pp_profile *src;  /* the source at hand */
    bool adopts;                   /* whose tables are the merged ones */
    bool is_mapped;                /* all its locations are known */
    const struct merge_keys *keys; /* of its stacks, or NULL */
    uint32_t *stacks;              /* what became of them; one more, 0 is unknown */
    struct pp_arena scratch;       /* lives as long as one source */
    uint32_t *frames;
    size_t cap_frames;

    struct pp_arena kept; /* lives as long as the merger */
    struct interner comments;
    bool empty_comment;
    size_t n_sources;
    int64_t signs; /* negative: a value or a sum was, or ran over */
};

/* A sample on its way from its source. */
struct merging {
    uint64_t hash;          /* of its stack, then of the sample */
    struct pp_stack frames; /* in the merger's frames[], where the stack is not known */
    uint32_t sample, stack, labels;
    uint32_t likely; /* a stack that is like its own, or PP_NONE */
};

static bool is_zero(const int64_t *values, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (values[i]) return false;
    return true;
}

/* Samples are merged some at a time: the tables are larger than any cache, so what is looked up for
 * one comes from memory while others are looked at. */
enum { BLOCK = 32, BLOCK_FRAMES = 1 << 14 };

static uint32_t *stack_of(struct merger *m, const struct merging *w) {
    return &m->stacks[m->src->sample_stack[w->sample]];
}

static struct known_key key_of(const struct merger *m, const struct merging *w) {
    return m->keys->stacks[m->src->sample_stack[w->sample]];
}

/* The next samples that are not nothing. */
static uint32_t take_block(struct merger *m, uint32_t *at, struct merging *block) {
    const struct pp_profile *src = m->src;
    uint32_t n = 0, n_frames = 0;
    while (*at < src->n_samples && n < BLOCK && n_frames < BLOCK_FRAMES) {
        uint32_t i = (*at)++;
        if (is_zero(src->values + (size_t)i * src->n_types, src->n_types)) continue;
        block[n] = (struct merging){.sample = i, .likely = PP_NONE};
        if (m->keys) known_expect(&m->known, key_of(m, &block[n]));
        n_frames += src->stacks[src->sample_stack[i]].len;
        n++;
    }
    return n;
}

/* One more than the stack; 0 is unknown. */
static uint32_t known_stack(struct merger *m, const struct merging *w) {
    uint32_t found = known_find(&m->known, key_of(m, w)) + 1;
    m->n_asked++;
    m->n_found += found != 0;
    return found;
}

static void map_new_locations(struct merger *m, const struct merging *block, uint32_t n) {
    static const uint32_t IS_NEXT = UINT32_MAX;
    uint32_t next[MERGE_LOCATIONS];
    size_t n_next = 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct merging *w = &block[i];
        if (*stack_of(m, w)) continue;
        struct pp_stack stack = m->src->stacks[m->src->sample_stack[w->sample]];
        for (uint32_t j = 0; j < stack.len; j++) {
            uint32_t at = pp_frame(m->src, stack.first + j);
            if (m->tables.source_locations[at]) continue;
            m->tables.source_locations[at] = IS_NEXT;
            next[n_next++] = at;
            if (n_next == MERGE_LOCATIONS) merge_locations(&m->tables, next, n_next);
            n_next %= MERGE_LOCATIONS;
        }
    }
    merge_locations(&m->tables, next, n_next);
}

/* The frames of a sample, after those of the samples before it. */
static void map_frames(struct merger *m, struct merging *w, uint32_t n_frames) {
    struct pp_stack stack = m->src->stacks[m->src->sample_stack[w->sample]];
    PP_RESERVE(&m->scratch, m->frames, n_frames, m->cap_frames, stack.len);
    uint32_t *frames = m->frames + n_frames;
    for (uint32_t i = 0; i < stack.len; i++)
        frames[i] = pp_frame(m->src, stack.first + i);
    for (uint32_t i = 0; !m->adopts && i < stack.len; i++)
        frames[i] = m->tables.source_locations[frames[i]] - 1;
    w->frames = (struct pp_stack){n_frames, stack.len};
    w->hash = builder_stack_hash(frames, stack.len);
}

/* What their frames, where those are not known by their key, and their labels are. */
static void map_block(struct merger *m, struct merging *block, uint32_t n) {
    uint32_t n_frames = 0;
    for (uint32_t i = 0; m->keys && i < n; i++) {
        uint32_t *stack = stack_of(m, &block[i]);
        if (!*stack) *stack = known_stack(m, &block[i]);
    }
    if (!m->is_mapped) map_new_locations(m, block, n);
    for (uint32_t i = 0; i < n; i++) {
        struct merging *w = &block[i];
        if (!*stack_of(m, w)) {
            map_frames(m, w, n_frames);
            n_frames += w->frames.len;
            index_prefetch(&m->b.stacks, w->hash);
        }
        w->labels = pp_labels_of(m->src, w->sample);
        if (!m->adopts) w->labels = merge_label_set(&m->tables, w->labels);
    }
}

static void add_stack(struct merger *m, const struct merging *w) {
    const uint32_t *frames = m->frames + w->frames.first;
    uint32_t n = w->frames.len;
    uint32_t stack = m->adopts
                         ? builder_adopt_stack(&m->b, m->src->sample_stack[w->sample], w->hash,
                                               frames, n)
                         : builder_hashed_stack(&m->b, w->hash, frames, n);
    if (m->keys) known_put(&m->known, key_of(m, w), stack);
    *stack_of(m, w) = stack + 1;
}

static void find_stacks(struct merger *m, struct merging *block, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (!*stack_of(m, &block[i])) block[i].likely = builder_expect_stack(&m->b, block[i].hash);
    for (uint32_t i = 0; i < n; i++)
        builder_expect_frames(&m->b, block[i].likely);
    for (uint32_t i = 0; i < n; i++) {
        struct merging *w = &block[i];
        if (!*stack_of(m, w)) add_stack(m, w);
        w->stack = *stack_of(m, w) - 1;
        w->hash = hash_word(hash_seed(), (uint64_t)w->stack << 32 | w->labels);
        index_prefetch(&m->samples, w->hash);
    }
}

static void expect_sample(const struct merger *m, const struct merging *w) {
    const struct pp_profile *p = &m->b.p;
    struct index_probe i = index_probe(&m->samples, w->hash);
    if (!index_next(&m->samples, &i)) return;
    __builtin_prefetch(&p->sample_stack[i.position]);
    if (p->sample_labels) __builtin_prefetch(&p->sample_labels[i.position]);
    __builtin_prefetch(&p->values[(size_t)i.position * m->src->n_types], 1);
}

static void merge_sample(struct merger *m, const struct merging *w) {
    struct pp_profile *p = &m->b.p;
    const uint32_t n = m->src->n_types;
    const int64_t *values = m->src->values + (size_t)w->sample * n;
    for (struct index_probe i = index_probe(&m->samples, w->hash); index_next(&m->samples, &i);) {
        if (p->sample_stack[i.position] != w->stack || pp_labels_of(p, i.position) != w->labels)
            continue;
        int64_t *sum = p->values + (size_t)i.position * n;
        for (uint32_t t = 0; t < n; t++) {
            sum[t] = num_add(sum[t], values[t]);
            m->signs |= sum[t] | values[t];
        }
        return;
    }
    for (uint32_t t = 0; t < n; t++)
        m->signs |= values[t];
    index_add(&m->samples, w->hash, p->n_samples);
    builder_add_sample(&m->b, w->stack, w->labels, values, n);
}

static void merge_block(struct merger *m, uint32_t *at) {
    struct merging block[BLOCK];
    uint32_t n = take_block(m, at, block);
    map_block(m, block, n);
    find_stacks(m, block, n);
    for (uint32_t i = 0; i < n; i++)
        expect_sample(m, &block[i]);
    for (uint32_t i = 0; i < n; i++)
        merge_sample(m, &block[i]);
}

static void merge_samples(struct merger *m) {
    m->stacks = PP_NEW(&m->scratch, uint32_t, m->src->n_stacks);
    for (uint32_t at = 0; at < m->src->n_samples;)
        merge_block(m, &at);
}

/* ---- headers ---- */

static uint32_t add_text(struct merger *m, uint32_t string) {
    return builder_string(&m->b, pp_string(m->src, string));
}

/* Each text once. */
static void add_comments(struct merger *m) {
    for (uint32_t c = 0; c < m->src->n_comments; c++) {
        struct pp_str text = pp_string(m->src, m->src->comments[c]);
        uint32_t before = m->comments.n;
        bool fresh = intern(&m->comments, text) == before || (!text.len && !m->empty_comment);
        if (!text.len) m->empty_comment = true;
        if (fresh) builder_add_comment(&m->b, builder_string(&m->b, text));
    }
}

/* What the reference calls combineHeaders. The earliest time wins, but a 0 among the later ones
 * starts the search again, so the result depends on the order of the sources. */
static void merge_header(struct merger *m) {
    const struct pp_profile *s = m->src;
    struct pp_profile *p = &m->b.p;
    if (p->time_nanos == 0 || s->time_nanos < p->time_nanos) p->time_nanos = s->time_nanos;
    p->duration_nanos = num_add(p->duration_nanos, s->duration_nanos);
    if (p->period == 0 || p->period < s->period) p->period = s->period;
    add_comments(m);
    if (!p->default_sample_type) p->default_sample_type = add_text(m, s->default_sample_type);
    if (!p->doc_url) p->doc_url = add_text(m, s->doc_url);
    if (m->n_sources++) return;
    for (uint32_t t = 0; t < s->n_types; t++)
        builder_add_type(&m->b, add_text(m, s->sample_types[t].type),
                         add_text(m, s->sample_types[t].unit));
    p->drop_frames = add_text(m, s->drop_frames);
    p->keep_frames = add_text(m, s->keep_frames);
    p->period_type.type = add_text(m, s->period_type.type);
    p->period_type.unit = add_text(m, s->period_type.unit);
}

/* ---- the whole ---- */

static void merger_init(struct merger *m, struct pp_arena *arena) {
    *m = (struct merger){0};
    builder_init(&m->b, arena);
    m->tables.b = &m->b;
    interner_init(&m->comments, &m->kept);
}

/* Where most stacks are new, looking up their keys is in vain. */
static void judge_keys(struct merger *m) {
    enum { TRIAL = 1 << 16 };
    if (m->n_asked < TRIAL) return;
    m->keys_are_vain = m->n_found < m->n_asked / 4;
    m->n_asked = m->n_found = 0;
    if (m->keys_are_vain) known_done(&m->known);
}

/* The source stays the one at hand. */
static void merger_begin(struct merger *m, const struct pp_profile *source,
                         const struct merge_keys *keys) {
    m->src = source;
    m->keys = keys && !m->keys_are_vain && merge_keys_hold(keys, source) ? keys : NULL;
    merge_header(m);
    merge_tables_begin(&m->tables, source, &m->scratch);
    merge_samples(m);
}

static void merger_end(struct merger *m) {
    pp_arena_done(&m->scratch);
    m->frames = NULL;
    m->cap_frames = 0;
}

static void merger_add(struct merger *m, const struct pp_profile *source,
                       const struct merge_keys *keys) {
    merger_begin(m, source, keys);
    if (m->keys) judge_keys(m);
    merger_end(m);
}

/* What the stacks of the source at hand have become, by keys that were made meanwhile. */
static void learn_keys(struct merger *m, const struct merge_keys *keys) {
    for (uint32_t i = 0; i < m->src->n_stacks; i++)
        if (m->stacks[i]) known_put(&m->known, keys->stacks[i], m->stacks[i] - 1);
}

static void merger_done(struct merger *m) {
    merge_tables_done(&m->tables);
    index_done(&m->samples);
    known_done(&m->known);
    interner_done(&m->comments);
    pp_arena_done(&m->kept);
}

static bool merger_finish(struct merger *m, struct pp_profile *ret_merged, struct pp_error *err) {
    struct pp_arena *arena = m->b.arena;
    struct pp_profile merged;
    merger_done(m);
    if (!builder_finish(&m->b, &merged, err)) return false;
    for (uint32_t i = 0; i < merged.n_samples; i++)
        if (is_zero(merged.values + (size_t)i * merged.n_types, merged.n_types))
            return profile_merge(&merged, 1, ret_merged, arena, err);
    *ret_merged = merged;
    return true;
}

static bool same_type(const struct pp_profile *a, struct pp_value_type ta,
                      const struct pp_profile *b, struct pp_value_type tb) {
    return pp_str_eq(pp_string(a, ta.type), pp_string(b, tb.type)) &&
           pp_str_eq(pp_string(a, ta.unit), pp_string(b, tb.unit));
}

static bool check_compatible(const struct pp_profile *a, const struct pp_profile *b,
                             struct pp_error *err) {
    if (!same_type(a, a->period_type, b, b->period_type))
        return pp_fail(err, PP_E_INCOMPATIBLE, "the profiles have different period types");
    bool same = a->n_types == b->n_types;
    for (uint32_t t = 0; same && t < a->n_types; t++)
        same = same_type(a, a->sample_types[t], b, b->sample_types[t]);
    return same || pp_fail(err, PP_E_INCOMPATIBLE, "the profiles have different sample types");
}

/* Two large sources, of which the second one's stacks may be the first one's: keys are made while
 * the first one is merged. */
struct two {
    struct merger *m;
    const struct pp_profile *sources;
    struct merge_keys keys[2];
    struct pp_arena arena; /* of the keys */
};

static void begin_two(void *user, unsigned worker, size_t task) {
    (void)worker;
    struct two *two = user;
    if (task == 0)
        merger_begin(two->m, &two->sources[0], NULL);
    else
        for (int i = 0; i < 2; i++)
            merge_keys_make(&two->sources[i], &two->keys[i], &two->arena);
}

static void merge_two(struct merger *m, const struct pp_profile *sources) {
    struct two two = {.m = m, .sources = sources};
    parallel_run(parallel_width(2, 0), 2, begin_two, &two);
    learn_keys(m, &two.keys[0]);
    merger_end(m);
    merger_add(m, &sources[1], &two.keys[1]);
    pp_arena_done(&two.arena);
}

bool profile_merge(const struct pp_profile *sources, size_t n, struct pp_profile *ret_merged,
                   struct pp_arena *arena, struct pp_error *err) {
    enum { LARGE = 1 << 12 }; /* stacks */
    for (size_t i = 1; i < n; i++)
        if (!check_compatible(&sources[0], &sources[i], err)) return false;
    struct merger m;
    merger_init(&m, arena);
    merge_tables_reserve(&m.tables, &sources[0]);
    if (n == 2 && sources[0].n_stacks >= LARGE && sources[1].n_stacks >= LARGE)
        merge_two(&m, sources);
    else
        for (size_t i = 0; i < n; i++)
            merger_add(&m, &sources[i], NULL);
    return merger_finish(&m, ret_merged, err);
}

/* As scaling it by 1 does. */
static int64_t as_scaled(int64_t period) {
    return num_from_double((double)period);
}

/* ---- a sum whose tables need no order ---- */

/* Two on their way to a sum that has the first one's tables. */
struct adding {
    struct merger *m;
    struct pp_profile *p, *minus;
    struct pp_arena scratch; /* of the second one's tables */
    bool are_distinct;       /* no two entries of the first one's are equal */
};

/* Samples of one stack become one in place, if they come with the same labels, and none is nothing.
 * With `is_minus` values change their sign, as profile_scale does it. */
static void sum_samples(struct pp_profile *p, bool is_minus) {
    struct pp_arena scratch = {0};
    uint32_t *last = PP_NEW(&scratch, uint32_t, p->n_stacks); /* one more than its last sample */
    uint32_t n = 0, n_types = p->n_types;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t *values = p->values + (size_t)i * n_types;
        if (is_zero(values, n_types)) continue;
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

static void add_part(void *user, unsigned worker, size_t task) {
    (void)worker;
    struct adding *a = user;
    struct merger *m = a->m;
    if (task == 0) {
        a->are_distinct = merge_tables_adopt(&m->tables, a->p);
        if (!a->are_distinct) return;
        merge_tables_begin(&m->tables, a->minus, &a->scratch);
        merge_all_locations(&m->tables);
    } else {
        sum_samples(a->p, false);
        merge_samples(m);
        sum_samples(a->minus, true);
    }
}

/* The first one stays where it is, and its samples are summed up in their own place. False: its
 * tables are not those of a merge. */
static bool merger_adopt(struct adding *a, struct pp_arena *arena) {
    struct merger *m = a->m;
    *m = (struct merger){.src = a->p, .adopts = true, .is_mapped = true};
    builder_adopt(&m->b, a->p, arena);
    m->tables.b = &m->b;
    interner_init(&m->comments, &m->kept);
    index_reserve(&m->b.stacks, a->p->n_stacks);
    parallel_run(parallel_width(2, 0), 2, add_part, a);
    a->p->n_samples = m->b.p.n_samples;
    if (a->are_distinct) merge_header(m);
    merger_end(m);
    return a->are_distinct;
}

static void drop_zeros(struct pp_profile *p) {
    uint32_t n = 0, n_types = p->n_types;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        const int64_t *values = p->values + (size_t)i * n_types;
        if (is_zero(values, n_types)) continue;
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
    bool *locations = PP_NEW(&scratch, bool, p->n_locations), any = false;
    for (uint32_t i = 0; i < p->n_samples; i++)
        stacks[p->sample_stack[i]] = true;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        for (uint32_t j = 0; stacks[i] && j < p->stacks[i].len; j++)
            locations[pp_frame(p, p->stacks[i].first + j)] = any = true;
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (!locations[i]) p->locations[i] = (struct pp_location){.mapping = PP_NONE};
    pp_arena_done(&scratch);
    return any;
}

static bool add_second(struct adding *a, struct pp_profile *ret_sum, struct pp_error *err) {
    struct merger *m = a->m;
    m->adopts = false;
    m->src = a->minus;
    merge_header(m);
    merge_samples(m);
    merger_end(m);
    merger_done(m);
    return builder_finish(&m->b, ret_sum, err);
}

bool profile_subtract(struct pp_profile *p, struct pp_profile *base, struct pp_arena *arena,
                      struct pp_error *err) {
    struct merger m;
    struct pp_profile sum;
    struct adding a = {.m = &m, .p = p, .minus = base};
    p->period = as_scaled(p->period);
    base->period = as_scaled(base->period);
    bool is_sum = merger_adopt(&a, arena), ok = is_sum && add_second(&a, &sum, err);
    pp_arena_done(&a.scratch);
    if (!is_sum) {
        builder_done(&m.b);
        merger_done(&m);
        const struct pp_profile both[2] = {*p, *base};
        return profile_merge(both, 2, p, arena, err);
    }
    if (!ok) return false;
    drop_zeros(&sum);
    if (!blank_unused(&sum)) return profile_merge(&sum, 1, p, arena, err);
    *p = sum;
    return true;
}

/* ---- one source at a time ---- */

struct merge_stream {
    struct merger merger;
    struct pp_arena arena;
    struct pp_profile types; /* no more than the types of the first source */
};

struct merge_stream *merge_open(struct pp_arena *arena) {
    struct merge_stream *m = pp_malloc(sizeof *m);
    *m = (struct merge_stream){0};
    merger_init(&m->merger, arena);
    return m;
}

static struct pp_value_type keep_type(struct merge_stream *m, const struct pp_profile *p,
                                      struct pp_value_type type, uint32_t at) {
    m->types.strings[at] = pp_arena_copy(&m->arena, pp_string(p, type.type));
    m->types.strings[at + 1] = pp_arena_copy(&m->arena, pp_string(p, type.unit));
    return (struct pp_value_type){at, at + 1};
}

static void keep_types(struct merge_stream *m, const struct pp_profile *p) {
    m->types.n_types = p->n_types;
    m->types.n_strings = 2 * p->n_types + 2;
    m->types.strings = PP_NEW(&m->arena, struct pp_str, m->types.n_strings);
    m->types.sample_types = PP_NEW(&m->arena, struct pp_value_type, p->n_types);
    m->types.period_type = keep_type(m, p, p->period_type, 0);
    for (uint32_t t = 0; t < p->n_types; t++)
        m->types.sample_types[t] = keep_type(m, p, p->sample_types[t], 2 * t + 2);
}

static bool types_are_distinct(const struct pp_profile *p) {
    for (uint32_t t = 0; t < p->n_types; t++)
        for (uint32_t u = 0; u < t; u++)
            if (pp_str_eq(pp_string(p, p->sample_types[t].type),
                          pp_string(p, p->sample_types[u].type)))
                return false;
    return p->n_types > 0;
}

enum { MANY_TYPES = 64 }; /* more than a profile has; comparing each with each stays cheap */

bool merge_alike(const struct pp_profile *a, const struct pp_profile *b) {
    return a->n_types <= MANY_TYPES && types_are_distinct(a) && check_compatible(a, b, NULL);
}

bool merge_takes(const struct merge_stream *m, const struct pp_profile *source) {
    return merge_alike(&m->types, source);
}

bool merge_has_zeros(const struct merge_stream *m) {
    const struct pp_profile *p = &m->merger.b.p;
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (is_zero(p->values + (size_t)i * p->n_types, p->n_types)) return true;
    return false;
}

bool merge_wants_keys(const struct merge_stream *m) {
    return !m->merger.keys_are_vain;
}

bool merge_may_cancel(const struct merge_stream *m) {
    return m->merger.signs < 0;
}

void merge_add(struct merge_stream *m, const struct pp_profile *source,
               const struct merge_keys *keys) {
    if (m->merger.n_sources == 0) keep_types(m, source);
    struct pp_profile p = *source;
    p.period = as_scaled(p.period);
    merger_add(&m->merger, &p, keys);
}

bool merge_close(struct merge_stream *m, struct pp_profile *ret_merged, struct pp_error *err) {
    bool ok = merger_finish(&m->merger, ret_merged, err);
    pp_arena_done(&m->arena);
    pp_free(m);
    return ok;
}

void merge_give_up(struct merge_stream *m) {
    if (!m) return;
    builder_done(&m->merger.b);
    merger_done(&m->merger);
    pp_arena_done(&m->arena);
    pp_free(m);
}
