/* Names of code that was made at run time: /tmp/perf-PID.map, which just-in-time compilers write
 * for perf. A line is a function: START SIZE NAME, the numbers in hex;
 * linux/tools/perf/Documentation/ jit-interface.txt. */
#ifndef SYMBOL_PERF_MAP_H
#define SYMBOL_PERF_MAP_H

#include "base/arena.h"
#include "symbol/image.h"

struct perf_map_entry {
    uint64_t start, end;
    struct pp_str name; /* a view into the file */
    uint32_t order;     /* of its line */
};

struct perf_map {
    struct image image;
    struct perf_map_entry *entries; /* by start, each once */
    size_t n;
};

/* Opens the file as one that a stranger wrote; the table lives in `arena`. Lines that are none are
 * skipped; a file without any is an error. perf_map_close unmaps. */
bool perf_map_open(struct perf_map *ret_map, const char *path, struct pp_arena *arena,
                   struct pp_error *err);
void perf_map_close(struct perf_map *m);

/* The function at the address, or NULL. A compiler reuses room: of lines with one start the last
 * counts, and a function ends where another begins. */
const struct perf_map_entry *perf_map_find(const struct perf_map *m, uint64_t address);

/* Whether a mapping with that file's name can hold code made at run time: it has no name, or one
 * that stands for memory. */
bool perf_map_is_for(struct pp_str file);

/* Opens what is the map of a process by its name, "/tmp/perf-7.map", and a file of this user's or
 * of root's, as perf wants it: others may write to that directory, too. */
bool perf_map_open_own(struct perf_map *ret_map, struct pp_str file, struct pp_arena *arena);

#endif
