/* Names through libiberty. Its tree of a C++ name is edited before it is printed, so that the
 * parameters of enclosing functions go; template arguments are marked in the tree and treated in
 * the text, because the printer needs them for what refers to them. */
#include "symbol/demangle.h"

#include "base/hash.h"
#include "base/index.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdlib.h>

enum { MAX_TEXT = 1 << 20, MAX_DEPTH = 4096, OPEN = 1, CLOSE = 2 };

/* ---- printing, with a bound: a short name can stand for a text of any length ---- */

struct sink {
    struct pp_arena *arena;
    char *at;
    size_t n, cap;
    jmp_buf too_long;
};

static void take(const char *text, size_t len, void *user) {
    struct sink *s = user;
    if (len == 0) return;
    if (s->n + len > MAX_TEXT) longjmp(s->too_long, 1);
    PP_RESERVE(s->arena, s->at, s->n, s->cap, len);
    memcpy(s->at + s->n, text, len);
    s->n += len;
}

/* ---- editing the tree ---- */

struct editor {
    struct pp_arena *arena;
    bool drop_enclosing, drop_templates;
    struct hash_index seen; /* the tree has shared parts */
    struct demangle_component **nodes;
    size_t n_nodes, cap_nodes;
    unsigned depth;
};

static bool is_new(struct editor *e, struct demangle_component *node) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)(uintptr_t)node);
    for (struct index_probe i = index_probe(&e->seen, hash); index_next(&e->seen, &i);)
        if (e->nodes[i.position] == node) return false;
    index_add(&e->seen, hash, (uint32_t)e->n_nodes);
    PP_PUSH(e->arena, e->nodes, e->n_nodes, e->cap_nodes, node);
    return true;
}

static struct demangle_component *new_node(struct editor *e, enum demangle_component_type type,
                                           struct demangle_component *left,
                                           struct demangle_component *right) {
    struct demangle_component *node = PP_NEW(e->arena, struct demangle_component, 1);
    node->type = type;
    node->u.s_binary.left = left;
    node->u.s_binary.right = right;
    return node;
}

static struct demangle_component *new_text(struct editor *e, const char *text) {
    struct demangle_component *node = PP_NEW(e->arena, struct demangle_component, 1);
    cplus_demangle_fill_name(node, text, (int)strlen(text));
    return node;
}

/* name<args>: OPEN goes behind the name, CLOSE behind the last argument. */
static void mark_template(struct editor *e, struct demangle_component *t) {
    struct demangle_component *close =
        new_node(e, DEMANGLE_COMPONENT_TEMPLATE_ARGLIST, new_text(e, "\2"), NULL);
    struct demangle_component **end = &t->u.s_binary.right;
    while (*end && (*end)->type == DEMANGLE_COMPONENT_TEMPLATE_ARGLIST)
        end = &(*end)->u.s_binary.right;
    if (*end) return;
    *end = close;
    t->u.s_binary.left =
        new_node(e, DEMANGLE_COMPONENT_COMPOUND_NAME, t->u.s_binary.left, new_text(e, "\1"));
}

/* The function that a local name is local to: f(int)::g becomes f()::g. */
static void drop_parameters(struct demangle_component *function) {
    while (function && function->type >= DEMANGLE_COMPONENT_RESTRICT_THIS &&
           function->type <= DEMANGLE_COMPONENT_RVALUE_REFERENCE_THIS)
        function = function->u.s_binary.left;
    if (!function || function->type != DEMANGLE_COMPONENT_TYPED_NAME) return;
    struct demangle_component *type = function->u.s_binary.right;
    while (type && type->type >= DEMANGLE_COMPONENT_RESTRICT_THIS &&
           type->type <= DEMANGLE_COMPONENT_RVALUE_REFERENCE_THIS)
        type = type->u.s_binary.left;
    if (type && type->type == DEMANGLE_COMPONENT_FUNCTION_TYPE)
        type->u.s_binary.left = type->u.s_binary.right = NULL;
}

/* "std::basic_string<char, ...>", which the ABI abbreviates as a whole. */
static void cut_standard_name(struct demangle_component *node) {
    const char *text = node->u.s_string.string;
    const char *open = memchr(text, '<', (size_t)node->u.s_string.len);
    if (open) node->u.s_string.len = (int)(open - text);
}

static void edit(struct editor *e, struct demangle_component *node);

static void edit_children(struct editor *e, struct demangle_component *node) {
    switch (node->type) {
    case DEMANGLE_COMPONENT_NAME:
    case DEMANGLE_COMPONENT_TEMPLATE_PARAM:
    case DEMANGLE_COMPONENT_FUNCTION_PARAM:
    case DEMANGLE_COMPONENT_SUB_STD:
    case DEMANGLE_COMPONENT_BUILTIN_TYPE:
    case DEMANGLE_COMPONENT_EXTENDED_BUILTIN_TYPE:
    case DEMANGLE_COMPONENT_OPERATOR:
    case DEMANGLE_COMPONENT_CHARACTER:
    case DEMANGLE_COMPONENT_NUMBER:
    case DEMANGLE_COMPONENT_UNNAMED_TYPE:
    case DEMANGLE_COMPONENT_TEMPLATE_TYPE_PARM:
        return;
    case DEMANGLE_COMPONENT_CTOR:
        edit(e, node->u.s_ctor.name);
        return;
    case DEMANGLE_COMPONENT_DTOR:
        edit(e, node->u.s_dtor.name);
        return;
    case DEMANGLE_COMPONENT_EXTENDED_OPERATOR:
        edit(e, node->u.s_extended_operator.name);
        return;
    case DEMANGLE_COMPONENT_FIXED_TYPE:
        edit(e, node->u.s_fixed.length);
        return;
    case DEMANGLE_COMPONENT_LAMBDA:
    case DEMANGLE_COMPONENT_DEFAULT_ARG:
        edit(e, node->u.s_unary_num.sub);
        return;
    default:
        edit(e, node->u.s_binary.left);
        edit(e, node->u.s_binary.right);
    }
}

static void edit(struct editor *e, struct demangle_component *node) {
    if (!node || e->depth >= MAX_DEPTH || !is_new(e, node)) return;
    e->depth++;
    edit_children(e, node);
    e->depth--;
    if (node->type == DEMANGLE_COMPONENT_TEMPLATE) mark_template(e, node);
    if (node->type == DEMANGLE_COMPONENT_SUB_STD && e->drop_templates) cut_standard_name(node);
    if (node->type == DEMANGLE_COMPONENT_LOCAL_NAME && e->drop_enclosing)
        drop_parameters(node->u.s_binary.left);
    if (node->type == DEMANGLE_COMPONENT_CLONE) *node = *node->u.s_binary.left;
}

/* ---- the text ---- */

struct text {
    char *at;
    size_t n;
};

static void put(struct text *t, char c) {
    t->at[t->n++] = c;
}

static bool ends_with_comma(const struct text *t) {
    return t->n >= 2 && t->at[t->n - 1] == ' ' && t->at[t->n - 2] == ',';
}

/* An empty pack leaves its comma behind: "<a, , b, >". */
static void close_list(struct text *t) {
    while (ends_with_comma(t))
        t->n -= 2;
}

/* The marks become what the reference prints: "> >", "operator< <int>", or nothing at all. */
static struct pp_str finish_text(struct pp_str s, bool templates, struct pp_arena *arena) {
    struct text t = {PP_NEW(arena, char, 2 * s.len + 1), 0};
    size_t hidden = 0; /* how many argument lists we are in that are not shown */
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        if (c == OPEN) {
            i++; /* the '<' */
            if (!templates) hidden++;
            if (hidden) continue;
            if (t.n && t.at[t.n - 1] == '<') put(&t, ' ');
            put(&t, '<');
        } else if (c == CLOSE) {
            i++; /* the '>' */
            if (hidden) {
                hidden--;
                continue;
            }
            close_list(&t);
            if (t.n && t.at[t.n - 1] == '>') put(&t, ' ');
            put(&t, '>');
        } else if (!hidden) {
            bool list_begins = t.n && (t.at[t.n - 1] == '<' || t.at[t.n - 1] == '(');
            if (c == ',' && (list_begins || ends_with_comma(&t)) && i + 1 < s.len &&
                s.data[i + 1] == ' ')
                i++;
            else
                put(&t, c);
        }
    }
    return (struct pp_str){t.at, t.n};
}

static bool print_tree(struct sink *sink, struct demangle_component *tree, int options) {
    if (setjmp(sink->too_long)) return false;
    return cplus_demangle_print_callback(options, tree, take, sink);
}

bool demangle_cxx(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                  struct pp_str *ret_name) {
    void *memory = NULL;
    int options = DMGL_ANSI | (mode == DEMANGLE_FULL || mangled[1] == 'G' ? DMGL_PARAMS : 0);
    struct demangle_component *tree = cplus_demangle_v3_components(mangled, options, &memory);
    if (!tree) return false;
    struct editor e = {.arena = arena,
                       .drop_enclosing = mode != DEMANGLE_FULL,
                       .drop_templates = mode == DEMANGLE_DEFAULT};
    edit(&e, tree);
    index_done(&e.seen);
    struct sink sink = {.arena = arena};
    bool ok = print_tree(&sink, tree, options);
    free(memory);
    if (!ok) return false;
    *ret_name = finish_text((struct pp_str){sink.at, sink.n}, mode != DEMANGLE_DEFAULT, arena);
    return true;
}

/* ---- Rust v0 ---- */

/* Generic arguments follow a name or "::"; in "<T as Trait>" nothing precedes the bracket. */
static struct pp_str without_generics(struct pp_str s, struct pp_arena *arena) {
    struct text t = {PP_NEW(arena, char, s.len + 1), 0};
    size_t depth = 0; /* in hidden brackets */
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i], before = i ? s.data[i - 1] : ' ';
        bool arrow = c == '>' && before == '-';
        if (depth) {
            depth += c == '<';
            depth -= c == '>' && !arrow;
            if (depth) continue;
        }
        put(&t, c);
        bool name = before == '_' || before == ':' || before == '}' ||
                    (before >= '0' && before <= '9') ||
                    ((before | 32) >= 'a' && (before | 32) <= 'z') || (unsigned char)before >= 0x80;
        if (c == '<' && name) depth = 1;
    }
    return (struct pp_str){t.at, t.n};
}

static bool print_rust(struct sink *sink, const char *mangled) {
    if (setjmp(sink->too_long)) return false;
    return rust_demangle_callback(mangled, DMGL_NO_OPTS, take, sink);
}

bool demangle_rust(const char *mangled, enum demangle_mode mode, struct pp_arena *arena,
                   struct pp_str *ret_name) {
    struct sink sink = {.arena = arena};
    struct pp_str plain = pp_arena_copy(arena, (struct pp_str){mangled, strcspn(mangled, ".")});
    if (!print_rust(&sink, plain.data)) return false;
    *ret_name = (struct pp_str){sink.at, sink.n};
    if (mode == DEMANGLE_DEFAULT) *ret_name = without_generics(*ret_name, arena);
    return true;
}
