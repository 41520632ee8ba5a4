#include "base/pairs.h"

/* Where the key is, or would be. */
static size_t find(const struct pairs *p, struct pp_str key) {
    size_t at = 0;
    while (at < p->n_texts && pp_str_cmp(p->texts[at], key) < 0)
        at += 2;
    return at;
}

bool pairs_parse(const char *const *texts, size_t n, struct pairs *ret_pairs,
                 struct pp_arena *arena, struct pp_error *err) {
    struct pairs p = {.texts = PP_NEW(arena, struct pp_str, 2 * n)};
    for (size_t i = 0; i < n; i++) {
        struct pp_str text = pp_str_from(texts[i]);
        size_t len = strcspn(texts[i], "=");
        if (len == 0 || len == text.len)
            return pp_fail(err, PP_E_USAGE, "\"%s\": key=value", texts[i]);
        struct pp_str key = pp_str_slice(text, 0, len);
        size_t at = find(&p, key);
        if (at == p.n_texts || !pp_str_eq(p.texts[at], key)) {
            memmove(p.texts + at + 2, p.texts + at, (p.n_texts - at) * sizeof *p.texts);
            p.n_texts += 2;
        }
        p.texts[at] = key;
        p.texts[at + 1] = pp_str_slice(text, len + 1, text.len);
    }
    *ret_pairs = p;
    return true;
}
