/* The tree of a C++ name: parsing builds it, simplifying rewrites it, printing reads it. All nodes
 * have one shape, so that walking and copying know nothing about kinds. Parts are shared: it is a
 * graph, and it can even have cycles. Whatever goes wrong, a bound that is exceeded included, jumps
 * to `failed`; the name is then no name. */
#ifndef SYMBOL_CXX_TREE_H
#define SYMBOL_CXX_TREE_H

#include "base/arena.h"

#include <setjmp.h>
#include <stdint.h>

/* What a node's kids are stands behind its kind; [x] may be NULL. */
enum cxx_kind {
    CXX_NAME,           /* text */
    CXX_TYPED,          /* name, type: a function with its parameters */
    CXX_QUALIFIED,      /* scope, name; BIT_LOCAL: the scope is a function */
    CXX_TEMPLATE,       /* [name], arguments... */
    CXX_TEMPLATE_PARAM, /* num: which; ref: of which template, set late in a cast */
    CXX_LAMBDA_AUTO,    /* num */
    CXX_QUALIFIED_ARG,  /* parameter, argument */
    CXX_QUALIFIERS,     /* qualifier... */
    CXX_QUALIFIER,      /* text; expression... of noexcept and throw */
    CXX_CV_TYPE,        /* type, qualifiers */
    CXX_METHOD,         /* function or its type, [qualifiers]; text: "", "&" or "&&" */
    CXX_BUILTIN,        /* text */
    CXX_POINTER,        /* type; text: "*"; the same for the next five */
    CXX_REFERENCE,
    CXX_RVALUE,
    CXX_SUFFIXED,                /* _Complex, _Imaginary, auto */
    CXX_TRANSFORMED,             /* type; text */
    CXX_VENDOR,                  /* qualifier, type */
    CXX_ARRAY,                   /* dimension, element */
    CXX_FUNCTION,                /* [return type], parameter...; BIT_LOCAL: encloses a local name */
    CXX_FUNCTION_PARAM,          /* num, 0 is this */
    CXX_MEMBER_POINTER,          /* class, member */
    CXX_FIXED,                   /* type; BIT_ACCUM, BIT_SATURATED */
    CXX_BINARY_FLOAT,            /* num: bits; text: suffix */
    CXX_BIT_INT,                 /* size; text: "" or "unsigned " */
    CXX_VECTOR,                  /* dimension, type */
    CXX_ELABORATED,              /* type; text: "struct", ... */
    CXX_DECLTYPE,                /* expression */
    CXX_OPERATOR,                /* text */
    CXX_CONSTRUCTOR,             /* name, [base whose constructor is inherited] */
    CXX_DESTRUCTOR,              /* name */
    CXX_TAGGED,                  /* name, tag */
    CXX_EXPANSION,               /* pattern; ref: the pack, or NULL */
    CXX_PACK,                    /* argument... */
    CXX_SIZEOF_PACK,             /* ref: the pack */
    CXX_SIZEOF_ARGS,             /* argument... */
    CXX_PARAM_NAME,              /* text, num: $T0 */
    CXX_TYPE_PARAM,              /* name */
    CXX_VALUE_PARAM,             /* name, type */
    CXX_TEMPLATE_TEMPLATE_PARAM, /* name, [constraint], parameter... */
    CXX_CONSTRAINED_PARAM,       /* name, concept */
    CXX_PARAM_PACK,              /* parameter */
    CXX_CAST,                    /* type */
    CXX_NULLARY,                 /* operator */
    CXX_UNARY,                   /* operator, operand; BIT_SUFFIX, BIT_SIZEOF_TYPE */
    CXX_BINARY,                  /* operator, left, right */
    CXX_TRINARY,                 /* operator, first, second, third */
    CXX_FOLD,                    /* operator, first, [second]; BIT_LEFT */
    CXX_SUBOBJECT,               /* type, expression; num: offset */
    CXX_MEMBER_CAST,             /* type, expression */
    CXX_NEW,                     /* [placement], type, [initializer] */
    CXX_LITERAL,                 /* type; text; BIT_NEGATIVE */
    CXX_STRING_LITERAL,          /* type */
    CXX_LAMBDA_EXPR,             /* closure */
    CXX_LIST,                    /* expression... */
    CXX_INITIALIZER,             /* [type], list */
    CXX_DEFAULT_ARG,             /* name; num: which argument */
    CXX_CLOSURE,                 /* [constraint], [constraint of the call], first `split` are
                                    template parameters, then parameter...; num */
    CXX_BINDINGS,                /* name... */
    CXX_UNNAMED,                 /* num */
    CXX_CLONE,                   /* function; text: suffix */
    CXX_SPECIAL,                 /* name, [name]; text: what comes before */
    CXX_ENABLE_IF,               /* function, argument... */
    CXX_MODULE,                  /* [parent], name; BIT_PARTITION */
    CXX_MODULE_ENTITY,           /* module, name */
    CXX_FRIEND,                  /* name */
    CXX_CONSTRAINT,              /* name, requires */
    CXX_REQUIRES,                /* first `split` are parameters, then requirement... */
    CXX_EXPR_REQUIREMENT,        /* expression, [type constraint]; BIT_NOEXCEPT */
    CXX_TYPE_REQUIREMENT,        /* type */
    CXX_NESTED_REQUIREMENT,      /* constraint */
    CXX_OBJECT_PARAM,            /* type: "this T&" of C++23 */
    CXX_N_KINDS
};

/* Bits of a kind; two kinds may use the same one. */
enum {
    BIT_LOCAL = 1,
    BIT_ACCUM = 1,
    BIT_SATURATED = 2,
    BIT_SUFFIX = 1,
    BIT_SIZEOF_TYPE = 2,
    BIT_LEFT = 1,
    BIT_NEGATIVE = 1,
    BIT_PARTITION = 1,
    BIT_NOEXCEPT = 1,
    BIT_STANDARD = 128, /* std::string and the like, of one letter */
};

/* What is in or below a node: a walk leaves out what it has no interest in. */
enum {
    HAS_PARAMS = 1,  /* what a substitution turns to another template */
    HAS_REWRITE = 2, /* what simplifying changes */
    HAS_PACK = 4,
};

struct cxx_node {
    uint8_t kind, has, bits, printing;
    int num;
    unsigned mark, n_kids, split;
    struct pp_str text;
    struct cxx_node *ref;
    struct cxx_node **kids;
};

struct cxx_list {
    struct cxx_node **at;
    size_t n, cap;
};

struct cxx_seen {
    struct cxx_node *node;
    unsigned mark;
};

struct cxx_tree {
    struct pp_arena arena;
    jmp_buf *failed;
    size_t nodes_left, steps_left;
    unsigned depth;
    unsigned walks, walk; /* how many there were; the one that marks nodes now, 0 for none */
    struct cxx_seen *trail;
    size_t n_trail, cap_trail;
};

void cxx_tree_init(struct cxx_tree *t);
void cxx_tree_done(struct cxx_tree *t);

void cxx_fail(struct cxx_tree *t) __attribute__((noreturn));

/* Around whatever calls itself: bounds the stack, and the steps of all. */
static inline void cxx_enter(struct cxx_tree *t) {
    enum { MAX_DEPTH = 2048 };
    if (t->depth >= MAX_DEPTH || t->steps_left == 0) cxx_fail(t);
    t->depth++;
    t->steps_left--;
}

static inline void cxx_leave(struct cxx_tree *t) {
    t->depth--;
}

struct cxx_node *cxx_new(struct cxx_tree *t, enum cxx_kind kind, size_t n_kids);
struct cxx_node *cxx_leaf(struct cxx_tree *t, enum cxx_kind kind, struct pp_str text, int num);
struct cxx_node *cxx_one(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a);
struct cxx_node *cxx_two(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a,
                         struct cxx_node *b);
struct cxx_node *cxx_three(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *a,
                           struct cxx_node *b, struct cxx_node *c);

/* `n_first` kids, then the list. */
struct cxx_node *cxx_join(struct cxx_tree *t, enum cxx_kind kind, struct cxx_node *const *first,
                          size_t n_first, const struct cxx_list *rest);

void cxx_push(struct cxx_tree *t, struct cxx_list *list, struct cxx_node *node);

/* To be called when a kid was exchanged. */
void cxx_update(struct cxx_node *n);

static inline bool cxx_is(const struct cxx_node *n, enum cxx_kind kind) {
    return n && n->kind == kind;
}

static inline bool cxx_text_is(const struct cxx_node *n, const char *text) {
    return pp_str_eq(n->text, (struct pp_str){text, strlen(text)});
}

static inline size_t cxx_n_args(const struct cxx_node *template) {
    return template->n_kids - 1;
}

/* Walks mark what they have seen; one may run inside another. */
struct cxx_walk {
    unsigned outer;
    size_t trail;
};

struct cxx_walk cxx_walk_begin(struct cxx_tree *t);
void cxx_walk_end(struct cxx_tree *t, struct cxx_walk w);
bool cxx_seen(struct cxx_tree *t, struct cxx_node *n);

/* A copy in which some nodes are exchanged; NULL when none is. `from` becomes `to`. Each other node
 * that may hold one of `interest` and is not skipped has its kids copied, then `exchange` is asked,
 * if there is one: NULL keeps it. */
struct cxx_copier {
    struct cxx_tree *tree;
    unsigned interest;
    struct cxx_node *from, *to;
    bool (*skip)(struct cxx_copier *c, struct cxx_node *n);
    struct cxx_node *(*exchange)(struct cxx_copier *c, struct cxx_node *n);
    void *user;
};
struct cxx_node *cxx_copy(struct cxx_copier *c, struct cxx_node *n);

/* Puts arguments in the place of template parameters, expands packs, merges qualifiers and
 * collapses references. */
struct cxx_node *cxx_simplify(struct cxx_tree *t, struct cxx_node *n);

/* Two lists of qualifiers as one, which is the first one changed; either may be NULL. */
struct cxx_node *cxx_merge_qualifiers(struct cxx_tree *t, struct cxx_node *a, struct cxx_node *b);

/* The pack that a pattern's template parameters stand for, or NULL. */
struct cxx_node *cxx_find_pack(struct cxx_tree *t, struct cxx_node *pattern);

/* Tells the template parameters of a cast which template they are of; fails when `template` is NULL
 * and some wait for one. */
void cxx_set_template(struct cxx_tree *t, struct cxx_node *n, struct cxx_node *template);

#endif
