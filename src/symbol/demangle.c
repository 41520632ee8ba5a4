/* See demangle.h. */
#include "symbol/demangle.h"

#include "base/text.h"

enum { MAX_MANGLED = 64 << 10 };

/* Apple's blocks, as clang names them: ___Z3foov_block_invoke, _block_invoke_2, _block_invoke.3 are
 * in foo(). */
static bool demangle_block(struct pp_str mangled, enum demangle_mode mode, struct pp_arena *arena,
                           struct pp_str *ret_name) {
    static const struct pp_str mark = {"_block_invoke", 13};
    size_t end = mangled.len >= mark.len ? mangled.len - mark.len + 1 : 0, at;
    while (end > 0 && !pp_str_has_prefix(pp_str_slice(mangled, end - 1, mangled.len), mark))
        end--;
    if (end < 6) return false;
    at = --end + mark.len;
    if (at < mangled.len && mangled.data[at] == '_') at++;
    while (at < mangled.len && text_is_digit(mangled.data[at]))
        at++;
    if (at < mangled.len && mangled.data[at] != '.') return false;
    struct pp_str inner = pp_arena_copy(arena, pp_str_slice(mangled, 2, end));
    if (!demangle_cxx(inner.data, mode, arena, &inner)) return false;
    *ret_name = pp_arena_printf(arena, "invocation function for block in %.*s", PP_STR_ARG(inner));
    return true;
}

bool demangle_name(struct pp_str mangled, enum demangle_mode mode, struct pp_arena *arena,
                   struct pp_str *ret_name) {
    if (mangled.len < 3 || mangled.len > MAX_MANGLED || mangled.data[0] != '_' ||
        memchr(mangled.data, 0, mangled.len))
        return false;
    const char *text = pp_arena_copy(arena, mangled).data;
    if (text[1] == 'R') return demangle_rust(text, mode, arena, ret_name);
    if (strncmp(text, "___Z", 4) == 0) return demangle_block(mangled, mode, arena, ret_name);
    if (text[1] != 'Z' && strncmp(text, "_GLOBAL_", 8) != 0) return false;
    return demangle_rust_legacy(mangled, arena, ret_name) ||
           demangle_cxx(text, mode, arena, ret_name);
}

/* "a(b)c(d)" without what is between the brackets, and without them; as it was when they don't
 * match. */
static struct pp_str cut_brackets(struct pp_str s, char open, char close, struct pp_arena *arena) {
    char *out = PP_NEW(arena, char, s.len + 1);
    size_t n = 0, depth = 0;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == close && depth == 0) {
            memcpy(out + n, s.data + i, s.len - i);
            return (struct pp_str){out, n + s.len - i};
        }
        if (c == open) depth++;
        if (depth == 0) out[n++] = c;
        if (c == close) depth--;
    }
    if (depth == 0) return (struct pp_str){out, n};
    /* An open one is left: what follows the outermost of them stays. */
    depth = 0;
    size_t outermost = s.len;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == open && depth++ == 0) outermost = i;
        if (s.data[i] == close) depth--;
    }
    memcpy(out + n, s.data + outermost, s.len - outermost);
    return (struct pp_str){out, n + s.len - outermost};
}

/* Java's "Class.<init>" and Go's "foo.(*Bar[...]).Method" are not C++. */
static bool looks_like_cxx(struct pp_str name) {
    bool any = false;
    char before = 0;
    for (size_t i = 0; i < name.len; before = name.data[i++])
        switch (name.data[i]) {
        case '<':
            if (before == '.') return false;
            any = true;
            break;
        case '.':
            if (before == ')' && i > 1 && name.data[i - 2] == ']') return false;
            break;
        case ':':
            any |= before == ':';
            break;
        case '>':
        case '[':
        case ']':
            any = true;
            break;
        default:
            break;
        }
    return any;
}

struct pp_str demangle_function(struct pp_str system_name, enum demangle_mode mode,
                                struct pp_arena *arena) {
    struct pp_str name = system_name;
    if (mode == DEMANGLE_NONE) return name;
    if (demangle_name(name, mode, arena, &name) && !pp_str_eq(name, system_name)) return name;
    /* macOS puts an underscore in front of every name. */
    if (system_name.len && system_name.data[0] == '_') {
        struct pp_str rest = pp_str_slice(system_name, 1, system_name.len);
        name = rest;
        if (demangle_name(rest, mode, arena, &name) && !pp_str_eq(name, rest)) return name;
    }
    name = system_name;
    if (mode == DEMANGLE_FULL || !looks_like_cxx(name)) return name;
    name = cut_brackets(name, '(', ')', arena);
    if (mode == DEMANGLE_DEFAULT) name = cut_brackets(name, '<', '>', arena);
    return text_trim(name).len ? name : system_name; /* "<module> (m.py:3)" */
}
