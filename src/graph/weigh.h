/* What the walks over stacks share: the samples of a stack are added up first, so each distinct
 * stack is walked once; and stacks are split among threads. */
#ifndef GRAPH_WEIGH_H
#define GRAPH_WEIGH_H

#include "graph/graph.h"

enum { MAX_SHARES = 8 }; /* each has tables of its own */

/* By stack. */
struct weights {
    int64_t *weight, *divisor; /* divisor: NULL without -mean */
    bool *used;      /* by a sample that is not all zero: it makes edges even if the sum is 0 */
    bool may_cancel; /* what several stacks weigh may be less than one of them does */
};

void weigh_stacks(const struct pp_profile *p, const struct graph_options *opt,
                  struct weights *ret_weights, struct pp_arena *scratch);

/* Those of a graph, added up once. */
const struct weights *weigh_graph(struct graph *g);

/* Turns the weights of all samples into what must be added to come to those of some, which say
 * whether they cancel. Used are the stacks where that is not 0. */
void weigh_missing(struct weights *all, const struct weights *some, uint32_t n_stacks);

/* How many frames a walk over the stacks that are used has. */
uint64_t weigh_frames(const struct weights *w, const struct pp_profile *p);

/* How many threads are worth it, and where the stacks of each begin; `share` may be their number.
 */
unsigned weigh_shares(const struct graph *g);
uint32_t weigh_first_stack(const struct graph *g, unsigned share, unsigned n_shares);

#endif
