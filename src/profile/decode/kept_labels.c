#include "profile/decode/kept_labels.h"

struct kept_labels {
    struct pp_arena *arena;
    uint8_t *bytes; /* varints: of each sample how many labels, of each label its key and its text,
                       or 0, a number and its unit */
    size_t n, cap;
    uint32_t n_labels;
    bool all; /* of all samples the same were left out */
    struct proto_strings strings;
};

struct kept_labels *kept_labels_new(struct pp_arena *arena) {
    struct kept_labels *k = PP_NEW(arena, struct kept_labels, 1);
    k->arena = arena;
    return k;
}

uint32_t kept_labels_count(const struct kept_labels *k) {
    return k->n_labels;
}

static void put(struct kept_labels *k, uint64_t v) {
    k->n += wire_put_varint(k->bytes + k->n, v);
}

void kept_labels_add(struct kept_labels *k, const struct proto_sample *s) {
    enum { NUMBERS = 4 };
    PP_RESERVE(k->arena, k->bytes, k->n, k->cap, (1 + NUMBERS * s->n_labels) * WIRE_MAX_VARINT);
    put(k, s->n_labels);
    k->n_labels += (uint32_t)s->n_labels;
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct proto_label *l = &s->labels[i];
        put(k, l->key);
        put(k, l->str);
        if (l->str) continue;
        put(k, (uint64_t)l->num);
        put(k, l->unit);
    }
}

void kept_labels_end(struct kept_labels *k, bool all, struct proto_strings strings) {
    k->all = all;
    k->strings = strings;
    if (!strings.at) return;
    uint32_t *copy = PP_NEW(k->arena, uint32_t, strings.n);
    memcpy(copy, strings.at, strings.n * sizeof *copy);
    k->strings.at = copy;
}

static inline struct proto_label read_label(struct wire_reader *r) {
    struct proto_label l = {.key = (uint32_t)wire_take(r)};
    l.str = (uint32_t)wire_take(r);
    if (l.str) return l;
    l.num = (int64_t)wire_take(r);
    l.unit = (uint32_t)wire_take(r);
    return l;
}

static void read_sample(struct wire_reader *r, struct proto_sample *ret) {
    ret->n_labels = 0;
    for (uint64_t n = wire_take(r); n; n--)
        PP_PUSH(ret->arena, ret->labels, ret->n_labels, ret->cap_labels, read_label(r));
}

struct pp_profile kept_labels_restore(const struct kept_labels *k, const struct pp_profile *p,
                                      struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct profile_builder b;
    builder_init(&b, arena);
    b.strings.strings = p->strings; /* none is added, and none looked up */
    b.p.sample_labels = PP_NEW(arena, uint32_t, p->n_samples);
    b.p.n_samples = p->n_samples;
    struct proto_labels labels = {.b = &b, .scratch = &scratch};
    struct proto_sample sample = {.arena = &scratch};
    struct wire_reader reader = {.rest = {k->bytes, k->bytes + k->n}};
    for (uint32_t i = 0; i < p->n_samples; i++) {
        read_sample(&reader, &sample);
        b.p.sample_labels[i] = proto_labels_add(&labels, &sample);
    }
    proto_labels_resolve(&labels, k->strings); /* those that don't exist were found when decoding */
    struct pp_profile whole = *p;
    whole.labels = b.p.labels;
    whole.label_sets = b.p.label_sets;
    whole.sample_labels = b.p.sample_labels;
    whole.n_labels = b.p.n_labels;
    whole.n_label_sets = b.p.n_label_sets;
    builder_done(&b);
    pp_arena_done(&scratch);
    return whole;
}

/* ---- sums of labels ---- */

/* How many labels of a key the sample at hand has had so far. */
struct key_count {
    uint32_t sample, n; /* sample: one more than it */
};

struct label_summer {
    struct known_texts strings;
    struct key_count *counts; /* two a string: texts and numbers of the key */
};

static uint32_t next_of_key(struct key_count *c, uint32_t sample) {
    if (c->sample != sample + 1) *c = (struct key_count){.sample = sample + 1};
    return c->n++;
}

/* What a label is, and where it comes among those of its key: the order of keys is no matter. That
 * a number has no unit is told by the units of its key. */
static struct known_sums sums_of_label(const struct label_summer *s, const struct proto_label *l,
                                       uint32_t sample) {
    enum { KINDS = 2 };
    bool is_number = !l->str;
    uint32_t place = next_of_key(&s->counts[(size_t)KINDS * l->key + is_number], sample);
    struct known_sums k = known_mix_sums(known_text(s->strings, l->key),
                                         known_text(s->strings, is_number ? l->unit : l->str));
    return known_mix(k, (uint64_t)l->num, (uint64_t)KINDS * place + is_number);
}

static struct known_sums sums_of_sample(const struct label_summer *s, struct wire_reader *r,
                                        uint32_t sample) {
    struct known_sums all = {0};
    for (uint64_t n = wire_take(r); n; n--) {
        const struct proto_label l = read_label(r);
        if (!l.str && !l.num && !l.unit) continue;
        struct known_sums one = sums_of_label(s, &l, sample);
        all.a += one.a;
        all.b += one.b;
    }
    return all;
}

bool kept_labels_have_sums(const struct kept_labels *k) {
    return k->all && !k->strings.at;
}

struct known_sums *kept_labels_sums(const struct kept_labels *k, const struct pp_profile *p,
                                    struct pp_arena *arena) {
    struct pp_arena scratch = {0};
    struct known_sums *sums = PP_NEW(arena, struct known_sums, p->n_samples);
    const struct label_summer summer = {
        .strings = {p->strings, PP_NEW(&scratch, struct known_sums, k->strings.n)},
        .counts = PP_NEW(&scratch, struct key_count, 2 * (size_t)k->strings.n),
    };
    struct wire_reader reader = {.rest = {k->bytes, k->bytes + k->n}};
    for (uint32_t i = 0; i < k->strings.n && k->n_labels >= k->strings.n; i++)
        known_text(summer.strings, i); /* most are needed: in the order in which they lie */
    for (uint32_t i = 0; i < p->n_samples; i++)
        sums[i] = sums_of_sample(&summer, &reader, i);
    pp_arena_done(&scratch);
    return sums;
}
