/* Traces of Chrome (trace event format): what its parts share. A trace says where time went in one
 * of three ways, and the first that it has is read: CPU profiles of V8, samples of stacks, spans of
 * time. */
#ifndef PROFILE_CHROME_TRACE_H
#define PROFILE_CHROME_TRACE_H

#include "profile/decode/json_profile.h"

/* A thread, or with an empty tid its process. */
struct trace_thread {
    struct pp_str pid, tid, name;
};

struct trace_event {
    struct pp_str name, phase, pid, tid, id;
    double time, duration, thread_duration; /* microseconds */
    size_t args_at;                         /* where they stand in the text; 0: nowhere */
};

struct trace {
    struct json_profile out;
    struct trace_thread *threads;
    uint32_t n_threads;
    size_t cap_threads;
    struct hash_index thread_index;
    struct traced *profiles; /* of V8 */
    uint32_t n_profiles;
    size_t cap_profiles;
    size_t samples_at, frames_at; /* where they stand in the text; 0: nowhere */
    size_t events_at;             /* may be 0 */
    bool has_events;
    uint64_t n_events;
    uint64_t n_others;   /* events that are of no use here */
    uint64_t n_lost;     /* samples whose calls the trace lacks */
    uint64_t n_partners; /* spans and ends whose other half lacks */
};

/* The position of this thread; it is added if it is new. */
uint32_t trace_thread(struct trace *t, struct pp_str pid, struct pp_str tid);

/* Gives what the tree holds to the builder, with the labels of this thread. */
bool trace_flush(struct trace *t, uint32_t thread);

/* Each event, with the same `to`. The array need not be closed, as the format has it. */
bool trace_read_events(struct json_walk *w, walk_value read, void *to);
bool trace_read_event(struct json_walk *w, struct trace_event *ret_event);

/* "samples" and "stackFrames". */
bool trace_add_samples(struct trace *t);

/* Events that begin, end, or last. */
bool trace_add_spans(struct trace *t);

#endif
