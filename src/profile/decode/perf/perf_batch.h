/* Samples that are counted together, since each is new: their addresses are walked and their
 * locations looked up, in shares on several threads that change nothing; then they are counted, in
 * order, and what is new among them is added. So the profile does not depend on how many threads
 * there are. */
#ifndef PERF_BATCH_H
#define PERF_BATCH_H

#include "profile/decode/perf/perf_session.h"

enum { PERF_BLOCK = 64 };

/* Room for a block of samples, of which some are added before the next one. */
struct perf_taking *perf_batch_room(struct perf_session *s);

/* Adds a sample that was read; it may lie in that room. What its process has is kept until it is
 * counted, which perf_end_samples does (perf_session.h). */
void perf_batch_add(struct perf_session *s, const struct perf_taking *t);

/* Counts a sample that is like those of a row. */
void perf_count_again(struct perf_session *s, const struct perf_taking *t, uint32_t row);

#endif
