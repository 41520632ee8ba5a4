#include "profile/decode/label_shapes.h"

#include "base/hash.h"

static uint32_t length(const struct label_shape *shape) {
    return shape->n_text + shape->n_num;
}

static bool same_keys(const uint32_t *keys, const struct pp_label *labels, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        if (keys[i] != labels[i].key) return false;
    return true;
}

bool label_shapes_look(struct label_shapes *s, const struct pp_label *labels, uint32_t n_text,
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

bool label_shapes_add(struct label_shapes *s, const struct pp_label *sorted) {
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

void label_shapes_done(struct label_shapes *s) {
    index_done(&s->index);
}
