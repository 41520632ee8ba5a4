/* Making the indexes that a report would have needed, when it has been shown: so that the next one
 * has them. Never in front of anybody who waits for something, and never by a process that stays
 * behind. */
#ifndef DRIVER_INDEXING_LATER_H
#define DRIVER_INDEXING_LATER_H

#include "load/fetch.h"

/* After a report: closes the output first, so that nobody waits for its end. Makes what takes a
 * moment; larger binaries are left to the prompt, the page and -make_index. */
void indexing_after(const struct fetched *f, const struct world *env);

/* Beside the prompt or the page: in a thread of the lowest priority. NULL when there is nothing to
 * do. indexing_end gives up what is not done by then. */
struct indexing *indexing_begin(const struct fetched *f, const struct world *env);
void indexing_end(struct indexing *later);

#endif
