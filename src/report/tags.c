/* -tags: for each label key, its values and what they account for. */
#include "base/hash.h"
#include "base/intern.h"
#include "base/sort.h"
#include "report/header.h"
#include "report/report.h"
#include "report/tabwriter.h"

struct tag {
    uint32_t key, value; /* in texts */
    int64_t sum;
};

struct label_sum {
    uint32_t key;
    bool is_num;
    int64_t value; /* a number, or the string id of a text */
    int64_t sum;
};

struct tag_table {
    const struct report_ctx *rc;
    struct interner texts;
    struct hash_index index;
    struct tag *tags;
    uint32_t n;
    size_t cap;
    struct label_sum *labels;
    struct hash_index label_index;
    uint32_t n_labels;
    size_t cap_labels;
};

static void add(struct tag_table *t, uint32_t key, struct pp_str value_text, int64_t value) {
    uint32_t text = intern(&t->texts, value_text);
    uint64_t hash = hash_word(hash_seed(), (uint64_t)key << 32 | text);
    for (struct index_probe i = index_probe(&t->index, hash); index_next(&t->index, &i);) {
        struct tag *tag = &t->tags[i.position];
        if (tag->key != key || tag->value != text) continue;
        tag->sum = num_add(tag->sum, value);
        return;
    }
    index_add(&t->index, hash, t->n);
    struct tag tag = {key, text, value};
    PP_PUSH(t->rc->arena, t->tags, t->n, t->cap, tag);
}

/* Labels that are the same, before they have texts. */
static struct label_sum *sum_of(struct tag_table *t, struct pp_label label, bool is_num) {
    int64_t value = is_num ? label.num : label.text;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)label.key << 1 | is_num);
    hash = hash_word(hash, (uint64_t)value);
    for (struct index_probe i = index_probe(&t->label_index, hash);
         index_next(&t->label_index, &i);) {
        struct label_sum *s = &t->labels[i.position];
        if (s->key == label.key && s->is_num == is_num && s->value == value) return s;
    }
    index_add(&t->label_index, hash, t->n_labels);
    struct label_sum s = {.key = label.key, .is_num = is_num, .value = value};
    PP_PUSH(t->rc->arena, t->labels, t->n_labels, t->cap_labels, s);
    return &t->labels[t->n_labels - 1];
}

/* All samples of a label set together. */
static void add_set(struct tag_table *t, struct pp_label_set set, int64_t sum) {
    for (uint32_t i = 0; i < set.n_text + set.n_num; i++) {
        struct label_sum *s = sum_of(t, t->rc->profile->labels[set.first + i], i >= set.n_text);
        s->sum = num_add(s->sum, sum);
    }
}

/* Labels of one text become one tag. */
static void add_label(struct tag_table *t, const struct label_sum *s) {
    const struct pp_profile *p = t->rc->profile;
    struct pp_str key = pp_string(p, s->key);
    struct units_text text;
    if (s->is_num)
        units_label(s->value, label_units_find(&t->rc->label_units, key), t->rc->unit, &text);
    add(t, intern(&t->texts, key), s->is_num ? units_str(&text) : pp_string(p, (uint32_t)s->value),
        s->sum);
}

/* By key; within one, the largest first. */
static int compare_tags(const void *a, const void *b, void *user) {
    const struct tag_table *t = user;
    const struct tag *x = a, *y = b;
    if (x->key != y->key) return pp_str_cmp(t->texts.strings[x->key], t->texts.strings[y->key]);
    int64_t mx = num_abs(x->sum), my = num_abs(y->sum);
    if (mx != my) return mx < my ? 1 : -1;
    return pp_str_cmp(t->texts.strings[x->value], t->texts.strings[y->value]);
}

static bool collect(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    (void)err;
    const struct pp_profile *p = rc->profile;
    struct tag_table *t = PP_NEW(rc->arena, struct tag_table, 1);
    *ret_found = t;
    t->rc = rc;
    interner_init(&t->texts, rc->arena);
    int64_t *sums = PP_NEW(rc->arena, int64_t, p->n_label_sets);
    bool *used = PP_NEW(rc->arena, bool, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        uint32_t set = pp_labels_of(p, i);
        sums[set] = num_add(sums[set], pp_value(p, i, rc->type));
        used[set] = true;
    }
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        if (used[i]) add_set(t, p->label_sets[i], sums[i]);
    for (uint32_t i = 0; i < t->n_labels; i++)
        add_label(t, &t->labels[i]);
    sort_stable(t->tags, t->n, sizeof *t->tags, compare_tags, t);
    index_done(&t->index);
    index_done(&t->label_index);
    return true;
}

static void close_table(void *found) {
    struct tag_table *t = found;
    interner_done(&t->texts);
}

/* The tags of one key: [from, end) and their sum. */
static uint32_t key_end(const struct tag_table *t, uint32_t from, int64_t *ret_sum) {
    uint32_t end = from;
    for (*ret_sum = 0; end < t->n && t->tags[end].key == t->tags[from].key; end++)
        *ret_sum = num_add(*ret_sum, t->tags[end].sum);
    return end;
}

static void put_key(const struct tag_table *t, struct out *o, uint32_t from, uint32_t end,
                    int64_t sum) {
    const struct report_ctx *rc = t->rc;
    out_str(o, t->texts.strings[t->tags[from].key]);
    OUT_LIT(o, ":\t Total ");
    put_value(o, rc, rc->unit, sum, 0);
    OUT_LIT(o, " of ");
    put_value(o, rc, rc->unit, rc->total, 0);
    if (rc->total > 0) {
        OUT_LIT(o, " (");
        put_percentage(o, sum, rc->total);
        out_char(o, ')');
    }
    out_char(o, '\n');
    for (uint32_t i = from; i < end; i++) {
        OUT_LIT(o, " \t");
        put_value(o, rc, rc->unit, t->tags[i].sum, 0);
        if (rc->total > 0) {
            OUT_LIT(o, " (");
            put_percentage(o, t->tags[i].sum, rc->total);
            out_char(o, ')');
        }
        OUT_LIT(o, ":\t ");
        out_str(o, t->texts.strings[t->tags[i].value]);
        out_char(o, '\n');
    }
    out_char(o, '\n');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct tag_table *t = rc->found;
    struct out text;
    int64_t sum;
    out_open_memory(&text);
    for (uint32_t from = 0, end; from < t->n; from = end) {
        end = key_end(t, from, &sum);
        put_key(t, &text, from, end, sum);
    }
    tabwriter_put(o, out_text(&text));
    out_close(&text, NULL);
    return true;
}

static const char *const columns[] = {"key", "value", "flat", "flat_share"};

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    (void)err;
    const struct tag_table *t = rc->found;
    for (uint32_t i = 0, of_key = 0; i < t->n; i++) {
        of_key = i && t->tags[i].key == t->tags[i - 1].key ? of_key + 1 : 0;
        if (rc->listing.most && of_key >= rc->listing.most) continue;
        const struct pp_cell cells[] = {
            cell_text(t->texts.strings[t->tags[i].key]),
            cell_text(t->texts.strings[t->tags[i].value]),
            cell_int(t->tags[i].sum),
            cell_share(t->tags[i].sum, rc->total),
        };
        rows_add(sink, cells);
    }
    return true;
}

static const struct report_table table = {
    .version = 2,
    .is_series = true,
    .columns = columns,
    .n_columns = sizeof columns / sizeof *columns,
};

const struct report_format tags_report = {
    .name = "tags",
    .help = "Labels, their values and what they account for",
    .usage = "tags [tag_regex]* [-ignore_regex]* >f\n"
             "Show labels whose key:value matches tag_regex and not ignore_regex.",
    .node_count = 80,
    .traits = REPORT_TAG_ARGS,
    .collect = collect,
    .close = close_table,
    .render = render,
    .rows = rows,
    .table = &table,
};
