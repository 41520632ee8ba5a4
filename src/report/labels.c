#include "report/labels.h"

#include "base/sort.h"

bool label_next_group(const struct pp_profile *p, struct pp_label_set set, uint32_t *at,
                      struct label_group *ret_group) {
    uint32_t n = set.n_text + set.n_num, i = *at;
    if (i == n) return false;
    bool is_num = i >= set.n_text;
    uint32_t part_end = is_num ? n : set.n_text, end = i;
    const struct pp_label *labels = p->labels + set.first;
    while (end < part_end && labels[end].key == labels[i].key)
        end++;
    *ret_group = (struct label_group){
        .key = pp_string(p, labels[i].key),
        .labels = labels + i,
        .n = end - i,
        .is_num = is_num,
        .has_units = is_num && labels[i].text != PP_NONE,
    };
    *at = end;
    return true;
}

void text_sorter_init(struct text_sorter *s) {
    *s = (struct text_sorter){0};
    out_open_memory(&s->buffer);
}

void text_sorter_done(struct text_sorter *s) {
    out_close(&s->buffer, NULL);
    pp_arena_done(&s->arena);
}

void text_sorter_add(struct text_sorter *s) {
    PP_PUSH(&s->arena, s->ends, s->n, s->cap_ends, s->buffer.used);
}

static int compare_texts(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

void text_sorter_put(struct text_sorter *s, struct out *o, struct pp_str between) {
    PP_RESERVE(&s->arena, s->texts, 0, s->cap_texts, s->n);
    struct pp_str all = out_text(&s->buffer);
    for (size_t i = 0; i < s->n; i++)
        s->texts[i] = pp_str_slice(all, i ? s->ends[i - 1] : 0, s->ends[i]);
    sort_stable(s->texts, s->n, sizeof *s->texts, compare_texts, NULL);
    for (size_t i = 0; i < s->n; i++) {
        if (i) out_str(o, between);
        out_str(o, s->texts[i]);
    }
    s->n = 0;
    s->buffer.used = 0;
}

void label_lines_init(struct label_lines *l, const struct pp_profile *p) {
    l->p = p;
    text_sorter_init(&l->sorter);
}

void label_lines_done(struct label_lines *l) {
    text_sorter_done(&l->sorter);
}

static void put_group(struct label_lines *l, const struct label_group *g) {
    struct out *o = &l->sorter.buffer;
    out_str(o, g->key);
    OUT_LIT(o, ":[");
    for (uint32_t i = 0; i < g->n; i++) {
        if (i) out_char(o, ' ');
        if (!g->is_num) {
            out_str(o, pp_string(l->p, g->labels[i].text));
            continue;
        }
        out_i64(o, g->labels[i].num);
        if (!g->has_units) continue;
        out_char(o, ' ');
        out_str(o, pp_string(l->p, g->labels[i].text));
    }
    out_char(o, ']');
    text_sorter_add(&l->sorter);
}

static void put_line(struct label_lines *l, struct out *o) {
    if (l->sorter.n == 0) return;
    OUT_LIT(o, "                ");
    text_sorter_put(&l->sorter, o, PP_STR(" "));
    out_char(o, '\n');
}

void label_lines_put(struct label_lines *l, struct out *o, uint32_t set) {
    struct label_group group;
    bool in_texts = true;
    for (uint32_t at = 0; label_next_group(l->p, l->p->label_sets[set], &at, &group);) {
        if (group.is_num && in_texts) {
            put_line(l, o);
            in_texts = false;
        }
        put_group(l, &group);
    }
    put_line(l, o);
}
