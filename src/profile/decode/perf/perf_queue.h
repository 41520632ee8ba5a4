/* Records in the order of time. Each processor's records come in order but one after the other's;
 * perf writes a mark where a round over all of them ended: what is older than the newest record of
 * the round before can't come any more. */
#ifndef PERF_QUEUE_H
#define PERF_QUEUE_H

#include "profile/decode/perf/perf_sample.h"

struct perf_waiting {
    uint64_t time;
    const char *at; /* the record with its header */
    uint32_t size;
    uint16_t type, misc;      /* of its header, which is read once */
    struct perf_spool *spool; /* that it lies in; NULL: in the input */
};

/* A run of inflated bytes, freed when none of its records waits. */
struct perf_spool {
    struct perf_spool *next, **link;
    char *bytes;
    size_t len, cap, n_waiting;
};

struct perf_queue {
    struct perf_waiting *at, *other; /* other: of the same size, to sort into; NULL before that */
    size_t n, cap;
    uint64_t newest, newest_of_round;
    struct perf_spool *spools;
};

static inline struct perf_record perf_waiting_record(const struct perf_waiting *w) {
    return (struct perf_record){
        w->type, w->misc, {w->at + PERF_RECORD_HEADER, w->size - PERF_RECORD_HEADER}};
}

/* Takes n records, in this order. */
typedef bool perf_deliver(void *user, const struct perf_waiting *at, size_t n);

void perf_queue_add(struct perf_queue *q, const struct perf_waiting *w);

/* Delivers what is complete: called at each mark. */
bool perf_queue_round(struct perf_queue *q, perf_deliver *deliver, void *user);
bool perf_queue_rest(struct perf_queue *q, perf_deliver *deliver, void *user);

struct perf_spool *perf_spool_new(struct perf_queue *q, size_t cap);

/* Frees it if no record in it waits. */
void perf_spool_settle(struct perf_spool *s);

void perf_queue_done(struct perf_queue *q);

#endif
