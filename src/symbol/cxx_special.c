/* Names of what the compiler made: tables, thunks, guards, clones; see cxx_parse.h. */
#include "symbol/cxx_parse.h"

static void skip_call_offset(struct cxx_parser *p, char kind) {
    if (kind == 'v') {
        cxx_number(p);
        cxx_expect(p, '_');
    } else if (kind != 'h') {
        cxx_fail(p->tree);
    }
    cxx_number(p);
    cxx_expect(p, '_');
}

static struct cxx_node *special_type(struct cxx_parser *p) {
    return cxx_type(p, false);
}

static struct cxx_node *special_function(struct cxx_parser *p) {
    return cxx_encoding(p, true, false);
}

static struct cxx_node *special_arg(struct cxx_parser *p) {
    return cxx_template_arg(p, NULL);
}

static struct cxx_node *thunk(struct cxx_parser *p) {
    skip_call_offset(p, 'h');
    return special_function(p);
}

static struct cxx_node *virtual_thunk(struct cxx_parser *p) {
    skip_call_offset(p, 'v');
    return special_function(p);
}

static struct cxx_node *covariant_thunk(struct cxx_parser *p) {
    for (int i = 0; i < 2; i++) {
        char kind = *p->at;
        if (kind) p->at++;
        skip_call_offset(p, kind);
    }
    return special_function(p);
}

static struct cxx_node *temporary(struct cxx_parser *p) {
    struct cxx_node *n = cxx_name(p);
    cxx_seq_id(p, true);
    return n;
}

static struct cxx_node *module(struct cxx_parser *p) {
    struct cxx_node *n = cxx_module_name(p, NULL);
    if (!n) cxx_fail(p->tree);
    return n;
}

/* Base in derived. */
static struct cxx_node *construction_vtable(struct cxx_parser *p) {
    struct cxx_node *derived = cxx_type(p, false);
    if (cxx_number(p) < 0) cxx_fail(p->tree);
    cxx_expect(p, '_');
    return cxx_two(p->tree, CXX_SPECIAL, cxx_type(p, false), derived);
}

/* A file in a Java archive: $S, $_ and $$ are escapes. */
static struct cxx_node *java_resource(struct cxx_parser *p) {
    static const char codes[] = "S_$", stands_for[] = "/.$";
    int len = cxx_number(p) - 1;
    if (len < 1) cxx_fail(p->tree);
    cxx_expect(p, '_');
    if (strnlen(p->at, (size_t)len) < (size_t)len) cxx_fail(p->tree);
    const char *end = p->at + len;
    char *text = PP_NEW(&p->tree->arena, char, (size_t)len);
    size_t n = 0;
    while (p->at < end) {
        char c = *p->at++;
        if (c == '$') {
            const char *code = p->at < end ? strchr(codes, *p->at++) : NULL;
            if (!code) cxx_fail(p->tree);
            c = stands_for[code - codes];
        }
        text[n++] = c;
    }
    return cxx_leaf(p->tree, CXX_NAME, (struct pp_str){text, n}, 0);
}

/* GTt, GTn, and other letters for other kinds of clones. */
static struct cxx_node *transaction(struct cxx_parser *p) {
    bool none = *p->at == 'n';
    if (!*p->at) cxx_fail(p->tree);
    p->at++;
    struct cxx_node *n = cxx_one(p->tree, CXX_SPECIAL, special_function(p));
    n->text = none ? PP_STR("non-transaction clone for ") : PP_STR("transaction clone for ");
    return n;
}

struct cxx_node *cxx_special(struct cxx_parser *p) {
    static const struct {
        char code[3];
        const char *prefix;
        struct cxx_node *(*read)(struct cxx_parser *p);
    } kinds[] = {
        {"TV", "vtable for ", special_type},
        {"TT", "VTT for ", special_type},
        {"TI", "typeinfo for ", special_type},
        {"TS", "typeinfo name for ", special_type},
        {"TA", "template parameter object for ", special_arg},
        {"Th", "non-virtual thunk to ", thunk},
        {"Tv", "virtual thunk to ", virtual_thunk},
        {"Tc", "covariant return thunk to ", covariant_thunk},
        {"TC", "construction vtable for ", construction_vtable},
        {"TF", "typeinfo fn for ", special_type},
        {"TJ", "java Class for ", special_type},
        {"TH", "TLS init function for ", cxx_name},
        {"TW", "TLS wrapper function for ", cxx_name},
        {"GV", "guard variable for ", cxx_name},
        {"GR", "reference temporary for ", temporary},
        {"GA", "hidden alias for ", special_function},
        {"GT", "", transaction},
        {"Gr", "java resource ", java_resource},
        {"GI", "initializer for module ", module},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!cxx_take_two(p, kinds[i].code)) continue;
        struct cxx_node *n = kinds[i].read(p);
        if (n->kind != CXX_SPECIAL || n->text.len) n = cxx_one(p->tree, CXX_SPECIAL, n);
        if (!n->text.len) n->text = pp_str_from(kinds[i].prefix);
        return n;
    }
    cxx_fail(p->tree);
}
