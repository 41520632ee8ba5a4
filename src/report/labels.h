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

/* Texts that are collected and written in byte order. Reused from sample to sample. */
struct text_sorter {
    struct out buffer; /* the texts, one after the other */
    struct pp_arena arena;
    size_t *ends;
    struct pp_str *texts;
    size_t n, cap_ends, cap_texts;
};

void text_sorter_init(struct text_sorter *s);
void text_sorter_done(struct text_sorter *s);

/* Ends the text that was written to s->buffer. */
void text_sorter_add(struct text_sorter *s);

/* Writes all, with `between` between them, and forgets them. */
void text_sorter_put(struct text_sorter *s, struct out *o, struct pp_str between);

/* The two indented lines of -raw under a sample: "key:[v1 v2] ...". */
struct label_lines {
    const struct pp_profile *p;
    struct text_sorter sorter;
};

void label_lines_init(struct label_lines *l, const struct pp_profile *p);
void label_lines_done(struct label_lines *l);
void label_lines_put(struct label_lines *l, struct out *o, uint32_t set);

#endif
