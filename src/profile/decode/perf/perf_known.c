/* See perf_known.h. */
#include "profile/decode/perf/perf_known.h"

#include "base/hash.h"
#include "profile/profile.h"

enum { FIRST_SLOTS = 1 << 12, MOST_SLOTS = 1 << 22 };

void perf_known_init(struct perf_known *k) {
    k->n_slots = FIRST_SLOTS;
    k->n_put = 0;
    k->slots = pp_calloc(k->n_slots, sizeof *k->slots);
}

void perf_known_done(struct perf_known *k) {
    pp_free(k->slots);
    *k = (struct perf_known){0};
}

static uint64_t word_at(const char *at) {
    uint64_t v;
    memcpy(&v, at, 8);
    return v;
}

struct sums {
    uint64_t a, b;
};

/* Two sums that each take in every word, by turns of other constants. */
static struct sums mix(struct sums k, uint64_t v, uint64_t w) {
    return (struct sums){
        hash_mix(k.a ^ v, w ^ UINT64_C(0xe7037ed1a0b428db)),
        hash_mix(k.b ^ w, v ^ UINT64_C(0x8ebc6af09c88c6e3)),
    };
}

struct perf_key perf_key_of(const uint64_t with[PERF_KEY_WORDS], struct pp_str bytes) {
    const uint64_t seed = hash_seed();
    struct sums k = mix((struct sums){seed, ~seed}, with[0], with[1]);
    struct sums other = mix((struct sums){seed + bytes.len, ~seed}, with[2], with[3]);
    size_t at = 0;
    for (; bytes.len - at >= 32; at += 32) { /* two at once: each waits for its multiplications */
        k = mix(k, word_at(bytes.data + at), word_at(bytes.data + at + 8));
        other = mix(other, word_at(bytes.data + at + 16), word_at(bytes.data + at + 24));
    }
    uint64_t rest[4] = {0};
    if (bytes.len > at) memcpy(rest, bytes.data + at, bytes.len - at);
    k = mix(k, rest[0], rest[1]);
    other = mix(other, rest[2], rest[3]);
    k = mix(k, other.a, other.b);
    k = mix(k, other.b, seed);
    return (struct perf_key){k.a, (uint32_t)k.b};
}

/* Where the key is or would be put. */
static struct perf_known_row *slot_of(const struct perf_known *k, struct perf_key key) {
    for (size_t slot = key.a & (k->n_slots - 1);; slot = (slot + 1) & (k->n_slots - 1)) {
        struct perf_known_row *s = &k->slots[slot];
        if ((s->a == key.a && s->b == key.b) || !s->row) return s;
    }
}

uint32_t perf_known_find(const struct perf_known *k, struct perf_key key) {
    const struct perf_known_row *s = slot_of(k, key);
    return s->row ? s->row - 1 : PP_NONE;
}

/* A table of which 5/8 are taken is made twice as large; the largest is begun anew. */
static void make_room(struct perf_known *k) {
    struct perf_known old = *k;
    if (k->n_put < k->n_slots / 8 * 5) return;
    k->n_put = 0;
    if (k->n_slots == MOST_SLOTS) {
        memset(k->slots, 0, k->n_slots * sizeof *k->slots);
        return;
    }
    k->n_slots *= 2;
    k->slots = pp_calloc(k->n_slots, sizeof *k->slots);
    for (size_t i = 0; i < old.n_slots; i++)
        if (old.slots[i].row)
            perf_known_put(k, (struct perf_key){old.slots[i].a, old.slots[i].b},
                           old.slots[i].row - 1);
    pp_free(old.slots);
}

void perf_known_put(struct perf_known *k, struct perf_key key, uint32_t row) {
    make_room(k);
    *slot_of(k, key) = (struct perf_known_row){key.a, key.b, row + 1};
    k->n_put++;
}
