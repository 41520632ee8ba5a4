/* Where records begin and end, when they happened, and what each sample is known by: framing reads
 * bytes and events and changes neither, so that a thread does it ahead of who takes the records
 * in (perf_ahead.h). */
#ifndef PERF_FRAME_H
#define PERF_FRAME_H

#include "profile/decode/perf/perf_queue.h"

struct perf_framer {
    const struct perf_events *events;
    bool swap;
    const bool *is_vain; /* nobody looks for what samples are known by; may change at any time */
    struct pp_str bytes; /* that are there */
    uint64_t at, end;    /* where the next record begins; where none begins any more */
    bool has_turned;     /* the last one may change how the next are to be read */
};

/* Frames records up to one that may change how the next are read, and at most so many; returns how
 * many. None: the next one is not complete, or is no record. */
size_t perf_frame(struct perf_framer *f, struct perf_waiting *ret_records, size_t most);

/* The header of the record at f->at, of which all 8 bytes are there. False: it is none. */
bool perf_frame_header(const struct perf_framer *f, struct perf_record *ret_record);

/* Bytes that follow a record and are none: hardware traces, tables of tracepoints. */
uint64_t perf_frame_payload(const struct perf_record *r, bool swap);

#endif
