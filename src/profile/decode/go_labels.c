#include "profile/decode/go_labels.h"

#include "base/text.h"
#include "base/utf8.h"

/* `n` digits of the base as a number; steps over them. */
static bool read_code(struct pp_str s, size_t *at, size_t n, unsigned base, uint32_t *ret_code) {
    uint32_t code = 0;
    if (s.len - *at < n) return false;
    for (size_t i = 0; i < n; i++) {
        unsigned digit = text_digit_value(s.data[*at + i]);
        if (digit >= base) return false;
        code = code * base + digit;
    }
    *at += n;
    *ret_code = code;
    return true;
}

/* What follows a backslash. */
static bool read_escape(struct pp_str s, size_t *at, char *out, size_t *n) {
    static const char from[] = "abfnrtv\\\"'", to[] = "\a\b\f\n\r\t\v\\\"'";
    static const struct {
        char letter;
        unsigned char digits, base;
        bool byte;
    } codes[] = {{'x', 2, 16, true}, {'u', 4, 16, false}, {'U', 8, 16, false}};
    if (*at >= s.len) return false;
    char c = s.data[*at];
    const char *simple = c ? strchr(from, c) : NULL;
    if (simple) {
        ++*at;
        out[(*n)++] = to[simple - from];
        return true;
    }
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        uint32_t code;
        if (codes[i].letter != c) continue;
        ++*at;
        if (!read_code(s, at, codes[i].digits, codes[i].base, &code) || code > 0x10ffff)
            return false;
        if (codes[i].byte)
            out[(*n)++] = (char)code;
        else
            *n += utf8_encode(code, out + *n);
        return true;
    }
    return false;
}

/* A quoted text; an escape is never shorter than what it stands for. */
static bool read_quoted(struct pp_str s, size_t *at, struct pp_arena *scratch,
                        struct pp_str *ret_text) {
    if (!text_skip(s, at, PP_STR("\""))) return false;
    size_t end = *at;
    while (end < s.len && s.data[end] != '"')
        end += s.data[end] == '\\' ? 2 : 1;
    if (end >= s.len) return false;
    char *out = PP_NEW(scratch, char, end - *at + 1);
    size_t n = 0;
    while (*at < end) {
        if (s.data[*at] != '\\') {
            out[n++] = s.data[(*at)++];
            continue;
        }
        ++*at;
        if (!read_escape(s, at, out, &n)) return false;
    }
    *ret_text = (struct pp_str){out, n};
    return text_skip(s, at, PP_STR("\""));
}

bool go_labels_read(struct profile_builder *b, struct pp_str s, struct pp_arena *scratch,
                    struct pp_label *ret_labels, uint32_t *ret_n) {
    size_t i = 0;
    uint32_t n = 0;
    if (!text_skip(s, &i, PP_STR("{"))) return false;
    while (!text_skip(s, &i, PP_STR("}"))) {
        struct pp_str key, value;
        if (n) text_skip(s, &i, PP_STR(","));
        text_skip_all(s, &i, ' ');
        if (!read_quoted(s, &i, scratch, &key)) return false;
        text_skip_all(s, &i, ' ');
        if (!text_skip(s, &i, PP_STR(":"))) return false;
        text_skip_all(s, &i, ' ');
        if (!read_quoted(s, &i, scratch, &value)) return false;
        if (n < GO_LABELS_MAX)
            ret_labels[n++] =
                (struct pp_label){builder_string(b, key), builder_string(b, value), 0};
    }
    *ret_n = n;
    return true;
}
