/* Types; see cxx_parse.h. */
#include "symbol/cxx_parse.h"

static struct cxx_node *new_text(struct cxx_parser *p, enum cxx_kind kind, struct pp_str text,
                                 struct cxx_node *of) {
    struct cxx_node *n = cxx_one(p->tree, kind, of);
    n->text = text;
    return n;
}

static struct cxx_node *new_number(struct cxx_parser *p, int number) {
    return cxx_leaf(p->tree, CXX_NAME, pp_arena_printf(&p->tree->arena, "%d", number), 0);
}

/* ---- qualifiers ---- */

static struct cxx_node *computed_noexcept(struct cxx_parser *p) {
    struct cxx_node *n = new_text(p, CXX_QUALIFIER, PP_STR("noexcept"), cxx_expression(p));
    cxx_expect(p, 'E');
    return n;
}

static struct cxx_node *throws(struct cxx_parser *p) {
    struct cxx_list types;
    cxx_parameters(p, false, &types);
    cxx_expect(p, 'E');
    struct cxx_node *n = cxx_join(p->tree, CXX_QUALIFIER, NULL, 0, &types);
    n->text = PP_STR("throw");
    return n;
}

/* One qualifier, or NULL. */
static struct cxx_node *qualifier(struct cxx_parser *p) {
    static const struct {
        char code[3], name[17];
    } plain[] = {{"r", "restrict"},
                 {"V", "volatile"},
                 {"K", "const"},
                 {"Dx", "transaction_safe"},
                 {"Do", "noexcept"}};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        size_t len = strlen(plain[i].code);
        if (strncmp(p->at, plain[i].code, len) != 0) continue;
        p->at += len;
        return cxx_leaf(p->tree, CXX_QUALIFIER, pp_str_from(plain[i].name), 0);
    }
    if (cxx_take_two(p, "DO")) return computed_noexcept(p);
    if (cxx_take_two(p, "Dw")) return throws(p);
    return NULL;
}

/* In the order in which they are written in C++: the last one read first. */
struct cxx_node *cxx_qualifiers(struct cxx_parser *p) {
    struct cxx_list read = {0};
    struct cxx_node *one;
    while ((one = qualifier(p)))
        cxx_push(p->tree, &read, one);
    if (read.n == 0) return NULL;
    struct cxx_node *n = cxx_new(p->tree, CXX_QUALIFIERS, read.n);
    for (size_t i = 0; i < read.n; i++)
        n->kids[i] = read.at[read.n - 1 - i];
    cxx_update(n);
    return n;
}

struct pp_str cxx_ref_qualifier(struct cxx_parser *p) {
    if (cxx_take(p, 'R')) return PP_STR("&");
    return cxx_take(p, 'O') ? PP_STR("&&") : PP_STR("");
}

/* ---- functions ---- */

/* What ends a list of types: its own end, a clone's suffix, a ref-qualifier, a constraint. */
static bool ends_parameters(const struct cxx_parser *p) {
    char c = *p->at;
    return c == 0 || c == 'E' || c == '.' || c == 'Q' || cxx_next_is(p, "RE") ||
           cxx_next_is(p, "OE");
}

void cxx_parameters(struct cxx_parser *p, bool object_param, struct cxx_list *ret_list) {
    *ret_list = (struct cxx_list){0};
    while (!ends_parameters(p)) {
        struct cxx_node *type = cxx_type(p, false);
        if (object_param && ret_list->n == 0) type = cxx_one(p->tree, CXX_OBJECT_PARAM, type);
        cxx_push(p->tree, ret_list, type);
    }
    if (ret_list->n == 0) cxx_fail(p->tree);
    /* f(void) */
    if (ret_list->n == 1 && cxx_is(ret_list->at[0], CXX_BUILTIN) &&
        cxx_text_is(ret_list->at[0], "void"))
        ret_list->n = 0;
}

struct cxx_node *cxx_function_type(struct cxx_parser *p, bool has_return, bool object_param) {
    struct cxx_node *type = NULL;
    struct cxx_list params;
    if (cxx_take(p, 'J')) has_return = true;
    if (has_return) type = cxx_type(p, false);
    cxx_parameters(p, object_param, &params);
    return cxx_join(p->tree, CXX_FUNCTION, &type, 1, &params);
}

static struct cxx_node *function(struct cxx_parser *p) {
    p->at++;
    cxx_take(p, 'Y'); /* extern "C" */
    struct cxx_node *n = cxx_function_type(p, true, false);
    struct pp_str ref = cxx_ref_qualifier(p);
    if (ref.len) {
        n = cxx_two(p->tree, CXX_METHOD, n, NULL);
        n->text = ref;
    }
    cxx_expect(p, 'E');
    return n;
}

/* ---- types of more than one part ----
 * Each reads its type, and says in *add whether it may be referred to later. */

static struct cxx_node *array(struct cxx_parser *p, bool is_cast, bool *add) {
    struct cxx_node *dimension;
    (void)add;
    p->at++;
    if (*p->at == '_' || text_is_digit(*p->at)) {
        size_t len = strspn(p->at, "0123456789");
        dimension = cxx_leaf(p->tree, CXX_NAME, (struct pp_str){p->at, len}, 0);
        p->at += len;
    } else {
        dimension = cxx_expression(p);
    }
    cxx_expect(p, '_');
    struct cxx_node *element = cxx_type(p, is_cast);
    if (element->kind != CXX_CV_TYPE) return cxx_two(p->tree, CXX_ARRAY, dimension, element);
    /* An array of const elements is a const array. */
    return cxx_two(p->tree, CXX_CV_TYPE, cxx_two(p->tree, CXX_ARRAY, dimension, element->kids[0]),
                   element->kids[1]);
}

static struct cxx_node *member_pointer(struct cxx_parser *p, bool is_cast, bool *add) {
    (void)add;
    p->at++;
    struct cxx_node *class = cxx_type(p, false);
    return cxx_two(p->tree, CXX_MEMBER_POINTER, class, cxx_type(p, is_cast));
}

static struct cxx_node *indirect(struct cxx_parser *p, bool is_cast, bool *add) {
    static const struct {
        char code;
        uint8_t kind;
        const char *text;
    } kinds[] = {{'P', CXX_POINTER, "*"},
                 {'R', CXX_REFERENCE, "&"},
                 {'O', CXX_RVALUE, "&&"},
                 {'C', CXX_SUFFIXED, " _Complex"},
                 {'G', CXX_SUFFIXED, " _Imaginary"}};
    size_t i = 0;
    (void)add;
    while (kinds[i].code != *p->at)
        i++;
    p->at++;
    return new_text(p, kinds[i].kind, pp_str_from(kinds[i].text), cxx_type(p, is_cast));
}

static struct cxx_node *function_type(struct cxx_parser *p, bool is_cast, bool *add) {
    (void)is_cast;
    (void)add;
    return function(p);
}

static struct cxx_node *named(struct cxx_parser *p, bool is_cast, bool *add) {
    (void)is_cast;
    (void)add;
    return cxx_name(p);
}

/* u8__type, and __name(type) of clang. */
static struct cxx_node *vendor_builtin(struct cxx_parser *p, bool is_cast, bool *add) {
    (void)is_cast;
    (void)add;
    p->at++;
    struct cxx_node *n = cxx_source_name(p);
    if (!cxx_take(p, 'I')) return n;
    n = new_text(p, CXX_TRANSFORMED, n->text, cxx_type(p, false));
    cxx_expect(p, 'E');
    return n;
}

static struct cxx_node *vendor_or_unnamed(struct cxx_parser *p, bool is_cast, bool *add) {
    struct cxx_node *template;
    *add = false;
    if (cxx_next_is(p, "Ul")) return cxx_closure(p);
    if (cxx_next_is(p, "Ut")) return cxx_unnamed(p);
    *add = true;
    p->at++;
    struct cxx_node *qualifier = cxx_source_name(p);
    if (*p->at == 'I') qualifier = cxx_template(p, qualifier, &template);
    return cxx_two(p->tree, CXX_VENDOR, qualifier, cxx_type(p, is_cast));
}

/* ---- template parameters and substitutions ---- */

/* Behind a template parameter in a conversion's type, arguments may be its own or the conversion's:
 * they are its own if others follow. Returns the parameter when they are not. */
static struct cxx_node *cast_template(struct cxx_parser *p, struct cxx_node *param, bool add) {
    struct cxx_parser before = *p;
    jmp_buf failed, *outer = p->tree->failed;
    unsigned depth = p->tree->depth, walk = p->tree->walk;
    struct cxx_node *template, *n;
    p->tree->failed = &failed;
    if (setjmp(failed) == 0) {
        n = cxx_template(p, param, &template);
        p->tree->failed = outer;
        if (*p->at == 'I') {
            if (add) cxx_push(p->tree, &p->subs, param);
            return n;
        }
    }
    p->tree->failed = outer;
    p->tree->depth = depth;
    p->tree->walk = walk;
    *p = before;
    return param;
}

static struct cxx_node *elaborated(struct cxx_parser *p, const char *kind) {
    p->at += 2;
    return new_text(p, CXX_ELABORATED, pp_str_from(kind), cxx_name(p));
}

static struct cxx_node *template_param(struct cxx_parser *p, bool is_cast, bool *add) {
    struct cxx_node *template;
    (void)add;
    if (cxx_next_is(p, "Ts")) return elaborated(p, "struct");
    if (cxx_next_is(p, "Tu")) return elaborated(p, "union");
    if (cxx_next_is(p, "Te")) return elaborated(p, "enum");
    struct cxx_node *n = cxx_template_param(p);
    if (*p->at != 'I') return n;
    if (is_cast) return cast_template(p, n, true);
    cxx_push(p->tree, &p->subs, n);
    return cxx_template(p, n, &template);
}

static struct cxx_node *substitution(struct cxx_parser *p, bool is_cast, bool *add) {
    struct cxx_node *n, *template;
    bool cast;
    char c = p->at[1];
    if (!text_is_digit(c) && c != '_' && !cxx_is_upper(c)) {
        n = cxx_name(p);
        *add = !(n->bits & BIT_STANDARD);
        return n;
    }
    n = cxx_substitution(p, false);
    if (n->kind == CXX_MODULE) {
        n = cxx_unqualified(p, n, &cast);
        cxx_push(p->tree, &p->subs, n);
    }
    *add = *p->at == 'I';
    if (!*add) return n;
    if (n->kind != CXX_TEMPLATE_PARAM || !is_cast) return cxx_template(p, n, &template);
    struct cxx_node *whole = cast_template(p, n, false);
    *add = whole != n;
    return whole;
}

/* ---- D ---- */

static struct cxx_node *decltype_of(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    struct cxx_node *n = cxx_one(p->tree, CXX_DECLTYPE, cxx_expression(p));
    cxx_expect(p, 'E');
    return n;
}

static struct cxx_node *expansion(struct cxx_parser *p, bool is_cast) {
    struct cxx_node *n = cxx_one(p->tree, CXX_EXPANSION, cxx_type(p, is_cast));
    n->ref = cxx_find_pack(p->tree, n->kids[0]);
    return n;
}

static struct cxx_node *vector(struct cxx_parser *p, bool is_cast) {
    struct cxx_node *dimension =
        cxx_take(p, '_') ? cxx_expression(p) : new_number(p, cxx_number(p));
    cxx_expect(p, '_');
    return cxx_two(p->tree, CXX_VECTOR, dimension, cxx_type(p, is_cast));
}

static struct cxx_node *bit_int(struct cxx_parser *p, const char *sign) {
    struct cxx_node *size =
        text_is_digit(*p->at) ? new_number(p, cxx_number(p)) : cxx_expression(p);
    cxx_expect(p, '_');
    return new_text(p, CXX_BIT_INT, pp_str_from(sign), size);
}

static struct cxx_node *signed_bit_int(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return bit_int(p, "");
}

static struct cxx_node *unsigned_bit_int(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return bit_int(p, "unsigned ");
}

static struct cxx_node *constrained_auto(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return new_text(p, CXX_SUFFIXED, PP_STR(" auto"), cxx_name(p));
}

static struct cxx_node *constrained_decltype(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return new_text(p, CXX_SUFFIXED, PP_STR(" decltype(auto)"), cxx_name(p));
}

static struct cxx_node *fixed_point(struct cxx_parser *p, bool is_cast, bool accum) {
    struct cxx_node *n = cxx_one(p->tree, CXX_FIXED, cxx_type(p, is_cast));
    n->bits = accum ? BIT_ACCUM : 0;
    if (text_is_digit(*p->at)) cxx_number(p);
    if (*p->at == 's') n->bits |= BIT_SATURATED;
    if (*p->at) p->at++;
    return n;
}

/* DF16_, DF32x, DF16b; else a fixed point type, with or without bits of its integral part. */
static struct cxx_node *binary_float(struct cxx_parser *p, bool is_cast) {
    bool has_bits = text_is_digit(*p->at);
    int bits = has_bits ? cxx_number(p) : 0;
    char c = *p->at;
    if (c != '_' && c != 'x' && c != 'b') return fixed_point(p, is_cast, has_bits);
    p->at++;
    if (bits == 0 || (c == 'b' && bits != 16)) cxx_fail(p->tree);
    if (c == 'b') return cxx_leaf(p->tree, CXX_BUILTIN, PP_STR("std::bfloat16_t"), 0);
    return cxx_leaf(p->tree, CXX_BINARY_FLOAT, c == 'x' ? PP_STR("x") : PP_STR(""), bits);
}

/* Fixed point types of a known size: DA, DR, saturated DSDA, DSDR, and the size. */
static struct cxx_node *sized_fixed_point(struct cxx_parser *p, const char *saturated, char kind) {
    static const char codes[] = "stijlm";
    static const char *const sizes[] = {"short ",    "unsigned short ", "",
                                        "unsigned ", "long ",           "unsigned long "};
    const char *code = *p->at ? strchr(codes, *p->at) : NULL;
    if (!code || (kind != 'A' && kind != 'R')) cxx_fail(p->tree);
    p->at++;
    struct pp_str text = pp_arena_printf(&p->tree->arena, "%s%s%s", saturated, sizes[code - codes],
                                         kind == 'A' ? "_Accum" : "_Fract");
    return cxx_leaf(p->tree, CXX_BUILTIN, text, 0);
}

static struct cxx_node *accum(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return sized_fixed_point(p, "", 'A');
}

static struct cxx_node *fract(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    return sized_fixed_point(p, "", 'R');
}

static struct cxx_node *saturated(struct cxx_parser *p, bool is_cast) {
    (void)is_cast;
    cxx_expect(p, 'D');
    char kind = *p->at;
    if (!kind) cxx_fail(p->tree);
    p->at++;
    return sized_fixed_point(p, "_Sat ", kind);
}

static struct cxx_node *type_d(struct cxx_parser *p, bool is_cast, bool *add) {
    static const struct {
        char code;
        bool add;
        uint8_t kind; /* with text */
        const char *text;
        struct cxx_node *(*read)(struct cxx_parser *p, bool is_cast);
    } kinds[] = {
        {'T', true, 0, NULL, decltype_of},
        {'t', true, 0, NULL, decltype_of},
        {'p', true, 0, NULL, expansion},
        {'v', true, 0, NULL, vector},
        {'B', true, 0, NULL, signed_bit_int},
        {'U', true, 0, NULL, unsigned_bit_int},
        {'k', false, 0, NULL, constrained_auto},
        {'K', false, 0, NULL, constrained_decltype},
        {'F', false, 0, NULL, binary_float},
        {'A', false, 0, NULL, accum},
        {'R', false, 0, NULL, fract},
        {'S', false, 0, NULL, saturated},
        {'a', false, CXX_NAME, "auto", NULL},
        {'c', false, CXX_NAME, "decltype(auto)", NULL},
        {'f', false, CXX_BUILTIN, "decimal32", NULL},
        {'d', false, CXX_BUILTIN, "decimal64", NULL},
        {'e', false, CXX_BUILTIN, "decimal128", NULL},
        {'h', false, CXX_BUILTIN, "half", NULL},
        {'u', false, CXX_BUILTIN, "char8_t", NULL},
        {'s', false, CXX_BUILTIN, "char16_t", NULL},
        {'i', false, CXX_BUILTIN, "char32_t", NULL},
        {'n', false, CXX_BUILTIN, "decltype(nullptr)", NULL},
    };
    char code = p->at[1];
    size_t i = 0, n = sizeof kinds / sizeof *kinds;
    while (i < n && kinds[i].code != code)
        i++;
    if (i == n) cxx_fail(p->tree);
    p->at += 2;
    *add = kinds[i].add;
    if (kinds[i].read) return kinds[i].read(p, is_cast);
    return cxx_leaf(p->tree, kinds[i].kind, pp_str_from(kinds[i].text), 0);
}

/* ---- any type ---- */

static struct cxx_node *builtin(struct cxx_parser *p) {
    static const char *const names['z' - 'a' + 1] = {
        "signed char",
        "bool",
        "char",
        "double",
        "long double",
        "float",
        "__float128",
        "unsigned char",
        "int",
        "unsigned int",
        NULL,
        "long",
        "unsigned long",
        "__int128",
        "unsigned __int128",
        NULL,
        NULL,
        NULL,
        "short",
        "unsigned short",
        NULL,
        "void",
        "wchar_t",
        "long long",
        "unsigned long long",
        "...",
    };
    char c = *p->at;
    const char *name = cxx_is_lower(c) ? names[c - 'a'] : NULL;
    if (!name) return NULL;
    p->at++;
    return cxx_leaf(p->tree, CXX_BUILTIN, pp_str_from(name), 0);
}

static struct cxx_node *unqualified_type(struct cxx_parser *p, bool is_cast, bool *add) {
    static struct cxx_node *(*const kinds[])(struct cxx_parser *, bool, bool *) = {
        ['u'] = vendor_builtin, ['F'] = function_type,  ['N'] = named,
        ['W'] = named,          ['Z'] = named,          ['A'] = array,
        ['M'] = member_pointer, ['T'] = template_param, ['S'] = substitution,
        ['O'] = indirect,       ['P'] = indirect,       ['R'] = indirect,
        ['C'] = indirect,       ['G'] = indirect,       ['U'] = vendor_or_unnamed,
        ['D'] = type_d,
    };
    unsigned char c = (unsigned char)*p->at;
    if (text_is_digit(*p->at)) return cxx_name(p);
    if (c >= sizeof kinds / sizeof *kinds || !kinds[c]) cxx_fail(p->tree);
    return kinds[c](p, is_cast, add);
}

static struct cxx_node *qualify(struct cxx_parser *p, struct cxx_node *n, struct cxx_node *q) {
    if (n->kind == CXX_FUNCTION) return cxx_two(p->tree, CXX_METHOD, n, q);
    if (n->kind == CXX_METHOD) {
        n->kids[1] = cxx_merge_qualifiers(p->tree, q, n->kids[1]);
        cxx_update(n);
        return n;
    }
    if (n->kind == CXX_CV_TYPE) {
        q = cxx_merge_qualifiers(p->tree, q, n->kids[1]);
        n = n->kids[0];
    }
    return cxx_two(p->tree, CXX_CV_TYPE, n, q);
}

static struct cxx_node *type(struct cxx_parser *p, bool is_cast) {
    struct cxx_node *q = cxx_qualifiers(p), *n = builtin(p);
    if (n) {
        if (!q) return n;
        n = cxx_two(p->tree, CXX_CV_TYPE, n, q);
        cxx_push(p->tree, &p->subs, n);
        return n;
    }
    /* Qualifiers of a function are those of `this`: there is no function without them. */
    bool may_add = !(q && *p->at == 'F'), add = may_add;
    n = unqualified_type(p, is_cast, &add);
    if (add) cxx_push(p->tree, &p->subs, n);
    if (q) {
        n = qualify(p, n, q);
        cxx_push(p->tree, &p->subs, n);
    }
    return n;
}

struct cxx_node *cxx_type(struct cxx_parser *p, bool is_cast) {
    cxx_enter(p->tree);
    struct cxx_node *n = type(p, is_cast);
    cxx_leave(p->tree);
    return n;
}
