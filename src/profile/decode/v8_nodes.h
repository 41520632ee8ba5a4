/* The calls of V8's profiles: nodes with an id, a frame, and children by id or nested. */
#ifndef PROFILE_V8_NODES_H
#define PROFILE_V8_NODES_H

#include "profile/decode/call_tree.h"
#include "profile/decode/json_walk.h"
#include "profile/id_map.h"

struct v8_node {
    struct call_frame frame;
    double id, parent_id; /* parent_id 0: the parent has it among its children */
    int64_t hits, self_size;
    uint32_t first_child, n_children; /* in children[], when they are ids */
    uint32_t parent;                  /* position among the nodes, or PP_NONE */
    uint32_t node;                    /* in the call tree, after v8_nodes_link */
};

struct v8_nodes {
    struct v8_node *at;
    double *children;
    uint32_t n, n_children;
    size_t cap, cap_children;
    struct pp_arena *arena;
    struct id_map ids;
    uint32_t parent; /* of the node that is read next, where children are nested */
    unsigned depth;
    bool may_lack; /* what the file lacks is not its fault: a trace begins when it begins */
};

/* Reads a node and what is nested in it; `to` is a struct v8_nodes. */
bool v8_node_read(struct json_walk *w, void *to);

/* Puts the nodes into the tree, without the one that stands for the root; where nodes may lack,
 * one without its parent is called by nobody. */
bool v8_nodes_link(struct v8_nodes *nodes, struct call_tree *tree, struct pp_error *err);

/* The node of the call tree with this id, or PP_NONE. */
uint32_t v8_node_find(const struct v8_nodes *nodes, double id);
bool v8_node_lacks(double id, struct pp_error *err);
void v8_nodes_done(struct v8_nodes *nodes);

#endif
