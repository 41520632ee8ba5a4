/* Two sets that differ can be equal once they are sorted by key only if they have the same keys in
 * different orders. Hardly any file has such sets, and a look at the keys of each is cheaper than
 * looking up all sets once more. */
#include "profile/decode/label_sets.h"

#include "base/hash.h"

/* The keys of sets and their order. */
struct label_shape {
    size_t first; /* in keys[]: as they came, then as they were sorted */
    uint32_t n_text, n_num;
};

struct label_shapes {
    struct pp_arena *arena;
    struct label_shape *shapes, last; /* each sorted one once; of the last set only what came */
    uint32_t n_shapes;
    size_t cap_shapes;
    uint32_t *keys, *last_keys;
    size_t n_keys, cap_keys, cap_last;
    struct hash_index index; /* by sorted keys */
};

static uint32_t length(const struct label_shape *shape) {
    return shape->n_text + shape->n_num;
}

static bool same_keys(const uint32_t *keys, const struct pp_label *labels, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (keys[i] != labels[i].key) return false;
    return true;
}

/* Looks at a set before it is sorted. Whether its shape differs from that of the set before; then
 * it is to be added when it is sorted. */
static bool look(struct label_shapes *s, const struct pp_label *labels, uint32_t n_text,
                 uint32_t n_num) {
    uint32_t n = n_text + n_num;
    if (s->last.n_text == n_text && s->last.n_num == n_num && same_keys(s->last_keys, labels, n))
        return false;
    PP_RESERVE(s->arena, s->last_keys, 0, s->cap_last, n);
    for (uint32_t i = 0; i < n; i++)
        s->last_keys[i] = labels[i].key;
    s->last = (struct label_shape){.n_text = n_text, .n_num = n_num};
    return true;
}

static bool is_like_last(const struct label_shapes *s, const struct label_shape *shape) {
    return shape->n_text == s->last.n_text && shape->n_num == s->last.n_num;
}

/* Adds the set that was looked at, now sorted; false: its keys came in another order, too. */
static bool add(struct label_shapes *s, const struct pp_label *sorted) {
    uint32_t n = length(&s->last);
    uint64_t hash = hash_word(hash_seed(), s->last.n_text);
    for (uint32_t i = 0; i < n; i++)
        hash = hash_word(hash, sorted[i].key);
    for (struct index_probe i = index_probe(&s->index, hash); index_next(&s->index, &i);) {
        const struct label_shape *have = &s->shapes[i.position];
        const uint32_t *keys = s->keys + have->first;
        if (is_like_last(s, have) && same_keys(keys + n, sorted, n))
            return !memcmp(keys, s->last_keys, n * sizeof *keys);
    }
    index_add(&s->index, hash, s->n_shapes);
    s->last.first = s->n_keys;
    PP_PUSH(s->arena, s->shapes, s->n_shapes, s->cap_shapes, s->last);
    PP_RESERVE(s->arena, s->keys, s->n_keys, s->cap_keys, 2 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        s->keys[s->n_keys + i] = s->last_keys[i];
        s->keys[s->n_keys + n + i] = sorted[i].key;
    }
    s->n_keys += 2 * (size_t)n;
    return true;
}

static bool has_strings(const struct pp_label *labels, struct pp_label_set set,
                        uint32_t n_strings) {
    for (uint32_t i = 0; i < set.n_text + set.n_num; i++)
        if (labels[i].key >= n_strings ||
            ((i < set.n_text || labels[i].text != PP_NONE) && labels[i].text >= n_strings))
            return false;
    return true;
}

static bool order_set(struct profile_builder *b, struct pp_label_set set,
                      struct label_shapes *shapes) {
    struct pp_label *labels = b->p.labels + set.first;
    bool is_new = look(shapes, labels, set.n_text, set.n_num);
    builder_order_labels(b, labels, set.n_text, set.n_num);
    return !is_new || add(shapes, labels);
}

bool label_sets_order(struct profile_builder *b, uint32_t n_strings) {
    const struct pp_profile *p = &b->p;
    struct pp_arena scratch = {0};
    struct label_shapes shapes = {.arena = &scratch};
    bool ok = true;
    for (uint32_t i = 1; ok && i < p->n_label_sets; i++)
        ok = has_strings(p->labels + p->label_sets[i].first, p->label_sets[i], n_strings) &&
             order_set(b, p->label_sets[i], &shapes);
    index_done(&shapes.index);
    pp_arena_done(&scratch);
    return ok;
}
