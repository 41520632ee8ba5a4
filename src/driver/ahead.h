/* What the next reports of a large profile begin with, found out while nobody waits: what nodes sum
 * up, which a picture shows, and the call tree, as far as that is kept (graph/sum_store.h). */
#ifndef DRIVER_AHEAD_H
#define DRIVER_AHEAD_H

#include "query/query.h"

enum ahead_priority { AHEAD_OF_NONE, AHEAD_AS_OTHERS }; /* AHEAD_OF_NONE: what others leave */

struct ahead;

/* Whether that saves anybody a noticeable time. */
bool ahead_is_worth(const struct pp_profile *p);

/* In a thread: for a question without a report, whose texts live until ahead_end. NULL where there
 * is no thread. */
struct ahead *ahead_begin(const struct pp_profile *p, const struct pp_query *question,
                          const struct query_host *host, enum ahead_priority priority);

/* Waits for the report that is being summed, and gives up what would follow. Whether nothing would
 * have. NULL is fine. */
bool ahead_end(struct ahead *a);

#endif
