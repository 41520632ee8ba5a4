#include "profile/decode/v8_nodes.h"

#include "base/arena.h"

#include <inttypes.h>

enum { DEEPEST = 2000 /* nodes in nodes: they are read by recursion */ };

struct reading {
    struct v8_node n;
    struct pp_str name, url;
    double line, column;
    struct v8_nodes *nodes;
    uint32_t at;
};

static bool read_call_frame(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"functionName", walk_text, offsetof(struct reading, name)},
        {"url", walk_text, offsetof(struct reading, url)},
        {"lineNumber", walk_number, offsetof(struct reading, line)},
        {"columnNumber", walk_number, offsetof(struct reading, column)},
    };
    struct reading *r = to;
    r->line = r->column = -1;
    if (!WALK_OBJECT(w, members, r)) return false;
    r->line += 1; /* counted from 0 here */
    r->column += 1;
    return true;
}

static bool read_child(struct json_walk *w, void *to) {
    struct reading *r = to;
    struct v8_nodes *nodes = r->nodes;
    double id;
    if (json_read_peek(&w->j) == '{') {
        uint32_t outer = nodes->parent;
        nodes->parent = r->at;
        bool ok = v8_node_read(w, nodes);
        nodes->parent = outer;
        return ok;
    }
    if (!walk_double(w, &id)) return false;
    if (nodes->n_children >= PP_NONE - 1) return walk_wrong(w, "expected fewer nodes");
    if (r->n.n_children++ == 0) r->n.first_child = nodes->n_children;
    PP_PUSH(nodes->arena, nodes->children, nodes->n_children, nodes->cap_children, id);
    return true;
}

static bool read_children(struct json_walk *w, void *to) {
    ((struct reading *)to)->n.n_children = 0;
    return walk_array(w, read_child, to);
}

bool v8_node_read(struct json_walk *w, void *to) {
    static const struct walk_member members[] = {
        {"id", walk_double, offsetof(struct reading, n.id)},
        {"parent", walk_double, offsetof(struct reading, n.parent_id)},
        {"callFrame", read_call_frame, 0},
        {"functionName", walk_text, offsetof(struct reading, name)},
        {"url", walk_text, offsetof(struct reading, url)},
        {"lineNumber", walk_number, offsetof(struct reading, line)},
        {"hitCount", walk_i64, offsetof(struct reading, n.hits)},
        {"selfSize", walk_i64, offsetof(struct reading, n.self_size)},
        {"children", read_children, 0},
    };
    struct v8_nodes *nodes = to;
    struct reading r = {.nodes = nodes, .at = nodes->n};
    if (nodes->n == 0) nodes->parent = PP_NONE;
    if (nodes->n >= PP_NONE - 1 || ++nodes->depth > DEEPEST)
        return walk_wrong(w, "nodes nest too deeply");
    uint32_t parent = nodes->parent;
    PP_PUSH(nodes->arena, nodes->at, nodes->n, nodes->cap, r.n);
    if (!WALK_OBJECT(w, members, &r)) return false;
    nodes->depth--;
    r.n.parent = parent;
    r.n.frame = (struct call_frame){r.name, r.url, walk_round(r.line > 0 ? r.line : 0), 0,
                                    walk_round(r.column > 0 ? r.column : 0)};
    r.n.frame.line = r.n.frame.start_line;
    nodes->at[r.at] = r.n;
    return true;
}

static uint32_t find(const struct v8_nodes *nodes, double id) {
    if (!(id >= 0 && id < 0x1p53)) return PP_NONE;
    return id_map_find(&nodes->ids, (uint64_t)id);
}

bool v8_node_lacks(double id, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT, "V8's profile: node %.0f does not exist", id);
}

/* A node's parent from its parent's list of children. */
static bool adopt(struct v8_nodes *nodes, uint32_t parent, struct pp_error *err) {
    const struct v8_node *p = &nodes->at[parent];
    for (uint32_t i = 0; i < p->n_children; i++) {
        double id = nodes->children[p->first_child + i];
        uint32_t child = find(nodes, id);
        if (child == PP_NONE) continue; /* cut off, and no sample saw it */
        if (nodes->at[child].parent != PP_NONE)
            return pp_fail(err, PP_E_FORMAT, "V8's profile: node %.0f has two parents", id);
        nodes->at[child].parent = parent;
    }
    return true;
}

/* Nodes from this one up to one that is in the tree already, then back down. */
static bool link_up(struct v8_nodes *nodes, uint32_t at, uint32_t *path, struct call_tree *tree,
                    struct pp_error *err) {
    uint32_t n = 0, above = CALL_ROOT;
    for (; at != PP_NONE; at = nodes->at[at].parent) {
        if (nodes->at[at].node != PP_NONE) {
            above = nodes->at[at].node;
            break;
        }
        if (n == nodes->n) return pp_fail(err, PP_E_FORMAT, "V8's profile: nodes in a circle");
        path[n++] = at;
    }
    while (n) {
        struct v8_node *node = &nodes->at[path[--n]];
        bool root = node->parent == PP_NONE && pp_str_eq(node->frame.name, PP_STR("(root)"));
        if (!root &&
            !call_tree_child(tree, above, call_tree_frame(tree, &node->frame), &above, err))
            return false;
        node->node = above;
    }
    return true;
}

bool v8_nodes_link(struct v8_nodes *nodes, struct call_tree *tree, struct pp_error *err) {
    id_map_init(&nodes->ids, nodes->arena, nodes->n);
    for (uint32_t i = 0; i < nodes->n; i++) {
        double id = nodes->at[i].id;
        nodes->at[i].node = PP_NONE;
        if (id >= 0 && id < 0x1p53) id_map_add(&nodes->ids, (uint64_t)id, i);
    }
    for (uint32_t i = 0; i < nodes->n; i++)
        if (!adopt(nodes, i, err)) return false;
    for (uint32_t i = 0; i < nodes->n; i++) {
        struct v8_node *node = &nodes->at[i];
        if (node->parent != PP_NONE || !(node->parent_id > 0)) continue;
        node->parent = find(nodes, node->parent_id);
        if (node->parent == PP_NONE && !nodes->may_lack) return v8_node_lacks(node->parent_id, err);
    }
    uint32_t *path = PP_NEW(nodes->arena, uint32_t, nodes->n);
    for (uint32_t i = 0; i < nodes->n; i++)
        if (!link_up(nodes, i, path, tree, err)) return false;
    return true;
}

uint32_t v8_node_find(const struct v8_nodes *nodes, double id) {
    uint32_t at = find(nodes, id);
    return at == PP_NONE ? PP_NONE : nodes->at[at].node;
}

void v8_nodes_done(struct v8_nodes *nodes) {
    id_map_done(&nodes->ids);
}
