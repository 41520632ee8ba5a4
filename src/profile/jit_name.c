/* See jit_name.h. */
#include "profile/jit_name.h"

#include "base/path.h"
#include "base/text.h"

bool jit_name_is_dump(struct pp_str path) {
    const struct pp_str head = PP_STR("jit-"), tail = PP_STR(".dump");
    struct pp_str name = path_base(path);
    size_t end = name.len - tail.len;
    if (!pp_str_has_prefix(name, head) || !pp_str_has_suffix(name, tail)) return false;
    for (size_t i = head.len; i < end; i++)
        if (!text_is_digit(name.data[i])) return false;
    return end > head.len;
}

/* Takes ":NUMBER" off the end. */
static bool take_number(struct pp_str *s, int64_t *ret_number) {
    const char *colon = s->len ? memrchr(s->data, ':', s->len) : NULL;
    size_t at = colon ? (size_t)(colon - s->data) : 0;
    if (!colon || !text_i64(pp_str_slice(*s, at + 1, s->len), 10, ret_number) || *ret_number < 1)
        return false;
    s->len = at;
    return true;
}

bool jit_name_place(struct pp_str name, struct pp_str *ret_file, int64_t *ret_line) {
    static const struct pp_str begins[] = {{" /", 2}, {" file:///", 9}};
    size_t at = 0;
    int64_t column, line;
    while (at < name.len && text_is_letter(name.data[at]))
        at++;
    if (!at || at == name.len || name.data[at] != ':') return false;
    if (!take_number(&name, &column) || !take_number(&name, &line)) return false;
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
        size_t found = text_find(name, begins[i], at);
        if (found >= name.len) continue;
        *ret_file = pp_str_slice(name, found + begins[i].len - 1, name.len);
        *ret_line = line;
        return true;
    }
    return false;
}
