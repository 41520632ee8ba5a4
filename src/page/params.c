#include "page/params.h"

#include "base/text.h"
#include "graph/order.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define KIND(field)                                                                                \
    _Generic(((struct pp_query *)0)->field, bool                                                   \
             : PARAM_BOOL, int                                                                     \
             : PARAM_INT, double                                                                   \
             : PARAM_REAL, default                                                                 \
             : PARAM_TEXT)

const struct param_row param_table[] = {
#define PARAM(field, saved, word)                                                                  \
    {#field, saved, word, KIND(field), offsetof(struct pp_query, field)},
#include "page/params.def"
#undef PARAM
    {0},
};

/* ---- the address ---- */

static bool decode(struct pp_str text, struct pp_str *ret_text, struct pp_arena *arena,
                   struct pp_error *err) {
    char *to = PP_NEW(arena, char, text.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '+') c = ' ';
        if (c == '%') {
            bool is_byte =
                i + 2 < text.len && text_is_hex(text.data[i + 1]) && text_is_hex(text.data[i + 2]);
            if (!is_byte) return pp_fail(err, PP_E_USAGE, "a malformed address");
            c = (char)(text_digit_value(text.data[i + 1]) * 16 +
                       text_digit_value(text.data[i + 2]));
            i += 2;
        }
        if (!c) return pp_fail(err, PP_E_USAGE, "a NUL in the address");
        to[n++] = c;
    }
    *ret_text = (struct pp_str){to, n};
    return true;
}

static struct pp_str take_until(struct pp_str *rest, char end) {
    const char *at = rest->len ? memchr(rest->data, end, rest->len) : NULL;
    size_t len = at ? (size_t)(at - rest->data) : rest->len;
    struct pp_str taken = pp_str_slice(*rest, 0, len);
    *rest = pp_str_slice(*rest, len + (at != NULL), rest->len);
    return taken;
}

bool params_parse(struct pp_str query, struct params *ret_params, struct pp_arena *arena,
                  struct pp_error *err) {
    struct params *p = ret_params;
    p->n = 0;
    while (query.len) {
        struct pp_str value = take_until(&query, '&');
        if (!value.len) continue;
        struct pp_str name = take_until(&value, '=');
        if (p->n == MAX_PARAMS) return pp_fail(err, PP_E_LIMIT, "too many parameters");
        if (!decode(name, &p->names[p->n], arena, err) ||
            !decode(value, &p->values[p->n], arena, err))
            return false;
        p->n++;
    }
    return true;
}

struct pp_str params_get(const struct params *p, const char *name) {
    for (size_t i = 0; i < p->n; i++)
        if (pp_str_eq(p->names[i], pp_str_from(name))) return p->values[i];
    return PP_STR("");
}

/* ---- the question ---- */

static bool read_bool(struct pp_str text, bool *ret_v) {
    static const char *const words[] = {"f", "false", "0", "n", "no", "t", "true", "1", "y", "yes"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text.len != strlen(words[i]) || strncasecmp(text.data, words[i], text.len)) continue;
        *ret_v = i >= 5;
        return true;
    }
    return false;
}

static bool read_int(struct pp_str text, int *ret_v) {
    int64_t v;
    if (!text_i64(text, 10, &v) || v != (int)v) return false;
    *ret_v = (int)v;
    return true;
}

static bool read_real(struct pp_str text, double *ret_v) {
    char *end, digits[64];
    if (!text.len || text.len >= sizeof digits) return false;
    memcpy(digits, text.data, text.len);
    digits[text.len] = 0;
    double v = strtod(digits, &end);
    if (*end || !isfinite(v)) return false;
    *ret_v = v;
    return true;
}

/* Of sort; the granularity is checked where it is used. */
static bool is_choice(const struct param_row *row, struct pp_str text) {
    if (strcmp(row->field, "sort") != 0) return true;
    enum graph_order order;
    return graph_order_find(text, &order);
}

bool param_set(const struct param_row *row, struct pp_query *q, struct pp_str text,
               struct pp_error *err) {
    void *field = (char *)q + row->offset;
    bool ok = true;
    switch (row->kind) {
    case PARAM_BOOL:
        ok = read_bool(text, field);
        break;
    case PARAM_INT:
        ok = read_int(text, field);
        break;
    case PARAM_REAL:
        ok = read_real(text, field);
        break;
    case PARAM_TEXT:
        ok = is_choice(row, text);
        if (ok) *(const char **)field = text.data;
        break;
    }
    return ok || pp_fail(err, PP_E_USAGE, "%s=%.*s: not a value of %s", row->word,
                         (int)(text.len < 100 ? text.len : 100), text.data, row->field);
}

bool params_apply(const struct params *p, struct pp_query *q, struct pp_error *err) {
    for (const struct param_row *row = param_table; row->field; row++) {
        struct pp_str text = params_get(p, row->word);
        if (text.len && !param_set(row, q, text, err)) return false;
    }
    return true;
}

struct pp_str param_text(const struct param_row *row, const struct pp_query *q,
                         struct pp_arena *arena) {
    const void *field = (const char *)q + row->offset;
    switch (row->kind) {
    case PARAM_BOOL:
        return *(const bool *)field ? PP_STR("t") : PP_STR("f");
    case PARAM_INT:
        return pp_arena_printf(arena, "%d", *(const int *)field);
    case PARAM_REAL:
        return pp_arena_printf(arena, "%.17g", *(const double *)field);
    default:
        return pp_str_from(*(const char *const *)field);
    }
}
