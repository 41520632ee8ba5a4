#include "profile/merger.h"

#include "base/hash.h"
#include "base/num.h"
#include "profile/merge.h"

/* A sample on its way from its source. */
struct merging {
    uint64_t hash;          /* of its stack, then of the sample */
    struct pp_stack frames; /* in the merger's frames[], where the stack is not known */
    uint32_t sample, stack, labels;
    uint32_t likely; /* a stack that is like its own, or PP_NONE */
};

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
        if (merger_is_nothing(src->values + (size_t)i * src->n_types, src->n_types)) continue;
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
        frames[i] = m->tables.source_locations[pp_frame(m->src, stack.first + i)] - 1;
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
    map_new_locations(m, block, n);
    for (uint32_t i = 0; i < n; i++) {
        struct merging *w = &block[i];
        if (!*stack_of(m, w)) {
            map_frames(m, w, n_frames);
            n_frames += w->frames.len;
            index_prefetch(&m->b.stacks, w->hash);
        }
        w->labels = merge_label_set(&m->tables, pp_labels_of(m->src, w->sample));
    }
}

static void add_stack(struct merger *m, const struct merging *w) {
    const uint32_t *frames = m->frames + w->frames.first;
    uint32_t stack = builder_hashed_stack(&m->b, w->hash, frames, w->frames.len);
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
void merger_header(struct merger *m) {
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

void merger_init(struct merger *m, struct pp_arena *arena) {
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

void merger_begin(struct merger *m, const struct pp_profile *source,
                  const struct merge_keys *keys) {
    m->src = source;
    m->keys = keys && !m->keys_are_vain && merge_keys_hold(keys, source) ? keys : NULL;
    merger_header(m);
    merge_tables_begin(&m->tables, source, &m->scratch);
    merge_samples(m);
}

void merger_end(struct merger *m) {
    pp_arena_done(&m->scratch);
    m->stacks = m->frames = NULL;
    m->cap_frames = 0;
}

void merger_add(struct merger *m, const struct pp_profile *source, const struct merge_keys *keys) {
    merger_begin(m, source, keys);
    if (m->keys) judge_keys(m);
    merger_end(m);
}

void merger_learn_keys(struct merger *m, const struct merge_keys *keys) {
    for (uint32_t i = 0; i < m->src->n_stacks; i++)
        if (m->stacks[i]) known_put(&m->known, keys->stacks[i], m->stacks[i] - 1);
}

void merger_done(struct merger *m) {
    merge_tables_done(&m->tables);
    index_done(&m->samples);
    known_done(&m->known);
    interner_done(&m->comments);
    pp_arena_done(&m->kept);
}

bool merger_finish(struct merger *m, struct pp_profile *ret_merged, struct pp_error *err) {
    struct pp_arena *arena = m->b.arena;
    struct pp_profile merged;
    merger_done(m);
    if (!builder_finish(&m->b, &merged, err)) return false;
    for (uint32_t i = 0; i < merged.n_samples; i++)
        if (merger_is_nothing(merged.values + (size_t)i * merged.n_types, merged.n_types))
            return profile_merge(&merged, 1, ret_merged, arena, err);
    *ret_merged = merged;
    return true;
}
