#include "base/text.h"

#include "base/utf8.h"

static bool is_space(uint32_t c) {
    switch (c) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case ' ':
    case 0x85:
    case 0xa0:
    case 0x1680:
    case 0x2028:
    case 0x2029:
    case 0x202f:
    case 0x205f:
    case 0x3000:
        return true;
    default:
        return c >= 0x2000 && c <= 0x200a;
    }
}

/* The character that ends `s` (len > 0); an invalid byte counts as one. */
static uint32_t last_character(struct pp_str s, size_t *ret_len) {
    for (size_t n = 1; n <= 4 && n <= s.len; n++) {
        unsigned char byte = (unsigned char)s.data[s.len - n];
        if ((byte & 0xc0) == 0x80) continue;
        uint32_t c = utf8_decode(pp_str_slice(s, s.len - n, s.len), ret_len);
        if (*ret_len == n) return c;
        break;
    }
    *ret_len = 1;
    return UTF8_INVALID;
}

static struct pp_str trim_ascii(struct pp_str s) {
    while (s.len && (text_is_blank(*s.data) || *s.data == '\v'))
        s = pp_str_slice(s, 1, s.len);
    while (s.len && (text_is_blank(s.data[s.len - 1]) || s.data[s.len - 1] == '\v'))
        s.len--;
    return s;
}

struct pp_str text_trim(struct pp_str s) {
    size_t n;
    s = trim_ascii(s);
    if (s.len && !((s.data[0] | s.data[s.len - 1]) & 0x80)) return s;
    while (s.len && is_space(utf8_decode(s, &n)))
        s = pp_str_slice(s, n, s.len);
    while (s.len && is_space(last_character(s, &n)))
        s = pp_str_slice(s, 0, s.len - n);
    return s;
}

size_t text_find(struct pp_str s, struct pp_str what, size_t from) {
    if (from > s.len || what.len > s.len - from) return SIZE_MAX;
    if (what.len == 0) return from;
    const char *found = memmem(s.data + from, s.len - from, what.data, what.len);
    return found ? (size_t)(found - s.data) : SIZE_MAX;
}

bool text_skip(struct pp_str s, size_t *at, struct pp_str literal) {
    if (!pp_str_has_prefix(pp_str_slice(s, *at, s.len), literal)) return false;
    *at += literal.len;
    return true;
}

size_t text_skip_all(struct pp_str s, size_t *at, char c) {
    size_t from = *at;
    while (*at < s.len && s.data[*at] == c)
        ++*at;
    return *at - from;
}

struct pp_str text_digits(struct pp_str s, size_t *at) {
    size_t from = *at;
    while (*at < s.len && text_is_digit(s.data[*at]))
        ++*at;
    return pp_str_slice(s, from, *at);
}

bool text_seek_digit(struct pp_str s, size_t *at) {
    while (*at < s.len && !text_is_digit(s.data[*at]))
        ++*at;
    return *at < s.len;
}

/* Takes the prefix off and tells its base. */
static unsigned prefix_base(struct pp_str *s) {
    if (s->len == 0 || s->data[0] != '0') return 10;
    char kind = s->len >= 3 ? (char)(s->data[1] | 0x20) : '\0';
    unsigned base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
    *s = pp_str_slice(*s, base ? 2 : 1, s->len);
    return base ? base : 8;
}

bool text_u64(struct pp_str s, unsigned base, uint64_t *ret_v) {
    if (s.len == 0) return false;
    bool free = base == 0, after_digit = free && s.data[0] == '0'; /* a prefix counts as a digit */
    if (free) base = prefix_base(&s);
    uint64_t v = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (free && s.data[i] == '_') {
            if (!after_digit) return false;
            after_digit = false;
            continue;
        }
        unsigned digit = text_digit_value(s.data[i]);
        if (digit >= base || __builtin_mul_overflow(v, (uint64_t)base, &v) ||
            __builtin_add_overflow(v, (uint64_t)digit, &v))
            return false;
        after_digit = true;
    }
    if (s.len && s.data[s.len - 1] == '_') return false;
    *ret_v = v;
    return true;
}

bool text_i64(struct pp_str s, unsigned base, int64_t *ret_v) {
    bool negative = s.len && s.data[0] == '-';
    if (negative || (s.len && s.data[0] == '+')) s = pp_str_slice(s, 1, s.len);
    uint64_t v;
    if (!text_u64(s, base, &v) || v > (uint64_t)INT64_MAX + negative) return false;
    *ret_v = (int64_t)(negative ? 0 - v : v);
    return true;
}

bool text_next_word(struct pp_str *line, struct pp_str *ret_word) {
    *line = text_trim(*line);
    size_t n = 0;
    while (n < line->len && !text_is_blank(line->data[n]))
        n++;
    *ret_word = pp_str_slice(*line, 0, n);
    *line = pp_str_slice(*line, n, line->len);
    return n > 0;
}

bool text_next_line(struct pp_str *text, struct pp_str *ret_line) {
    if (text->len == 0) return false;
    const char *newline = memchr(text->data, '\n', text->len);
    size_t len = newline ? (size_t)(newline - text->data) : text->len;
    *ret_line = pp_str_slice(*text, 0, len);
    *text = pp_str_slice(*text, len + (newline != NULL), text->len);
    return true;
}
