/* A thread that frames the records of a mapped file ahead of who takes them in: it waits for the
 * pages and for the bytes, and makes what samples are known by. */
#ifndef PERF_AHEAD_H
#define PERF_AHEAD_H

#include "profile/decode/perf/perf_frame.h"

struct perf_ahead;

/* Frames from there on; while it does, the events must not change. NULL: no thread can be had. */
struct perf_ahead *perf_ahead_start(const struct perf_framer *from);

/* Waits for the next records, some hundreds, which are the caller's until it asks again. 0: the
 * thread has ended, where framing can't go on without its taker. */
size_t perf_ahead_next(struct perf_ahead *a, const struct perf_waiting **ret_records);

/* Ends the thread; returns where it stood. */
struct perf_framer perf_ahead_stop(struct perf_ahead *a);

#endif
