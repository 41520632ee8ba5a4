/* A sample on its way into the profile, and the addresses of its frames: from the call chain that
 * the kernel walked, the branches that the processor kept, or the copy of the stack. Walking
 * changes nothing of the session, so that several threads walk at once. */
#ifndef PERF_WALK_H
#define PERF_WALK_H

#include "profile/decode/host.h"
#include "profile/decode/perf/perf_profile.h"
#include "profile/decode/perf/perf_queue.h"

enum { PERF_MAX_FRAMES = 1 << 14, PERF_MAX_UNWOUND = 1 << 10, PERF_FOUND = 1 << 11 };

struct perf_session;

/* Whose memory it is. */
struct perf_owner {
    struct perf_maps *maps, *code; /* code: that was made at run time, over the maps */
    struct perf_maps *before;      /* of the program that called exec */
    uint32_t epoch;                /* of these tables */
};

/* The kernels' tables, which all samples share until a record changes them. */
struct perf_kernels {
    struct perf_owner host, guest;
};

/* What became of a copied stack. */
enum perf_copy { COPY_NONE, COPY_WRONG_ABI, COPY_NOT_UNWOUND, COPY_UNWOUND };

struct perf_taking {
    const struct perf_waiting *waiting;
    const struct perf_event *event;
    const struct perf_kernels *kernels;
    struct perf_owner process; /* whose sample it is */
    struct known_key key;
    uint32_t labels;
    enum perf_cpumode mode;
    bool is_keyed, is_read, is_walked;
    uint32_t first_frame, n_frames; /* in the frames of its share */
    uint32_t first_address;         /* in the addresses of its share; PP_NONE: all are known */
    uint64_t stack_hash;            /* if they are */
    uint32_t likely_stack;          /* PP_NONE */
    struct perf_sample sample;
    enum perf_copy copy;
    struct unwind_result unwound;
};

/* A map that an address was in, of the tables of that epoch. */
struct perf_found {
    const struct perf_map *map;
    uint32_t epoch;
};

/* One thread's room for the addresses of a sample. */
struct perf_walk {
    uint32_t n;
    struct perf_found found[PERF_FOUND];
    struct perf_address at[PERF_MAX_FRAMES];
    uint64_t unwound[PERF_MAX_UNWOUND];
    void *unwinder; /* open, if a stack was unwound */
    bool unwinder_asked;
};

/* An address of the process, or of the kernel where nothing of the process is. */
void perf_walk_add(const struct perf_taking *t, struct perf_walk *w, uint64_t address,
                   const struct perf_owner *owner);

/* The addresses of the sample's frames, leaf first, go to w->at. */
void perf_walk_sample(const struct perf_session *s, struct perf_walk *w, struct perf_taking *t);

/* Whether the sample's stack was copied, and its registers. */
bool perf_is_copied(const struct perf_event *event);

/* Adds the frames of the program by its copied stack. */
void perf_walk_copy(const struct perf_session *s, struct perf_walk *w, struct perf_taking *t);

void perf_walk_done(const struct perf_session *s, struct perf_walk *w);

#endif
