/* Keys of names: a table of what is generated, walked once a name. */
#include "gate/identity.h"

#include "base/text.h"

#include <stdint.h>

/* ---- what is generated ---- */

enum run { RUN_NONE, RUN_DIGITS, RUN_HEX, RUN_WORD, RUN_MARK, RUN_BRACKETS, RUN_PLACE };
enum place { ANYWHERE, AT_START };

/* `lead`, then `min` to `max` characters of `run`, then `tail`; what follows is no letter or digit.
 * In the key `put` stands for all of it. */
struct generated {
    enum identity_level level;
    enum place place;
    char lead[24];
    enum run run;
    size_t min, max;
    char tail[4], put[24];
};

enum { ANY = 1 << 20 };

static const struct generated table[] = {
    /* Java: lambdas, accessors, proxies, hidden classes */
    {IDENTITY_BUILD, ANYWHERE, "$$Lambda$", RUN_DIGITS, 1, ANY, "", "$$Lambda"},
    {IDENTITY_BUILD, ANYWHERE, "$$Lambda$", RUN_HEX, 16, 64, "", "$$Lambda"},
    {IDENTITY_BUILD, ANYWHERE, "/0x", RUN_HEX, 4, 16, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".0x", RUN_HEX, 4, 16, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "+0x", RUN_HEX, 8, 16, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "/", RUN_DIGITS, 6, 12, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "MethodAccessor", RUN_DIGITS, 1, ANY, "", "MethodAccessor"},
    {IDENTITY_BUILD, ANYWHERE, "ConstructorAccessor", RUN_DIGITS, 1, ANY, "",
     "ConstructorAccessor"},
    {IDENTITY_BUILD, ANYWHERE, "$Proxy", RUN_DIGITS, 1, ANY, "", "$Proxy"},
    {IDENTITY_BUILD, ANYWHERE, "jdk.proxy", RUN_DIGITS, 1, ANY, "", "jdk.proxy"},
    {IDENTITY_BUILD, ANYWHERE, "CGLIB$$", RUN_HEX, 1, 16, "", "CGLIB"},
    {IDENTITY_BUILD, ANYWHERE, "ByGuice$$", RUN_HEX, 1, 16, "", "ByGuice"},
    {IDENTITY_BUILD, ANYWHERE, "$MockitoMock$", RUN_DIGITS, 1, ANY, "", "$MockitoMock"},
    {IDENTITY_BUILD, ANYWHERE, "$HibernateProxy$", RUN_WORD, 6, 16, "", "$HibernateProxy"},
    {IDENTITY_BUILD, ANYWHERE, "$ByteBuddy$", RUN_WORD, 6, 16, "", "$ByteBuddy"},
    /* async-profiler: interpreted, by the first compiler, by the last one, inlined */
    {IDENTITY_BUILD, ANYWHERE, "_[0]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "_[1]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "_[j]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "_[i]", RUN_NONE, 0, 0, "", ""},
    /* gcc and clang: clones, parts, local names made global; as symbols and as demanglers show
     * them */
    {IDENTITY_BUILD, ANYWHERE, ".llvm.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".part.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".constprop.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".isra.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".lto_priv.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".__uniq.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".memprof.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".specialized.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".clone.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".__part.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".localalias.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".localalias", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".cfi_jt", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".cfi", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "@GLIBC_", RUN_MARK, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "@@GLIBC_", RUN_MARK, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "<lambda_", RUN_HEX, 32, 32, ">", "<lambda>"},
    {IDENTITY_BUILD, ANYWHERE, ".cold.", RUN_DIGITS, 1, ANY, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".warm", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".cold", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, " [clone .", RUN_MARK, 1, ANY, "]", ""},
    {IDENTITY_BUILD, ANYWHERE, " (.", RUN_MARK, 1, ANY, ")", ""},
    {IDENTITY_BUILD, ANYWHERE, " [.", RUN_MARK, 1, ANY, "]", ""},
    /* Rust: the hash of a crate's build */
    {IDENTITY_BUILD, ANYWHERE, "::h", RUN_HEX, 16, 16, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "17h", RUN_HEX, 16, 16, "E", "E"},
    {IDENTITY_BUILD, ANYWHERE, "[", RUN_HEX, 13, 16, "]", ""},
    /* Zig: instances of generic functions, types without a name */
    {IDENTITY_BUILD, ANYWHERE, "__anon_", RUN_DIGITS, 1, ANY, "", "__anon"},
    {IDENTITY_BUILD, ANYWHERE, "__struct_", RUN_DIGITS, 1, ANY, "", "__struct"},
    {IDENTITY_BUILD, ANYWHERE, "__enum_", RUN_DIGITS, 1, ANY, "", "__enum"},
    {IDENTITY_BUILD, ANYWHERE, "__union_", RUN_DIGITS, 1, ANY, "", "__union"},
    {IDENTITY_BUILD, ANYWHERE, "__opaque_", RUN_DIGITS, 1, ANY, "", "__opaque"},
    /* .NET: how far a method is compiled, methods that are made at run time */
    {IDENTITY_BUILD, ANYWHERE, "[OptimizedTier", RUN_WORD, 1, 9, "]", ""},
    {IDENTITY_BUILD, ANYWHERE, "[Optimized]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "[Tier", RUN_WORD, 1, 20, "]", ""},
    {IDENTITY_BUILD, ANYWHERE, "[PreJIT]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "[QuickJitted]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "[MinOptJitted]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "lambda_method", RUN_DIGITS, 1, ANY, "", "lambda_method"},
    /* V8: how far a function is compiled */
    {IDENTITY_BUILD, AT_START, "LazyCompile:*", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "LazyCompile:~", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "LazyCompile:^", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "LazyCompile:+", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "LazyCompile:", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "Function:*", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "Function:~", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "Function:^", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "Function:+", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "Script:*", RUN_NONE, 0, 0, "", "Script:"},
    {IDENTITY_BUILD, AT_START, "Script:~", RUN_NONE, 0, 0, "", "Script:"},
    {IDENTITY_BUILD, AT_START, "Eval:*", RUN_NONE, 0, 0, "", "Eval:"},
    {IDENTITY_BUILD, AT_START, "Eval:~", RUN_NONE, 0, 0, "", "Eval:"},
    {IDENTITY_BUILD, AT_START, "JS:*", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "JS:~", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "JS:^", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "JS:+", RUN_NONE, 0, 0, "", "JS:"},
    {IDENTITY_BUILD, AT_START, "*", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, AT_START, "^", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, AT_START, "~", RUN_NONE, 0, 0, "", ""},
    /* Go: shapes of generic functions, the closures of a package's variables, assembly */
    {IDENTITY_BUILD, ANYWHERE, "[...]", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, "[go.shape.", RUN_BRACKETS, 1, ANY, "]", ""},
    {IDENTITY_BUILD, ANYWHERE, ".glob.", RUN_NONE, 0, 0, "", ".init"},
    {IDENTITY_BUILD, ANYWHERE, ".abi0", RUN_NONE, 0, 0, "", ""},
    {IDENTITY_BUILD, ANYWHERE, ".abiinternal", RUN_NONE, 0, 0, "", ""},
    /* Ordinals: Go's closures and wrappers, */
    {IDENTITY_FAMILY, ANYWHERE, ".func", RUN_DIGITS, 1, 9, "", ".#"},
    {IDENTITY_FAMILY, ANYWHERE, ".gowrap", RUN_DIGITS, 1, 9, "", ".#"},
    {IDENTITY_FAMILY, ANYWHERE, ".deferwrap", RUN_DIGITS, 1, 9, "", ".#"},
    {IDENTITY_FAMILY, ANYWHERE, "\302\267dwrap\302\267", RUN_DIGITS, 1, 9, "", ".#"},
    {IDENTITY_FAMILY, ANYWHERE, "-range", RUN_DIGITS, 1, 9, "", ".#"},
    {IDENTITY_FAMILY, ANYWHERE, ".", RUN_DIGITS, 1, 9, "", ".#"},
    /* anonymous classes and lambdas of the JVM's languages, */
    {IDENTITY_FAMILY, ANYWHERE, "$", RUN_DIGITS, 1, 9, "", "$#"},
    {IDENTITY_FAMILY, ANYWHERE, "lambda-", RUN_DIGITS, 1, 9, "", "lambda#"},
    {IDENTITY_FAMILY, ANYWHERE, "$fn__", RUN_DIGITS, 1, 9, "", "$fn#"},
    {IDENTITY_FAMILY, ANYWHERE, "_closure", RUN_DIGITS, 1, 9, "", "_closure"},
    {IDENTITY_FAMILY, ANYWHERE, "SyntheticLambda", RUN_DIGITS, 1, 9, "", "SyntheticLambda"},
    {IDENTITY_FAMILY, ANYWHERE, "SyntheticOutline", RUN_DIGITS, 1, 9, "", "SyntheticOutline"},
    /* lambdas of C++, Rust and Swift, of clang without a name, of MSVC; blocks of Objective-C, */
    {IDENTITY_FAMILY, ANYWHERE, "#", RUN_DIGITS, 1, 9, "", "#"},
    {IDENTITY_FAMILY, ANYWHERE, "$_", RUN_DIGITS, 1, 9, "", "$#"},
    {IDENTITY_FAMILY, ANYWHERE, "'lambda", RUN_DIGITS, 1, 9, "'", "'lambda'"},
    {IDENTITY_FAMILY, ANYWHERE, "<lambda_", RUN_DIGITS, 1, 9, ">", "<lambda>"},
    {IDENTITY_FAMILY, ANYWHERE, " at ", RUN_PLACE, 1, ANY, ")", ")"},
    {IDENTITY_FAMILY, ANYWHERE, "_block_invoke_", RUN_DIGITS, 1, 9, "", "_block_invoke"},
    {IDENTITY_FAMILY, ANYWHERE, "fU", RUN_DIGITS, 0, 9, "_", "fU_"},
    /* of D, Erlang and OCaml; functions of WebAssembly without names, */
    {IDENTITY_FAMILY, ANYWHERE, "__lambda", RUN_DIGITS, 1, 9, "", "__lambda"},
    {IDENTITY_FAMILY, ANYWHERE, "__lambda", RUN_DIGITS, 1, 9, "M", "__lambdaM"},
    {IDENTITY_FAMILY, ANYWHERE, "__lambda_L", RUN_WORD, 1, 19, "", "__lambda"},
    {IDENTITY_FAMILY, ANYWHERE, "__dgliteral", RUN_DIGITS, 1, 9, "", "__dgliteral"},
    {IDENTITY_FAMILY, ANYWHERE, "__foreachbody", RUN_DIGITS, 1, 9, "", "__foreachbody"},
    {IDENTITY_FAMILY, ANYWHERE, "-fun-", RUN_DIGITS, 1, 9, "-", "-fun-"},
    {IDENTITY_FAMILY, ANYWHERE, "-anonymous-", RUN_DIGITS, 1, 9, "-", "-fun-"},
    {IDENTITY_FAMILY, ANYWHERE, "fun_", RUN_DIGITS, 1, 9, "", "fun_"},
    {IDENTITY_FAMILY, ANYWHERE, "wasm-function[", RUN_DIGITS, 1, 9, "]", "wasm-function"},
    /* lambdas, what they hold, local functions and state machines of .NET */
    {IDENTITY_FAMILY, ANYWHERE, ">b__", RUN_WORD, 1, 19, "", ">b"},
    {IDENTITY_FAMILY, ANYWHERE, ">d__", RUN_DIGITS, 1, 9, "", ">d"},
    {IDENTITY_FAMILY, ANYWHERE, "DisplayClass", RUN_WORD, 1, 19, "", "DisplayClass"},
    {IDENTITY_FAMILY, ANYWHERE, "|", RUN_WORD, 1, 19, "", "|"},
};

/* ---- matching ---- */

static bool is_word(char c) {
    return text_is_digit(c) || text_is_letter(c);
}

static bool is_in_run(enum run run, char c) {
    switch (run) {
    case RUN_DIGITS:
        return text_is_digit(c);
    case RUN_HEX:
        return text_is_lower_hex(c);
    case RUN_WORD:
        return is_word(c) || c == '_';
    case RUN_MARK:
        return is_word(c) || c == '_' || c == '.';
    case RUN_PLACE:
        return c != ')';
    default:
        return false;
    }
}

/* How long the brackets' inside is: up to the ']' that closes. */
static size_t inside_brackets(struct pp_str s) {
    size_t depth = 1;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '[') depth++;
        if (s.data[i] == ']' && --depth == 0) return i;
    }
    return 0;
}

static size_t run_length(enum run run, struct pp_str s) {
    if (run == RUN_BRACKETS) return inside_brackets(s);
    size_t n = 0;
    while (n < s.len && is_in_run(run, s.data[n]))
        n++;
    return n;
}

/* The length of what the row takes from the start of `rest`; 0: it is not there. */
static size_t match(const struct generated *g, struct pp_str rest) {
    struct pp_str lead = pp_str_from(g->lead), tail = pp_str_from(g->tail);
    if (!pp_str_has_prefix(rest, lead)) return 0;
    rest = pp_str_slice(rest, lead.len, rest.len);
    size_t n = run_length(g->run, rest);
    if (n < g->min || n > g->max) return 0;
    rest = pp_str_slice(rest, n, rest.len);
    if (!pp_str_has_prefix(rest, tail)) return 0;
    bool ends_inside = !tail.len && g->place == ANYWHERE && rest.len > 0 && is_word(rest.data[0]);
    return ends_inside ? 0 : lead.len + n + tail.len;
}

enum { N_ROWS = sizeof table / sizeof *table };
_Static_assert(N_ROWS < UINT8_MAX, "a row's number has a byte");

/* The rows that begin with a character, in their order: numbers are one more, 0 is the end. */
struct leads {
    uint8_t first[256], next[N_ROWS];
};

static void list_leads(struct leads *ret_leads) {
    memset(ret_leads->first, 0, sizeof ret_leads->first);
    for (unsigned i = N_ROWS; i-- > 0;) {
        uint8_t *first = &ret_leads->first[(unsigned char)table[i].lead[0]];
        ret_leads->next[i] = *first;
        *first = (uint8_t)(i + 1);
    }
}

/* A second look before all of it is compared: names are full of dots. */
static bool may_match(const struct generated *g, struct pp_str rest) {
    return !g->lead[1] || (rest.len > 1 && g->lead[1] == rest.data[1]);
}

static const struct generated *find(const struct leads *leads, struct pp_str name, size_t at,
                                    enum identity_level level, size_t *ret_len) {
    struct pp_str rest = pp_str_slice(name, at, name.len);
    for (unsigned i = leads->first[(unsigned char)*rest.data]; i; i = leads->next[i - 1]) {
        const struct generated *g = &table[i - 1];
        if (g->level > level || !may_match(g, rest)) continue;
        if (g->place == AT_START && at > 0) continue;
        *ret_len = match(g, rest);
        /* A name is never left out as a whole. */
        if (*ret_len && (at > 0 || *ret_len < name.len || g->put[0])) return g;
    }
    return NULL;
}

/* No row's `put` is longer than what it takes: the key has room in the name's length. */
static struct pp_str without_generated(struct pp_str name, enum identity_level level,
                                       struct pp_arena *arena) {
    char *key = NULL;
    size_t n = 0, len;
    struct leads leads;
    list_leads(&leads);
    for (size_t at = 0; at < name.len; at += len) {
        const struct generated *g = find(&leads, name, at, level, &len);
        if (g && !key) {
            key = PP_NEW(arena, char, name.len);
            memcpy(key, name.data, n = at);
        }
        if (!g) len = 1;
        struct pp_str put = g ? pp_str_from(g->put) : pp_str_slice(name, at, at + 1);
        if (key && put.len) {
            memcpy(key + n, put.data, put.len);
            n += put.len;
        }
    }
    return key ? (struct pp_str){key, n} : name;
}

/* ---- places in names ---- */

static const struct pp_str nameless[] = {
    {"(anonymous)", 11}, {"<anonymous>", 11}, {"anonymous", 9}, {"(anonymous function)", 20},
    {"<lambda>", 8},     {"lambda", 6},       {"<module>", 8},  {"<listcomp>", 10},
    {"<dictcomp>", 10},  {"<setcomp>", 9},    {"<genexpr>", 9}, {"{closure}", 9},
    {"__ANON__", 8},     {"JS:", 3},
};

bool identity_is_nameless(struct pp_str name) {
    for (size_t i = 0; i < sizeof nameless / sizeof *nameless; i++) {
        struct pp_str n = nameless[i];
        if (!pp_str_has_suffix(name, n)) continue;
        if (name.len == n.len || !is_word(name.data[name.len - n.len - 1])) return true;
    }
    return name.len == 0;
}

/* What is left of `s` without ":12" at its end; all of it where nothing such is there. */
static struct pp_str without_number(struct pp_str s) {
    size_t n = s.len;
    while (n > 0 && text_is_digit(s.data[n - 1]))
        n--;
    bool is_there = n < s.len && n > 1 && s.data[n - 1] == ':';
    return is_there ? pp_str_slice(s, 0, n - 1) : s;
}

/* "run app.js:12:5", "f (m.py:12)", "f - m.rb:12": the line is what changes when something above is
 * edited. What has no name but its place keeps it. */
static struct pp_str without_line(struct pp_str name, struct pp_arena *arena) {
    bool closes = name.len > 0 && name.data[name.len - 1] == ')';
    struct pp_str whole = pp_str_slice(name, 0, name.len - closes);
    struct pp_str s = without_number(without_number(whole));
    if (s.len == whole.len) return name;
    size_t at = s.len;
    while (at > 0 && s.data[at - 1] != ' ' && s.data[at - 1] != '(')
        at--;
    bool is_file = memchr(s.data + at, '.', s.len - at) || memchr(s.data + at, '/', s.len - at);
    while (at > 0 && strchr(" (-", s.data[at - 1]))
        at--;
    if (!is_file || identity_is_nameless(pp_str_slice(s, 0, at))) return name;
    return pp_arena_printf(arena, "%.*s%s", PP_STR_ARG(s), closes ? ")" : "");
}

struct pp_str identity_key(struct pp_str name, enum identity_level level, struct pp_arena *arena) {
    return without_line(without_generated(name, level, arena), arena);
}

/* ---- likeness ---- */

/* Where the last word begins: after the last separator outside of brackets, before arguments. */
static size_t last_word(struct pp_str name) {
    size_t depth = 0, at = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        if (c == '(' && depth == 0 && at > 0 && i > at) break;
        if (c == '<' || c == '(' || c == '[') depth++;
        if ((c == '>' || c == ')' || c == ']') && depth) depth--;
        if (depth == 0 && (c == '.' || c == ':' || c == '/')) at = i + 1;
    }
    return at < name.len ? at : 0;
}

enum { N_PAIRS = 256, LONGEST = 500 };

static size_t count_pairs(struct pp_str s, int16_t *counts, int16_t step) {
    if (s.len > LONGEST) s.len = LONGEST;
    unsigned char before = '^';
    for (size_t i = 0; i <= s.len; i++) {
        unsigned char c = i < s.len ? (unsigned char)s.data[i] : '$';
        counts[(before * 31U + c) % N_PAIRS] =
            (int16_t)(counts[(before * 31U + c) % N_PAIRS] + step);
        before = c;
    }
    return s.len + 1;
}

/* Dice's coefficient of the pairs of neighbouring characters. */
static double dice(struct pp_str a, struct pp_str b) {
    int16_t counts[N_PAIRS] = {0};
    size_t all = count_pairs(a, counts, 1) + count_pairs(b, counts, -1), differ = 0;
    for (size_t i = 0; i < N_PAIRS; i++)
        differ += (size_t)(counts[i] < 0 ? -counts[i] : counts[i]);
    return 1 - (double)differ / (double)all;
}

double identity_likeness(struct pp_str a, struct pp_str b) {
    const double of_word = 0.7;
    size_t x = last_word(a), y = last_word(b);
    double word = dice(pp_str_slice(a, x, a.len), pp_str_slice(b, y, b.len));
    return of_word * word + (1 - of_word) * dice(pp_str_slice(a, 0, x), pp_str_slice(b, 0, y));
}
