/* Processes, threads and what lies where in their memory, as the records tell in time order. A
 * forked process shares its parent's table until one of them changes. */
#ifndef PERF_SPACE_H
#define PERF_SPACE_H

#include "base/arena.h"
#include "base/index.h"
#include "cpprof/error.h"

#include <stdint.h>

struct perf_map {
    uint64_t start, end, offset; /* [start, end) holds the object from offset on */
    uint32_t object;             /* the owner's number; PP_NONE: nothing */
};

struct perf_maps {
    uint32_t n_users;
    uint32_t held_by; /* the last that held it */
    size_t n, cap;
    struct perf_map *at;            /* by start; none overlap */
    struct perf_maps *next, **link; /* all that there are */
};

struct perf_process {
    uint32_t pid;
    uint32_t comm;        /* string id; PP_NONE: unknown */
    uint32_t main_object; /* the first file since it began; PP_NONE */
    uint32_t epoch;       /* changes whenever the table does: no two tables have the same */
    uint64_t n_samples;
    uint32_t dump;            /* of the session's: what tells of code that it makes; PP_NONE */
    struct perf_maps *maps;   /* NULL: empty */
    struct perf_maps *code;   /* functions made at run time, over what lies there; NULL: empty */
    struct perf_maps *before; /* of the program that it was, until the new one runs; NULL: empty */
};

struct perf_thread {
    uint32_t tid, pid, comm;
};

enum { PERF_RECENT = 64 };

struct perf_spaces {
    struct pp_arena *arena;
    struct perf_process *processes;
    struct perf_thread *threads;
    uint32_t n_processes, n_threads, epoch;
    size_t cap_processes, cap_threads;
    struct hash_index by_pid, by_tid;
    uint32_t
        recent[PERF_RECENT]; /* processes that were asked for last, by the end of their number */
    struct perf_maps *all;
    uint64_t work_left; /* entries that may still be moved or copied */
};

void perf_spaces_init(struct perf_spaces *s, struct pp_arena *arena);
void perf_spaces_done(struct perf_spaces *s);

/* The process or thread, made where it was not known. Pointers live until the next call. */
struct perf_process *perf_process_of(struct perf_spaces *s, uint32_t pid);
struct perf_thread *perf_thread_of(struct perf_spaces *s, uint32_t pid, uint32_t tid);

/* The program is another one from here on; who called exec, and is still in it, was the old one. */
void perf_process_exec(struct perf_spaces *s, uint32_t pid);

/* It was seen to run: nothing is of the old one any more. */
void perf_process_runs(struct perf_spaces *s, struct perf_process *p);

void perf_process_fork(struct perf_spaces *s, uint32_t pid, uint32_t parent);

/* Keeps a table as it is: who changes it makes a copy. */
void perf_maps_hold(struct perf_maps *maps);
void perf_maps_release(struct perf_maps *maps);

/* Puts a map over whatever was there. Fails when a hostile file makes that too expensive. */
bool perf_process_map(struct perf_spaces *s, uint32_t pid, const struct perf_map *map,
                      struct pp_error *err);

/* The same in the table of functions, which perf_process_map leaves alone. */
bool perf_process_code(struct perf_spaces *s, uint32_t pid, const struct perf_map *map,
                       struct pp_error *err);

const struct perf_map *perf_maps_find(const struct perf_maps *m, uint64_t address);

#endif
