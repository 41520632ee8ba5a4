#include "base/json_read.h"

#include "base/text.h"
#include "base/utf8.h"

static void skip_space(struct json_read *j) {
    while (j->at < j->text.len && (j->text.data[j->at] == ' ' || j->text.data[j->at] == '\t' ||
                                   j->text.data[j->at] == '\n' || j->text.data[j->at] == '\r'))
        j->at++;
}

char json_read_peek(struct json_read *j) {
    skip_space(j);
    if (j->at >= j->text.len) return '\0';
    char c = j->text.data[j->at];
    if (c == '-' || text_is_digit(c)) return '0';
    return c && strchr("{[\"tfn", c) ? c : '\0';
}

bool json_read_take(struct json_read *j, char c) {
    skip_space(j);
    if (j->at >= j->text.len || j->text.data[j->at] != c) return false;
    j->at++;
    return true;
}

bool json_read_next(struct json_read *j, char close, bool first, bool *more) {
    *more = !json_read_take(j, close);
    return !*more || first || json_read_take(j, ',');
}

static bool hex4(struct pp_str s, size_t at, uint32_t *ret_v) {
    uint64_t v;
    if (s.len - at < 4 || !text_u64(pp_str_slice(s, at, at + 4), 16, &v)) return false;
    *ret_v = (uint32_t)v;
    return true;
}

/* The character of "\uXXXX" or of a surrogate pair, at the first X. */
static bool unicode_escape(struct pp_str s, size_t *at, uint32_t *ret_c) {
    uint32_t c, low;
    if (!hex4(s, *at, &c)) return false;
    *at += 4;
    if (c >= 0xd800 && c < 0xdc00 && s.len - *at >= 6 && s.data[*at] == '\\' &&
        s.data[*at + 1] == 'u' && hex4(s, *at + 2, &low) && low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        *at += 6;
    }
    *ret_c = c >= 0xd800 && c < 0xe000 ? UTF8_INVALID : c;
    return true;
}

/* `s` is what stands between the quotes. */
static bool unescape(struct pp_str s, struct pp_arena *arena, struct pp_str *ret_s,
                     size_t *ret_at) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char *text = PP_NEW(arena, char, s.len);
    size_t n = 0, at = 0;
    while (at < s.len) {
        if (s.data[at] != '\\') {
            text[n++] = s.data[at++];
            continue;
        }
        *ret_at = at;
        char kind = s.data[at + 1]; /* the closing quote was found, so there is one */
        const char *known = kind ? strchr(from, kind) : NULL;
        uint32_t c;
        at += 2;
        if (known)
            text[n++] = to[known - from];
        else if (kind == 'u' && unicode_escape(s, &at, &c))
            n += utf8_encode(c, text + n);
        else
            return false;
    }
    *ret_s = (struct pp_str){text, n};
    return true;
}

bool json_read_string(struct json_read *j, struct pp_arena *arena, struct pp_str *ret_s) {
    if (!json_read_take(j, '"')) return false;
    size_t from = j->at, end = from;
    bool escaped = false;
    while (end < j->text.len && j->text.data[end] != '"') {
        bool escape = j->text.data[end] == '\\';
        escaped |= escape;
        end += escape ? 2 : 1;
    }
    if (end >= j->text.len) {
        j->at = j->text.len;
        return false;
    }
    struct pp_str raw = pp_str_slice(j->text, from, end);
    size_t wrong = 0;
    if (escaped && !unescape(raw, arena, ret_s, &wrong)) {
        j->at = from + wrong;
        return false;
    }
    if (!escaped) *ret_s = raw;
    j->at = end + 1;
    return true;
}

bool json_read_number(struct json_read *j, struct pp_str *ret_s) {
    if (json_read_peek(j) != '0') return false;
    size_t from = j->at;
    while (j->at < j->text.len) {
        char c = j->text.data[j->at];
        if (!text_is_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') break;
        j->at++;
    }
    *ret_s = pp_str_slice(j->text, from, j->at);
    return true;
}

bool json_read_member(struct json_read *j, bool first, struct pp_str *ret_name,
                      struct pp_arena *arena, bool *more) {
    return json_read_next(j, '}', first, more) &&
           (!*more || (json_read_string(j, arena, ret_name) && json_read_take(j, ':')));
}

bool json_read_word(struct json_read *j, struct pp_str word) {
    skip_space(j);
    return text_skip(j->text, &j->at, word);
}

static bool skip_string(struct json_read *j) {
    size_t end = j->at + 1;
    while (end < j->text.len && j->text.data[end] != '"')
        end += j->text.data[end] == '\\' ? 2 : 1;
    bool ends = end < j->text.len;
    j->at = ends ? end + 1 : j->text.len;
    return ends;
}

/* Values are skipped by their brackets alone; what stands between them is not checked. */
bool json_read_skip(struct json_read *j) {
    struct pp_str number;
    size_t depth = 0;
    do {
        switch (json_read_peek(j)) {
        case '{':
        case '[':
            depth++;
            j->at++;
            break;
        case '"':
            if (!skip_string(j)) return false;
            break;
        case '0':
            if (!json_read_number(j, &number)) return false;
            break;
        case 't':
            if (!json_read_word(j, PP_STR("true"))) return false;
            break;
        case 'f':
            if (!json_read_word(j, PP_STR("false"))) return false;
            break;
        case 'n':
            if (!json_read_word(j, PP_STR("null"))) return false;
            break;
        default:
            if (depth == 0 || j->at >= j->text.len) return false;
            char c = j->text.data[j->at];
            if (c == '}' || c == ']')
                depth--;
            else if (c != ',' && c != ':')
                return false;
            j->at++;
        }
    } while (depth);
    return true;
}

bool json_read_end(struct json_read *j) {
    skip_space(j);
    return j->at == j->text.len;
}
