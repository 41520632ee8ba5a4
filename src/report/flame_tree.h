/* The call tree of a report for those that show or export all of it, with callees in order. In a
 * comparison with -diff_base each node has the values of both sides. */
#ifndef REPORT_FLAME_TREE_H
#define REPORT_FLAME_TREE_H

#include "report/report.h"

struct flame_value {
    int64_t self, total;
};

struct flame_tree {
    struct graph g; /* after tree_build */
    bool is_diff;
    struct flame_value *value; /* by node: in a comparison, of what is compared with the base */
    struct flame_value *base; /* by node: of the base, as positive numbers; NULL if there is none */
    struct flame_value sum, base_sum; /* of the roots */
    uint32_t *first_child, *children; /* by node + 1, where 0 is for the roots */
};

enum flame_order { FLAME_BY_NAME, FLAME_BY_WEIGHT };

/* Fails where a mean is asked for: means can't be added up. flame_close frees. */
bool flame_open(struct flame_tree *t, const struct report_ctx *rc, enum flame_order order,
                struct pp_error *err);
void flame_close(struct flame_tree *t);

/* Walks depth first: callers before callees. Start with {0}; after the end it starts anew. */
struct flame_walk {
    uint32_t node, level; /* roots have level 0 */
    bool skip_children;   /* set by the caller: go on beside the node, not below it */
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
