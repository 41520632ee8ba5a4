#include "driver/words.h"

struct pp_str error_words(const struct pp_error *err, const struct settings *s,
                          struct pp_arena *arena) {
    if (!err->about) return pp_str_from(err->text);
    if (err->code == PP_E_LIMIT)
        return pp_arena_printf(arena, "%s; -%s=N allows more", err->text, err->about);
    const struct setting *row = setting_find(pp_str_from(err->about));
    if (!row) return pp_arena_printf(arena, "-%s: %s", err->about, err->text);
    struct pp_str value = setting_text(s, row, arena);
    if (!value.len) return pp_arena_printf(arena, "%s (-%s)", err->text, err->about);
    return pp_arena_printf(arena, "-%s=%.*s: %s", err->about, PP_STR_ARG(value), err->text);
}
