/* Stacks as formats for browsers have them: a tree of calls, and values at its nodes. Frames are
 * functions with a file and a line, without addresses, or addresses without names. */
#ifndef PROFILE_CALL_TREE_H
#define PROFILE_CALL_TREE_H

#include "base/input.h"
#include "profile/builder.h"

#include <stdbool.h>

enum { CALL_ROOT = 0, CALL_COLUMNS = 4 };

struct call_node {
    uint32_t parent, location;
    uint32_t stack; /* PP_NONE: not made yet */
    uint32_t depth; /* frames; 0 for the root */
    bool touched;
    int64_t values[CALL_COLUMNS];
};

struct call_frame {
    struct pp_str name, file;
    int64_t start_line, line, column; /* 0: unknown */
};

struct call_tree {
    struct profile_builder *b;
    struct pp_arena scratch;
    struct call_node *nodes;
    uint32_t n_nodes;
    size_t cap_nodes;
    struct hash_index node_index, function_index, location_index;
    uint32_t *touched; /* nodes with values, in this order */
    uint32_t n_touched, n_columns;
    size_t cap_touched;
    const struct input *in;
    uint64_t budget; /* frames that stacks may still take */
};

void call_tree_init(struct call_tree *t, struct profile_builder *b, const struct input *in,
                    uint32_t n_columns);
void call_tree_done(struct call_tree *t);

/* The location of a frame; equal ones are one. An empty name is "(anonymous)". */
uint32_t call_tree_frame(struct call_tree *t, const struct call_frame *f);

/* The location of an address that has no name yet; equal ones are one. */
uint32_t call_tree_address(struct call_tree *t, uint64_t address, uint32_t mapping);

/* The call of `location` from node `parent` (or CALL_ROOT); false when there are too many. */
bool call_tree_child(struct call_tree *t, uint32_t parent, uint32_t location, uint32_t *ret_node,
                     struct pp_error *err);

void call_tree_add(struct call_tree *t, uint32_t node, uint32_t column, int64_t value);

/* Gives a sample for each node with values to the builder and forgets the values. */
bool call_tree_flush(struct call_tree *t, uint32_t label_set, struct pp_error *err);

#endif
