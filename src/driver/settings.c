#include "driver/settings.h"

#include "base/text.h"
#include "driver/number.h"

#include <inttypes.h>
#include <stdio.h>

/* "flat|cum": after the first bar. */
#define ORDER(name, order) "|" #name
static const char sort_orders[] =
#include "graph/orders.def"
    ;
#undef ORDER
#define SORT_ORDERS (sort_orders + 1)

const struct setting setting_table[] = {
#define KIND(name)                                                                                 \
    _Generic(((struct settings *)0)->name,                                                         \
        bool: SETTING_BOOL,                                                                        \
        int: SETTING_INT,                                                                          \
        double: SETTING_REAL,                                                                      \
        const char *: SETTING_TEXT,                                                                \
        struct text_list: SETTING_LIST)
#define SETTING(type, name_, ...)                                                                  \
    {.name = #name_, .kind = KIND(name_), .offset = offsetof(struct settings, name_), __VA_ARGS__},
#include "driver/settings.def"
#undef SETTING
#undef KIND
    {.name = NULL},
};

const struct setting *setting_find(struct pp_str name) {
    for (const struct setting *row = setting_table; row->name; row++)
        if (pp_str_eq(name, pp_str_from(row->name))) return row;
    return NULL;
}

bool next_choice(const char **list, struct pp_str *ret_choice) {
    if (!*list || !**list) return false;
    size_t len = (size_t)(strchrnul(*list, '|') - *list);
    *ret_choice = (struct pp_str){*list, len};
    *list += len + ((*list)[len] == '|');
    return true;
}

const struct setting *setting_of_choice(struct pp_str choice) {
    for (const struct setting *row = setting_table; row->name; row++) {
        const char *list = row->choices;
        for (struct pp_str c; next_choice(&list, &c);)
            if (pp_str_eq(c, choice)) return row;
    }
    return NULL;
}

static void *field(struct settings *s, const struct setting *row) {
    return (char *)s + row->offset;
}

static bool set_choice(const char **to, const struct setting *row, const char *text,
                       struct pp_error *err) {
    const char *list = row->choices;
    for (struct pp_str c; next_choice(&list, &c);) {
        if (!pp_str_eq(c, pp_str_from(text))) continue;
        *to = text;
        return true;
    }
    return pp_fail(err, PP_E_USAGE, "%s=%s: one of %s", row->name, text, row->choices);
}

bool setting_set(struct settings *s, const struct setting *row, const char *text,
                 struct pp_arena *arena, struct pp_error *err) {
    switch (row->kind) {
    case SETTING_BOOL:
        return number_bool(text, field(s, row)) ||
               pp_fail(err, PP_E_USAGE, "-%s=%s: true or false", row->name, text);
    case SETTING_INT: {
        int64_t v;
        if (!text_i64(pp_str_from(text), 0, &v) || v != (int)v)
            return pp_fail(err, PP_E_USAGE, "-%s=%s: a whole number", row->name, text);
        *(int *)field(s, row) = (int)v;
        return true;
    }
    case SETTING_REAL:
        return number_real(text, field(s, row)) ||
               pp_fail(err, PP_E_USAGE, "-%s=%s: a number", row->name, text);
    case SETTING_LIST: {
        struct text_list *list = field(s, row);
        const char **longer = PP_NEW(arena, const char *, list->n + 1);
        if (list->n) memcpy(longer, list->at, list->n * sizeof *longer);
        longer[list->n] = text;
        list->at = longer;
        list->n++;
        return true;
    }
    case SETTING_TEXT:
        break;
    }
    if (row->choices && *text) return set_choice(field(s, row), row, text, err);
    *(const char **)field(s, row) = text;
    return true;
}

void settings_init(struct settings *s, struct pp_arena *arena) {
    *s = (struct settings){0};
    for (const struct setting *row = setting_table; row->name; row++)
        if (row->def) setting_set(s, row, row->def, arena, NULL);
}

bool setting_is_on(const struct settings *s, const struct setting *row) {
    return *(const bool *)((const char *)s + row->offset);
}

struct pp_str setting_text(const struct settings *s, const struct setting *row,
                           struct pp_arena *arena) {
    const char *at = (const char *)s + row->offset;
    switch (row->kind) {
    case SETTING_BOOL:
        return *(const bool *)at ? PP_STR("true") : PP_STR("false");
    case SETTING_INT:
        return pp_arena_printf(arena, "%d", *(const int *)at);
    case SETTING_REAL:
        return pp_arena_printf(arena, "%g", *(const double *)at);
    case SETTING_TEXT:
        return pp_str_from(*(const char *const *)at);
    case SETTING_LIST:
        break;
    }
    const struct text_list *list = (const struct text_list *)(const void *)at;
    return list->n ? pp_str_from(list->at[list->n - 1]) : PP_STR("");
}
