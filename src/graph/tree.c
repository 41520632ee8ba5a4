#include "graph/tree.h"

#include "base/hash.h"

struct tree_maker {
    struct graph *g;
    const struct graph_node *places; /* the nodes of the graph */
    struct hash_index index;         /* by caller and place */
    bool *is_inline;                 /* by node: each of its calls was inlined */
    size_t cap_nodes, cap_place, cap_caller, cap_inline;
    struct pp_arena scratch;
};

static uint32_t add_node(struct tree_maker *m, uint32_t caller, uint32_t place, bool is_inline) {
    struct graph *g = m->g;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)caller << 32 | place);
    for (struct index_probe i = index_probe(&m->index, hash); index_next(&m->index, &i);) {
        if (g->caller[i.position] != caller || g->place[i.position] != place) continue;
        m->is_inline[i.position] &= is_inline;
        return i.position;
    }
    uint32_t n = g->n_nodes, same_n = n, again_n = n;
    index_add(&m->index, hash, n);
    struct graph_node node = m->places[place];
    node.flat = node.cum = 0;
    PP_PUSH(g->arena, g->place, n, m->cap_place, place);
    PP_PUSH(g->arena, g->caller, again_n, m->cap_caller, caller);
    PP_PUSH(&m->scratch, m->is_inline, same_n, m->cap_inline, is_inline);
    PP_PUSH(g->arena, g->nodes, g->n_nodes, m->cap_nodes, node);
    return g->n_nodes - 1;
}

/* The node of the leaf, PP_NONE of an empty stack. */
static uint32_t add_stack(struct tree_maker *m, struct pp_stack stack) {
    struct graph *g = m->g;
    uint32_t node = PP_NONE;
    for (uint32_t i = stack.len; i-- > 0;) {
        struct graph_nodes nodes = graph_nodes_of(g, pp_frame(g->p, stack.first + i));
        for (uint32_t j = nodes.n; j-- > 0;)
            node = add_node(m, node, nodes.at[j], j != nodes.n - 1);
    }
    return node;
}

static void add_values(struct graph *g) {
    if (g->opt.mean) g->divisors = PP_NEW(g->arena, struct graph_divisor, g->n_nodes);
    struct graph_divisor *divisors = g->divisors;
    for (uint32_t i = 0; i < g->p->n_samples; i++) {
        uint32_t leaf = g->stack_leaf[g->p->sample_stack[i]];
        if (leaf == PP_NONE) continue;
        struct graph_node *n = &g->nodes[leaf];
        n->flat = num_add(n->flat, pp_value(g->p, i, g->opt.type));
        if (divisors) divisors[leaf].flat = num_add(divisors[leaf].flat, pp_value(g->p, i, 0));
    }
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        g->nodes[i].cum = g->nodes[i].flat;
        if (divisors) divisors[i].cum = divisors[i].flat;
    }
    for (uint32_t i = g->n_nodes; i-- > 0;) {
        uint32_t caller = g->caller[i];
        if (caller == PP_NONE) continue;
        g->nodes[caller].cum = num_add(g->nodes[caller].cum, g->nodes[i].cum);
        if (divisors) divisors[caller].cum = num_add(divisors[caller].cum, divisors[i].cum);
    }
}

static void add_edges(struct tree_maker *m) {
    struct graph *g = m->g;
    g->edges = PP_NEW(g->arena, struct graph_edge, g->n_nodes);
    g->n_edges = 0;
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        if (g->caller[i] == PP_NONE) continue;
        g->edges[g->n_edges++] =
            (struct graph_edge){.src = g->caller[i],
                                .dest = i,
                                .weight = g->nodes[i].cum,
                                .weight_div = g->divisors ? g->divisors[i].cum : 0,
                                .is_inline = m->is_inline[i]};
    }
}

/* Which stacks a sample that is not all zero uses. */
static bool *used_stacks(const struct graph *g, struct pp_arena *scratch) {
    const struct pp_profile *p = g->p;
    bool *used = PP_NEW(scratch, bool, p->n_stacks);
    for (uint32_t i = 0; i < p->n_samples; i++)
        if (pp_value(p, i, g->opt.type) || (g->opt.mean && pp_value(p, i, 0)))
            used[p->sample_stack[i]] = true;
    return used;
}

void tree_build(struct graph *g) {
    struct tree_maker m = {.g = g, .places = g->nodes};
    bool *used = used_stacks(g, &m.scratch);
    g->nodes = NULL;
    g->n_nodes = 0;
    g->printable = NULL;
    g->stack_leaf = PP_NEW(g->arena, uint32_t, g->p->n_stacks);
    for (uint32_t i = 0; i < g->p->n_stacks; i++)
        g->stack_leaf[i] = used[i] ? add_stack(&m, g->p->stacks[i]) : PP_NONE;
    add_values(g);
    add_edges(&m);
    g->in_edges = g->out_edges = NULL;
    g->selected = NULL;
    graph_select(g);
    index_done(&m.index);
    pp_arena_done(&m.scratch);
}

void tree_trim(struct graph *g, const bool *kept) {
    struct pp_arena scratch = {0};
    bool *goes = PP_NEW(&scratch, bool, g->n_nodes);
    struct graph_edge **into = PP_NEW(&scratch, struct graph_edge *, g->n_nodes);
    uint32_t n = 0;
    for (uint32_t i = 0; i < g->n_selected; i++) {
        uint32_t node = g->selected[i];
        goes[node] = !kept[node];
        if (kept[node]) g->selected[n++] = node;
    }
    g->n_selected = n;
    for (uint32_t i = 0; i < g->n_edges; i++)
        if (!g->edges[i].dropped) into[g->edges[i].dest] = &g->edges[i];
    /* Callers stand before their callees, so the edge into a node that goes is final already. */
    for (uint32_t i = 0; i < g->n_edges; i++) {
        struct graph_edge *e = &g->edges[i];
        if (e->dropped || !goes[e->src]) continue;
        const struct graph_edge *above = into[e->src];
        if (!above || above->dropped) {
            e->dropped = true;
            continue;
        }
        e->src = above->src;
        e->residual = true;
        e->is_inline &= above->is_inline;
    }
    for (uint32_t i = 0; i < g->n_edges; i++)
        g->edges[i].dropped |= goes[g->edges[i].dest];
    g->in_edges = g->out_edges = NULL;
    pp_arena_done(&scratch);
}
