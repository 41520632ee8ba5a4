#include "profile/decode/proto_labels.h"

#include "base/hash.h"
#include "profile/base_mark.h"
#include "profile/decode/kept_labels.h"
#include "profile/decode/label_sets.h"

/* ---- of one sample ---- */

static void give_up_string(struct proto_labels *l, uint32_t string) {
    if (string > l->largest_given_up) l->largest_given_up = string;
}

static struct pp_label number_of(const struct proto_label *label) {
    return (struct pp_label){label->key, label->unit ? label->unit : PP_NONE, label->num};
}

static uint32_t take_all(struct proto_labels *l, const struct proto_sample *s,
                         uint32_t *ret_n_text) {
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_labels; i++)
        if (s->labels[i].str) l->at[n++] = (struct pp_label){s->labels[i].key, s->labels[i].str, 0};
    *ret_n_text = n;
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct proto_label *label = &s->labels[i];
        if (label->str) continue;
        if (label->num || label->unit)
            l->at[n++] = number_of(label);
        else
            give_up_string(l, label->key);
    }
    return n;
}

static void reach_key(struct proto_labels *l, uint32_t key) {
    if (key < l->n_keys) return;
    uint32_t n = key + 1 - l->n_keys;
    PP_RESERVE(l->scratch, l->first_texts, l->n_keys, l->cap_keys, n);
    memset(l->first_texts + l->n_keys, 0, n * sizeof *l->first_texts);
    l->n_keys += n;
}

/* Whether a text is the first of its key. The samples of a comparison's base have a label of one
 * text, by which sums tell them apart, and what that label is called is not known before all
 * strings are. A key behind very many strings is no reason to keep room for all of them: then all
 * labels stay. */
static bool is_first_text(struct proto_labels *l, const struct proto_label *label) {
    if (label->key >= PROTO_MOST_KEYS) {
        l->units_only = false;
        return true;
    }
    reach_key(l, label->key);
    uint32_t *first = &l->first_texts[label->key];
    if (!*first) *first = label->str;
    return *first == label->str;
}

/* With one number for all, so that few sets differ. */
static uint32_t take_units(struct proto_labels *l, const struct proto_sample *s,
                           uint32_t *ret_n_text) {
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct proto_label *label = &s->labels[i];
        if (!label->str) continue;
        if (is_first_text(l, label)) {
            l->at[n++] = (struct pp_label){label->key, label->str, 0};
        } else {
            give_up_string(l, label->key);
            give_up_string(l, label->str);
        }
    }
    *ret_n_text = n;
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct proto_label *label = &s->labels[i];
        if (label->str) continue;
        give_up_string(l, label->key);
        if (!(label->num || label->unit)) continue;
        l->at[n] = number_of(label);
        l->at[n++].num = 1;
    }
    return n;
}

/* Into at[], texts first; how many there are. Labels without a value are none. */
static uint32_t take(struct proto_labels *l, const struct proto_sample *s, uint32_t *ret_n_text) {
    *ret_n_text = 0;
    if (s->n_labels == 0) return 0;
    PP_RESERVE(l->scratch, l->at, 0, l->cap, s->n_labels);
    bool few = l->units_only && s->n_labels <= l->most;
    return few ? take_units(l, s, ret_n_text) : take_all(l, s, ret_n_text);
}

/* ---- sets ---- */

bool proto_labels_fit(const struct proto_labels *l, size_t n) {
    return n < PP_NONE - (l->kept ? kept_labels_count(l->kept) : l->b->p.n_labels);
}

uint32_t proto_labels_add(struct proto_labels *l, const struct proto_sample *s) {
    struct pp_profile *p = &l->b->p;
    uint32_t n_text, n = take(l, s, &n_text);
    if (l->kept) kept_labels_add(l->kept, s);
    if (n == 0) return 0;
    size_t size = n * sizeof *l->at;
    uint64_t hash = hash_bytes(hash_seed() + n_text, l->at, size);
    for (struct index_probe i = index_probe(&l->index, hash); index_next(&l->index, &i);) {
        struct pp_label_set set = p->label_sets[i.position];
        if (set.n_text == n_text && set.n_text + set.n_num == n &&
            !memcmp(p->labels + set.first, l->at, size))
            return i.position;
    }
    index_add(&l->index, hash, p->n_label_sets);
    PP_RESERVE(l->b->arena, p->labels, p->n_labels, l->b->cap_labels, n);
    memcpy(p->labels + p->n_labels, l->at, size);
    struct pp_label_set set = {p->n_labels, n_text, n - n_text};
    p->n_labels += n;
    PP_PUSH(l->b->arena, p->label_sets, p->n_label_sets, l->b->cap_label_sets, set);
    return p->n_label_sets - 1;
}

void proto_labels_forget(struct proto_labels *l) {
    index_done(&l->index);
}

/* ---- from wire positions to strings ---- */

static bool resolve_string(struct proto_strings strings, uint32_t *string) {
    return proto_strings_find(strings, *string, string);
}

static bool is_wanted(const struct proto_labels *l, const struct pp_label *label) {
    return !l->units_only || base_mark_is_key(l->b->strings.strings[label->key]);
}

static bool resolve_set(struct proto_labels *l, struct proto_strings strings,
                        struct pp_label_set set, uint32_t *ret_set) {
    uint32_t n = set.n_text + set.n_num, n_text = 0, n_num = 0;
    PP_RESERVE(l->scratch, l->at, 0, l->cap, n);
    for (uint32_t i = 0; i < n; i++) {
        struct pp_label label = l->b->p.labels[set.first + i];
        bool is_text = i < set.n_text;
        if (!resolve_string(strings, &label.key)) return false;
        if ((is_text || label.text != PP_NONE) && !resolve_string(strings, &label.text))
            return false;
        if (is_text && !is_wanted(l, &label)) continue;
        l->at[n_text + n_num] = label;
        n_text += is_text;
        n_num += !is_text;
    }
    *ret_set = builder_label_set(l->b, l->at, n_text, n_num);
    return true;
}

/* The resolved sets take the room of the raw ones: none is longer, and none comes before its own.
 */
bool proto_labels_resolve(struct proto_labels *l, struct proto_strings strings) {
    struct pp_profile *p = &l->b->p;
    uint32_t n_raw = p->n_label_sets;
    proto_labels_forget(l);
    if (l->largest_given_up >= strings.n) return false;
    if (!strings.at && !l->units_only && label_sets_order(l->b, strings.n)) return true;
    uint32_t *ours = PP_NEW(l->scratch, uint32_t, n_raw);
    p->n_labels = 0;
    p->n_label_sets = 1;
    if (n_raw > 1) index_reserve(&l->b->label_sets, n_raw);
    for (uint32_t i = 1; i < n_raw; i++)
        if (!resolve_set(l, strings, p->label_sets[i], &ours[i])) return false;
    for (uint32_t s = 0; p->sample_labels && s < p->n_samples; s++)
        p->sample_labels[s] = ours[p->sample_labels[s]];
    return true;
}
