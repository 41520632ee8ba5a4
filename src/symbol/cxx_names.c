/* Names: nested, local, of closures; see cxx_parse.h. */
#include "symbol/cxx_parse.h"

/* ---- numbers ---- */

int cxx_number(struct cxx_parser *p) {
    bool negative = cxx_take(p, 'n');
    int64_t v = 0;
    if (!text_is_digit(*p->at)) cxx_fail(p->tree);
    while (text_is_digit(*p->at)) {
        if (v >= 0x80000000LL / 10 - 10) cxx_fail(p->tree);
        v = 10 * v + (*p->at++ - '0');
    }
    return (int)(negative ? -v : v);
}

int cxx_compact_number(struct cxx_parser *p) {
    if (cxx_take(p, '_')) return 0;
    if (*p->at == 'n') cxx_fail(p->tree);
    int n = cxx_number(p);
    cxx_expect(p, '_');
    return n + 1;
}

int cxx_seq_id(struct cxx_parser *p, bool end_ok) {
    int64_t id = 0;
    if (cxx_take(p, '_')) return 0;
    for (;; p->at++) {
        char c = *p->at;
        if (c == 0 && end_ok) return (int)id + 1;
        if (cxx_take(p, '_')) return (int)id + 1;
        if (id >= 0x80000000LL / 36 - 36) cxx_fail(p->tree);
        if (text_is_digit(c))
            id = 36 * id + (c - '0');
        else if (cxx_is_upper(c))
            id = 36 * id + (c - 'A') + 10;
        else
            cxx_fail(p->tree);
    }
}

/* Not shown. The last one may lack its underscore. */
static void skip_discriminator(struct cxx_parser *p) {
    if (!cxx_take(p, '_')) {
        size_t digits = strspn(p->at, "0123456789");
        if (p->at[digits] == 0) p->at += digits;
        return;
    }
    bool two = cxx_take(p, '_');
    int n = cxx_number(p);
    if (n < 0) cxx_fail(p->tree);
    if (two && n >= 10) cxx_expect(p, '_');
}

/* ---- one name ---- */

static struct cxx_node *new_name(struct cxx_parser *p, struct pp_str text) {
    return cxx_leaf(p->tree, CXX_NAME, text, 0);
}

/* _GLOBAL__N_..., which gcc has for what has no name. */
static bool is_anonymous(struct pp_str id) {
    return id.len > 10 && memcmp(id.data, "_GLOBAL_", 8) == 0 && strchr("._$", id.data[8]) &&
           id.data[9] == 'N';
}

struct cxx_node *cxx_source_name(struct cxx_parser *p) {
    int len = cxx_number(p);
    if (len <= 0 || strnlen(p->at, (size_t)len) < (size_t)len) cxx_fail(p->tree);
    struct pp_str id = {p->at, (size_t)len};
    p->at += len;
    return new_name(p, is_anonymous(id) ? PP_STR("(anonymous namespace)") : id);
}

static struct cxx_node *tagged(struct cxx_parser *p, struct cxx_node *n) {
    while (cxx_take(p, 'B'))
        n = cxx_two(p->tree, CXX_TAGGED, n, cxx_source_name(p));
    return n;
}

struct cxx_node *cxx_module_name(struct cxx_parser *p, struct cxx_node *parent) {
    while (cxx_take(p, 'W')) {
        bool partition = cxx_take(p, 'P');
        parent = cxx_two(p->tree, CXX_MODULE, parent, cxx_source_name(p));
        parent->bits = partition ? BIT_PARTITION : 0;
        cxx_push(p->tree, &p->subs, parent);
    }
    return parent;
}

static struct cxx_node *operator_name(struct cxx_parser *p, bool *ret_cast) {
    int operands;
    struct cxx_node *n = cxx_operator(p, false, &operands);
    *ret_cast = n->kind == CXX_CAST;
    if (cxx_is(n, CXX_OPERATOR) && cxx_text_is(n, "operator\"\" "))
        n = cxx_two(p->tree, CXX_UNARY, n, cxx_source_name(p));
    return n;
}

static struct cxx_node *structured_binding(struct cxx_parser *p) {
    struct cxx_list names = {0};
    p->at += 2;
    do
        cxx_push(p->tree, &names, cxx_source_name(p));
    while (!cxx_take(p, 'E'));
    return cxx_join(p->tree, CXX_BINDINGS, NULL, 0, &names);
}

struct cxx_node *cxx_unnamed(struct cxx_parser *p) {
    p->at += 2;
    struct cxx_node *n = cxx_leaf(p->tree, CXX_UNNAMED, PP_STR(""), cxx_compact_number(p));
    cxx_push(p->tree, &p->subs, n);
    return n;
}

static struct cxx_node *local_source_name(struct cxx_parser *p) {
    p->at++;
    struct cxx_node *n = cxx_source_name(p);
    skip_discriminator(p);
    return n;
}

static struct cxx_node *block_literal(struct cxx_parser *p) {
    p->at += 2;
    cxx_compact_number(p);
    return new_name(p, PP_STR("'block-literal'"));
}

static struct cxx_node *plain_unqualified(struct cxx_parser *p, bool *ret_cast) {
    if (text_is_digit(*p->at)) return cxx_source_name(p);
    if (cxx_is_lower(*p->at)) return operator_name(p, ret_cast);
    if (cxx_next_is(p, "DC")) return structured_binding(p);
    if (*p->at == 'L') return local_source_name(p);
    if (cxx_next_is(p, "Ub")) return block_literal(p);
    if (cxx_next_is(p, "Ul")) return cxx_closure(p);
    if (cxx_next_is(p, "Ut")) return cxx_unnamed(p);
    cxx_fail(p->tree);
}

struct cxx_node *cxx_unqualified(struct cxx_parser *p, struct cxx_node *module, bool *ret_cast) {
    *ret_cast = false;
    module = cxx_module_name(p, module);
    bool is_friend = cxx_take(p, 'F');
    struct cxx_node *n = plain_unqualified(p, ret_cast);
    if (module) n = cxx_two(p->tree, CXX_MODULE_ENTITY, module, n);
    n = tagged(p, n);
    return is_friend ? cxx_one(p->tree, CXX_FRIEND, n) : n;
}

/* ---- closures ---- */

/* Explicit template parameters, which are a template of their own around the types. */
static void closure_params(struct cxx_parser *p, struct cxx_list *ret_decls) {
    struct cxx_list names = {0};
    struct cxx_node *decl, *name, *none = NULL;
    size_t n_templates = p->templates.n;
    while (cxx_param_decl(p, &decl, &name)) {
        cxx_push(p->tree, ret_decls, decl);
        cxx_push(p->tree, &names, name);
        p->templates.n = n_templates;
        cxx_push(p->tree, &p->templates, cxx_join(p->tree, CXX_TEMPLATE, &none, 1, &names));
    }
}

struct cxx_node *cxx_closure(struct cxx_parser *p) {
    struct cxx_list rest = {0}, types;
    struct cxx_node *first[2] = {NULL, NULL};
    size_t outer = p->lambda_level, n_templates = p->templates.n;
    p->at += 2;
    p->lambda_level = n_templates + 1;
    closure_params(p, &rest);
    size_t split = rest.n;
    if (*p->at == 'Q') first[0] = cxx_constraint(p);
    cxx_parameters(p, false, &types);
    p->lambda_level = outer;
    p->templates.n = n_templates;
    if (*p->at == 'Q') first[1] = cxx_constraint(p);
    cxx_expect(p, 'E');
    for (size_t i = 0; i < types.n; i++)
        cxx_push(p->tree, &rest, types.at[i]);
    struct cxx_node *n = cxx_join(p->tree, CXX_CLOSURE, first, 2, &rest);
    n->split = (unsigned)split;
    n->num = cxx_compact_number(p);
    return n;
}

/* ---- nested names ---- */

/* The last name, for a constructor or destructor. */
static struct cxx_node *last_name(struct cxx_node *n) {
    for (;;)
        if (n->kind == CXX_TEMPLATE || n->kind == CXX_TAGGED)
            n = n->kids[0];
        else if (n->kind == CXX_QUALIFIED)
            n = n->kids[1];
        else
            return n;
}

struct prefix {
    struct cxx_node *whole, *last, *module, *cast;
};

static struct cxx_node *constructor(struct cxx_parser *p, struct prefix *x) {
    p->at++;
    bool inherits = cxx_take(p, 'I');
    if (!*p->at || !x->last) cxx_fail(p->tree);
    p->at++;
    struct cxx_node *base = inherits ? cxx_type(p, false) : NULL;
    return tagged(p, cxx_two(p->tree, CXX_CONSTRUCTOR, last_name(x->last), base));
}

static struct cxx_node *destructor(struct cxx_parser *p, struct prefix *x) {
    if (cxx_next_is(p, "DT") || cxx_next_is(p, "Dt")) return cxx_type(p, false);
    if (!p->at[1] || !x->last) cxx_fail(p->tree);
    p->at += 2;
    return tagged(p, cxx_one(p->tree, CXX_DESTRUCTOR, last_name(x->last)));
}

static struct cxx_node *prefix_substitution(struct cxx_parser *p, struct prefix *x) {
    struct cxx_node *n = cxx_substitution(p, true);
    if (n->kind != CXX_MODULE) return n;
    x->module = n;
    return NULL;
}

/* A conversion's template parameters are those of the arguments behind it. */
static void end_cast(struct cxx_parser *p, struct prefix *x, struct cxx_node *template) {
    if (!x->cast) return;
    cxx_set_template(p->tree, x->cast, template);
    for (unsigned i = 1; i < template->n_kids; i++)
        cxx_set_template(p->tree, template->kids[i], NULL);
    x->cast = NULL;
}

static struct cxx_node *prefix_template(struct cxx_parser *p, struct prefix *x) {
    struct cxx_node *template, *whole;
    if (!x->whole) cxx_fail(p->tree);
    whole = cxx_template(p, x->whole, &template);
    end_cast(p, x, template);
    x->whole = NULL;
    return whole;
}

/* Arguments without their I, as clang writes them at times. */
static struct cxx_node *prefix_arguments(struct cxx_parser *p, struct prefix *x) {
    struct cxx_list args = {0};
    if (!x->whole) cxx_fail(p->tree);
    while (!cxx_take(p, 'E'))
        cxx_push(p->tree, &args, cxx_template_arg(p, NULL));
    struct cxx_node *template = cxx_join(p->tree, CXX_TEMPLATE, &x->whole, 1, &args);
    end_cast(p, x, template);
    x->whole = NULL;
    return template;
}

/* The scope of a lambda in an initializer: the variable's name is the scope already. */
static struct cxx_node *initializer_scope(struct cxx_parser *p, struct prefix *x) {
    if (!x->whole) cxx_fail(p->tree);
    p->at++;
    return NULL;
}

static struct cxx_node *prefix_param(struct cxx_parser *p, struct prefix *x) {
    (void)x;
    return cxx_template_param(p);
}

static struct cxx_node *find_cast(struct cxx_node *n) {
    while (n && n->kind != CXX_CAST)
        n = n->kind == CXX_MODULE_ENTITY                     ? n->kids[1]
            : n->kind == CXX_TAGGED || n->kind == CXX_FRIEND ? n->kids[0]
                                                             : NULL;
    return n;
}

static struct cxx_node *prefix_name(struct cxx_parser *p, struct prefix *x) {
    bool is_cast;
    struct cxx_node *n = cxx_unqualified(p, x->module, &is_cast);
    x->module = NULL;
    if (is_cast) x->cast = find_cast(n);
    return n;
}

/* The next part of a prefix; NULL when it is none by itself. */
static struct cxx_node *prefix_part(struct cxx_parser *p, struct prefix *x) {
    static struct cxx_node *(*const parts[])(struct cxx_parser *, struct prefix *) = {
        ['C'] = constructor,      ['D'] = destructor,   ['S'] = prefix_substitution,
        ['I'] = prefix_template,  ['T'] = prefix_param, ['M'] = initializer_scope,
        ['J'] = prefix_arguments, ['U'] = prefix_name,  ['L'] = prefix_name,
        ['F'] = prefix_name,      ['W'] = prefix_name,
    };
    unsigned char c = (unsigned char)*p->at;
    if (text_is_digit(*p->at) || cxx_is_lower(*p->at) || cxx_next_is(p, "DC"))
        return prefix_name(p, x);
    if (c >= sizeof parts / sizeof *parts || !parts[c]) cxx_fail(p->tree);
    return parts[c](p, x);
}

static struct cxx_node *prefix(struct cxx_parser *p) {
    struct prefix x = {0};
    while (*p->at != 'E') {
        char c = *p->at;
        struct cxx_node *next = prefix_part(p, &x);
        if (!next) continue;
        x.last = next;
        x.whole = x.whole ? cxx_two(p->tree, CXX_QUALIFIED, x.whole, next) : next;
        if (c != 'S' && *p->at != 'E') cxx_push(p->tree, &p->subs, x.whole);
    }
    if (!x.whole) cxx_fail(p->tree);
    if (x.cast) {
        struct cxx_node *to = x.cast->kids[0];
        cxx_set_template(p->tree, x.cast, to->kind == CXX_TEMPLATE ? to : NULL);
    }
    return x.whole;
}

static struct cxx_node *nested_name(struct cxx_parser *p, bool *ret_object) {
    struct cxx_node *qualifiers = NULL;
    struct pp_str ref = PP_STR("");
    p->at++;
    *ret_object = cxx_take(p, 'H');
    if (!*ret_object) {
        qualifiers = cxx_qualifiers(p);
        ref = cxx_ref_qualifier(p);
    }
    struct cxx_node *n = prefix(p);
    if (qualifiers || ref.len) {
        n = cxx_two(p->tree, CXX_METHOD, n, qualifiers);
        n->text = ref;
    }
    cxx_expect(p, 'E');
    return n;
}

/* ---- names ---- */

static struct cxx_node *new_local(struct cxx_parser *p, struct cxx_node *function,
                                  struct cxx_node *name) {
    struct cxx_node *n = cxx_two(p->tree, CXX_QUALIFIED, function, name);
    n->bits = BIT_LOCAL;
    return n;
}

static struct cxx_node *any_name(struct cxx_parser *p, bool *ret_object);

static struct cxx_node *local_name(struct cxx_parser *p, bool *ret_object) {
    int arg = -1;
    p->at++;
    struct cxx_node *function = cxx_encoding(p, true, true), *n;
    cxx_expect(p, 'E');
    if (cxx_take(p, 's')) {
        skip_discriminator(p);
        return new_local(p, function, new_name(p, PP_STR("string literal")));
    }
    if (cxx_take(p, 'd')) arg = cxx_compact_number(p);
    n = any_name(p, ret_object);
    skip_discriminator(p);
    if (arg >= 0) {
        n = cxx_one(p->tree, CXX_DEFAULT_ARG, n);
        n->num = arg;
    }
    return new_local(p, function, n);
}

/* The arguments of a name that is a template, if they follow. */
static struct cxx_node *with_args(struct cxx_parser *p, struct cxx_node *n, bool is_cast) {
    struct cxx_node *template = NULL, *whole = n;
    if (*p->at == 'I') {
        whole = cxx_template(p, n, &template);
        if (!is_cast) return whole;
    }
    if (!is_cast) return whole;
    cxx_set_template(p->tree, n, template);
    for (unsigned i = 1; template && i < template->n_kids; i++)
        cxx_set_template(p->tree, template->kids[i], NULL);
    return whole;
}

static struct cxx_node *scope_name(struct cxx_parser *p) {
    bool is_cast;
    if (*p->at == 'U') return cxx_unqualified(p, NULL, &is_cast);
    struct cxx_node *module = NULL;
    if (*p->at == 'S' && p->at[1] != 't') {
        module = cxx_substitution(p, false);
        if (module->kind != CXX_MODULE) return with_args(p, module, false);
    }
    bool in_std = !module && cxx_take_two(p, "St");
    struct cxx_node *n = cxx_unqualified(p, module, &is_cast);
    if (in_std) n = cxx_two(p->tree, CXX_QUALIFIED, new_name(p, PP_STR("std")), n);
    if (*p->at == 'I') cxx_push(p->tree, &p->subs, n);
    return with_args(p, n, is_cast);
}

/* Says whether it has an explicit object parameter. */
static struct cxx_node *any_name(struct cxx_parser *p, bool *ret_object) {
    struct cxx_node *n;
    *ret_object = false;
    cxx_enter(p->tree);
    if (*p->at == 'N')
        n = nested_name(p, ret_object);
    else if (*p->at == 'Z')
        n = local_name(p, ret_object);
    else
        n = scope_name(p);
    cxx_leave(p->tree);
    return n;
}

struct cxx_node *cxx_name(struct cxx_parser *p) {
    bool object;
    return any_name(p, &object);
}

/* ---- encodings ---- */

/* The template whose arguments the types of a function's parameters refer to. */
static struct cxx_node *own_template(struct cxx_node *n) {
    while (n && n->kind != CXX_TEMPLATE)
        if (n->kind == CXX_QUALIFIED)
            n = (n->bits & BIT_LOCAL) || n->kids[1]->kind == CXX_CONSTRUCTOR ? n->kids[1] : NULL;
        else if (n->kind == CXX_CONSTRUCTOR)
            n = n->kids[1];
        else
            n = n->kind == CXX_METHOD || n->kind == CXX_CONSTRAINT ? n->kids[0] : NULL;
    return n;
}

static bool makes_or_converts(const struct cxx_node *n) {
    while (n->kind == CXX_QUALIFIED)
        n = n->kids[1];
    return n->kind == CXX_CONSTRUCTOR || n->kind == CXX_DESTRUCTOR || n->kind == CXX_CAST;
}

static bool has_return_type(const struct cxx_node *n) {
    for (;;)
        if (n->kind == CXX_QUALIFIED && (n->bits & BIT_LOCAL))
            n = n->kids[1];
        else if (n->kind == CXX_CV_TYPE || n->kind == CXX_METHOD || n->kind == CXX_CONSTRAINT)
            n = n->kids[0];
        else
            return n->kind == CXX_TEMPLATE && !makes_or_converts(n->kids[0]);
}

/* The qualifiers of a function that stand at its name: takes them off the name; the node that holds
 * them, or NULL. */
static struct cxx_node *take_method(struct cxx_node **name) {
    struct cxx_node *n = *name, *method;
    if (n->kind == CXX_METHOD) {
        *name = n->kids[0];
        return n;
    }
    if (n->kind != CXX_QUALIFIED || !(n->bits & BIT_LOCAL)) return NULL;
    struct cxx_node *holder = n->kids[1]->kind == CXX_DEFAULT_ARG ? n->kids[1] : n;
    struct cxx_node **place = holder == n ? &n->kids[1] : &holder->kids[0];
    method = *place;
    if (method->kind != CXX_METHOD) return NULL;
    *place = method->kids[0];
    cxx_update(holder);
    cxx_update(n);
    return method;
}

static struct cxx_node *function_type(struct cxx_parser *p, struct cxx_node *name, bool object,
                                      bool local) {
    struct cxx_node *type =
        cxx_simplify(p->tree, cxx_function_type(p, has_return_type(name), object));
    if (local && type->kind == CXX_FUNCTION) type->bits = BIT_LOCAL;
    return type;
}

/* clang's enable_if attribute: its arguments, and a constraint behind them. */
static void enable_if(struct cxx_parser *p, struct cxx_list *ret_args,
                      struct cxx_node **ret_constraint) {
    static const struct pp_str mark = {"Ua9enable_ifI", 13};
    if (strncmp(p->at, mark.data, mark.len) != 0) return;
    p->at += mark.len - 1;
    cxx_template_args(p, ret_args, ret_constraint);
}

/* A constraint of the name belongs to the whole function, unless that has one. */
static struct cxx_node *typed(struct cxx_parser *p, struct cxx_node *name, struct cxx_node *type,
                              struct cxx_node **constraint) {
    struct cxx_node *method = take_method(&name);
    if (method) {
        method->kids[0] = type;
        cxx_update(method);
        type = method;
    }
    if (name->kind == CXX_CONSTRAINT && !*constraint) {
        *constraint = name->kids[1];
        name = name->kids[0];
    }
    return cxx_two(p->tree, CXX_TYPED, name, type);
}

static struct cxx_node *function(struct cxx_parser *p, struct cxx_node *name, bool object,
                                 bool local) {
    struct cxx_list conditions = {0};
    struct cxx_node *condition_constraint = NULL, *constraint = NULL;
    struct cxx_node *template = own_template(name);
    size_t outer = p->lambda_level;
    if (template) {
        cxx_push(p->tree, &p->templates, template);
        p->lambda_level = 0;
    }
    enable_if(p, &conditions, &condition_constraint);
    struct cxx_node *type = function_type(p, name, object, local);
    if (*p->at == 'Q') constraint = cxx_constraint(p);
    if (template) {
        p->templates.n--;
        p->lambda_level = outer;
    }
    struct cxx_node *n = typed(p, name, type, &constraint);
    if (conditions.n) {
        n = cxx_join(p->tree, CXX_ENABLE_IF, &n, 1, &conditions);
        n = cxx_constrain(p, n, condition_constraint);
    }
    return cxx_constrain(p, n, constraint);
}

static struct cxx_node *encoding(struct cxx_parser *p, bool params, bool local) {
    bool object;
    if (*p->at == 'G' || *p->at == 'T') return cxx_special(p);
    struct cxx_node *name = cxx_simplify(p->tree, any_name(p, &object));
    if (!params) {
        take_method(&name);
        return name;
    }
    /* Data has no parameters. */
    if (*p->at == 0 || *p->at == 'E') return name;
    return function(p, name, object, local);
}

struct cxx_node *cxx_encoding(struct cxx_parser *p, bool params, bool local) {
    cxx_enter(p->tree);
    struct cxx_node *n = encoding(p, params, local);
    cxx_leave(p->tree);
    return n;
}
