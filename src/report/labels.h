/* Labels of samples as texts. */
#ifndef REPORT_LABELS_H
#define REPORT_LABELS_H

#include "base/out.h"
#include "profile/profile.h"
#include "report/report.h"

/* The values that one key has in one sample. */
struct label_group {
    struct pp_str key;
    const struct pp_label *labels;
    uint32_t n;
    bool is_num;
    bool has_units; /* of numbers */
};

/* Steps through a set, texts first: start with *at = 0; false at the end. */
bool label_next_group(const struct pp_profile *p, struct pp_label_set set, uint32_t *at,
                      struct label_group *ret_group);

/* Has the texts of the labels of a later sample come from memory: most are looked at once, by who
 * writes all samples in their order. */
void labels_expect(const struct pp_profile *p, uint32_t sample);

/* What stands before the values of each key, made once. */
struct label_heads {
    struct pp_str *at; /* in byte order */
    uint32_t n;
    uint32_t *number; /* by string: its place in `at`, one more; 0: it is no key */
    bool is_order;    /* none begins with another one: they tell the order of whole texts */
};

/* For all keys of the profile; `put` writes a head. */
void label_heads_init(struct label_heads *h, const struct pp_profile *p,
                      void (*put)(struct out *o, struct pp_str key), struct pp_arena *arena);

static inline struct pp_str label_head(const struct label_heads *h, uint32_t key) {
    return h->at[h->number[key] - 1];
}

/* Labels as texts, a text a key and its values, that are written in byte order. */
struct label_texts {
    const struct pp_profile *p;
    struct label_heads heads;
    /* Writes what follows the head of a key. */
    void (*put_values)(const struct label_texts *t, const struct label_group *group, struct out *o);
    struct pp_str between; /* texts */
    const void *user;
};

/* Writes those of a set's texts, or of its numbers. */
void label_texts_put(const struct label_texts *t, struct pp_label_set set, bool numbers,
                     struct out *o);

#endif
