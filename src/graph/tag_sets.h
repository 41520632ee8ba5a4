/* What label sets tell beside a node (node_tags.h), of that only what may be heavy enough. */
#ifndef GRAPH_TAG_SETS_H
#define GRAPH_TAG_SETS_H

#include "graph/graph.h"

struct tag_options {
    struct pp_str from_unit; /* of the numbers */
    struct pp_str to_unit;   /* in which they are told apart */
    int64_t min_weight;      /* tags with less, flat and cum, are left out */
};

struct tag_sets {
    struct tag_options opt;
    struct interner texts, names; /* by group: what text it is; of numbers */
    uint32_t *group;              /* by label set: that of its text; 0: it has none */
    uint32_t *name;               /* by label: of a number that is shown; else 0 */
    bool *tells;                  /* by label set: it has a text or a number to show */
    bool any;                     /* does */
};

/* Those of the graph's samples, found out once. */
const struct tag_sets *tag_sets_of(struct graph *g, const struct tag_options *opt);

#endif
