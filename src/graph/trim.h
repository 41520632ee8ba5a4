/* The graph of a report: summed, without what is insignificant, in order. */
#ifndef GRAPH_TRIM_H
#define GRAPH_TRIM_H

#include "graph/graph.h"

struct trim_options {
    uint32_t node_count;  /* at most so many nodes; 0: any number */
    double node_fraction; /* of the total: nodes below go */
    double edge_fraction; /* the same for edges */
    enum graph_order order;
    bool picture;   /* for a drawing: ordered by what a node tells, without redundant edges */
    bool call_tree; /* a node for each way of reaching a function */
    struct pp_str tag_from, tag_to; /* units of the numbers that a drawing shows (node_tags.h) */
};

struct trim_result {
    uint32_t n_nodes; /* nodes before the count was limited */
    uint32_t dropped_nodes, dropped_edges;
    int64_t node_cutoff; /* what lighter nodes, and lighter tags, were dropped for */
};

/* Sums `g` (after graph_init), drops, selects, sorts and links it. */
void graph_trim(struct graph *g, const struct trim_options *opt, struct trim_result *ret_result);

#endif
