/* Filters by label value: a range of numbers with units, or regular expressions over texts. */
#include "base/hash.h"
#include "base/index.h"
#include "base/text.h"
#include "profile/units.h"
#include "profile/view/view.h"

#include <math.h>

struct quantity { /* [+-]digits[letters] */
    struct pp_str whole, digits, unit;
};

/* The first quantity at or after `from`. */
static bool find_quantity(struct pp_str s, size_t from, struct quantity *ret_q) {
    size_t at = from;
    while (at < s.len && !text_is_digit(s.data[at]))
        at++;
    if (at == s.len) return false;
    size_t end = at;
    while (end < s.len && text_is_digit(s.data[end]))
        end++;
    if (at > from && (s.data[at - 1] == '+' || s.data[at - 1] == '-')) at--;
    size_t unit_end = end;
    while (unit_end < s.len && text_is_letter(s.data[unit_end]))
        unit_end++;
    ret_q->whole = pp_str_slice(s, at, unit_end);
    ret_q->digits = pp_str_slice(s, at, end);
    ret_q->unit = pp_str_slice(s, end, unit_end);
    return true;
}

static bool parse_int(struct pp_str digits, int64_t *ret_v, struct pp_error *err) {
    bool negative = digits.data[0] == '-';
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : INT64_MAX, v = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!text_is_digit(digits.data[i])) continue;
        uint64_t digit = (uint64_t)(digits.data[i] - '0');
        if (v > (limit - digit) / 10)
            return pp_fail(err, PP_E_USAGE, "the number %.*s does not fit 64 bits",
                           (int)(digits.len < 60 ? digits.len : 60), digits.data);
        v = v * 10 + digit;
    }
    *ret_v = (int64_t)(negative ? -v : v);
    return true;
}

static bool is_one_then(struct pp_str text, struct pp_str first, struct pp_str then) {
    return text.len == first.len + then.len && pp_str_has_prefix(text, first) &&
           pp_str_has_suffix(text, then);
}

/* Reads the end of a range that is not open; in the unit of its beginning, if it has one. */
static bool parse_end(struct quantity q, struct pp_str in, double *ret_v, struct pp_str *ret_unit,
                      struct pp_error *err) {
    int64_t v = 0;
    if (!parse_int(q.digits, &v, err)) return false;
    *ret_v = units_scale(v, q.unit, in, ret_unit);
    return true;
}

/* Sets is_range when all of `text` is a range. Fails at a number beyond 64 bits, even within a
 * regular expression, where the reference panics. */
static bool parse_range(struct pp_str text, struct tag_filter *f, struct pp_error *err) {
    struct quantity a, b;
    double v, v2;
    struct pp_str unit, unit2;
    if (!find_quantity(text, 0, &a)) return true;
    if (!parse_end(a, a.unit, &v, &unit, err)) return false;
    size_t end = (size_t)(a.whole.data - text.data) + a.whole.len;
    f->low = -INFINITY;
    f->high = INFINITY;
    f->unit = unit;
    if (find_quantity(text, end, &b)) {
        struct pp_str rest = pp_str_slice(text, a.whole.len, text.len);
        if (!pp_str_has_prefix(text, a.whole) || !is_one_then(rest, PP_STR(":"), b.whole))
            return true;
        if (!parse_end(b, unit, &v2, &unit2, err)) return false;
        f->is_range = pp_str_eq(unit, unit2);
        f->low = v;
        f->high = v2;
        return true;
    }
    bool exact = pp_str_eq(text, a.whole);
    bool at_least = is_one_then(text, a.whole, PP_STR(":"));
    bool at_most = is_one_then(text, PP_STR(":"), a.whole);
    f->is_range = exact || at_least || at_most;
    if (exact || at_least) f->low = v;
    if (exact || at_most) f->high = v;
    return true;
}

static size_t find_char(struct pp_str s, char c) {
    const char *at = s.len ? memchr(s.data, c, s.len) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

static bool compile_list(const char *option, struct pp_str list, struct tag_filter *f,
                         struct pp_arena *arena, struct pp_error *err) {
    size_t cap = 0;
    for (;;) {
        size_t end = find_char(list, ',');
        struct regex *rx = regex_compile(pp_str_slice(list, 0, end), err);
        if (!rx) {
            tag_filter_done(f);
            return pp_wrap(err, "parsing %s regexp", option);
        }
        PP_PUSH(arena, f->rx, f->n_rx, cap, rx);
        if (end == list.len) return true;
        list = pp_str_slice(list, end + 1, list.len);
    }
}

bool tag_filter_compile(const char *option, struct pp_str text, struct tag_filter *ret_filter,
                        struct pp_arena *arena, struct pp_error *err) {
    struct tag_filter f = {.value = pp_arena_copy(arena, text)};
    size_t equals = find_char(f.value, '=');
    if (equals < f.value.len) {
        f.key = pp_str_slice(f.value, 0, equals);
        f.value = pp_str_slice(f.value, equals + 1, f.value.len);
    }
    if (!parse_range(f.value, &f, err)) return pp_wrap(err, "%s", option);
    if (!f.is_range && !compile_list(option, f.value, &f, arena, err)) return false;
    *ret_filter = f;
    return true;
}

void tag_filter_done(struct tag_filter *filter) {
    for (uint32_t i = 0; i < filter->n_rx; i++)
        regex_free(filter->rx[i]);
    filter->n_rx = 0;
}

static bool in_range(const struct tag_filter *f, int64_t v, struct pp_str unit) {
    struct pp_str scaled_unit;
    double scaled = units_scale(v, unit, f->unit, &scaled_unit);
    return pp_str_eq(scaled_unit, f->unit) && scaled >= f->low && scaled <= f->high;
}

static bool numbers_match(const struct tag_filter *f, const struct pp_profile *p,
                          struct pp_label_set set, const struct label_units *units) {
    for (uint32_t i = 0; i < set.n_num; i++) {
        struct pp_label l = p->labels[set.first + set.n_text + i];
        if (f->key.len && !pp_str_eq(f->key, pp_string(p, l.key))) continue;
        if (in_range(f, l.num, label_units_find(units, pp_string(p, l.key)))) return true;
    }
    return false;
}

/* An expression over labels, which remembers its answers: many sets have the same ones. */
struct label_matcher {
    const struct regex *rx;
    struct hash_index index; /* of asked */
    uint32_t *asked;         /* labels; two of the same key and text are one */
    bool *answers;
    uint32_t n;
    size_t cap_asked, cap_answers;
};

/* A filter at work. */
struct tag_asker {
    const struct tag_filter *f; /* NULL: there is none */
    const struct pp_profile *p;
    const struct label_units *units;
    struct label_matcher *matchers; /* by expression */
    struct pp_arena *scratch;
};

static void asker_init(struct tag_asker *a, const struct tag_filter *f, const struct pp_profile *p,
                       const struct label_units *units, struct pp_arena *scratch) {
    *a = (struct tag_asker){.f = f, .p = p, .units = units, .scratch = scratch};
    a->matchers = PP_NEW(scratch, struct label_matcher, f ? f->n_rx : 0);
    for (uint32_t i = 0; f && i < f->n_rx; i++)
        a->matchers[i].rx = f->rx[i];
}

static void asker_done(struct tag_asker *a) {
    for (uint32_t i = 0; a->f && i < a->f->n_rx; i++)
        index_done(&a->matchers[i].index);
}

/* Whether an expression matches the value of the key, or "key:value" when no key was given. */
static bool ask(const struct tag_asker *a, const struct label_matcher *m, struct pp_label l) {
    struct pp_str key = pp_string(a->p, l.key), value = pp_string(a->p, l.text);
    if (a->f->key.len) return pp_str_eq(a->f->key, key) && regex_matches(m->rx, value);
    struct pp_arena scratch = {0};
    bool yes = regex_matches(m->rx, pp_arena_join(&scratch, key, ':', value));
    pp_arena_done(&scratch);
    return yes;
}

static bool label_matches(const struct tag_asker *a, struct label_matcher *m, uint32_t label) {
    struct pp_label l = a->p->labels[label];
    uint64_t hash = hash_word(hash_seed(), (uint64_t)l.key << 32 | l.text);
    for (struct index_probe i = index_probe(&m->index, hash); index_next(&m->index, &i);) {
        const struct pp_label *same = &a->p->labels[m->asked[i.position]];
        if (same->key == l.key && same->text == l.text) return m->answers[i.position];
    }
    uint32_t n = m->n;
    index_add(&m->index, hash, n);
    PP_PUSH(a->scratch, m->asked, n, m->cap_asked, label);
    PP_PUSH(a->scratch, m->answers, m->n, m->cap_answers, ask(a, m, l));
    return m->answers[m->n - 1];
}

static bool text_matches(const struct tag_asker *a, struct label_matcher *m,
                         struct pp_label_set set) {
    for (uint32_t i = 0; i < set.n_text; i++)
        if (label_matches(a, m, set.first + i)) return true;
    return false;
}

static bool set_matches(const struct tag_asker *a, struct pp_label_set set) {
    const struct tag_filter *f = a->f;
    if (f->is_range) return numbers_match(f, a->p, set, a->units);
    bool any = f->key.len > 0;
    for (uint32_t i = 0; i < f->n_rx; i++)
        if (text_matches(a, &a->matchers[i], set) == any) return any;
    return !any;
}

void view_filter_tags(const struct pp_profile *p, const struct tag_filters *filters,
                      struct pp_profile *ret_view, struct tag_filter_matches *ret_matches,
                      struct pp_arena *arena) {
    enum { UNKNOWN, DROP, KEEP };
    struct tag_asker focus, ignore;
    struct pp_profile view = *p;
    struct tag_filter_matches matches = {0};
    struct pp_arena scratch = {0};
    uint8_t *verdict = PP_NEW(&scratch, uint8_t, p->n_label_sets);
    asker_init(&focus, filters->focus, p, filters->units, &scratch);
    asker_init(&ignore, filters->ignore, p, filters->units, &scratch);
    for (uint32_t i = 0; i < p->n_samples && (focus.f || ignore.f); i++) {
        uint32_t set = pp_labels_of(p, i);
        if (verdict[set] != UNKNOWN) continue;
        bool focused = !focus.f || set_matches(&focus, p->label_sets[set]);
        bool ignored = ignore.f && set_matches(&ignore, p->label_sets[set]);
        matches.focus |= focused;
        matches.ignore |= ignored;
        verdict[set] = focused && !ignored ? KEEP : DROP;
    }
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        verdict[i] = verdict[i] == KEEP;
    if (focus.f || ignore.f) view_select(&view, p->sample_labels, verdict, arena);
    asker_done(&focus);
    asker_done(&ignore);
    pp_arena_done(&scratch);
    *ret_view = view;
    *ret_matches = matches;
}
