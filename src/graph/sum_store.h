/* What the nodes of earlier graphs sum up, for who asks about one profile again and again: the next
 * graph of the same samples and places takes it from here. Any number of threads may ask at once.
 */
#ifndef GRAPH_SUM_STORE_H
#define GRAPH_SUM_STORE_H

#include "graph/graph.h"

struct sum_store;

/* For graphs of `loaded`, which stays as it is, and of views that leave its samples and places as
 * they are. Outside of a scope (base/scope.h) only: it outlives who asks. */
struct sum_store *sum_store_open(const struct pp_profile *loaded);
void sum_store_close(struct sum_store *s); /* NULL is fine */

/* Sums up the nodes and what passed through locations; false: nothing is kept of such a graph. */
bool sum_store_get(struct sum_store *s, struct graph *g);

/* Keeps the sums of a graph, if they are small beside what they were made of. The oldest go. */
void sum_store_put(struct sum_store *s, const struct graph *g);

#endif
