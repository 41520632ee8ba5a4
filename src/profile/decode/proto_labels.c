#include "profile/decode/proto_labels.h"

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

/* With one number for all, so that few sets differ. */
static uint32_t take_units(struct proto_labels *l, const struct proto_sample *s) {
    uint32_t n = 0;
    for (size_t i = 0; i < s->n_labels; i++) {
        const struct proto_label *label = &s->labels[i];
        give_up_string(l, label->key);
        give_up_string(l, label->str);
        if (label->str || !(label->num || label->unit)) continue;
        l->at[n] = number_of(label);
        l->at[n++].num = 1;
    }
    return n;
}

uint32_t proto_labels_take(struct proto_labels *l, const struct proto_sample *s,
                           uint32_t *ret_n_text) {
    *ret_n_text = 0;
    if (s->n_labels == 0) return 0;
    PP_RESERVE(l->arena, l->at, 0, l->cap, s->n_labels);
    bool few = l->units_only && s->n_labels <= l->most;
    return few ? take_units(l, s) : take_all(l, s, ret_n_text);
}
