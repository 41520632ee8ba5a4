/* See cxx_tree.h. */
#include "symbol/cxx_tree.h"

enum { MAX_NODES = 1 << 18, MAX_STEPS = 1 << 22 };

void cxx_tree_init(struct cxx_tree *t) {
    *t = (struct cxx_tree){.nodes_left = MAX_NODES, .steps_left = MAX_STEPS};
}

void cxx_tree_done(struct cxx_tree *t) {
    pp_arena_done(&t->arena);
}

void cxx_fail(struct cxx_tree *t) {
    longjmp(*t->failed, 1);
}

/* ---- nodes ---- */

struct cxx_node *cxx_new(struct cxx_tree *t, enum cxx_kind kind, size_t n_kids) {
    struct {
        struct cxx_node node;
        struct cxx_node *kids[];
    } * made;
    if (n_kids >= t->nodes_left) cxx_fail(t);
    t->nodes_left -= 1 + n_kids;
    size_t words = (sizeof *made + n_kids * sizeof *made->kids) / sizeof(void *);
    made = (void *)PP_NEW(&t->arena, void *, words);
    made->node.kind = (uint8_t)kind;
    made->node.n_kids = (unsigned)n_kids;
    made->node.kids = made->kids;
    return &made->node;
}

/* What a qualifier or a reference merges with. */
static bool merges(const struct cxx_node *n) {
    return n->kind == CXX_METHOD || n->kind == CXX_CV_TYPE || n->kind == CXX_FUNCTION ||
           n->kind == CXX_REFERENCE || n->kind == CXX_RVALUE;
}

static unsigned own_flags(const struct cxx_node *n) {
    static const uint8_t always[CXX_N_KINDS] = {
        [CXX_TEMPLATE_PARAM] = HAS_PARAMS | HAS_REWRITE, [CXX_LAMBDA_AUTO] = HAS_PARAMS,
        [CXX_EXPANSION] = HAS_PARAMS | HAS_REWRITE,      [CXX_PACK] = HAS_PACK,
        [CXX_SIZEOF_PACK] = HAS_PARAMS | HAS_REWRITE,
    };
    static const uint8_t merging[CXX_N_KINDS] = {
        [CXX_METHOD] = 1, [CXX_CV_TYPE] = 1, [CXX_REFERENCE] = 1,
        [CXX_RVALUE] = 1, [CXX_ARRAY] = 2, /* which kid, from 1 */
    };
    unsigned kid = merging[n->kind];
    return always[n->kind] | (kid && merges(n->kids[kid - 1]) ? HAS_REWRITE : 0);
}

void cxx_update(struct cxx_node *n) {
    unsigned has = own_flags(n);
    for (unsigned i = 0; i < n->n_kids; i++)
        if (n->kids[i]) has |= n->kids[i]->has;
    n->has = (uint8_t)has;
}

struct cxx_node *cxx_leaf(struct cxx_tree *t, enum cxx_kind kind, struct pp_str text, int num) {
    struct cxx_node *n = cxx_new(t, kind, 0);
    n->text = text;
    n->num = num;
    cxx_update(n);
    return n;
}

struct cxx_node *cxx_one(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a) {
    struct cxx_node *n = cxx_new(t, kind, 1);
    n->kids[0] = a;
    cxx_update(n);
    return n;
}

struct cxx_node *cxx_two(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a,
                         struct cxx_node *b) {
    struct cxx_node *n = cxx_new(t, kind, 2);
    n->kids[0] = a;
    n->kids[1] = b;
    cxx_update(n);
    return n;
}

struct cxx_node *cxx_three(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a,
                           struct cxx_node *b, struct cxx_node *c) {
    struct cxx_node *n = cxx_new(t, kind, 3);
    n->kids[0] = a;
    n->kids[1] = b;
    n->kids[2] = c;
    cxx_update(n);
    return n;
}

struct cxx_node *cxx_join(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *const *first,
                          size_t n_first, const struct cxx_list *rest) {
    struct cxx_node *n = cxx_new(t, kind, n_first + rest->n);
    if (n_first) memcpy(n->kids, first, n_first * sizeof *first);
    if (rest->n) memcpy(n->kids + n_first, rest->at, rest->n * sizeof *rest->at);
    cxx_update(n);
    return n;
}

void cxx_push(struct cxx_tree *t, struct cxx_list *list, struct cxx_node *node) {
    PP_PUSH(&t->arena, list->at, list->n, list->cap, node);
}

/* ---- walks ---- */

struct cxx_walk cxx_walk_begin(struct cxx_tree *t) {
    struct cxx_walk w = {t->walk, t->n_trail};
    t->walk = ++t->walks;
    return w;
}

/* The marks of the walk around this one come back. */
void cxx_walk_end(struct cxx_tree *t, struct cxx_walk w) {
    while (t->n_trail > w.trail) {
        struct cxx_seen *s = &t->trail[--t->n_trail];
        s->node->mark = s->mark;
    }
    t->walk = w.outer;
}

bool cxx_seen(struct cxx_tree *t, struct cxx_node *n) {
    if (n->mark == t->walk) return true;
    PP_PUSH(&t->arena, t->trail, t->n_trail, t->cap_trail, ((struct cxx_seen){n, n->mark}));
    n->mark = t->walk;
    return false;
}

static struct cxx_node *with_kid(struct cxx_tree *t, struct cxx_node *from, struct cxx_node *copy,
                                 unsigned i, struct cxx_node *kid) {
    if (!copy) {
        copy = cxx_new(t, from->kind, from->n_kids);
        struct cxx_node **kids = copy->kids;
        *copy = *from;
        copy->kids = kids;
        copy->mark = 0;
        copy->printing = 0;
        memcpy(kids, from->kids, from->n_kids * sizeof *kids);
        /* The reference forgets it here. */
        if (from->kind == CXX_EXPR_REQUIREMENT) copy->bits = 0;
    }
    /* The reference leaves the type behind a vendor's qualifier as it is. */
    if (from->kind != CXX_VENDOR || i == 0) copy->kids[i] = kid;
    return copy;
}

/* For a loop that costs `n` steps more. */
static void spend(struct cxx_tree *t, size_t n) {
    if (n > t->steps_left) cxx_fail(t);
    t->steps_left -= n;
}

struct cxx_node *cxx_copy(struct cxx_copier *c, struct cxx_node *n) {
    if (!(n->has & c->interest) || c->skip(c, n)) return NULL;
    if (n == c->from) return c->to;
    struct cxx_node *copy = NULL;
    cxx_enter(c->tree);
    spend(c->tree, n->n_kids);
    for (unsigned i = 0; i < n->n_kids; i++) {
        struct cxx_node *kid = n->kids[i] ? cxx_copy(c, n->kids[i]) : NULL;
        if (kid) copy = with_kid(c->tree, n, copy, i, kid);
    }
    cxx_leave(c->tree);
    if (copy) cxx_update(copy);
    struct cxx_node *other = c->exchange ? c->exchange(c, copy ? copy : n) : NULL;
    return other ? other : copy;
}

/* Qualifiers are not looked into. */
static unsigned n_traversed(const struct cxx_node *n) {
    return n->kind == CXX_CV_TYPE || n->kind == CXX_METHOD ? 1 : n->n_kids;
}

static struct cxx_node *find_pack(struct cxx_tree *t, struct cxx_node *n) {
    struct cxx_node *found = NULL;
    if (!(n->has & HAS_PARAMS)) return NULL;
    if (n->kind == CXX_TEMPLATE_PARAM) {
        if (!n->ref || (size_t)n->num >= cxx_n_args(n->ref)) return NULL;
        found = n->ref->kids[1 + n->num];
        return cxx_is(found, CXX_PACK) ? found : NULL;
    }
    if (n->kind == CXX_EXPANSION || n->kind == CXX_CLOSURE || n->kind == CXX_DEFAULT_ARG ||
        n->kind == CXX_TAGGED || n->kind == CXX_FIXED || cxx_seen(t, n))
        return NULL;
    cxx_enter(t);
    for (unsigned i = 0; !found && i < n_traversed(n); i++)
        if (n->kids[i]) found = find_pack(t, n->kids[i]);
    cxx_leave(t);
    return found;
}

struct cxx_node *cxx_find_pack(struct cxx_tree *t, struct cxx_node *pattern) {
    struct cxx_walk w = cxx_walk_begin(t);
    struct cxx_node *found = find_pack(t, pattern);
    cxx_walk_end(t, w);
    return found;
}

static void set_template(struct cxx_tree *t, struct cxx_node *n, struct cxx_node *template) {
    if (!(n->has & HAS_PARAMS) || n->kind == CXX_CLOSURE) return;
    if (n->kind == CXX_TEMPLATE_PARAM) {
        if (n->ref && !template) return;
        if (n->ref || !template || (size_t)n->num >= cxx_n_args(template)) cxx_fail(t);
        n->ref = template;
        return;
    }
    if (cxx_seen(t, n)) return;
    cxx_enter(t);
    for (unsigned i = 0; i < n_traversed(n); i++)
        if (n->kids[i]) set_template(t, n->kids[i], template);
    cxx_leave(t);
}

void cxx_set_template(struct cxx_tree *t, struct cxx_node *n, struct cxx_node *template) {
    struct cxx_walk w = cxx_walk_begin(t);
    set_template(t, n, template);
    cxx_walk_end(t, w);
}
