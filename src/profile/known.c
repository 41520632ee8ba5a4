/* See known.h. */
#include "profile/known.h"

#include "profile/profile.h"

enum { FIRST_SLOTS = 1 << 8, MOST_SLOTS = 1 << 22 };

void known_done(struct known *k) {
    pp_free(k->slots);
    *k = (struct known){0};
}

static uint64_t word_at(const char *at) {
    uint64_t v;
    memcpy(&v, at, 8);
    return v;
}

/* Up to 15 bytes. */
static struct known_sums mix_few(struct known_sums k, struct pp_str bytes) {
    uint64_t rest[2] = {0};
    if (bytes.len >= 8) {
        rest[0] = word_at(bytes.data);
        rest[1] = word_at(bytes.data + bytes.len - 8);
    } else {
        for (size_t i = bytes.len; i-- > 0;)
            rest[0] = rest[0] << 8 | (unsigned char)bytes.data[i];
    }
    return known_mix(k, rest[0], rest[1]);
}

struct known_sums known_mix_bytes(struct known_sums k, struct pp_str bytes) {
    enum { STEP = 16, LANES = 2, WORTH_IT = 4 * STEP };
    const uint64_t seed = hash_seed();
    const char *at = bytes.data;
    k = known_mix(k, bytes.len, seed);
    if (bytes.len < STEP) return known_mix(mix_few(k, bytes), bytes.len, seed);
    const char *last = at + bytes.len - STEP; /* which may begin in what was taken before it */
    if (bytes.len >= WORTH_IT) {              /* two at once: each waits for its multiplications */
        struct known_sums other = known_mix(k, seed, bytes.len);
        for (; last - at >= LANES * STEP; at += LANES * STEP) {
            k = known_mix(k, word_at(at), word_at(at + 8));
            other = known_mix(other, word_at(at + 16), word_at(at + 24));
        }
        k = known_mix(k, other.a, other.b);
    }
    for (; at < last; at += STEP)
        k = known_mix(k, word_at(at), word_at(at + 8));
    k = known_mix(k, word_at(last), word_at(last + 8));
    return known_mix(k, bytes.len, seed);
}

/* Where the key is or would be put. */
static struct known_row *slot_of(const struct known *k, struct known_key key) {
    for (size_t slot = key.a & (k->n_slots - 1);; slot = (slot + 1) & (k->n_slots - 1)) {
        struct known_row *s = &k->slots[slot];
        if ((s->a == key.a && s->b == key.b) || !s->row) return s;
    }
}

uint32_t known_find(const struct known *k, struct known_key key) {
    if (!k->n_slots) return PP_NONE;
    const struct known_row *s = slot_of(k, key);
    return s->row ? s->row - 1 : PP_NONE;
}

bool known_is_full(const struct known *k) {
    return k->n_put >= k->n_slots / 8 * 5;
}

/* A full table is made twice as large; the largest is begun anew. */
static void make_room(struct known *k) {
    struct known old = *k;
    if (!known_is_full(k)) return;
    k->n_put = 0;
    if (k->n_slots == MOST_SLOTS) {
        memset(k->slots, 0, k->n_slots * sizeof *k->slots);
        return;
    }
    k->n_slots = old.n_slots ? 2 * old.n_slots : FIRST_SLOTS;
    k->slots = pp_calloc_used(k->n_slots, sizeof *k->slots);
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].row)
            known_put(k, (struct known_key){old.slots[i].a, old.slots[i].b}, old.slots[i].row - 1);
    pp_free(old.slots);
}

void known_put(struct known *k, struct known_key key, uint32_t row) {
    make_room(k);
    *slot_of(k, key) = (struct known_row){key.a, key.b, row + 1};
    k->n_put++;
}
