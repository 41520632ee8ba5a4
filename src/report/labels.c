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

void labels_expect(const struct pp_profile *p, uint32_t sample) {
    enum { AHEAD = 4, MOST = 16 }; /* samples; labels of one */
    if (p->n_samples - sample <= AHEAD) return;
    struct pp_label_set far = p->label_sets[pp_labels_of(p, sample + AHEAD)],
                        near = p->label_sets[pp_labels_of(p, sample + AHEAD / 2)];
    for (uint32_t i = 0; i < far.n_text && i < MOST; i++)
        __builtin_prefetch(&p->strings[p->labels[far.first + i].text]);
    for (uint32_t i = 0; i < near.n_text && i < MOST; i++)
        __builtin_prefetch(p->strings[p->labels[near.first + i].text].data);
}

/* ---- heads ---- */

static int compare_texts(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

struct head {
    struct pp_str text;
    uint32_t key;
};

static struct head *make_heads(struct label_heads *h, const struct pp_profile *p,
                               void (*put)(struct out *o, struct pp_str key),
                               struct pp_arena *arena) {
    struct head *heads = NULL;
    size_t cap = 0;
    struct out making;
    out_open_memory(&making);
    for (uint32_t i = 0; i < p->n_labels; i++) {
        uint32_t key = p->labels[i].key;
        if (h->number[key]) continue;
        making.used = 0;
        put(&making, pp_string(p, key));
        struct head head = {pp_arena_copy(arena, out_text(&making)), key};
        PP_PUSH(arena, heads, h->n, cap, head);
        h->number[key] = h->n;
    }
    out_close(&making, NULL);
    return heads;
}

void label_heads_init(struct label_heads *h, const struct pp_profile *p,
                      void (*put)(struct out *o, struct pp_str key), struct pp_arena *arena) {
    *h = (struct label_heads){.number = PP_NEW(arena, uint32_t, p->n_strings), .is_order = true};
    struct head *heads = make_heads(h, p, put, arena);
    sort_stable(heads, h->n, sizeof *heads, compare_texts, NULL); /* the text comes first */
    h->at = PP_NEW(arena, struct pp_str, h->n);
    for (uint32_t i = 0; i < h->n; i++) {
        h->at[i] = heads[i].text;
        h->number[heads[i].key] = i + 1;
        if (i && pp_str_has_prefix(h->at[i], h->at[i - 1])) h->is_order = false;
    }
}

/* ---- texts in order ---- */

enum { FEW = 32 }; /* groups that are put in order by inserting them */

struct numbered_group {
    uint32_t number; /* of the head */
    struct label_group group;
};

static void put_text(const struct label_texts *t, const struct label_group *g, struct out *o) {
    out_str(o, label_head(&t->heads, g->labels[0].key));
    t->put_values(t, g, o);
}

/* Where heads do not tell the order, or there are many. */
static void put_sorted(const struct label_texts *t, struct pp_label_set set, uint32_t at,
                       uint32_t end, struct out *o) {
    struct pp_arena scratch = {0};
    struct pp_str *texts = NULL;
    size_t n = 0, cap = 0;
    struct label_group group;
    struct out making;
    out_open_memory(&making);
    while (at < end && label_next_group(t->p, set, &at, &group)) {
        making.used = 0;
        put_text(t, &group, &making);
        struct pp_str text = pp_arena_copy(&scratch, out_text(&making));
        PP_PUSH(&scratch, texts, n, cap, text);
    }
    sort_stable(texts, n, sizeof *texts, compare_texts, NULL);
    for (size_t i = 0; i < n; i++) {
        if (i) out_str(o, t->between);
        out_str(o, texts[i]);
    }
    out_close(&making, NULL);
    pp_arena_done(&scratch);
}

void label_texts_put(const struct label_texts *t, struct pp_label_set set, bool numbers,
                     struct out *o) {
    struct numbered_group groups[FEW], g;
    uint32_t first = numbers ? set.n_text : 0, end = set.n_text + (numbers ? set.n_num : 0), n = 0;
    if (end - first > FEW || !t->heads.is_order) {
        put_sorted(t, set, first, end, o);
        return;
    }
    for (uint32_t at = first; at < end && label_next_group(t->p, set, &at, &g.group); n++) {
        g.number = t->heads.number[g.group.labels[0].key];
        uint32_t i = n;
        for (; i > 0 && groups[i - 1].number > g.number; i--)
            groups[i] = groups[i - 1];
        groups[i] = g;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (i) out_str(o, t->between);
        put_text(t, &groups[i].group, o);
    }
}
