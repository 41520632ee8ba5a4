#include "base/safe.h"

#include "base/utf8.h"

#include <stdio.h>

bool safe_is_harmless(uint32_t c) {
    if (c == '\n' || c == '\t') return true;
    if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false; /* controls */
    bool reorders = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
                    (c >= 0x2066 && c <= 0x2069);
    return !reorders && c != 0x2028 && c != 0x2029;
}

/* Whether the text begins with a character whose rest may still come. */
static bool is_cut_off(struct pp_str s) {
    unsigned char first = (unsigned char)s.data[0];
    size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    if (first >= 0xf5 || s.len >= want) return false;
    for (size_t i = 1; i < s.len; i++)
        if (((unsigned char)s.data[i] & 0xc0) != 0x80) return false;
    return true;
}

size_t safe_text(struct pp_str text, bool last, void (*put)(void *user, struct pp_str piece),
                 void *user) {
    size_t plain = 0, at = 0;
    while (at < text.len) {
        unsigned char first = (unsigned char)text.data[at];
        if (first >= 0x20 && first < 0x7f) {
            at++;
            continue;
        }
        struct pp_str rest = pp_str_slice(text, at, text.len);
        if (!last && is_cut_off(rest)) break;
        size_t len;
        uint32_t c = utf8_decode(rest, &len);
        bool invalid = c == UTF8_INVALID && len == 1;
        if (!invalid && safe_is_harmless(c)) {
            at += len;
            continue;
        }
        char escape[16];
        int n = invalid || c < 0x80 ? snprintf(escape, sizeof escape, "\\x%02x", first)
                                    : snprintf(escape, sizeof escape, "\\u%04x", c);
        put(user, pp_str_slice(text, plain, at));
        put(user, (struct pp_str){escape, (size_t)n});
        at += len;
        plain = at;
    }
    put(user, pp_str_slice(text, plain, at));
    return text.len - at;
}

bool safe_is_plain(struct pp_str name) {
    size_t len;
    for (size_t at = 0; at < name.len; at += len) {
        uint32_t c = utf8_decode(pp_str_slice(name, at, name.len), &len);
        if (c < ' ' || c == UTF8_INVALID || !safe_is_harmless(c)) return false;
    }
    return name.len > 0;
}
