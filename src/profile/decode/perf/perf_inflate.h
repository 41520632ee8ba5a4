/* Records that are packed into others, by zstd. */
#ifndef PERF_INFLATE_H
#define PERF_INFLATE_H

#include "profile/decode/perf/perf_session.h"

/* Inflates a COMPRESSED or COMPRESSED2 record, which goes on where the one before it ended, and
 * takes the records in that are complete. */
bool perf_inflate(struct perf_session *s, const struct perf_record *r);
void perf_inflate_done(struct perf_session *s);

#endif
