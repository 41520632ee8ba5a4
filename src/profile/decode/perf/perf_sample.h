/* A sample's fields, and those that follow every other record. */
#ifndef PERF_SAMPLE_H
#define PERF_SAMPLE_H

#include "profile/decode/perf/perf_event.h"

enum { PERF_RECORD_HEADER = 8 };

struct perf_record {
    uint32_t type;
    uint16_t misc;
    struct pp_str body; /* without its header */
};

struct perf_sample {
    uint64_t ip, time, period, cgroup;
    uint32_t pid, tid, cpu;
    struct pp_str chain;    /* numbers of 64 bits in the file's order */
    struct pp_str branches; /* three numbers a branch: from, to, flags */
    struct pp_str read;
    struct pp_str regs;  /* one number a register of the event's mask */
    uint64_t regs_abi;   /* 0: none; 1: 32 bits; 2: 64 bits */
    struct pp_str stack; /* the copy, as long as it is filled */
};

/* The event that a record belongs to: by its id, else the first. False when it has an id that
 * nobody knows, or there is no event. */
bool perf_sample_event(const struct perf_events *e, const struct perf_record *r, bool swap,
                       uint32_t *ret_event);

/* When it happened; 0 where it does not say. A sample says it as its event has it. */
uint64_t perf_record_time(const struct perf_events *e, const struct perf_record *r, bool swap);
uint64_t perf_sample_time(const struct perf_event *event, const struct perf_record *r, bool swap);

/* Its numbers, without those arrays that follow. False when it is shorter than they are. */
bool perf_sample_read_head(const struct perf_event *event, const struct perf_record *r, bool swap,
                           struct perf_sample *ret_sample);

/* All of it. False when it is shorter than it says. */
bool perf_sample_read(const struct perf_event *event, const struct perf_record *r, bool swap,
                      struct perf_sample *ret_sample);

/* Calls `see` for each counter of a group that was read together. */
void perf_sample_each_count(const struct perf_event *event, struct pp_str read, bool swap,
                            void (*see)(void *user, uint64_t id, uint64_t value), void *user);

#endif
