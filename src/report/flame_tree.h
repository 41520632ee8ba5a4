/* The call tree of a report for showing it, heaviest callees first. In a comparison with -diff_base
 * each node has the values of both sides. */
#ifndef REPORT_FLAME_TREE_H
#define REPORT_FLAME_TREE_H

#include "report/stack_list.h"

struct flame_value {
    int64_t self, total;
};

struct flame_tree {
    struct stack_list list;
    uint32_t n;
    uint32_t *place, *caller;  /* by node; a caller stands before its callees, or is PP_NONE */
    struct flame_value *value; /* by node: in a comparison, of what is compared with the base */
    struct flame_value *base;  /* by node: of the base; NULL if there is none */
    uint32_t *stack;           /* by node: one of the profile's that passes through it */
    uint32_t *n_callees;       /* by node: also of those that are not shown */
    struct flame_value sum, base_sum; /* of all */
    uint32_t *node_of_stack; /* by the profile's stacks: the last on its way, or PP_NONE; NULL if
                                there is no base */
    uint64_t whole;          /* the larger side of all */
    uint64_t cutoff;         /* lighter nodes are not shown */
    uint64_t n_dropped;      /* if they are counted */
    bool is_cut;             /* not all nodes are shown; the others are not in these tables */
    bool below_zero;         /* a node's own value is; where it is not shown, if they are counted */
    uint32_t *first_child, *children; /* by node + 1, where 0 is for the roots */
};

/* A node by one of the profile's stacks and which of its calls it is, from 1; 0: none. */
struct flame_spot {
    uint32_t stack, level;
};

/* What of the tree is shown. A node that is left out goes together with what it calls. */
struct flame_cut {
    double fraction; /* nodes with less than this of the whole are left out */
    uint32_t most;   /* the heaviest nodes, of equal ones those nearer to the root; 0: all */
    struct flame_spot under; /* only its callers and what it calls, whose whole it is; one that is
                                not there is none */
    uint32_t levels;         /* so many from the root; 0: all */
    bool from_leaf; /* the tree begins with the innermost calls; a caller of a node here is what the
                       function calls, and a spot's level counts from the leaf */
    int sign;       /* 1: only stacks above zero, -1: only those below, as magnitudes; 0: all */
    bool counts;    /* what is left out is counted, which takes as long as to show it */
};

bool flame_open(struct flame_tree *t, const struct report_ctx *rc, struct flame_cut cut,
                struct pp_error *err);
void flame_close(struct flame_tree *t);

static inline struct pp_str flame_name(struct flame_tree *t, uint32_t node) {
    return graph_printable_name(&t->list.g, t->place[node]);
}

/* The weight of the lightest node that is shown; 0 if none is. */
uint64_t flame_lightest(const struct flame_tree *t);

/* How many callees of a node (PP_NONE: roots) are there, and the last of them. */
uint32_t flame_callees(const struct flame_tree *t, uint32_t node, uint32_t *ret_last);

/* Walks depth first: callers before callees. Start with {0}; after the end it starts anew. */
struct flame_walk {
    uint32_t node, level; /* roots have level 0 */
    struct flame_frame *stack;
    size_t depth, cap;
};

/* The next node; false at the end, where nothing is left to free. */
bool flame_next(const struct flame_tree *t, struct flame_walk *w);

/* The node at `level` on the way to the current one. */
uint32_t flame_at(const struct flame_walk *w, uint32_t level);

/* Ends a walk before its end. */
void flame_walk_done(struct flame_walk *w);

#endif
