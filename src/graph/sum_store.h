/* What the nodes of earlier graphs sum up, for who asks about one profile again and again: the next
 * graph of the same samples and places takes it from here. Any number of threads may ask at once.
 */
#ifndef GRAPH_SUM_STORE_H
#define GRAPH_SUM_STORE_H

#include "graph/graph.h"

struct sum_store;

/* For graphs of `loaded`, which stays as it is, and of views that leave its stacks and places as
 * they are, whatever samples they have. Outside of a scope (base/scope.h) only: it outlives who
 * asks. */
struct sum_store *sum_store_open(const struct pp_profile *loaded);
void sum_store_close(struct sum_store *s); /* NULL is fine */

/* The profile whose sums are kept, if the stacks and places of `p` are its own; else NULL. */
const struct pp_profile *sum_store_loaded(const struct sum_store *s, const struct pp_profile *p);

/* Whether all of `p` is as it was loaded, but for what sums do not depend on; false without a
 * store. */
bool sum_store_is_of(const struct sum_store *s, const struct pp_profile *p);

/* Sums up the nodes and what passed through locations, as the loaded profile's samples have it;
 * false: nothing is kept of such a graph. */
bool sum_store_get(struct sum_store *s, struct graph *g);
bool sum_store_has(struct sum_store *s, const struct graph *g);

/* Keeps the sums of a graph of the loaded profile, if they are small beside what they were made of.
 * The oldest go. */
void sum_store_put(struct sum_store *s, const struct graph *g);

/* What more is found out about a graph of the loaded samples, in bytes. */
enum sum_part {
    SUM_EDGES, /* struct graph_edge; `number`: the least weight that counts */
    SUM_ORDER, /* selected nodes; `number`: how many have to be in order */
    SUM_TREE,  /* what all of the call tree is; `number`: which tree (report/flame_grow.c) */
    SUM_NODES, /* the nodes of one that are shown; `number`: a hash of which they are */
};

/* As it was put for the same nodes: kept ones, selected ones and those whose edges count. In the
 * graph's arena; false: nothing is kept of such a graph, or there is no store. */
bool sum_store_get_part(struct sum_store *s, const struct graph *g, enum sum_part part,
                        int64_t number, struct pp_str *ret_bytes);

/* Keeps it if it is small and of the loaded samples, in place of the oldest. */
void sum_store_put_part(struct sum_store *s, const struct graph *g, enum sum_part part,
                        int64_t number, struct pp_str bytes);

#endif
