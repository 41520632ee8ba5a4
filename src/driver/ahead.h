/* What is likely to be asked next of a large profile, found out while nobody waits: what is kept of
 * it (graph/sum_store.h) is what the next report begins with. */
#ifndef DRIVER_AHEAD_H
#define DRIVER_AHEAD_H

#include "query/query.h"

enum ahead_priority { AHEAD_OF_NONE, AHEAD_AS_OTHERS }; /* AHEAD_OF_NONE: what others leave */

/* Finds out the n-th of some things, from 0; false: there are no more, or none is kept. */
typedef bool ahead_step(void *user, unsigned n);

struct ahead;

/* Whether that saves anybody a noticeable time. */
bool ahead_is_worth(const struct pp_profile *p);

/* In a thread, step by step; `user` lives until ahead_end. NULL where there is no thread. */
struct ahead *ahead_begin(ahead_step *step, void *user, enum ahead_priority priority);

/* Waits for the step that was begun, and gives up what would follow. Whether nothing would have.
 * NULL is fine. */
bool ahead_end(struct ahead *a);

/* Steps: what top, dot and flame show of a question. */
struct ahead_question {
    const struct pp_profile *p;
    struct pp_query question;
    struct query_host host; /* with a store; what is wrong is told to who asks, not here */
};
bool ahead_reports(void *question, unsigned n);

#endif
