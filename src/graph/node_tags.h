/* The labels of a node's samples, summed up: what a drawing shows beside the node. Text labels
 * count together, as one text a sample; of the numbers only those of the key "bytes". Source of the
 * rules: internal/graph of the reference.
 *
 * One node is read at a time: all of them at once could need more memory than the profile. */
#ifndef GRAPH_NODE_TAGS_H
#define GRAPH_NODE_TAGS_H

#include "graph/graph.h"
#include "graph/tag_sets.h"

struct graph_tag {
    struct pp_str name;
    uint32_t
        group; /* of a text: its number; of a number: that of the text it came with, 0 is none */
    int64_t value; /* of a number: the first one of this name */
    int64_t flat, flat_div, cum, cum_div;
};

struct node_tags {
    struct graph_tag *texts, *numbers; /* numbers by group */
    uint32_t n_texts, n_numbers;
};

/* The stacks that pass a node, twice, plus 1 where it is the leaf. */
struct tag_visits {
    uint32_t *at, n;
    size_t cap;
};

struct tag_reader {
    const struct graph *g;
    const struct tag_sets *sets;
    struct pp_arena scratch;
    uint32_t *first_sample, *samples; /* by stack: those that tell something */
    uint32_t *slot;                   /* by node: one more than its place in the list, 0: none */
    struct tag_visits *visits;        /* by place in the list */
};

/* For these nodes of a summed graph, which must not change before tags_close. */
void tags_open(struct tag_reader *t, struct graph *g, const uint32_t *nodes, uint32_t n_nodes,
               const struct tag_options *opt);
void tags_close(struct tag_reader *t);

/* The tags of nodes[i], in `arena`. */
void tags_read(const struct tag_reader *t, uint32_t i, struct node_tags *ret_tags,
               struct pp_arena *arena);

/* By weight, heaviest first: by flat, or by cum and then flat; then by name. */
void tags_sort(struct graph_tag *tags, uint32_t n, bool by_flat);

#endif
