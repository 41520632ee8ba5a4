/* Types as text, and what of them waits for its place; see cxx_print.h. */
#include "symbol/cxx_print.h"

/* Prints `base` with n waiting; then n, if it did not find its place in it. */
static void print_around(struct cxx_printer *x, struct cxx_node *n, struct cxx_node *base) {
    cxx_push_inner(x, n);
    cxx_print(x, base);
    if (!cxx_has_inner(x)) return;
    cxx_print_inner(x, n);
    if (cxx_has_inner(x)) x->inner.n--;
}

static void print_qualifiers(struct cxx_printer *x, struct cxx_node *n) {
    for (unsigned i = 0; i < n->n_kids; i++) {
        if (i) cxx_put_char(x, ' ');
        cxx_print(x, n->kids[i]);
    }
}

static void print_qualifier(struct cxx_printer *x, struct cxx_node *n) {
    bool first = true;
    cxx_put_str(x, n->text);
    if (n->n_kids == 0) return;
    cxx_put_char(x, '(');
    for (unsigned i = 0; i < n->n_kids; i++) {
        struct cxx_node *kid = n->kids[i];
        if (kid->kind == CXX_LIST && kid->n_kids == 0) continue;
        if (!first) cxx_put(x, ", ");
        cxx_print(x, kid);
        first = false;
    }
    cxx_put_char(x, ')');
}

static void print_behind_first(struct cxx_printer *x, struct cxx_node *n) {
    print_around(x, n, n->kids[0]);
}

static void print_behind_second(struct cxx_printer *x, struct cxx_node *n) {
    cxx_push_inner(x, n);
    cxx_print(x, n->kids[1]);
    cxx_print_last_inner(x);
}

static void print_transformed(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
    cxx_put_char(x, '(');
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ')');
}

/* Pointers and references have brackets around them where an array or a function is: int (*)[3]. */
static void print_dimension(struct cxx_printer *x, struct cxx_node *n) {
    const char *space = " ";
    while (cxx_has_inner(x)) {
        struct cxx_node *last = x->inner.at[x->inner.n - 1], *in = last;
        if (in->kind == CXX_CV_TYPE) in = in->kids[0];
        if (in->kind == CXX_ARRAY) {
            if (in == last) space = "";
            cxx_print_last_inner(x);
        } else {
            cxx_put(x, " (");
            cxx_print_all_inner(x);
            cxx_put_char(x, ')');
        }
    }
    cxx_put(x, space);
    cxx_put_char(x, '[');
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ']');
}

static void print_array(struct cxx_printer *x, struct cxx_node *n) {
    cxx_push_inner(x, n);
    cxx_print(x, n->kids[1]);
    if (!cxx_has_inner(x)) return;
    x->inner.n--;
    print_dimension(x, n);
}

/* Whether the function's name needs brackets, since it is pointed to; *ret_space: and a space. */
static bool needs_brackets(const struct cxx_printer *x, bool *ret_space) {
    *ret_space = false;
    for (size_t i = x->inner.n; i-- > x->base;) {
        const struct cxx_node *n = x->inner.at[i];
        if (n->kind == CXX_POINTER || n->kind == CXX_REFERENCE || n->kind == CXX_RVALUE)
            return true;
        if (n->kind == CXX_CV_TYPE || n->kind == CXX_MEMBER_POINTER ||
            (n->kind == CXX_SUFFIXED && n->text.data[1] == '_')) {
            *ret_space = true;
            return true;
        }
    }
    return false;
}

/* All but the qualifiers of functions, which come behind the parameters: those are returned, the
 * last one first. */
static struct cxx_list print_inner_prefixes(struct cxx_printer *x) {
    struct cxx_list later = {0};
    while (cxx_has_inner(x)) {
        struct cxx_node *n = x->inner.at[--x->inner.n];
        if (n->kind == CXX_METHOD)
            cxx_push(x->tree, &later, n);
        else
            cxx_print_inner(x, n);
    }
    return later;
}

static void print_parameters(struct cxx_printer *x, struct cxx_node *n) {
    bool space, brackets = needs_brackets(x, &space);
    if (brackets) {
        if ((space || (x->last != '(' && x->last != '*')) && x->last != ' ') cxx_put_char(x, ' ');
        cxx_put_char(x, '(');
    }
    struct cxx_list later = print_inner_prefixes(x);
    if (brackets) cxx_put_char(x, ')');
    cxx_put_char(x, '(');
    if (x->enclosing || !(n->bits & BIT_LOCAL)) cxx_put_list(x, n, 1, n->n_kids, true);
    cxx_put_char(x, ')');
    for (size_t i = 0; i < later.n; i++)
        cxx_push_inner(x, later.at[i]);
    cxx_print_all_inner(x);
}

/* Of a function around a local name the return type is not shown. */
static void print_function(struct cxx_printer *x, struct cxx_node *n) {
    if (n->kids[0] && !(n->bits & BIT_LOCAL)) {
        cxx_push_inner(x, n);
        cxx_print(x, n->kids[0]);
        if (!cxx_has_inner(x)) return;
        x->inner.n--;
        cxx_put_char(x, ' ');
    }
    print_parameters(x, n);
}

static void print_fixed(struct cxx_printer *x, struct cxx_node *n) {
    struct cxx_node *base = n->kids[0];
    if (n->bits & BIT_SATURATED) cxx_put(x, "_Sat ");
    if (base->kind != CXX_BUILTIN || !cxx_text_is(base, "int")) {
        cxx_print(x, base);
        cxx_put_char(x, ' ');
    }
    cxx_put(x, n->bits & BIT_ACCUM ? "_Accum" : "_Fract");
}

static void print_binary_float(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_number_quietly(x, "_Float%d", n->num);
    cxx_put_quietly(x, n->text);
}

static void print_bit_int(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
    cxx_put(x, "_BitInt(");
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ')');
}

static void print_elaborated(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
    cxx_put_char(x, ' ');
    cxx_print(x, n->kids[0]);
}

static void print_decltype(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "decltype (");
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ')');
}

static void print_object_param(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "this ");
    cxx_print(x, n->kids[0]);
}

/* ---- what waited, in its place ---- */

static void inner_cv(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_char(x, ' ');
    cxx_print(x, n->kids[1]);
}

static void inner_method(struct cxx_printer *x, struct cxx_node *n) {
    if (n->kids[1]) inner_cv(x, n);
    if (n->text.len) cxx_put_char(x, ' ');
    cxx_put_str(x, n->text);
}

static void inner_vendor(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_char(x, ' ');
    cxx_print(x, n->kids[0]);
}

static void inner_member_pointer(struct cxx_printer *x, struct cxx_node *n) {
    if (x->last != '(') cxx_put_char(x, ' ');
    cxx_print(x, n->kids[0]);
    cxx_put(x, "::*");
}

static void inner_vector(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, " __vector(");
    cxx_print(x, n->kids[0]);
    cxx_put_char(x, ')');
}

static void inner_param_pack(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "...");
    if (n->kids[0]->kind == CXX_VALUE_PARAM) cxx_print(x, n->kids[0]->kids[0]);
}

/* ---- by kind ---- */

cxx_print_fn *cxx_type_printer(enum cxx_kind kind) {
    static cxx_print_fn *const printers[CXX_N_KINDS] = {
        [CXX_QUALIFIERS] = print_qualifiers,
        [CXX_QUALIFIER] = print_qualifier,
        [CXX_CV_TYPE] = print_behind_first,
        [CXX_METHOD] = print_behind_first,
        [CXX_BUILTIN] = cxx_print_text,
        [CXX_POINTER] = print_behind_first,
        [CXX_REFERENCE] = print_behind_first,
        [CXX_RVALUE] = print_behind_first,
        [CXX_SUFFIXED] = print_behind_first,
        [CXX_TRANSFORMED] = print_transformed,
        [CXX_VENDOR] = print_behind_second,
        [CXX_ARRAY] = print_array,
        [CXX_FUNCTION] = print_function,
        [CXX_MEMBER_POINTER] = print_behind_second,
        [CXX_FIXED] = print_fixed,
        [CXX_BINARY_FLOAT] = print_binary_float,
        [CXX_BIT_INT] = print_bit_int,
        [CXX_VECTOR] = print_behind_second,
        [CXX_ELABORATED] = print_elaborated,
        [CXX_DECLTYPE] = print_decltype,
        [CXX_OBJECT_PARAM] = print_object_param,
    };
    return printers[kind];
}

cxx_print_fn *cxx_inner_printer(enum cxx_kind kind) {
    static cxx_print_fn *const printers[CXX_N_KINDS] = {
        [CXX_TYPED] = cxx_print_first,
        [CXX_CV_TYPE] = inner_cv,
        [CXX_METHOD] = inner_method,
        [CXX_POINTER] = cxx_print_text,
        [CXX_REFERENCE] = cxx_print_text,
        [CXX_RVALUE] = cxx_print_text,
        [CXX_SUFFIXED] = cxx_print_text,
        [CXX_VENDOR] = inner_vendor,
        [CXX_ARRAY] = print_dimension,
        [CXX_FUNCTION] = print_parameters,
        [CXX_MEMBER_POINTER] = inner_member_pointer,
        [CXX_VECTOR] = inner_vector,
        [CXX_VALUE_PARAM] = cxx_print_first,
        [CXX_CONSTRAINED_PARAM] = cxx_print_first,
        [CXX_PARAM_PACK] = inner_param_pack,
    };
    return printers[kind];
}
