/* Rewrites of a tree before it is printed; see cxx_tree.h. */
#include "symbol/cxx_tree.h"

static bool has_qualifier(const struct cxx_node *list, struct pp_str name) {
    for (unsigned i = 0; i < list->n_kids; i++)
        if (list->kids[i]->n_kids == 0 && pp_str_eq(list->kids[i]->text, name)) return true;
    return false;
}

struct cxx_node *cxx_merge_qualifiers(struct cxx_tree *t, struct cxx_node *a, struct cxx_node *b) {
    if (!a || !b) return a ? a : b;
    struct cxx_list more = {0};
    for (unsigned i = 0; i < b->n_kids; i++)
        if (b->kids[i]->n_kids || !has_qualifier(a, b->kids[i]->text))
            cxx_push(t, &more, b->kids[i]);
    if (more.n == 0) return a;
    struct cxx_node *both = cxx_join(t, CXX_QUALIFIERS, a->kids, a->n_kids, &more);
    a->kids = both->kids;
    a->n_kids = both->n_kids;
    cxx_update(a);
    return a;
}

static struct cxx_node *new_method(struct cxx_tree *t, struct cxx_node *base,
                                   struct cxx_node *qualifiers, struct pp_str ref) {
    struct cxx_node *n = cxx_two(t, CXX_METHOD, base, qualifiers);
    n->text = ref;
    return n;
}

/* && of & is &. */
static struct pp_str collapse(struct pp_str a, struct pp_str b) {
    if (a.len == 0 || b.len == 0) return a.len ? a : b;
    return a.len < b.len ? a : b;
}

static struct cxx_node *method(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *base = n->kids[0];
    if (base->kind != CXX_METHOD && base->kind != CXX_CV_TYPE) return NULL;
    struct pp_str ref = base->kind == CXX_METHOD ? collapse(n->text, base->text) : n->text;
    return new_method(t, base->kids[0], cxx_merge_qualifiers(t, n->kids[1], base->kids[1]), ref);
}

static struct cxx_node *cv_type(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *base = n->kids[0];
    if (base->kind == CXX_FUNCTION) return new_method(t, base, n->kids[1], PP_STR(""));
    if (base->kind != CXX_METHOD && base->kind != CXX_CV_TYPE) return NULL;
    struct cxx_node *both = cxx_merge_qualifiers(t, n->kids[1], base->kids[1]);
    if (base->kind == CXX_METHOD) return new_method(t, base->kids[0], both, base->text);
    return cxx_two(t, CXX_CV_TYPE, base->kids[0], both);
}

static struct cxx_node *reference(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *base = n->kids[0];
    if (base->kind == CXX_REFERENCE) return base;
    if (base->kind != CXX_RVALUE) return NULL;
    struct cxx_node *made = cxx_one(t, CXX_REFERENCE, base->kids[0]);
    made->text = PP_STR("&");
    return made;
}

static struct cxx_node *rvalue(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *base = n->kids[0];
    (void)t;
    return base->kind == CXX_REFERENCE || base->kind == CXX_RVALUE ? base : NULL;
}

/* An array of const elements is a const array. */
static struct cxx_node *array(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *element = n->kids[1];
    if (element->kind != CXX_CV_TYPE) return NULL;
    return cxx_two(t, CXX_CV_TYPE, cxx_two(t, CXX_ARRAY, n->kids[0], element->kids[0]),
                   element->kids[1]);
}

static struct cxx_node *template_param(struct cxx_tree *t, struct cxx_node *n) {
    (void)t;
    if (!n->ref || (size_t)n->num >= cxx_n_args(n->ref)) return NULL;
    return n->ref->kids[1 + n->num];
}

static struct cxx_node *sizeof_pack(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *made = cxx_new(t, CXX_SIZEOF_PACK, 0);
    made->ref = n->ref;
    cxx_update(made);
    return made;
}

/* ---- packs ---- */

static bool skip_expansion(struct cxx_copier *c, struct cxx_node *n) {
    return n->kind == CXX_EXPANSION || cxx_seen(c->tree, n);
}

/* The pattern once for each argument. */
static struct cxx_node *expansion(struct cxx_tree *t, struct cxx_node *n) {
    if (!n->ref) return NULL;
    struct cxx_node *list = cxx_new(t, CXX_LIST, n->ref->n_kids);
    for (unsigned i = 0; i < n->ref->n_kids; i++) {
        struct cxx_copier c = {.tree = t,
                               .interest = HAS_PACK,
                               .from = n->ref,
                               .to = n->ref->kids[i],
                               .skip = skip_expansion};
        struct cxx_walk w = cxx_walk_begin(t);
        struct cxx_node *copy = cxx_copy(&c, n->kids[0]);
        cxx_walk_end(t, w);
        list->kids[i] = cxx_simplify(t, copy ? copy : n->kids[0]);
    }
    cxx_update(list);
    return list;
}

static bool skip_seen(struct cxx_copier *c, struct cxx_node *n) {
    return cxx_seen(c->tree, n);
}

static struct cxx_node *simplify_one(struct cxx_copier *c, struct cxx_node *n) {
    static struct cxx_node *(*const rules[CXX_N_KINDS])(struct cxx_tree *, struct cxx_node *) = {
        [CXX_TEMPLATE_PARAM] = template_param,
        [CXX_METHOD] = method,
        [CXX_CV_TYPE] = cv_type,
        [CXX_REFERENCE] = reference,
        [CXX_RVALUE] = rvalue,
        [CXX_ARRAY] = array,
        [CXX_EXPANSION] = expansion,
        [CXX_SIZEOF_PACK] = sizeof_pack,
    };
    return rules[n->kind] ? rules[n->kind](c->tree, n) : NULL;
}

struct cxx_node *cxx_simplify(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_copier c = {
        .tree = t, .interest = HAS_REWRITE, .skip = skip_seen, .exchange = simplify_one};
    struct cxx_walk w = cxx_walk_begin(t);
    struct cxx_node *copy = cxx_copy(&c, n);
    cxx_walk_end(t, w);
    return copy ? copy : n;
}
