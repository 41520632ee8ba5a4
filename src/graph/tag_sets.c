/* What passes through a node with a tag is never more than what all samples with it weigh. So those
 * weights are added up first, without signs, for many tags each: what is light here is light beside
 * every node. Only of the others are there texts. */
#include "graph/tag_sets.h"

#include "base/hash.h"
#include "base/sort.h"
#include "profile/base_mark.h"
#include "profile/units.h"

#include <math.h>

enum { SIEVE_BITS = 16 };

/* Sums of so many doubles are rounded. */
static const double ROUNDING = 1e-9;

struct set_reader {
    const struct pp_profile *p;
    struct tag_sets *sets;
    uint64_t *hash; /* by label set: of its text */
    double *weight; /* by label set: of its samples, as often as they may count for one number */
    double *sieve;  /* sums of weights, by hash */
    struct hash_index values; /* of numbers that have a name: labels */
    struct pp_arena scratch;
};

static int compare_texts(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(*(const struct pp_str *)a, *(const struct pp_str *)b);
}

/* "key:value" of all, sorted, with the two characters \n between them; for graphviz. */
static struct pp_str set_text(const struct pp_profile *p, struct pp_label_set set,
                              struct pp_arena *arena) {
    struct pp_str *words = PP_NEW(arena, struct pp_str, set.n_text);
    uint32_t n = 0;
    size_t len = 0;
    for (uint32_t i = 0; i < set.n_text; i++) {
        struct pp_label l = p->labels[set.first + i];
        if (base_mark_is_key(pp_string(p, l.key))) continue;
        words[n] = pp_arena_join(arena, pp_string(p, l.key), ':', pp_string(p, l.text));
        len += words[n++].len + 2;
    }
    sort_stable(words, n, sizeof *words, compare_texts, NULL);
    char *bytes = PP_NEW(arena, char, len);
    size_t at = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (i) memcpy(bytes + at, "\\n", 2);
        if (i) at += 2;
        memcpy(bytes + at, words[i].data, words[i].len);
        at += words[i].len;
    }
    return (struct pp_str){bytes, at};
}

/* ---- weights ---- */

static bool is_shown_number(const struct pp_profile *p, struct pp_label l) {
    return pp_str_eq(pp_string(p, l.key), PP_STR("bytes"));
}

/* The samples' label sets. */
static void weigh_sets(struct set_reader *r, const struct graph_options *opt) {
    const struct pp_profile *p = r->p;
    r->weight = PP_NEW(&r->scratch, double, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_samples; i++)
        r->weight[pp_labels_of(p, i)] += fabs((double)pp_value(p, i, opt->type));
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        r->weight[i] *= p->label_sets[i].n_num > 1 ? p->label_sets[i].n_num : 1;
}

static double *sieve_at(struct set_reader *r, uint64_t hash) {
    return &r->sieve[hash >> (64 - SIEVE_BITS)];
}

static bool is_light(struct set_reader *r, uint64_t hash) {
    return *sieve_at(r, hash) * (1 + ROUNDING) < (double)r->sets->opt.min_weight;
}

static bool has(struct pp_str s, char c) {
    return s.len && memchr(s.data, c, s.len);
}

/* Whether no key and no text has a character that stands between labels, or between the two. */
static bool are_plain(const struct pp_profile *p) {
    struct pp_arena scratch = {0};
    bool *is_key = PP_NEW(&scratch, bool, p->n_strings);
    bool *is_text = PP_NEW(&scratch, bool, p->n_strings), plain = true;
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        for (uint32_t j = 0; j < p->label_sets[i].n_text; j++) {
            struct pp_label l = p->labels[p->label_sets[i].first + j];
            is_key[l.key] = is_text[l.text] = true;
        }
    for (uint32_t i = 0; i < p->n_strings && plain; i++) {
        struct pp_str s = pp_string(p, i);
        if (is_key[i] && !base_mark_is_key(s)) plain = !has(s, ':') && !has(s, '\\');
        if (is_text[i] && has(s, '\\')) plain = false;
    }
    pp_arena_done(&scratch);
    return plain;
}

/* The same for sets of the same labels, whatever their order. */
static uint64_t hash_set(const struct pp_profile *p, struct pp_label_set set) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < set.n_text; i++) {
        struct pp_label l = p->labels[set.first + i];
        if (base_mark_is_key(pp_string(p, l.key))) continue;
        sum += hash_word(hash_seed(), (uint64_t)l.key << 32 | l.text);
    }
    return hash_word(hash_seed(), sum);
}

static void sieve_texts(struct set_reader *r) {
    const struct pp_profile *p = r->p;
    r->hash = PP_NEW(&r->scratch, uint64_t, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++) {
        r->hash[i] = hash_set(p, p->label_sets[i]);
        *sieve_at(r, r->hash[i]) += r->weight[i];
    }
}

/* ---- what is left ---- */

/* One more than the label with this number that was named. */
static uint32_t named_label(const struct set_reader *r, int64_t number, uint64_t hash) {
    for (struct index_probe i = index_probe(&r->values, hash); index_next(&r->values, &i);)
        if (r->p->labels[i.position].num == number) return i.position + 1;
    return 0;
}

static uint32_t name_number(struct set_reader *r, uint32_t label) {
    int64_t number = r->p->labels[label].num;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)number);
    uint32_t same = named_label(r, number, hash);
    if (same) return r->sets->name[same - 1];
    struct units_text text;
    units_label(number, r->sets->opt.from_unit, r->sets->opt.to_unit, &text);
    index_add(&r->values, hash, label);
    return intern(&r->sets->names, units_str(&text));
}

/* Whether there are any. */
static bool name_numbers(struct set_reader *r, struct pp_label_set set) {
    bool any = false;
    for (uint32_t i = set.first + set.n_text; i < set.first + set.n_text + set.n_num; i++) {
        if (!is_shown_number(r->p, r->p->labels[i])) continue;
        r->sets->name[i] = name_number(r, i);
        any = true;
    }
    return any;
}

static void read_sets(struct set_reader *r) {
    const struct pp_profile *p = r->p;
    bool plain = are_plain(p); /* sets of other labels have other texts */
    sieve_texts(r);
    for (uint32_t i = 0; i < p->n_label_sets; i++) {
        struct pp_label_set set = p->label_sets[i];
        if (plain && is_light(r, r->hash[i])) continue;
        r->sets->tells[i] = name_numbers(r, set) | (set.n_text > 0);
        r->sets->any |= r->sets->tells[i];
        if (set.n_text == 0) continue;
        struct pp_arena word = {0};
        r->sets->group[i] = intern(&r->sets->texts, set_text(p, set, &word));
        pp_arena_done(&word);
    }
}

static bool same_options(const struct tag_options *a, const struct tag_options *b) {
    return a->min_weight == b->min_weight && pp_str_eq(a->from_unit, b->from_unit) &&
           pp_str_eq(a->to_unit, b->to_unit);
}

const struct tag_sets *tag_sets_of(struct graph *g, const struct tag_options *opt) {
    if (g->tag_sets && same_options(&g->tag_sets->opt, opt)) return g->tag_sets;
    const struct pp_profile *p = g->p;
    struct tag_sets *sets = PP_NEW(g->arena, struct tag_sets, 1);
    *sets = (struct tag_sets){.opt = *opt,
                              .group = PP_NEW(g->arena, uint32_t, p->n_label_sets),
                              .name = PP_NEW(g->arena, uint32_t, p->n_labels),
                              .tells = PP_NEW(g->arena, bool, p->n_label_sets)};
    interner_init(&sets->texts, g->arena);
    interner_init(&sets->names, g->arena);
    struct set_reader r = {.p = p, .sets = sets};
    r.sieve = PP_NEW(&r.scratch, double, 1 << SIEVE_BITS);
    weigh_sets(&r, &g->opt);
    read_sets(&r);
    index_done(&r.values);
    pp_arena_done(&r.scratch);
    interner_done(&sets->texts);
    interner_done(&sets->names);
    return g->tag_sets = sets;
}
