/* The events of a recording: what the header says of each, found by the ids that samples carry. */
#ifndef PERF_EVENT_H
#define PERF_EVENT_H

#include "base/arena.h"
#include "base/index.h"
#include "profile/decode/perf/perf_bytes.h"
#include "profile/decode/perf/perf_format.h"

/* Where in a sample the fields stand that come first, each of 8 bytes. */
struct perf_layout {
    uint8_t identifier, ip, tid, time, id, cpu, period; /* PERF_NOWHERE: it has none */
    uint8_t size;                                       /* of all of them */
    bool only_chain; /* behind them is the call chain and nothing else */
};

enum { PERF_NOWHERE = UINT8_MAX };

struct perf_event {
    struct perf_layout layout;
    uint32_t type;
    uint64_t config, period, sample_type, read_format, flags;
    uint64_t branch_type, regs_user, regs_intr;
    struct pp_str name;      /* "" until it is known */
    uint32_t clock;          /* that times are of, if ATTR_CLOCK is set: of <time.h> */
    uint64_t n_samples, sum; /* as counted */
    uint64_t lost;           /* samples that the kernel says are missing */
};

struct perf_event_id {
    uint64_t id, value; /* value: the counter as the last sample of its group had it */
    uint32_t event;
};

struct perf_pmu {
    uint32_t type;
    struct pp_str name;
};

struct perf_events {
    struct pp_arena *arena;
    struct perf_event *at;
    uint32_t n;
    size_t cap;
    struct perf_event_id *ids;
    uint32_t n_ids;
    size_t cap_ids;
    struct hash_index index; /* of ids */
    struct perf_pmu *pmus;
    size_t n_pmus, cap_pmus;
};

enum { PERF_ATTR_MIN = 64, PERF_MAX_EVENTS = 1024 };

void perf_events_init(struct perf_events *e, struct pp_arena *arena);
void perf_events_done(struct perf_events *e);

/* Reads an attribute, which says its own size, up to `size` bytes; false when it is none. */
bool perf_event_read(struct perf_bytes *b, size_t size, struct perf_event *ret_event);

/* Adds an event and returns its position; false when there are too many. */
bool perf_events_add(struct perf_events *e, const struct perf_event *event, uint32_t *ret_at);
void perf_events_add_id(struct perf_events *e, uint64_t id, uint32_t event);

/* NULL: no event has this id. */
struct perf_event_id *perf_events_find(const struct perf_events *e, uint64_t id);

/* EVENT_DESC: names, and ids where there were none. */
void perf_events_describe(struct perf_events *e, struct perf_bytes b);
void perf_events_pmus(struct perf_events *e, struct perf_bytes b);

/* Its name, else one made of type and config. */
struct pp_str perf_event_name(const struct perf_events *e, const struct perf_event *event);

/* Whether it only carries records of the kernel and never a sample. */
bool perf_event_is_dummy(const struct perf_event *event);

#endif
