/* Rust's v0 mangling (RFC 2603): read and written in one go. The default mode shows no generic
 * arguments. */
#include "symbol/demangle.h"

#include "base/text.h"

#include <setjmp.h>
#include <stdio.h>

enum { MAX_TEXT = 1 << 20, MAX_DEPTH = 1024, MAX_STEPS = 1 << 22 };

struct rust {
    struct pp_arena *arena;
    jmp_buf failed;
    const char *start, *at, *end;
    bool silent; /* read, but don't write */
    bool no_generics;
    char last;
    int64_t lifetimes; /* that are bound here */
    unsigned depth;
    size_t steps_left;
    char *text;
    size_t n, cap;
};

static void fail(struct rust *r) __attribute__((noreturn));
static void fail(struct rust *r) {
    longjmp(r->failed, 1);
}

/* ---- reading and writing ---- */

static char peek(const struct rust *r) {
    return r->at < r->end ? *r->at : '\0';
}

static bool take(struct rust *r, char c) {
    if (peek(r) != c || r->at == r->end) return false;
    r->at++;
    return true;
}

static void expect(struct rust *r, char c) {
    if (!take(r, c)) fail(r);
}

static char next(struct rust *r) {
    if (r->at == r->end) fail(r);
    return *r->at++;
}

static void put_str(struct rust *r, struct pp_str s) {
    if (r->silent || s.len == 0) return;
    if (s.len > MAX_TEXT - r->n) fail(r);
    PP_RESERVE(r->arena, r->text, r->n, r->cap, s.len);
    memcpy(r->text + r->n, s.data, s.len);
    r->n += s.len;
    r->last = s.data[s.len - 1];
}

static void put(struct rust *r, const char *text) {
    put_str(r, pp_str_from(text));
}

static void put_char(struct rust *r, char c) {
    put_str(r, (struct pp_str){&c, 1});
}

static void put_number(struct rust *r, uint64_t v, const char *format) {
    char text[40];
    snprintf(text, sizeof text, format, (unsigned long long)v);
    put(r, text);
}

static void enter(struct rust *r) {
    if (r->depth >= MAX_DEPTH || r->steps_left == 0) fail(r);
    r->depth++;
    r->steps_left--;
}

static void leave(struct rust *r) {
    r->depth--;
}

/* ---- numbers and identifiers ---- */

/* "_" is 0, "0_" is 1. A hash may wrap; whoever counts with it looks at its bounds. */
static int64_t base_62(struct rust *r) {
    uint64_t v = 0;
    if (take(r, '_')) return 0;
    for (char c; (c = next(r)) != '_';) {
        unsigned digit;
        if (text_is_digit(c))
            digit = (unsigned)(c - '0');
        else if (c >= 'a' && c <= 'z')
            digit = (unsigned)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'Z')
            digit = (unsigned)(c - 'A') + 36;
        else
            fail(r);
        v = 62 * v + digit;
    }
    return (int64_t)(v + 1);
}

static size_t decimal(struct rust *r) {
    size_t v = 0;
    if (r->at == r->end) fail(r);
    while (text_is_digit(peek(r))) {
        v = 10 * v + (size_t)(*r->at++ - '0');
        if (v > INT32_MAX / 10) fail(r);
    }
    return v;
}

static int64_t disambiguator(struct rust *r) {
    return take(r, 's') ? (int64_t)((uint64_t)base_62(r) + 1) : 0;
}

static struct pp_str identifier(struct rust *r, bool *ret_punycode) {
    *ret_punycode = take(r, 'u');
    size_t len = decimal(r);
    take(r, '_');
    if (len > (size_t)(r->end - r->at)) fail(r);
    struct pp_str id = {r->at, len};
    for (size_t i = 0; i < len; i++) {
        char c = id.data[i], lower = (char)(c | 0x20);
        if (!text_is_digit(c) && c != '_' && (lower < 'a' || lower > 'z')) fail(r);
    }
    r->at += len;
    if (!*ret_punycode) return id;
    struct pp_str plain;
    if (!demangle_punycode(id, r->arena, &plain)) fail(r);
    return plain;
}

static void put_identifier(struct rust *r) {
    bool punycode;
    put_str(r, identifier(r, &punycode));
}

/* ---- what repeats ---- */

static void type(struct rust *r);

/* A part that stands further left, read again by `read`. */
static void back_reference(struct rust *r, void (*read)(struct rust *r, void *user), void *user) {
    const char *before = r->at - 1; /* the B */
    int64_t i = base_62(r);
    if (r->silent) return;
    if (i < 0 || i >= before - r->start) fail(r);
    const char *at = r->at, *end = r->end;
    r->at = r->start + i;
    r->end = before;
    enter(r);
    read(r, user);
    leave(r);
    r->at = at;
    r->end = end;
}

static void put_lifetime(struct rust *r, int64_t lifetime) {
    put_char(r, '\'');
    int64_t depth = lifetime < 0 ? -1 : r->lifetimes - lifetime;
    if (lifetime == 0) {
        put_char(r, '_');
    } else if (depth < 0) {
        fail(r);
    } else if (depth < 26) {
        put_char(r, (char)('a' + depth));
    } else {
        put_char(r, 'z');
        put_number(r, (uint64_t)depth - 25, "%llu");
    }
}

/* for<'a, 'b> */
static void binder(struct rust *r) {
    if (!take(r, 'G')) return;
    int64_t n = base_62(r);
    /* Each is referred to later. */
    if (n < 0 || n + 1 >= r->end - r->at - r->lifetimes) fail(r);
    put(r, "for<");
    for (int64_t i = 0; i <= n; i++) {
        if (i) put(r, ", ");
        r->lifetimes++;
        put_lifetime(r, 1);
    }
    put(r, "> ");
}

/* ---- constants ---- */

enum constant { NO_CONSTANT, SIGNED, UNSIGNED, BOOLEAN, CHARACTER };

static enum constant constant_kind(char type) {
    if (type && strchr("aslxni", type)) return SIGNED;
    if (type && strchr("htmyoj", type)) return UNSIGNED;
    return type == 'b' ? BOOLEAN : type == 'c' ? CHARACTER : NO_CONSTANT;
}

static void put_character(struct rust *r, uint64_t c) {
    static const char escaped[] = "\t\r\n\\'", letters[] = "trn\\'";
    const char *e = c && c < 128 ? strchr(escaped, (int)c) : NULL;
    put_char(r, '\'');
    if (e) {
        put_char(r, '\\');
        put_char(r, letters[e - escaped]);
    } else if (c >= ' ' && c <= '~') {
        put_char(r, (char)c);
    } else {
        put_number(r, c, "\\u{%llx}");
    }
    put_char(r, '\'');
}

static void put_constant(struct rust *r, enum constant kind, struct pp_str digits) {
    uint64_t v = 0;
    if (kind <= UNSIGNED && digits.len > 16) {
        put(r, "0x");
        put_str(r, digits);
        return;
    }
    if (!text_u64(digits, 16, &v)) fail(r);
    if (kind == BOOLEAN ? v > 1 || digits.len > 1 : kind == CHARACTER && digits.len > 6) fail(r);
    if (kind == BOOLEAN)
        put(r, v ? "true" : "false");
    else if (kind == CHARACTER)
        put_character(r, v);
    else
        put_number(r, v, "%llu");
}

static void constant(struct rust *r);

static void constant_again(struct rust *r, void *user) {
    (void)user;
    constant(r);
}

static void constant(struct rust *r) {
    if (take(r, 'B')) {
        back_reference(r, constant_again, NULL);
        return;
    }
    if (take(r, 'p')) {
        put_char(r, '_');
        return;
    }
    enum constant kind = constant_kind(next(r));
    if (kind == NO_CONSTANT) fail(r);
    if (kind == SIGNED && take(r, 'n')) put_char(r, '-');
    struct pp_str digits = {r->at, 0};
    while (text_is_lower_hex(peek(r))) {
        r->at++;
        digits.len++;
    }
    if (digits.len == 0 || (digits.len > 1 && digits.data[0] == '0')) fail(r);
    expect(r, '_');
    put_constant(r, kind, digits);
}

/* ---- paths ---- */

static void path(struct rust *r, bool separator);

static void generic_arg(struct rust *r) {
    if (take(r, 'L'))
        put_lifetime(r, base_62(r));
    else if (take(r, 'K'))
        constant(r);
    else
        type(r);
}

static void generic_args(struct rust *r) {
    bool silent = r->silent;
    r->silent |= r->no_generics;
    for (bool first = true; !take(r, 'E'); first = false) {
        if (!first) put(r, ", ");
        generic_arg(r);
    }
    r->silent = silent;
}

/* The path of an implementation is not shown. */
static void implementation(struct rust *r) {
    bool silent = r->silent;
    r->silent = true;
    disambiguator(r);
    path(r, false);
    r->silent = silent;
}

/* <T as Trait>, or <T> for an inherent implementation. */
static void type_path(struct rust *r, char kind) {
    if (kind != 'Y') implementation(r);
    put_char(r, '<');
    type(r);
    if (kind != 'M') {
        put(r, " as ");
        path(r, false);
    }
    put_char(r, '>');
}

/* What has no name of its own: {closure#0}, {shim:vtable#0}. */
static void special_part(struct rust *r, char namespace, int64_t number, struct pp_str name) {
    put(r, "::{");
    if (namespace == 'C')
        put(r, "closure");
    else if (namespace == 'S')
        put(r, "shim");
    else
        put_char(r, namespace);
    if (name.len) put_char(r, ':');
    put_str(r, name);
    put_number(r, (uint64_t)number, "#%llu}");
}

static void nested_path(struct rust *r, bool separator) {
    char namespace = next(r), lower = (char)(namespace | 0x20);
    bool punycode;
    if (lower < 'a' || lower > 'z') fail(r);
    path(r, separator);
    int64_t number = disambiguator(r);
    struct pp_str name = identifier(r, &punycode);
    if (namespace == lower) {
        put(r, "::");
        put_str(r, name);
    } else {
        special_part(r, namespace, number, name);
    }
}

static void path_again(struct rust *r, void *user) {
    path(r, *(bool *)user);
}

static void generic_path(struct rust *r, bool separator) {
    path(r, separator);
    put(r, separator ? "::<" : "<");
    generic_args(r);
    put_char(r, '>');
}

/* `separator`: generic arguments follow "::", as in an expression. */
static void path(struct rust *r, bool separator) {
    enter(r);
    char kind = next(r);
    switch (kind) {
    case 'C':
        disambiguator(r);
        put_identifier(r);
        break;
    case 'M':
    case 'X':
    case 'Y':
        type_path(r, kind);
        break;
    case 'N':
        nested_path(r, separator);
        break;
    case 'I':
        generic_path(r, separator);
        break;
    case 'B':
        back_reference(r, path_again, &separator);
        break;
    default:
        fail(r);
    }
    leave(r);
}

/* ---- types ---- */

static void open_path(struct rust *r, bool *ret_open);

static void open_path_again(struct rust *r, void *user) {
    open_path(r, user);
}

/* A path whose generic arguments are not closed yet. */
static void open_path(struct rust *r, bool *ret_open) {
    *ret_open = false;
    if (take(r, 'B')) {
        back_reference(r, open_path_again, ret_open);
    } else if (take(r, 'I')) {
        path(r, false);
        put_char(r, '<');
        generic_args(r);
        *ret_open = true;
    } else {
        path(r, false);
    }
}

/* Trait<T, Item = U> */
static void dyn_trait(struct rust *r) {
    bool open;
    open_path(r, &open);
    while (take(r, 'p')) {
        put(r, open ? ", " : "<");
        open = true;
        put_identifier(r);
        put(r, " = ");
        type(r);
    }
    if (open) put_char(r, '>');
}

static void dyn_type(struct rust *r) {
    int64_t hold = r->lifetimes;
    put(r, "dyn ");
    binder(r);
    for (bool first = true; !take(r, 'E'); first = false) {
        if (!first) put(r, " + ");
        dyn_trait(r);
    }
    r->lifetimes = hold;
    expect(r, 'L');
    int64_t lifetime = base_62(r);
    if (lifetime == 0) return;
    if (r->last != ' ') put_char(r, ' ');
    put(r, "+ ");
    put_lifetime(r, lifetime);
}

static void abi(struct rust *r) {
    bool punycode;
    put(r, "extern \"");
    if (take(r, 'C')) {
        put_char(r, 'C');
    } else {
        struct pp_str name = identifier(r, &punycode);
        if (punycode) fail(r);
        for (size_t i = 0; i < name.len; i++)
            put_char(r, name.data[i] == '_' ? '-' : name.data[i]);
    }
    put(r, "\" ");
}

static void function_type(struct rust *r) {
    int64_t hold = r->lifetimes;
    binder(r);
    if (take(r, 'U')) put(r, "unsafe ");
    if (take(r, 'K')) abi(r);
    put(r, "fn(");
    for (bool first = true; !take(r, 'E'); first = false) {
        if (!first) put(r, ", ");
        type(r);
    }
    put_char(r, ')');
    if (!take(r, 'u')) {
        put(r, " -> ");
        type(r);
    }
    r->lifetimes = hold;
}

static void tuple(struct rust *r) {
    int n = 0;
    put_char(r, '(');
    for (; !take(r, 'E'); n++) {
        if (n) put(r, ", ");
        type(r);
    }
    put(r, n == 1 ? ",)" : ")");
}

static void slice(struct rust *r, char kind) {
    put_char(r, '[');
    type(r);
    if (kind == 'A') {
        put(r, "; ");
        constant(r);
    }
    put_char(r, ']');
}

static void reference(struct rust *r, char kind) {
    put_char(r, '&');
    int64_t lifetime = take(r, 'L') ? base_62(r) : 0;
    if (lifetime) {
        put_lifetime(r, lifetime);
        put_char(r, ' ');
    }
    if (kind == 'Q') put(r, "mut ");
    type(r);
}

static void basic_type(struct rust *r, char c) {
    static const char *const names['z' - 'a' + 1] = {
        "i8",    "bool", "char", "f64", "str",  "f32",  NULL,  "u8", "isize",
        "usize", NULL,   "i32",  "u32", "i128", "u128", "_",   NULL, NULL,
        "i16",   "u16",  "()",   "...", NULL,   "i64",  "u64", "!",
    };
    if (!names[c - 'a']) fail(r);
    put(r, names[c - 'a']);
}

static void type_again(struct rust *r, void *user) {
    (void)user;
    type(r);
}

static void composed_type(struct rust *r, char kind) {
    switch (kind) {
    case 'A':
    case 'S':
        slice(r, kind);
        break;
    case 'T':
        tuple(r);
        break;
    case 'R':
    case 'Q':
        reference(r, kind);
        break;
    case 'P':
    case 'O':
        put(r, kind == 'P' ? "*const " : "*mut ");
        type(r);
        break;
    case 'F':
        function_type(r);
        break;
    case 'D':
        dyn_type(r);
        break;
    case 'B':
        back_reference(r, type_again, NULL);
        break;
    default:
        fail(r);
    }
}

static void type(struct rust *r) {
    enter(r);
    char kind = peek(r);
    if (kind && strchr("CMXYNI", kind)) {
        path(r, false);
    } else {
        next(r);
        if (kind >= 'a' && kind <= 'z')
            basic_type(r, kind);
        else
            composed_type(r, kind);
    }
    leave(r);
}

/* A path, then the crate that made this instance of it, which is not shown. */
static void symbol(struct rust *r) {
    if (text_is_digit(peek(r))) fail(r); /* a version that is not known */
    path(r, true);
    r->silent = true;
    if (r->at < r->end) path(r, false);
    if (r->at < r->end) fail(r);
}

bool demangle_rust(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                   struct pp_str *ret_name) {
    struct rust r = {.arena = arena,
                     .start = mangled + 2,
                     .at = mangled + 2,
                     .no_generics = mode == DEMANGLE_DEFAULT,
                     .steps_left = MAX_STEPS};
    r.end = r.start + strcspn(r.start, ".$"); /* what comes then is the linker's or LLVM's */
    if (setjmp(r.failed)) return false;
    symbol(&r);
    *ret_name = (struct pp_str){r.text, r.n};
    return true;
}
