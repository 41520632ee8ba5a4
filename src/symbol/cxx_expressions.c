/* Expressions; see cxx_parse.h. */
#include "symbol/cxx_parse.h"

#include <stdlib.h>

/* ---- operators ---- */

struct op_code {
    char code[3];
    uint8_t operands;
    const char *name;
};

static const struct op_code operators[] = {
    {"aN", 2, "&="},
    {"aS", 2, "="},
    {"aa", 2, "&&"},
    {"ad", 1, "&"},
    {"an", 2, "&"},
    {"at", 1, "alignof "},
    {"aw", 1, "co_await "},
    {"az", 1, "alignof "},
    {"cc", 2, "const_cast"},
    {"cl", 2, "()"},
    {"cm", 2, ","},
    {"co", 1, "~"},
    {"cp", 2, "() "}, /* clang: a call whose name is in parentheses */
    {"dV", 2, "/="},
    {"dX", 3, "[...]="},
    {"da", 1, "delete[] "},
    {"dc", 2, "dynamic_cast"},
    {"de", 1, "*"},
    {"di", 2, "="},
    {"dl", 1, "delete "},
    {"ds", 2, ".*"},
    {"dt", 2, "."},
    {"dv", 2, "/"},
    {"dx", 2, "]="},
    {"eO", 2, "^="},
    {"eo", 2, "^"},
    {"eq", 2, "=="},
    {"fL", 3, "..."},
    {"fR", 3, "..."},
    {"fl", 2, "..."},
    {"fr", 2, "..."},
    {"ge", 2, ">="},
    {"gs", 1, "::"},
    {"gt", 2, ">"},
    {"ix", 2, "[]"},
    {"lS", 2, "<<="},
    {"le", 2, "<="},
    {"li", 1, "operator\"\" "},
    {"ls", 2, "<<"},
    {"lt", 2, "<"},
    {"mI", 2, "-="},
    {"mL", 2, "*="},
    {"mi", 2, "-"},
    {"ml", 2, "*"},
    {"mm", 1, "--"},
    {"na", 3, "new[]"},
    {"ne", 2, "!="},
    {"ng", 1, "-"},
    {"nt", 1, "!"},
    {"nw", 3, "new"},
    {"nx", 1, "noexcept"},
    {"oR", 2, "|="},
    {"oo", 2, "||"},
    {"or", 2, "|"},
    {"pL", 2, "+="},
    {"pl", 2, "+"},
    {"pm", 2, "->*"},
    {"pp", 1, "++"},
    {"ps", 1, "+"},
    {"pt", 2, "->"},
    {"qu", 3, "?"},
    {"rM", 2, "%="},
    {"rS", 2, ">>="},
    {"rc", 2, "reinterpret_cast"},
    {"rm", 2, "%"},
    {"rs", 2, ">>"},
    {"sP", 1, "sizeof..."},
    {"sZ", 1, "sizeof..."},
    {"sc", 2, "static_cast"},
    {"ss", 2, "<=>"},
    {"st", 1, "sizeof "},
    {"sz", 1, "sizeof "},
    {"te", 1, "typeid "},
    {"ti", 1, "typeid "},
    {"tr", 0, "throw"},
    {"tw", 1, "throw "},
};

static int compare_codes(const void *code, const void *entry) {
    return memcmp(code, ((const struct op_code *)entry)->code, 2);
}

/* A template parameter in the type belongs to arguments that are yet to come, except in an
 * expression. */
static struct cxx_node *cast(struct cxx_parser *p, bool in_expression) {
    size_t n = p->templates.n;
    if (!in_expression) cxx_push(p->tree, &p->templates, NULL);
    struct cxx_node *to = cxx_type(p, !in_expression);
    p->templates.n = n;
    return cxx_one(p->tree, CXX_CAST, to);
}

struct cxx_node *cxx_operator(struct cxx_parser *p, bool in_expression, int *ret_operands) {
    const char *code = p->at;
    if (!code[0] || !code[1]) cxx_fail(p->tree);
    p->at += 2;
    if (code[0] == 'v' && text_is_digit(code[1])) {
        *ret_operands = code[1] - '0';
        return cxx_leaf(p->tree, CXX_OPERATOR, cxx_source_name(p)->text, 0);
    }
    if (code[0] == 'c' && code[1] == 'v') {
        *ret_operands = 1;
        return cast(p, in_expression);
    }
    const struct op_code *op = bsearch(code, operators, sizeof operators / sizeof *operators,
                                       sizeof *operators, compare_codes);
    if (!op) cxx_fail(p->tree);
    *ret_operands = op->operands;
    return cxx_leaf(p->tree, CXX_OPERATOR, pp_str_from(op->name), 0);
}

static struct cxx_node *any_operator(struct cxx_parser *p) {
    int operands;
    return cxx_operator(p, true, &operands);
}

/* ---- lists ---- */

static struct cxx_node *list_until(struct cxx_parser *p, char end) {
    struct cxx_list list = {0};
    while (!cxx_take(p, end))
        cxx_push(p->tree, &list, cxx_expression(p));
    return cxx_join(p->tree, CXX_LIST, NULL, 0, &list);
}

static void args_until_end(struct cxx_parser *p, struct cxx_list *ret_list) {
    *ret_list = (struct cxx_list){0};
    while (!cxx_take(p, 'E'))
        cxx_push(p->tree, ret_list, cxx_template_arg(p, NULL));
}

/* ---- literals ---- */

static bool is_array(const struct cxx_node *type) {
    return type->kind == CXX_ARRAY ||
           (type->kind == CXX_CV_TYPE && type->kids[0]->kind == CXX_ARRAY);
}

/* A literal without a value. */
static struct cxx_node *valueless(struct cxx_parser *p, struct cxx_node *type) {
    enum cxx_kind kind = type->kind == CXX_CLOSURE ? CXX_LAMBDA_EXPR : CXX_STRING_LITERAL;
    if (type->kind != CXX_CLOSURE && !is_array(type)) cxx_fail(p->tree);
    return cxx_one(p->tree, kind, type);
}

static struct cxx_node *literal(struct cxx_parser *p) {
    struct cxx_node *type = cxx_type(p, false);
    bool negative = cxx_take(p, 'n');
    bool null = cxx_is(type, CXX_BUILTIN) && cxx_text_is(type, "decltype(nullptr)");
    if (*p->at == 'E' && !null) return valueless(p, type);
    struct cxx_node *n = cxx_one(p->tree, CXX_LITERAL, type);
    n->text = (struct pp_str){p->at, strcspn(p->at, "E")};
    n->bits = negative ? BIT_NEGATIVE : 0;
    p->at += n->text.len;
    return n;
}

struct cxx_node *cxx_primary(struct cxx_parser *p) {
    struct cxx_node *n;
    p->at++;
    /* Old versions of gcc left out the underscore. */
    if (*p->at == '_' || *p->at == 'Z') {
        cxx_take(p, '_');
        cxx_expect(p, 'Z');
        n = cxx_encoding(p, true, false);
    } else {
        n = literal(p);
    }
    cxx_expect(p, 'E');
    return n;
}

/* ---- names that depend on template parameters ---- */

static struct cxx_node *with_args(struct cxx_parser *p, struct cxx_node *n) {
    struct cxx_node *template;
    return *p->at == 'I' ? cxx_template(p, n, &template) : n;
}

static struct cxx_node *base_unresolved(struct cxx_parser *p) {
    struct cxx_node *n;
    if (cxx_take_two(p, "dn")) {
        n = text_is_digit(*p->at) ? cxx_source_name(p) : cxx_type(p, false);
        n = cxx_one(p->tree, CXX_DESTRUCTOR, n);
    } else if (text_is_digit(*p->at)) {
        n = cxx_source_name(p);
    } else {
        cxx_take_two(p, "on"); /* gcc leaves it out at times (bug 70182) */
        n = any_operator(p);
    }
    return with_args(p, n);
}

/* gcc ends a scope without an E: the last name was no scope, but the name itself. */
static bool ended_early(struct cxx_parser *p, struct cxx_node *scope) {
    if (!scope || scope->kind != CXX_QUALIFIED || !*p->at || text_is_digit(*p->at)) return false;
    struct cxx_node *outer = scope->kids[0];
    if (outer->kind == CXX_TEMPLATE) cxx_push(p->tree, &p->subs, outer->kids[0]);
    cxx_push(p->tree, &p->subs, outer);
    return true;
}

static struct cxx_node *scoped(struct cxx_parser *p) {
    struct cxx_node *scope = cxx_take(p, 'N') ? cxx_type(p, false) : NULL;
    while (*p->at != 'E') {
        if (ended_early(p, scope)) return scope;
        struct cxx_node *n = cxx_source_name(p);
        if (*p->at == 'I') cxx_push(p->tree, &p->subs, n);
        n = with_args(p, n);
        scope = scope ? cxx_two(p->tree, CXX_QUALIFIED, scope, n) : n;
    }
    if (!scope) cxx_fail(p->tree);
    p->at++;
    return cxx_two(p->tree, CXX_QUALIFIED, scope, base_unresolved(p));
}

static struct cxx_node *member_of_type(struct cxx_parser *p) {
    struct cxx_node *type = cxx_type(p, false);
    struct cxx_node *n = cxx_two(p->tree, CXX_QUALIFIED, type, base_unresolved(p));
    if (*p->at != 'I') return n;
    n = with_args(p, n);
    cxx_push(p->tree, &p->subs, n);
    return n;
}

static struct cxx_node *unresolved(struct cxx_parser *p) {
    size_t globals = 0;
    while (cxx_take_two(p, "gs"))
        globals++;
    struct cxx_node *n;
    if (!cxx_take_two(p, "sr"))
        n = base_unresolved(p);
    else if (*p->at == 'T' || *p->at == 'D' || *p->at == 'S')
        n = member_of_type(p);
    else
        n = scoped(p);
    while (globals--)
        n = cxx_two(p->tree, CXX_UNARY, cxx_leaf(p->tree, CXX_OPERATOR, PP_STR("::"), 0), n);
    return n;
}

/* ---- requires ---- */

static struct cxx_node *expression_requirement(struct cxx_parser *p) {
    struct cxx_node *n = cxx_two(p->tree, CXX_EXPR_REQUIREMENT, cxx_expression(p), NULL);
    if (cxx_take(p, 'N')) n->bits = BIT_NOEXCEPT;
    if (cxx_take(p, 'R')) n->kids[1] = cxx_name(p);
    cxx_update(n);
    return n;
}

static struct cxx_node *requirement(struct cxx_parser *p) {
    if (cxx_take(p, 'X')) return expression_requirement(p);
    if (cxx_take(p, 'T')) return cxx_one(p->tree, CXX_TYPE_REQUIREMENT, cxx_type(p, false));
    cxx_expect(p, 'Q');
    return cxx_one(p->tree, CXX_NESTED_REQUIREMENT, cxx_expression(p));
}

/* rq, or rQ with parameters. */
static struct cxx_node *requires_expression(struct cxx_parser *p) {
    struct cxx_list parts = {0};
    bool has_params = p->at[-1] == 'Q';
    while (has_params && !cxx_take(p, '_'))
        cxx_push(p->tree, &parts, cxx_type(p, false));
    size_t split = parts.n;
    while (!cxx_take(p, 'E'))
        cxx_push(p->tree, &parts, requirement(p));
    struct cxx_node *n = cxx_join(p->tree, CXX_REQUIRES, NULL, 0, &parts);
    n->split = (unsigned)split;
    return n;
}

/* ---- expressions that begin with letters of their own ---- */

static int offset(struct cxx_parser *p) {
    return *p->at == 'n' || text_is_digit(*p->at) ? cxx_number(p) : 0;
}

static struct cxx_node *subobject(struct cxx_parser *p) {
    struct cxx_node *type = cxx_type(p, false);
    struct cxx_node *n = cxx_two(p->tree, CXX_SUBOBJECT, type, cxx_expression(p));
    n->num = offset(p);
    while (cxx_take(p, '_'))
        offset(p);
    cxx_take(p, 'p');
    cxx_expect(p, 'E');
    return n;
}

static struct cxx_node *member_conversion(struct cxx_parser *p) {
    struct cxx_node *type = cxx_type(p, false);
    struct cxx_node *n = cxx_two(p->tree, CXX_MEMBER_CAST, type, cxx_expression(p));
    offset(p);
    cxx_expect(p, 'E');
    return n;
}

static struct cxx_node *expansion(struct cxx_parser *p) {
    struct cxx_node *n = cxx_one(p->tree, CXX_EXPANSION, cxx_expression(p));
    n->ref = cxx_find_pack(p->tree, n->kids[0]);
    return n;
}

static struct cxx_node *sizeof_pack(struct cxx_parser *p) {
    struct cxx_node *found = cxx_find_pack(p->tree, cxx_expression(p));
    if (!found) cxx_fail(p->tree);
    struct cxx_node *n = cxx_leaf(p->tree, CXX_SIZEOF_PACK, PP_STR(""), 0);
    n->ref = found;
    return n;
}

static struct cxx_node *sizeof_args(struct cxx_parser *p) {
    struct cxx_list args;
    args_until_end(p, &args);
    return cxx_join(p->tree, CXX_SIZEOF_ARGS, NULL, 0, &args);
}

/* Qualifiers are not shown. */
static struct cxx_node *numbered_param(struct cxx_parser *p) {
    cxx_qualifiers(p);
    return cxx_leaf(p->tree, CXX_FUNCTION_PARAM, PP_STR(""), cxx_compact_number(p) + 1);
}

static struct cxx_node *function_param(struct cxx_parser *p) {
    if (!cxx_take(p, 'T')) return numbered_param(p);
    return cxx_leaf(p->tree, CXX_FUNCTION_PARAM, PP_STR(""), 0);
}

/* Of a function further out: how far is not shown. */
static struct cxx_node *outer_function_param(struct cxx_parser *p) {
    p->at += 2;
    cxx_number(p);
    cxx_expect(p, 'p');
    return numbered_param(p);
}

static struct cxx_node *initializer_list(struct cxx_parser *p) {
    return cxx_two(p->tree, CXX_INITIALIZER, NULL, list_until(p, 'E'));
}

static struct cxx_node *typed_initializer_list(struct cxx_parser *p) {
    struct cxx_node *type = cxx_type(p, false);
    return cxx_two(p->tree, CXX_INITIALIZER, type, list_until(p, 'E'));
}

static struct cxx_node *sizeof_type(struct cxx_parser *p) {
    struct cxx_node *op = cxx_leaf(p->tree, CXX_OPERATOR, PP_STR("sizeof "), 0);
    struct cxx_node *n = cxx_two(p->tree, CXX_UNARY, op, cxx_type(p, false));
    n->bits = BIT_SIZEOF_TYPE;
    return n;
}

static struct cxx_node *id_expression(struct cxx_parser *p) {
    bool is_cast;
    cxx_take_two(p, "on");
    return with_args(p, cxx_unqualified(p, NULL, &is_cast));
}

/* u8__uuidof and other functions of a vendor. */
static struct cxx_node *vendor_call(struct cxx_parser *p) {
    struct cxx_list args = {0};
    p->at++;
    struct cxx_node *name = cxx_source_name(p), *operand = NULL;
    if (cxx_text_is(name, "__uuidof")) {
        if (cxx_take(p, 't'))
            operand = cxx_type(p, false);
        else if (cxx_take(p, 'z'))
            operand = cxx_expression(p);
    }
    if (operand)
        cxx_push(p->tree, &args, operand);
    else
        args_until_end(p, &args);
    return cxx_three(p->tree, CXX_BINARY, cxx_leaf(p->tree, CXX_OPERATOR, PP_STR("()"), 0), name,
                     cxx_join(p->tree, CXX_LIST, NULL, 0, &args));
}

/* ---- operators with operands ---- */

static struct cxx_node *unary(struct cxx_parser *p, struct cxx_node *op, const char *code) {
    bool step = code[0] == code[1] && (code[0] == 'p' || code[0] == 'm');
    bool suffix = step && !cxx_take(p, '_');
    struct cxx_node *operand =
        op->kind == CXX_CAST && cxx_take(p, '_') ? list_until(p, 'E') : cxx_expression(p);
    struct cxx_node *n = cxx_two(p->tree, CXX_UNARY, op, operand);
    n->bits = suffix ? BIT_SUFFIX : 0;
    return n;
}

/* Which operands are something else than an expression. */
enum operand { EXPRESSION, TYPE, FIELD, CALL_ARGS, MEMBER };

static struct cxx_node *member(struct cxx_parser *p) {
    return *p->at == 'L' ? cxx_primary(p) : with_args(p, unresolved(p));
}

static struct cxx_node *read_operand(struct cxx_parser *p, enum operand kind) {
    bool is_cast;
    if (kind == TYPE) return cxx_type(p, false);
    if (kind == FIELD) return cxx_unqualified(p, NULL, &is_cast);
    if (kind == CALL_ARGS) return list_until(p, 'E');
    return kind == MEMBER ? member(p) : cxx_expression(p);
}

static struct cxx_node *binary(struct cxx_parser *p, struct cxx_node *op, const char *code) {
    static const struct {
        char code[3];
        enum operand left, right;
    } special[] = {
        {"sc", TYPE, EXPRESSION},      {"dc", TYPE, EXPRESSION},   {"cc", TYPE, EXPRESSION},
        {"rc", TYPE, EXPRESSION},      {"di", FIELD, EXPRESSION},  {"cl", EXPRESSION, CALL_ARGS},
        {"cp", EXPRESSION, CALL_ARGS}, {"dt", EXPRESSION, MEMBER}, {"pt", EXPRESSION, MEMBER}};
    enum operand left = EXPRESSION, right = EXPRESSION;
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (memcmp(code, special[i].code, 2) == 0) {
            left = special[i].left;
            right = special[i].right;
        }
    struct cxx_node *a = read_operand(p, left);
    return cxx_three(p->tree, CXX_BINARY, op, a, read_operand(p, right));
}

/* fl, fr: (... op a); fL, fR: (a op ... op b). */
static struct cxx_node *fold(struct cxx_parser *p, const char *code) {
    struct cxx_node *op = any_operator(p);
    struct cxx_node *a = cxx_expression(p);
    struct cxx_node *b = cxx_is_upper(code[1]) ? cxx_expression(p) : NULL;
    struct cxx_node *n = cxx_three(p->tree, CXX_FOLD, op, a, b);
    n->bits = (code[1] | 0x20) == 'l' ? BIT_LEFT : 0;
    return n;
}

static struct cxx_node *new_expression(struct cxx_parser *p) {
    struct cxx_node *init = NULL, *place = list_until(p, '_');
    struct cxx_node *type = cxx_type(p, false);
    if (cxx_take_two(p, "pi"))
        init = list_until(p, 'E');
    else if (cxx_next_is(p, "il"))
        init = cxx_expression(p);
    else
        cxx_expect(p, 'E');
    return cxx_three(p->tree, CXX_NEW, place->n_kids ? place : NULL, type, init);
}

static struct cxx_node *trinary(struct cxx_parser *p, struct cxx_node *op) {
    struct cxx_node *n = cxx_new(p->tree, CXX_TRINARY, 4);
    n->kids[0] = op;
    for (int i = 1; i < 4; i++)
        n->kids[i] = cxx_expression(p);
    cxx_update(n);
    return n;
}

static struct cxx_node *operation(struct cxx_parser *p) {
    int operands;
    const char *code = p->at;
    struct cxx_node *op = cxx_operator(p, true, &operands);
    if (operands == 0) return cxx_one(p->tree, CXX_NULLARY, op);
    if (operands == 1) return unary(p, op, code);
    if (operands > 3) cxx_fail(p->tree);
    if (code[0] == 'f') return fold(p, code);
    if (operands == 2) return binary(p, op, code);
    return code[0] == 'n' ? new_expression(p) : trinary(p, op);
}

static struct cxx_node *expression(struct cxx_parser *p) {
    static const struct {
        char code[3];
        struct cxx_node *(*read)(struct cxx_parser *p);
    } kinds[] = {
        {"so", subobject},           {"sp", expansion},
        {"sZ", sizeof_pack},         {"sP", sizeof_args},
        {"fp", function_param},      {"mc", member_conversion},
        {"il", initializer_list},    {"tl", typed_initializer_list},
        {"st", sizeof_type},         {"rq", requires_expression},
        {"rQ", requires_expression},
    };
    if (*p->at == 'L') return cxx_primary(p);
    if (*p->at == 'T') return cxx_template_param(p);
    if (*p->at == 'u') return vendor_call(p);
    if (cxx_next_is(p, "sr")) return unresolved(p);
    if (text_is_digit(*p->at) || cxx_next_is(p, "on")) return id_expression(p);
    if (cxx_next_is(p, "fL") && text_is_digit(p->at[2])) return outer_function_param(p);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (cxx_take_two(p, kinds[i].code)) return kinds[i].read(p);
    return operation(p);
}

struct cxx_node *cxx_expression(struct cxx_parser *p) {
    cxx_enter(p->tree);
    struct cxx_node *n = expression(p);
    cxx_leave(p->tree);
    return n;
}
