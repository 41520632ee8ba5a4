/* A jit-PID.dump: the code that a just-in-time compiler made, as it told it to perf. Source:
 * tools/perf/Documentation/jitdump-specification.txt of Linux. A dump that ends anywhere is read as
 * far as it goes: its program may have been killed. */
#ifndef PERF_DUMP_H
#define PERF_DUMP_H

#include "base/arena.h"
#include "cpprof/error.h"

#include <stdint.h>

/* A function from `time` on, until others are put over it. */
struct perf_code {
    uint64_t time, start, size, index; /* index: the compiler's number */
    struct pp_str name;                /* a view into the dump */
    uint32_t lines;                    /* its table's number; PP_NONE: it has none */
    uint32_t order;                    /* among those of one time */
};

struct perf_code_line {
    uint64_t at; /* from the function's start on */
    uint32_t line, order;
    struct pp_str file; /* a view into the dump */
};

struct perf_code_lines {
    struct pp_str packed; /* as it stands in the dump */
    uint64_t n_packed, start;
    bool is_read;
    struct perf_code_line *at; /* by `at`; none where the table contradicts itself */
    size_t n;
};

struct perf_dump {
    struct pp_arena *arena;
    bool swap;
    bool has_cycles; /* times are of the processor's counter, not of CLOCK_MONOTONIC */
    struct perf_code *codes;
    struct perf_code_lines *lines;
    uint32_t n, n_lines;
    size_t cap, cap_lines;
    uint64_t low, high; /* [low, high) has all code */
    uint64_t bias;      /* by which addresses of lines are too large */
};

/* `bytes` must outlive it; the tables live in `arena`. */
bool perf_dump_read(struct perf_dump *ret_dump, struct pp_str bytes, struct pp_arena *arena,
                    struct pp_error *err);

/* Brings the functions into the order of time. */
void perf_dump_sort(struct perf_dump *d);

/* The lines of a function; empty where it has none. */
const struct perf_code_lines *perf_dump_lines(struct perf_dump *d, const struct perf_code *code);

/* The line of what is `at` bytes behind the start, or NULL. */
const struct perf_code_line *perf_code_line_at(const struct perf_code_lines *lines, uint64_t at);

#endif
