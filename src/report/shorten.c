/* The forms that are recognized are those of the reference (internal/graph, ShortenFunctionName).
 */
#include "report/shorten.h"

#include "base/text.h"

static bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}

static bool is_word(char c) {
    return is_lower(c) || is_upper(c) || text_is_digit(c) || c == '_';
}

static char at(struct pp_str s, size_t i) {
    return i < s.len ? s.data[i] : 0;
}

static size_t skip_word(struct pp_str s, size_t i) {
    while (i < s.len && is_word(s.data[i]))
        i++;
    return i;
}

static size_t line_end(struct pp_str s, size_t from) {
    const char *end = from < s.len ? memchr(s.data + from, '\n', s.len - from) : NULL;
    return end ? (size_t)(end - s.data) : s.len;
}

/* "/v2" and above, followed by a slash or a dot: the version of a Go module. Where it ends, or 0.
 */
static size_t version_end(struct pp_str s, size_t i) {
    if (at(s, i) != '/' || at(s, i + 1) != 'v') return 0;
    size_t first = i + 2, end = first;
    while (text_is_digit(at(s, end)))
        end++;
    bool is_version = end - first == 1 ? s.data[first] >= '2' : end > first && s.data[first] != '0';
    return is_version && (at(s, end) == '/' || at(s, end) == '.') ? end : 0;
}

static struct pp_str without_version(struct pp_str s, struct pp_arena *arena) {
    if (line_end(s, 0) != s.len) return s;
    for (size_t i = 0; i < s.len; i++) {
        size_t end = version_end(s, i);
        if (!end) continue;
        char *joined = PP_NEW(arena, char, s.len);
        memcpy(joined, s.data, i);
        memcpy(joined + i, s.data + end, s.len - end);
        return (struct pp_str){joined, s.len - (end - i)};
    }
    return s;
}

/* dir/dir/package.Function -> package.Function */
static bool shorten_go(struct pp_str s, struct pp_str *ret_short) {
    size_t start = 0;
    for (size_t i = 0;;) {
        size_t end = i;
        while (end < s.len && (is_word(s.data[end]) || s.data[end] == '-' || s.data[end] == '.'))
            end++;
        if (end == i || at(s, end) != '/') break;
        i = start = end + 1;
    }
    /* The last directory may have to be part of what is kept. */
    while (start > 0) {
        const char *dot = start < s.len ? memchr(s.data + start, '.', s.len - start) : NULL;
        size_t after = dot ? (size_t)(dot - s.data) + 1 : 0;
        if (dot && after > start + 1 && after < s.len && s.data[after] != '\n') {
            *ret_short = pp_str_slice(s, start, line_end(s, after));
            return true;
        }
        start--;
        while (start > 0 && s.data[start - 1] != '/')
            start--;
    }
    return false;
}

/* com.example.Class.method(args) -> Class.method */
static bool shorten_java(struct pp_str s, struct pp_str *ret_short) {
    size_t start = 0, i;
    while (is_lower(at(s, start))) {
        i = skip_word(s, start);
        if (at(s, i) != '.') return false;
        start = i + 1;
    }
    if (!is_upper(at(s, start))) return false;
    i = start;
    while (is_word(at(s, i)) || at(s, i) == '$')
        i++;
    if (at(s, i++) != '.') return false;
    if (pp_str_has_prefix(pp_str_slice(s, i, s.len), PP_STR("<init>"))) {
        i += 6;
    } else {
        if (!is_lower(at(s, i))) return false;
        while (is_word(at(s, i)) || at(s, i) == '$')
            i++;
    }
    if (i < s.len && s.data[i] != '(') return false;
    *ret_short = pp_str_slice(s, start, i);
    return true;
}

/* Whether [from, to) is a class: underscores, then a capital. */
static bool is_class(struct pp_str s, size_t from, size_t to) {
    while (from < to && s.data[from] == '_')
        from++;
    return from < to && is_upper(s.data[from]);
}

/* Where the method at `i` ends, its template arguments included; 0 if there is none. */
static size_t method_end(struct pp_str s, size_t i) {
    if (at(s, i) == '~') i++;
    if (!is_word(at(s, i)) || text_is_digit(at(s, i))) return 0;
    i = skip_word(s, i);
    if (at(s, i) != '<') return i;
    for (size_t end = line_end(s, i); end > i; end--)
        if (s.data[end - 1] == '>') return end;
    return i;
}

/* ns::ns::Class::method<T>(args) -> Class::method<T>: the last class that has a method. */
static bool shorten_cpp(struct pp_str s, struct pp_str *ret_short) {
    bool found = false;
    for (size_t i = 0; is_word(at(s, i)) && !text_is_digit(at(s, i));) {
        size_t end = skip_word(s, i);
        if (at(s, end) != ':' || at(s, end + 1) != ':') break;
        size_t method = i > 0 && is_class(s, i, end) ? method_end(s, end + 2) : 0;
        if (method) *ret_short = pp_str_slice(s, i, method);
        found |= method != 0;
        i = end + 2;
    }
    return found;
}

struct pp_str shorten_function(struct pp_str name, struct pp_arena *arena) {
    const struct pp_str anonymous = PP_STR("(anonymous namespace)::");
    struct pp_str s = name, shorter;
    if (pp_str_has_prefix(s, anonymous)) s = pp_str_slice(s, anonymous.len, s.len);
    s = without_version(s, arena);
    if (shorten_go(s, &shorter) || shorten_java(s, &shorter) || shorten_cpp(s, &shorter))
        return shorter;
    return s;
}
