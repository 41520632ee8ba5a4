/* Bytes as a map of code that was made at run time. */
#include "world.h"

#include "symbol/perf_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/cpprof-map-XXXXXX";

static void leave(void) {
    unlink(path);
}

static void write_file(const uint8_t *data, size_t size) {
    static int fd = -1;
    if (fd < 0 && ((fd = mkstemp(path)) < 0 || atexit(leave))) abort();
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pp_arena arena = {0};
    struct perf_map map;
    struct pp_error err;
    write_file(data, size);
    if (perf_map_open(&map, path, &arena, &err)) {
        for (size_t i = 0; i < map.n; i++) {
            const struct perf_map_entry *e = &map.entries[i];
            touch(e->name);
            if (i && e->start <= map.entries[i - 1].start) abort();
            perf_map_find(&map, e->start);
            perf_map_find(&map, e->end);
        }
        perf_map_close(&map);
    }
    pp_arena_done(&arena);
    return 0;
}
