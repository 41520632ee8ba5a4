/* Template arguments and parameters, and substitutions, which move between templates; see
 * cxx_parse.h. */
#include "symbol/cxx_parse.h"

/* ---- arguments ---- */

struct cxx_node *cxx_constrain(struct cxx_parser *p, struct cxx_node *n,
                               struct cxx_node *constraint) {
    return constraint ? cxx_two(p->tree, CXX_CONSTRAINT, n, constraint) : n;
}

/* An expression whose template parameters are not resolved. */
struct cxx_node *cxx_constraint(struct cxx_parser *p) {
    bool hold = p->in_constraint;
    p->at++;
    p->in_constraint = true;
    struct cxx_node *n = cxx_expression(p);
    p->in_constraint = hold;
    return n;
}

/* I or J is next. */
void cxx_template_args(struct cxx_parser *p, struct cxx_list *ret_args,
                       struct cxx_node **ret_constraint) {
    *ret_args = (struct cxx_list){0};
    *ret_constraint = NULL;
    p->at++;
    while (!cxx_take(p, 'E')) {
        cxx_push(p->tree, ret_args, cxx_template_arg(p, ret_args));
        if (*p->at != 'Q') continue;
        *ret_constraint = cxx_constraint(p);
        if (*p->at != 'E') cxx_fail(p->tree);
    }
}

struct cxx_node *cxx_template(struct cxx_parser *p, struct cxx_node *name,
                              struct cxx_node **ret_template) {
    struct cxx_list args;
    struct cxx_node *constraint;
    cxx_template_args(p, &args, &constraint);
    *ret_template = cxx_join(p->tree, CXX_TEMPLATE, &name, 1, &args);
    return cxx_constrain(p, *ret_template, constraint);
}

static struct cxx_node *pack(struct cxx_parser *p) {
    struct cxx_list args;
    struct cxx_node *constraint;
    cxx_template_args(p, &args, &constraint);
    return cxx_constrain(p, cxx_join(p->tree, CXX_PACK, NULL, 0, &args), constraint);
}

/* An argument with the declaration of its parameter, which may refer to the arguments before. */
static struct cxx_node *declared_arg(struct cxx_parser *p, const struct cxx_list *before) {
    static const struct cxx_list none = {0};
    struct cxx_node *nothing = NULL, *decl, *name;
    cxx_push(p->tree, &p->templates,
             cxx_join(p->tree, CXX_TEMPLATE, &nothing, 1, before ? before : &none));
    size_t n = p->templates.n;
    if (!cxx_param_decl(p, &decl, &name)) cxx_fail(p->tree);
    p->templates.n = n - 1;
    return cxx_two(p->tree, CXX_QUALIFIED_ARG, decl, cxx_template_arg(p, NULL));
}

static struct cxx_node *template_arg(struct cxx_parser *p, const struct cxx_list *before) {
    if (cxx_take(p, 'X')) {
        struct cxx_node *n = cxx_expression(p);
        cxx_expect(p, 'E');
        return n;
    }
    if (*p->at == 'L') return cxx_primary(p);
    if (*p->at == 'I' || *p->at == 'J') return pack(p);
    if (*p->at == 'T' && p->at[1] && strchr("yntpk", p->at[1])) return declared_arg(p, before);
    return cxx_type(p, false);
}

struct cxx_node *cxx_template_arg(struct cxx_parser *p, const struct cxx_list *before) {
    cxx_enter(p->tree);
    struct cxx_node *n = template_arg(p, before);
    cxx_leave(p->tree);
    return n;
}

/* ---- parameters ---- */

static struct cxx_node *new_param(struct cxx_parser *p, int index, struct cxx_node *template) {
    struct cxx_node *n = cxx_leaf(p->tree, CXX_TEMPLATE_PARAM, PP_STR(""), index);
    n->ref = template;
    return n;
}

struct cxx_node *cxx_template_param(struct cxx_parser *p) {
    const char *start = p->at++;
    size_t level = cxx_take(p, 'L') ? (size_t)cxx_compact_number(p) : 0;
    int index = cxx_compact_number(p);
    if (p->in_constraint)
        return cxx_leaf(p->tree, CXX_NAME, (struct pp_str){start, (size_t)(p->at - start) - 1}, 0);
    struct cxx_node *template = level < p->templates.n ? p->templates.at[level] : NULL;
    if (level < p->templates.n && (!template || (size_t)index < cxx_n_args(template)))
        return new_param(p, index, template);
    /* The `auto` of a lambda is numbered like a template parameter (gcc bug 78252). */
    if (p->lambda_level == 0 || level != p->lambda_level - 1) cxx_fail(p->tree);
    return cxx_leaf(p->tree, CXX_LAMBDA_AUTO, PP_STR(""), index);
}

static struct cxx_node *param_name(struct cxx_parser *p, struct pp_str prefix, int *count) {
    return cxx_leaf(p->tree, CXX_PARAM_NAME, prefix, (*count)++);
}

static void type_param(struct cxx_parser *p, struct cxx_node **ret_decl,
                       struct cxx_node **ret_name) {
    *ret_name = param_name(p, PP_STR("$T"), &p->n_type_params);
    *ret_decl = cxx_one(p->tree, CXX_TYPE_PARAM, *ret_name);
}

static void constrained_param(struct cxx_parser *p, struct cxx_node **ret_decl,
                              struct cxx_node **ret_name) {
    bool hold = p->in_constraint;
    p->in_constraint = true;
    struct cxx_node *concept = cxx_name(p);
    p->in_constraint = hold;
    *ret_name = param_name(p, PP_STR("$T"), &p->n_type_params);
    *ret_decl = cxx_two(p->tree, CXX_CONSTRAINED_PARAM, *ret_name, concept);
}

static void value_param(struct cxx_parser *p, struct cxx_node **ret_decl,
                        struct cxx_node **ret_name) {
    *ret_name = param_name(p, PP_STR("$N"), &p->n_value_params);
    *ret_decl = cxx_two(p->tree, CXX_VALUE_PARAM, *ret_name, cxx_type(p, false));
}

static void pack_param(struct cxx_parser *p, struct cxx_node **ret_decl,
                       struct cxx_node **ret_name) {
    struct cxx_node *of;
    if (!cxx_param_decl(p, &of, ret_name)) cxx_fail(p->tree);
    *ret_decl = cxx_one(p->tree, CXX_PARAM_PACK, of);
}

/* The parameters of a template parameter are a template of their own for each other. */
static void template_template_param(struct cxx_parser *p, struct cxx_node **ret_decl,
                                    struct cxx_node **ret_name) {
    struct cxx_node *first[2] = {param_name(p, PP_STR("$TT"), &p->n_template_params), NULL};
    struct cxx_list params = {0}, names = {0};
    struct cxx_node *decl, *name, *template = NULL, *none = NULL;
    size_t n_templates = p->templates.n;
    while (!cxx_take(p, 'E')) {
        if (!cxx_param_decl(p, &decl, &name)) cxx_fail(p->tree);
        cxx_push(p->tree, &params, decl);
        cxx_push(p->tree, &names, name);
        template = cxx_join(p->tree, CXX_TEMPLATE, &none, 1, &names);
        p->templates.n = n_templates;
        cxx_push(p->tree, &p->templates, template);
        if (*p->at != 'Q') continue;
        first[1] = cxx_constraint(p);
        if (*p->at != 'E') cxx_fail(p->tree);
    }
    p->templates.n = n_templates;
    *ret_name = first[0];
    *ret_decl = cxx_join(p->tree, CXX_TEMPLATE_TEMPLATE_PARAM, first, 2, &params);
}

bool cxx_param_decl(struct cxx_parser *p, struct cxx_node **ret_decl, struct cxx_node **ret_name) {
    static const struct {
        char code[3];
        void (*read)(struct cxx_parser *p, struct cxx_node **ret_decl, struct cxx_node **ret_name);
    } kinds[] = {{"Ty", type_param},
                 {"Tk", constrained_param},
                 {"Tn", value_param},
                 {"Tt", template_template_param},
                 {"Tp", pack_param}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!cxx_take_two(p, kinds[i].code)) continue;
        cxx_enter(p->tree);
        kinds[i].read(p, ret_decl, ret_name);
        cxx_leave(p->tree);
        return true;
    }
    return false;
}

/* ---- standard substitutions ---- */

static struct cxx_node *new_name(struct cxx_parser *p, const char *text) {
    return cxx_leaf(p->tree, CXX_NAME, pp_str_from(text), 0);
}

static struct cxx_node *in_std(struct cxx_parser *p, const char *name) {
    return cxx_two(p->tree, CXX_QUALIFIED, new_name(p, "std"), new_name(p, name));
}

static struct cxx_node *of_char(struct cxx_parser *p, const char *name) {
    return cxx_two(p->tree, CXX_TEMPLATE, in_std(p, name),
                   cxx_leaf(p->tree, CXX_BUILTIN, PP_STR("char"), 0));
}

/* std::basic_string<char, std::char_traits<char>, std::allocator<char> > and its like. */
static struct cxx_node *standard_template(struct cxx_parser *p, const char *name, bool allocates) {
    struct cxx_list args = {0};
    struct cxx_node *of = in_std(p, name);
    cxx_push(p->tree, &args, cxx_leaf(p->tree, CXX_BUILTIN, PP_STR("char"), 0));
    cxx_push(p->tree, &args, of_char(p, "char_traits"));
    if (allocates) cxx_push(p->tree, &args, of_char(p, "allocator"));
    return cxx_join(p->tree, CXX_TEMPLATE, &of, 1, &args);
}

static struct cxx_node *with_tags(struct cxx_parser *p, struct cxx_node *n) {
    while (cxx_take(p, 'B'))
        n = cxx_two(p->tree, CXX_TAGGED, n, cxx_source_name(p));
    cxx_push(p->tree, &p->subs, n);
    return n;
}

/* A constructor or destructor gets the long name. */
static struct cxx_node *standard(struct cxx_parser *p, bool for_prefix) {
    static const struct {
        char code;
        const char *name, *template;
    } kinds[] = {{'t', NULL, NULL},
                 {'a', "allocator", NULL},
                 {'b', "basic_string", NULL},
                 {'s', "string", "basic_string"},
                 {'i', "istream", "basic_istream"},
                 {'o', "ostream", "basic_ostream"},
                 {'d', "iostream", "basic_iostream"}};
    size_t i = 0, n = sizeof kinds / sizeof *kinds;
    struct cxx_node *made;
    while (i < n && kinds[i].code != *p->at)
        i++;
    if (i == n) cxx_fail(p->tree);
    p->at++;
    bool full = for_prefix && (*p->at == 'C' || *p->at == 'D');
    if (!kinds[i].name)
        made = new_name(p, "std");
    else if (full && kinds[i].template)
        made = standard_template(p, kinds[i].template, kinds[i].code == 's');
    else
        made = in_std(p, kinds[i].name);
    made->bits = BIT_STANDARD;
    return *p->at == 'B' ? with_tags(p, made) : made;
}

/* ---- substitutions ----
 * A template parameter in what is repeated means that of the template which is read now. Copying
 * goes with the templates that functions and lambdas in it bring. */

struct move {
    struct cxx_parser *parser;
    struct cxx_node *whole; /* what is repeated */
    struct cxx_list templates;
    size_t *levels; /* of lambdas around, to come back to */
    size_t n_levels, cap_levels;
};

static void push_level(struct move *m, size_t level) {
    PP_PUSH(&m->parser->tree->arena, m->levels, m->n_levels, m->cap_levels,
            m->parser->lambda_level);
    m->parser->lambda_level = level;
}

static bool skip_moved(struct cxx_copier *c, struct cxx_node *n) {
    struct move *m = c->user;
    if (n->kind == CXX_TYPED) {
        if (n->kids[0]->kind != CXX_TEMPLATE) return false;
        cxx_push(c->tree, &m->templates, n->kids[0]);
        push_level(m, 0);
        return false;
    }
    if (n->kind == CXX_CLOSURE) {
        push_level(m, m->templates.n + 1);
        return false;
    }
    return n->kind != CXX_TEMPLATE_PARAM && n->kind != CXX_LAMBDA_AUTO && cxx_seen(c->tree, n);
}

static struct cxx_node *leave_moved(struct move *m, struct cxx_node *n) {
    if (n->kind == CXX_TYPED) {
        if (n->kids[0]->kind != CXX_TEMPLATE) return NULL;
        m->templates.n--;
    }
    m->parser->lambda_level = m->levels[--m->n_levels];
    return NULL;
}

static struct cxx_node *move_expansion(struct move *m, struct cxx_node *n) {
    struct cxx_node *found = cxx_find_pack(m->parser->tree, n->kids[0]);
    if (found == n->ref) return NULL;
    struct cxx_node *made = cxx_one(m->parser->tree, CXX_EXPANSION, n->kids[0]);
    made->ref = found;
    return made;
}

static struct cxx_node *move_param(struct move *m, struct cxx_node *n) {
    struct cxx_parser *p = m->parser;
    struct cxx_node *template;
    if (p->in_constraint)
        return cxx_leaf(p->tree, CXX_NAME, pp_arena_printf(&p->tree->arena, "T%d", n->num), 0);
    if (p->lambda_level)
        return n->kind == CXX_LAMBDA_AUTO ? NULL
                                          : cxx_leaf(p->tree, CXX_LAMBDA_AUTO, PP_STR(""), n->num);
    if (m->templates.n)
        template = m->templates.at[m->templates.n - 1];
    else if (m->whole->kind == CXX_TEMPLATE)
        template = m->whole; /* clang can begin with it */
    else
        cxx_fail(p->tree);
    if (template && (size_t)n->num >= cxx_n_args(template)) cxx_fail(p->tree);
    return new_param(p, n->num, template);
}

static struct cxx_node *move_one(struct cxx_copier *c, struct cxx_node *n) {
    struct move *m = c->user;
    if (n->kind == CXX_TYPED || n->kind == CXX_CLOSURE) return leave_moved(m, n);
    if (n->kind == CXX_EXPANSION) return move_expansion(m, n);
    if (n->kind != CXX_TEMPLATE_PARAM && n->kind != CXX_LAMBDA_AUTO) return NULL;
    return move_param(m, n);
}

struct cxx_node *cxx_substitution(struct cxx_parser *p, bool for_prefix) {
    p->at++;
    if (*p->at != '_' && !text_is_digit(*p->at) && !cxx_is_upper(*p->at))
        return standard(p, for_prefix);
    int id = cxx_seq_id(p, false);
    if (id < 0 || (size_t)id >= p->subs.n) cxx_fail(p->tree);
    struct cxx_node *n = p->subs.at[id];
    if (!(n->has & HAS_PARAMS)) return n;
    struct move m = {.parser = p, .whole = n};
    for (size_t i = 0; i < p->templates.n; i++)
        cxx_push(p->tree, &m.templates, p->templates.at[i]);
    struct cxx_copier c = {.tree = p->tree,
                           .interest = HAS_PARAMS,
                           .skip = skip_moved,
                           .exchange = move_one,
                           .user = &m};
    struct cxx_walk w = cxx_walk_begin(p->tree);
    struct cxx_node *copy = cxx_copy(&c, n);
    cxx_walk_end(p->tree, w);
    return copy ? copy : n;
}
