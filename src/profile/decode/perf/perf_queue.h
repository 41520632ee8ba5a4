/* Records in the order of time. Each processor's records come in order but one after the other's;
 * perf writes a mark where a round over all of them ended: what is older than the newest record of
 * the round before can't come any more. */
#ifndef PERF_QUEUE_H
#define PERF_QUEUE_H

#include "profile/decode/perf/perf_sample.h"
#include "profile/known.h"

/* A record that waits, and what was read of it when it came: then its bytes were near. */
struct perf_waiting {
    uint64_t time;
    const char *at;           /* the record with its header */
    struct perf_spool *spool; /* that it lies in; NULL: in the input */
    uint16_t size, type, misc;
    /* Of samples: */
    bool has_sums;
    uint32_t event; /* PP_NONE: unknown */
    uint32_t pid;
    uint64_t period;
    struct known_sums sums; /* of its address and call chain, where these are all of it */
};

/* When one that waits is to be taken. */
struct perf_turn {
    uint64_t time;
    size_t at; /* of those that wait */
};

/* Records in the order of time. */
struct perf_run {
    const struct perf_waiting *at;
    const struct perf_turn *turns;
    size_t n;
};

static inline const struct perf_waiting *perf_run_at(const struct perf_run *run, size_t i) {
    return &run->at[run->turns[i].at];
}

/* A run of inflated bytes, freed when none of its records waits. */
struct perf_spool {
    struct perf_spool *next, **link;
    char *bytes;
    size_t len, cap, n_waiting;
};

struct perf_queue {
    struct perf_waiting *at, *other;  /* as they came; other: of the same size, for what stays */
    struct perf_turn *turns, *sorted; /* sorted: of the same size, to sort into */
    size_t n, cap;
    uint64_t newest, newest_of_round;
    struct perf_spool *spools;
};

static inline struct perf_record perf_waiting_record(const struct perf_waiting *w) {
    return (struct perf_record){
        w->type, w->misc, {w->at + PERF_RECORD_HEADER, w->size - PERF_RECORD_HEADER}};
}

/* Takes records, in this order. */
typedef bool perf_deliver(void *user, const struct perf_run *run);

void perf_queue_add(struct perf_queue *q, const struct perf_waiting *w);

/* Delivers what is complete: called at each mark. */
bool perf_queue_round(struct perf_queue *q, perf_deliver *deliver, void *user);
bool perf_queue_rest(struct perf_queue *q, perf_deliver *deliver, void *user);

struct perf_spool *perf_spool_new(struct perf_queue *q, size_t cap);

/* Frees it if no record in it waits. */
void perf_spool_settle(struct perf_spool *s);

void perf_queue_done(struct perf_queue *q);

#endif
