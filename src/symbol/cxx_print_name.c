/* Names as text; see cxx_print.h. */
#include "symbol/cxx_print.h"

/* ---- names ---- */

static void print_typed(struct cxx_printer *x, struct cxx_node *n) {
    size_t hold = cxx_hide_inner(x);
    cxx_push_inner(x, n);
    cxx_print(x, n->kids[1]);
    if (cxx_has_inner(x)) {
        cxx_put_char(x, ' ');
        cxx_print(x, n->kids[0]);
    }
    cxx_show_inner(x, hold);
}

static void print_qualified(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, "::");
    cxx_print(x, n->kids[1]);
}

static void print_template(struct cxx_printer *x, struct cxx_node *n) {
    size_t hold = cxx_hide_inner(x);
    cxx_print_if(x, n->kids[0]);
    if (x->templates) {
        if (x->last == '<') cxx_put_char(x, ' '); /* operator< <int> */
        cxx_put_char(x, '<');
        cxx_put_list(x, n, 1, n->n_kids, true);
        if (x->last == '>') cxx_put_char(x, ' '); /* as C++98 wanted it */
        cxx_put_char(x, '>');
    }
    cxx_show_inner(x, hold);
}

static void print_template_param(struct cxx_printer *x, struct cxx_node *n) {
    if (!n->ref || (size_t)n->num >= cxx_n_args(n->ref)) cxx_fail(x->tree);
    cxx_print(x, n->ref->kids[1 + n->num]);
}

static void print_lambda_auto(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_number_quietly(x, "auto:%d", n->num + 1);
}

static void print_second(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[1]);
}

static void print_destructor(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_char(x, '~');
    cxx_print(x, n->kids[0]);
}

static void print_tagged(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, "[abi:");
    cxx_print(x, n->kids[1]);
    cxx_put_char(x, ']');
}

static void print_default_arg(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_number_quietly(x, "{default arg#%d}::", n->num + 1);
    cxx_print(x, n->kids[0]);
}

void cxx_put_signature(struct cxx_printer *x, struct cxx_node *n) {
    size_t params = 2 + n->split;
    if (n->split) {
        cxx_put_char(x, '<');
        cxx_put_list(x, n, 2, params, false);
        cxx_put_char(x, '>');
    }
    if (n->kids[0]) {
        cxx_put(x, " requires ");
        cxx_print(x, n->kids[0]);
        cxx_put_char(x, ' ');
    }
    cxx_put_char(x, '(');
    cxx_put_list(x, n, params, n->n_kids, false);
    cxx_put_char(x, ')');
    if (n->kids[1]) cxx_put(x, " requires ");
    cxx_print_if(x, n->kids[1]);
}

static void print_closure(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "{lambda");
    cxx_put_signature(x, n);
    cxx_put_char(x, '#');
    cxx_put_number(x, n->num + 1LL);
    cxx_put_char(x, '}');
}

static void print_bindings(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_char(x, '[');
    cxx_put_list(x, n, 0, n->n_kids, false);
    cxx_put_char(x, ']');
}

static void print_unnamed(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "{unnamed type#");
    cxx_put_number(x, n->num + 1LL);
    cxx_put_char(x, '}');
}

static void print_clone(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, " [clone ");
    cxx_put_str(x, n->text);
    cxx_put_char(x, ']');
}

static void print_special(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
    cxx_print(x, n->kids[0]);
    if (n->n_kids == 1) return;
    cxx_put(x, "-in-");
    cxx_print(x, n->kids[1]);
}

static void print_enable_if(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, " [enable_if:");
    cxx_put_list(x, n, 1, n->n_kids, false);
    cxx_put_char(x, ']');
}

static void print_module(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print_if(x, n->kids[0]);
    if (n->bits & BIT_PARTITION)
        cxx_put_char(x, ':');
    else if (n->kids[0])
        cxx_put_char(x, '.');
    cxx_print(x, n->kids[1]);
}

static void print_module_entity(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[1]);
    cxx_put_char(x, '@');
    cxx_print(x, n->kids[0]);
}

static void print_friend(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, "[friend]");
}

static void print_constraint(struct cxx_printer *x, struct cxx_node *n) {
    cxx_print(x, n->kids[0]);
    cxx_put(x, " requires ");
    cxx_print(x, n->kids[1]);
}

/* ---- template parameters ---- */

static void print_param_name(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put_str(x, n->text);
    cxx_put_number(x, n->num);
}

static void put_param_name(struct cxx_printer *x, struct cxx_node *name) {
    if (x->nameless) return;
    cxx_put_char(x, ' ');
    cxx_print(x, name);
}

static void print_type_param(struct cxx_printer *x, struct cxx_node *n) {
    cxx_put(x, "typename");
    cxx_print_all_inner(x);
    put_param_name(x, n->kids[0]);
}

static void print_value_param(struct cxx_printer *x, struct cxx_node *n) {
    cxx_push_inner(x, n);
    cxx_print(x, n->kids[1]);
    if (!cxx_has_inner(x)) return;
    put_param_name(x, n->kids[0]);
    if (cxx_has_inner(x)) x->inner.n--;
}

static void print_constrained_param(struct cxx_printer *x, struct cxx_node *n) {
    cxx_push_inner(x, n);
    cxx_print(x, n->kids[1]);
    if (!cxx_has_inner(x)) return;
    cxx_put_char(x, ' ');
    cxx_print(x, n->kids[0]);
    if (cxx_has_inner(x)) x->inner.n--;
}

static void print_template_template_param(struct cxx_printer *x, struct cxx_node *n) {
    bool nameless = x->nameless;
    size_t hold = cxx_hide_inner(x);
    x->nameless = true;
    cxx_put(x, "template<");
    cxx_put_list(x, n, 2, n->n_kids, false);
    cxx_put(x, "> class");
    x->nameless = nameless;
    cxx_show_inner(x, hold);
    cxx_print_all_inner(x);
    put_param_name(x, n->kids[0]);
    if (!n->kids[1]) return;
    cxx_put(x, " requires ");
    cxx_print(x, n->kids[1]);
}

static void print_param_pack(struct cxx_printer *x, struct cxx_node *n) {
    struct cxx_node *param = n->kids[0];
    bool is_value = param->kind == CXX_VALUE_PARAM;
    size_t hold = cxx_hide_inner(x);
    cxx_push_inner(x, n);
    cxx_print(x, is_value ? param->kids[1] : param);
    if (cxx_has_inner(x)) {
        cxx_put(x, "...");
        if (is_value) put_param_name(x, param->kids[0]);
    }
    cxx_show_inner(x, hold);
}

/* ---- by kind ---- */

cxx_print_fn *cxx_name_printer(enum cxx_kind kind) {
    static cxx_print_fn *const printers[CXX_N_KINDS] = {
        [CXX_NAME] = cxx_print_text,
        [CXX_TYPED] = print_typed,
        [CXX_QUALIFIED] = print_qualified,
        [CXX_TEMPLATE] = print_template,
        [CXX_TEMPLATE_PARAM] = print_template_param,
        [CXX_LAMBDA_AUTO] = print_lambda_auto,
        [CXX_QUALIFIED_ARG] = print_second,
        [CXX_CONSTRUCTOR] = cxx_print_first,
        [CXX_DESTRUCTOR] = print_destructor,
        [CXX_TAGGED] = print_tagged,
        [CXX_PARAM_NAME] = print_param_name,
        [CXX_TYPE_PARAM] = print_type_param,
        [CXX_VALUE_PARAM] = print_value_param,
        [CXX_TEMPLATE_TEMPLATE_PARAM] = print_template_template_param,
        [CXX_CONSTRAINED_PARAM] = print_constrained_param,
        [CXX_PARAM_PACK] = print_param_pack,
        [CXX_DEFAULT_ARG] = print_default_arg,
        [CXX_CLOSURE] = print_closure,
        [CXX_BINDINGS] = print_bindings,
        [CXX_UNNAMED] = print_unnamed,
        [CXX_CLONE] = print_clone,
        [CXX_SPECIAL] = print_special,
        [CXX_ENABLE_IF] = print_enable_if,
        [CXX_MODULE] = print_module,
        [CXX_MODULE_ENTITY] = print_module_entity,
        [CXX_FRIEND] = print_friend,
        [CXX_CONSTRAINT] = print_constraint,
    };
    return printers[kind];
}
