/* The profile that grows out of the samples: what lies where becomes mappings and locations; equal
 * stacks with equal labels are counted, so that its size depends on what ran and not for how long.
 */
#ifndef PERF_PROFILE_H
#define PERF_PROFILE_H

#include "profile/builder.h"
#include "profile/decode/perf/perf_dump.h"
#include "profile/decode/perf/perf_event.h"
#include "profile/decode/perf/perf_space.h"

/* What can be mapped: a part of a file, memory of a process, a function of the kernel. Processes
 * have it at different addresses; the profile shows all of it at the first one's. */
struct perf_object {
    uint32_t file, build_id; /* string ids */
    uint32_t kernel_symbol;  /* string id: what follows "[kernel.kallsyms]" */
    uint32_t owner;          /* the process of memory that has no file; PP_NONE */
    uint64_t start, len, offset;
    uint32_t symbol;              /* string id: all of it is this function; 0: no */
    uint32_t mapping, function;   /* PP_NONE until a location is in it */
    const struct perf_made *made; /* NULL: not made at run time */
    bool is_kernel, has_functions;
};

/* A function that a just-in-time compiler made. All of one dump have one mapping. */
struct perf_made {
    struct perf_dump *dump;
    const struct perf_code *code;
    uint32_t dump_object;
};

struct perf_labels {
    uint32_t pid, tid, cpu, comm, thread_comm, mode, cgroup; /* PP_NONE: no such label */
};

struct perf_row {
    uint32_t stack, labels, event;
    uint32_t next; /* of the same stack and labels; PP_NONE */
    uint64_t count, sum;
    bool is_first;   /* of its stack and labels */
    bool is_indexed; /* the first row of a stack is not before there is a second */
};

enum { PERF_LABEL_SLOTS = 1 << 10 };

/* An address in memory: as a place in the object that lies there. */
struct perf_address {
    uint64_t offset; /* in the object's file; without an object the address itself */
    uint32_t object; /* PP_NONE: nothing is known to lie there */
};

struct perf_place {
    uint64_t offset; /* of the address */
    uint32_t object;
    uint32_t location; /* one more than it; 0: the place is free */
};

struct perf_profile {
    struct profile_builder b;
    struct perf_object *objects;
    uint32_t n_objects;
    size_t cap_objects;
    struct hash_index object_index, row_index;
    struct pp_arena *scratch;
    struct perf_place *places; /* all locations */
    size_t n_places, n_put;    /* a power of two; that are taken */
    struct perf_labels *label_keys;
    uint32_t *label_sets;
    struct perf_row *rows;
    uint32_t *row_of_stack; /* the first; PP_NONE */
    uint32_t n_rows, n_rows_of_stack;
    size_t cap_rows, cap_rows_of_stack;
    uint32_t key_pid, key_tid, key_cpu, key_comm, key_thread_comm, key_mode, key_cgroup;
};

void perf_profile_init(struct perf_profile *p, struct pp_arena *arena, struct pp_arena *scratch);
void perf_profile_done(struct perf_profile *p);

/* The number of the object, a known one if there is one that is the same. */
uint32_t perf_profile_object(struct perf_profile *p, const struct perf_object *object);

/* A new number, for what is like nothing else. */
uint32_t perf_profile_add_object(struct perf_profile *p, const struct perf_object *object);

/* The object's mapping, made when it is first asked for. */
uint32_t perf_profile_mapping(struct perf_profile *p, uint32_t object);

/* The locations of addresses, PP_NONE where they have none yet; returns whether all have. Changes
 * nothing. */
bool perf_profile_known_locations(const struct perf_profile *p, const struct perf_address *at,
                                  uint32_t n, uint32_t *ret_locations);

/* Adds those that are PP_NONE. */
void perf_profile_new_locations(struct perf_profile *p, const struct perf_address *at, uint32_t n,
                                uint32_t *locations);

uint32_t perf_profile_labels(struct perf_profile *p, const struct perf_labels *labels);

/* Counts the row's stack, with its labels, for its event. Returns the number of their row, or
 * PP_NONE where there are too many. */
uint32_t perf_profile_count(struct perf_profile *p, struct perf_row row);

/* Have the entry of a stack that is counted soon fetched from memory, and then its row; PP_NONE: no
 * stack. */
static inline void perf_profile_expect_stack(const struct perf_profile *p, uint32_t stack) {
    if (stack < p->n_rows_of_stack) __builtin_prefetch(&p->row_of_stack[stack]);
}

static inline void perf_profile_expect_row(const struct perf_profile *p, uint32_t stack) {
    if (stack >= p->n_rows_of_stack || p->row_of_stack[stack] == PP_NONE) return;
    __builtin_prefetch(&p->rows[p->row_of_stack[stack]]);
}

/* Has a row that is counted again soon fetched from memory. */
static inline void perf_profile_expect_again(const struct perf_profile *p, uint32_t row) {
    __builtin_prefetch(&p->rows[row]);
}

/* Counts one more sample for a row that perf_profile_count returned. */
static inline void perf_profile_count_again(struct perf_profile *p, uint32_t row, uint64_t period) {
    p->rows[row].count++;
    p->rows[row].sum += period;
}

/* One value, and two an event; `main_object` becomes the first mapping. Uses the builder up. */
bool perf_profile_finish(struct perf_profile *p, const struct perf_events *events,
                         uint32_t main_object, struct pp_profile *ret_profile,
                         struct pp_error *err);

#endif
