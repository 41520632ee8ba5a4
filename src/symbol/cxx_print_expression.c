/* Expressions as text; see cxx_print.h. */
#include "symbol/cxx_print.h"

#include "base/text.h"

void cxx_parenthesize(struct cxx_printer *x, struct cxx_node *n) {
    bool plain = n->kind == CXX_NAME || n->kind == CXX_INITIALIZER ||
                 n->kind == CXX_FUNCTION_PARAM ||
                 (n->kind == CXX_QUALIFIED && !(n->bits & BIT_LOCAL));
    if (!plain) cxx_put_char(x, '(');
    cxx_print(x, n);
    if (!plain) cxx_put_char(x, ')');
}

struct pp_str cxx_operator_text(const struct cxx_node *op) {
    return op->kind == CXX_OPERATOR ? op->text : PP_STR("");
}

static bool op_is(const struct cxx_node *n, const char *text) {
    return pp_str_eq(cxx_operator_text(n->kids[0]), pp_str_from(text));
}

/* In an expression, an operator is just its sign. */
static void put_operator(struct cxx_printer *x, struct cxx_node *op) {
    if (op->kind == CXX_OPERATOR)
        cxx_put_str(x, op->text);
    else
        cxx_print(x, op);
}

/* ---- packs ---- */

static void print_expansion(struct cxx_printer *x, struct cxx_node *n) {
    if (n->ref) {
        cxx_print(x, n->kids[0]);
        return;
    }
    cxx_parenthesize(x, n->kids[0]);
    cxx_put(x, "...");
}

static void print_list(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_list(x, n, 0, n->n_kids, false);
}

static void print_sizeof_pack(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_number(x, n->ref->n_kids);
}

static void print_sizeof_args(struct cxx_printer *x, struct cxx_node *n) {
    size_t sum = 0;
    for (unsigned i = 0; i < n->n_kids; i++) {
        const struct cxx_node *arg = n->kids[i];
        sum += arg->kind == CXX_PACK || arg->kind == CXX_LIST ? arg->n_kids : 1;
    }
    cxx_put_number(x, (long long)sum);
}

/* ---- operators ---- */

/* As a function's name. */
static void print_operator(struct cxx_printer *x, struct cxx_node *n) {
    struct pp_str text = n->text;
    cxx_put(x, "operator");
    if (text.len && text.data[0] >= 'a' && text.data[0] <= 'z') cxx_put_char(x, ' ');
    if (text.len && text.data[text.len - 1] == ' ') text.len--;
    cxx_put_str(x, text);
}

static void print_cast(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "operator ");
    cxx_print(x, n->kids[0]);
}

static void print_nullary(struct cxx_printer *x, struct cxx_node *n) {
    put_operator(x, n->kids[0]);
}

static void put_unary_operator(struct cxx_printer *x, struct cxx_node *op) {
    if (op->kind != CXX_CAST) {
        put_operator(x, op);
        return;
    }
    cxx_put_char(x, '(');
    cxx_print(x, op->kids[0]);
    cxx_put_char(x, ')');
}

static void print_unary(struct cxx_printer *x, struct cxx_node *n) {
    struct cxx_node *operand = n->kids[1];
    bool always = (n->bits & BIT_SIZEOF_TYPE) || op_is(n, "noexcept") || op_is(n, "__alignof__");
    /* The address of a function is shown without its type. */
    if (op_is(n, "&") && operand->kind == CXX_TYPED && operand->kids[1]->kind == CXX_FUNCTION)
        operand = operand->kids[0];
    if (n->bits & BIT_SUFFIX) cxx_parenthesize(x, operand);
    put_unary_operator(x, n->kids[0]);
    if (n->bits & BIT_SUFFIX) return;
    if (op_is(n, "::")) {
        cxx_print(x, operand);
    } else if (always) {
        cxx_put_char(x, '(');
        cxx_print(x, operand);
        cxx_put_char(x, ')');
    } else {
        cxx_parenthesize(x, operand);
    }
}

static bool is_designated(const struct cxx_node *n) {
    if (n->kind == CXX_TRINARY) return op_is(n, "[...]=");
    if (n->kind != CXX_BINARY) return false;
    return op_is(n, "]=") || (op_is(n, "=") && n->kids[1]->kind != CXX_LITERAL);
}

/* .a[1]=(2): nothing is between designators. */
static void put_designated(struct cxx_printer *x, struct cxx_node *value) {
    if (is_designated(value)) {
        cxx_print(x, value);
        return;
    }
    cxx_put_char(x, '=');
    cxx_parenthesize(x, value);
}

static void print_designated(struct cxx_printer *x, struct cxx_node *n) {
    bool field = op_is(n, "=");
    cxx_put_char(x, field ? '.' : '[');
    cxx_print(x, n->kids[1]);
    if (!field) cxx_put_char(x, ']');
    put_designated(x, n->kids[2]);
}

static void print_cast_operator(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->kids[0]->text);
    cxx_put_char(x, '<');
    cxx_print(x, n->kids[1]);
    cxx_put(x, ">(");
    cxx_print(x, n->kids[2]);
    cxx_put_char(x, ')');
}

/* Who is called: a function without its parameters, unless it has a return type. */
static void put_callee(struct cxx_printer *x, struct cxx_node *n) {
    struct cxx_node *callee = n->kids[1];
    if (callee->kind == CXX_TYPED) {
        struct cxx_node *type = callee->kids[1];
        if (type->kind != CXX_FUNCTION || !type->kids[0]) {
            callee = callee->kids[0];
        } else if (!op_is(n, "() ")) {
            cxx_print(x, callee);
            return;
        }
    }
    cxx_parenthesize(x, callee);
}

static void put_binary(struct cxx_printer *x, struct cxx_node *n) {
    struct pp_str op = cxx_operator_text(n->kids[0]);
    bool is_call = pp_str_has_prefix(op, PP_STR("()"));
    if (is_call)
        put_callee(x, n);
    else
        cxx_parenthesize(x, n->kids[1]);
    if (op_is(n, "[]")) {
        cxx_put_char(x, '[');
        cxx_print(x, n->kids[2]);
        cxx_put_char(x, ']');
        return;
    }
    if (!is_call) put_operator(x, n->kids[0]);
    cxx_parenthesize(x, n->kids[2]);
}

static void print_binary(struct cxx_printer *x, struct cxx_node *n) {
    if (text_contains(cxx_operator_text(n->kids[0]), PP_STR("cast"))) {
        print_cast_operator(x, n);
    } else if (is_designated(n)) {
        print_designated(x, n);
    } else {
        /* A '>' must not look like the end of template arguments. */
        bool brackets = op_is(n, ">") || op_is(n, ">>");
        if (brackets) cxx_put_char(x, '(');
        put_binary(x, n);
        if (brackets) cxx_put_char(x, ')');
    }
}

static void print_trinary(struct cxx_printer *x, struct cxx_node *n) {
    if (is_designated(n)) {
        cxx_put_char(x, '[');
        cxx_print(x, n->kids[1]);
        cxx_put(x, " ... ");
        cxx_print(x, n->kids[2]);
        cxx_put_char(x, ']');
        put_designated(x, n->kids[3]);
        return;
    }
    cxx_parenthesize(x, n->kids[1]);
    cxx_put_char(x, '?');
    cxx_parenthesize(x, n->kids[2]);
    cxx_put(x, " : ");
    cxx_parenthesize(x, n->kids[3]);
}

static void print_fold(struct cxx_printer *x, struct cxx_node *n) {
    bool left = n->kids[2] || !(n->bits & BIT_LEFT);
    bool right = n->kids[2] || (n->bits & BIT_LEFT);
    cxx_put_char(x, '(');
    if (left) {
        cxx_parenthesize(x, n->kids[1]);
        put_operator(x, n->kids[0]);
    }
    cxx_put(x, "...");
    if (right) {
        put_operator(x, n->kids[0]);
        cxx_parenthesize(x, n->kids[2] ? n->kids[2] : n->kids[1]);
    }
    cxx_put_char(x, ')');
}

static void print_new(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "new ");
    if (n->kids[0]) {
        cxx_parenthesize(x, n->kids[0]);
        cxx_put_char(x, ' ');
    }
    cxx_print(x, n->kids[1]);
    if (n->kids[2]) cxx_parenthesize(x, n->kids[2]);
}

static void print_subobject(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[1]);
    cxx_put(x, ".<");
    cxx_print(x, n->kids[0]);
    cxx_put(x, " at offset ");
    cxx_put_number(x, n->num);
    cxx_put_char(x, '>');
}

static void print_member_cast(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_char(x, '(');
    cxx_print(x, n->kids[0]);
    cxx_put(x, ")(");
    cxx_print(x, n->kids[1]);
    cxx_put_char(x, ')');
}

/* ---- literals ---- */

static void put_value(struct cxx_printer *x, struct cxx_node *n) {
    if (n->bits & BIT_NEGATIVE) cxx_put_char(x, '-');
    cxx_put_str(x, n->text);
}

/* Types whose literals have no type in front: true, 3ul, decltype(nullptr). */
static bool put_plain_literal(struct cxx_printer *x, struct cxx_node *n) {
    static const char *const suffixes[][2] = {{"int", ""},         {"unsigned int", "u"},
                                              {"long", "l"},       {"unsigned long", "ul"},
                                              {"long long", "ll"}, {"unsigned long long", "ull"}};
    struct cxx_node *type = n->kids[0];
    if (type->kind != CXX_BUILTIN) return false;
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (!cxx_text_is(type, suffixes[i][0])) continue;
        put_value(x, n);
        cxx_put(x, suffixes[i][1]);
        return true;
    }
    bool zero = cxx_text_is(n, "0"), one = cxx_text_is(n, "1");
    if (cxx_text_is(type, "bool") && !(n->bits & BIT_NEGATIVE) && (zero || one)) {
        cxx_put(x, one ? "true" : "false");
        return true;
    }
    if (!cxx_text_is(type, "decltype(nullptr)") || (n->text.len && !zero)) return false;
    cxx_print(x, type);
    return true;
}

static bool is_float(const struct cxx_node *type) {
    static const char *const names[] = {"double", "long double", "float", "__float128", "half"};
    for (size_t i = 0; type->kind == CXX_BUILTIN && i < sizeof names / sizeof *names; i++)
        if (cxx_text_is(type, names[i])) return true;
    return false;
}

static void print_literal(struct cxx_printer *x, struct cxx_node *n) {
    if (put_plain_literal(x, n)) return;
    bool brackets = is_float(n->kids[0]); /* its bits in hexadecimal */
    cxx_put_char(x, '(');
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ')');
    if (brackets) cxx_put_char(x, '[');
    put_value(x, n);
    if (brackets) cxx_put_char(x, ']');
}

static void print_string_literal(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "\"<");
    cxx_print(x, n->kids[0]);
    cxx_put(x, ">\"");
}

static void print_lambda_expr(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "[]");
    cxx_put_signature(x, n->kids[0]);
    cxx_put(x, "{...}");
}

/* ---- initializers ---- */

/* One character of a string literal of C++. */
static void put_escaped(struct pp_str *out, char *text, unsigned c) {
    static const char escaped[] = "\a\b\f\n\r\t\v\"\\", letters[] = "abfnrtv\"\\";
    static const char hex[] = "0123456789ABCDEF";
    const char *e = c ? strchr(escaped, (int)c) : NULL;
    char *at = text + out->len;
    if (e) {
        *at++ = '\\';
        *at++ = letters[e - escaped];
    } else if (c < 32 || c == 127) {
        *at++ = '\\';
        if (c > 7) *at++ = 'x';
        if (c >= 16) *at++ = hex[c >> 4];
        *at++ = hex[c & 15];
    } else {
        *at++ = (char)c;
    }
    out->len = (size_t)(at - text);
}

static bool is_numeric_escape(unsigned c) {
    return (c < 32 && (c < 7 || c > 13)) || c == 127;
}

/* A list of characters as a string; false when it is none. */
static bool put_string(struct cxx_printer *x, struct cxx_node *list) {
    char *text = PP_NEW(&x->tree->arena, char, 6 * (size_t)list->n_kids + 2);
    struct pp_str out = {text, 1};
    bool after_number = false;
    text[0] = '"';
    for (unsigned i = 0; i < list->n_kids; i++) {
        const struct cxx_node *e = list->kids[i];
        uint64_t c;
        if (e->kind != CXX_LITERAL || (e->bits & BIT_NEGATIVE) || !text_u64(e->text, 10, &c) ||
            c > 255)
            return false;
        /* "\1" "2" is not "\12". */
        if (after_number && text_is_hex((char)c)) {
            text[out.len++] = '"';
            text[out.len++] = '"';
        }
        after_number = is_numeric_escape((unsigned)c);
        put_escaped(&out, text, (unsigned)c);
    }
    text[out.len++] = '"';
    cxx_put_str(x, out);
    return true;
}

static void print_initializer(struct cxx_printer *x, struct cxx_node *n) {
    struct cxx_node *type = n->kids[0];
    if (type && type->kind == CXX_ARRAY && type->kids[1]->kind == CXX_BUILTIN &&
        cxx_text_is(type->kids[1], "char") && put_string(x, n->kids[1]))
        return;
    cxx_print_if(x, type);
    cxx_put_char(x, '{');
    cxx_print(x, n->kids[1]);
    cxx_put_char(x, '}');
}

static void print_function_param(struct cxx_printer *x, struct cxx_node *n) {
    char last = x->last;
    if (n->num == 0) {
        cxx_put(x, "this");
        return;
    }
    cxx_put(x, "{parm#");
    cxx_put_number(x, n->num);
    cxx_put_char(x, '}');
    x->last = last;
}

/* ---- requires ---- */

static void print_requires(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "requires");
    if (n->split) {
        cxx_put(x, " (");
        cxx_put_list(x, n, 0, n->split, false);
        cxx_put_char(x, ')');
    }
    cxx_put(x, " {");
    for (unsigned i = n->split; i < n->n_kids; i++)
        cxx_print(x, n->kids[i]);
    cxx_put(x, " }");
}

static void print_expr_requirement(struct cxx_printer *x, struct cxx_node *n) {
    bool braces = n->bits & BIT_NOEXCEPT || n->kids[1];
    cxx_put(x, braces ? " {" : " ");
    cxx_print(x, n->kids[0]);
    if (braces) cxx_put_char(x, '}');
    if (n->bits & BIT_NOEXCEPT) cxx_put(x, " noexcept");
    if (n->kids[1]) cxx_put(x, " -> ");
    cxx_print_if(x, n->kids[1]);
    cxx_put_char(x, ';');
}

static void print_type_requirement(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, " typename ");
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ';');
}

static void print_nested_requirement(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, " requires ");
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ';');
}

cxx_print_fn *cxx_expression_printer(enum cxx_kind kind) {
    static cxx_print_fn *const printers[CXX_N_KINDS] = {
        [CXX_EXPANSION] = print_expansion,
        [CXX_PACK] = print_list,
        [CXX_LIST] = print_list,
        [CXX_SIZEOF_PACK] = print_sizeof_pack,
        [CXX_SIZEOF_ARGS] = print_sizeof_args,
        [CXX_OPERATOR] = print_operator,
        [CXX_CAST] = print_cast,
        [CXX_NULLARY] = print_nullary,
        [CXX_UNARY] = print_unary,
        [CXX_BINARY] = print_binary,
        [CXX_TRINARY] = print_trinary,
        [CXX_FOLD] = print_fold,
        [CXX_SUBOBJECT] = print_subobject,
        [CXX_MEMBER_CAST] = print_member_cast,
        [CXX_NEW] = print_new,
        [CXX_LITERAL] = print_literal,
        [CXX_STRING_LITERAL] = print_string_literal,
        [CXX_LAMBDA_EXPR] = print_lambda_expr,
        [CXX_INITIALIZER] = print_initializer,
        [CXX_FUNCTION_PARAM] = print_function_param,
        [CXX_REQUIRES] = print_requires,
        [CXX_EXPR_REQUIREMENT] = print_expr_requirement,
        [CXX_TYPE_REQUIREMENT] = print_type_requirement,
        [CXX_NESTED_REQUIREMENT] = print_nested_requirement,
    };
    return printers[kind];
}
