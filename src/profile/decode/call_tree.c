#include "profile/decode/call_tree.h"

#include "base/hash.h"

void call_tree_init(struct call_tree *t, struct profile_builder *b, const struct input *in,
                    uint32_t n_columns) {
    *t = (struct call_tree){.b = b, .n_columns = n_columns, .in = in};
    t->budget = input_spread(in) / sizeof(uint32_t);
    struct call_node root = {.location = PP_NONE, .stack = PP_NONE, .parent = PP_NONE};
    PP_PUSH(&t->scratch, t->nodes, t->n_nodes, t->cap_nodes, root);
}

void call_tree_done(struct call_tree *t) {
    index_done(&t->node_index);
    index_done(&t->function_index);
    index_done(&t->location_index);
    pp_arena_done(&t->scratch);
}

static uint32_t function_of(struct call_tree *t, const struct call_frame *frame) {
    struct pp_str name = frame->name.len ? frame->name : PP_STR("(anonymous)");
    struct pp_function f = {.name = builder_string(t->b, name),
                            .filename = builder_string(t->b, frame->file),
                            .start_line = frame->start_line};
    f.system_name = f.name;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)f.name << 32 | f.filename);
    hash = hash_word(hash, (uint64_t)f.start_line);
    for (struct index_probe i = index_probe(&t->function_index, hash);
         index_next(&t->function_index, &i);) {
        const struct pp_function *have = &t->b->p.functions[i.position];
        if (have->name == f.name && have->filename == f.filename &&
            have->start_line == f.start_line)
            return i.position;
    }
    index_add(&t->function_index, hash, t->b->p.n_functions);
    return builder_add_function(t->b, &f);
}

uint32_t call_tree_frame(struct call_tree *t, const struct call_frame *frame) {
    struct pp_line line = {function_of(t, frame), frame->line, frame->column};
    uint64_t hash = hash_word(hash_word(hash_seed(), line.function), (uint64_t)line.line);
    hash = hash_word(hash, (uint64_t)line.column);
    for (struct index_probe i = index_probe(&t->location_index, hash);
         index_next(&t->location_index, &i);) {
        const struct pp_location *at = &t->b->p.locations[i.position];
        if (!at->n_lines) continue;
        const struct pp_line have = pp_line_at(&t->b->p, at->first_line);
        if (have.function == line.function && have.line == line.line && have.column == line.column)
            return i.position;
    }
    struct pp_location l = {.mapping = PP_NONE};
    index_add(&t->location_index, hash, t->b->p.n_locations);
    return builder_add_location(t->b, &l, &line, 1);
}

uint32_t call_tree_address(struct call_tree *t, uint64_t address, uint32_t mapping) {
    uint64_t hash = hash_word(hash_word(hash_seed(), address), mapping);
    for (struct index_probe i = index_probe(&t->location_index, hash);
         index_next(&t->location_index, &i);) {
        const struct pp_location *have = &t->b->p.locations[i.position];
        if (!have->n_lines && have->address == address && have->mapping == mapping)
            return i.position;
    }
    struct pp_location l = {.address = address, .mapping = mapping};
    index_add(&t->location_index, hash, t->b->p.n_locations);
    return builder_add_location(t->b, &l, NULL, 0);
}

bool call_tree_child(struct call_tree *t, uint32_t parent, uint32_t location, uint32_t *ret_node,
                     struct pp_error *err) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)parent << 32 | location);
    for (struct index_probe i = index_probe(&t->node_index, hash);
         index_next(&t->node_index, &i);) {
        const struct call_node *n = &t->nodes[i.position];
        if (n->parent != parent || n->location != location) continue;
        *ret_node = i.position;
        return true;
    }
    uint32_t depth = t->nodes[parent].depth + 1;
    if (depth > t->in->limits.max_depth)
        return pp_fail_limit(err, "max_depth", "frames in a stack", depth, t->in->limits.max_depth);
    if (t->n_nodes >= PP_NONE - 1)
        return pp_fail(err, PP_E_LIMIT, "the tree of calls has more than 2^32 nodes");
    struct call_node n = {.parent = parent, .location = location, .stack = PP_NONE, .depth = depth};
    index_add(&t->node_index, hash, t->n_nodes);
    *ret_node = t->n_nodes;
    PP_PUSH(&t->scratch, t->nodes, t->n_nodes, t->cap_nodes, n);
    return true;
}

void call_tree_add(struct call_tree *t, uint32_t node, uint32_t column, int64_t value) {
    struct call_node *n = &t->nodes[node];
    if (!n->touched) PP_PUSH(&t->scratch, t->touched, t->n_touched, t->cap_touched, node);
    n->touched = true;
    n->values[column] = (int64_t)((uint64_t)n->values[column] + (uint64_t)value);
}

/* A chain of nodes that all have values is as many frames as half its square: known before the
 * first stack is made. */
static bool spend(struct call_tree *t, struct pp_error *err) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < t->n_touched; i++) {
        const struct call_node *node = &t->nodes[t->touched[i]];
        if (node->stack == PP_NONE) n += node->depth;
    }
    if (n > t->budget) return input_fail_spread(t->in, "the stacks of its calls", err);
    t->budget -= n;
    return true;
}

static void make_stack(struct call_tree *t, uint32_t node) {
    uint32_t len = t->nodes[node].depth, at = node;
    struct pp_arena scratch = {0};
    uint32_t *frames = PP_NEW(&scratch, uint32_t, len);
    for (uint32_t i = 0; i < len; i++, at = t->nodes[at].parent)
        frames[i] = t->nodes[at].location;
    t->nodes[node].stack = builder_stack(t->b, frames, len);
    pp_arena_done(&scratch);
}

bool call_tree_flush(struct call_tree *t, uint32_t label_set, struct pp_error *err) {
    if (!spend(t, err)) return false;
    for (uint32_t i = 0; i < t->n_touched; i++) {
        uint32_t node = t->touched[i];
        if (t->nodes[node].stack == PP_NONE) make_stack(t, node);
        struct call_node *n = &t->nodes[node];
        builder_add_sample(t->b, n->stack, label_set, n->values, t->n_columns);
        memset(n->values, 0, sizeof n->values);
        n->touched = false;
    }
    t->n_touched = 0;
    return true;
}
