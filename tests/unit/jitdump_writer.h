/* Writes a jit-PID.dump as compilers do, in either byte order. */
#ifndef JITDUMP_WRITER_H
#define JITDUMP_WRITER_H

#include "perf_writer.h"

static inline void begin_dump(struct perf_writer *w, bool swap, uint64_t flags) {
    *w = (struct perf_writer){.swap = swap};
    put32(w, 0x4A695444);
    put32(w, 1);
    put32(w, 40);
    put32(w, 62);
    put32(w, 0);
    put32(w, 70);
    put64(w, 1);
    put64(w, flags);
}

static inline void begin_entry(struct perf_writer *w, uint32_t kind, uint64_t time) {
    w->record = w->len;
    put32(w, kind);
    put32(w, 0);
    put64(w, time);
}

static inline void end_entry(struct perf_writer *w) {
    size_t len = w->len;
    w->len = w->record + 4;
    put32(w, (uint32_t)(len - w->record));
    w->len = len;
}

static inline void put_load(struct perf_writer *w, uint64_t time, const char *name, uint64_t start,
                            uint64_t size, uint64_t index) {
    begin_entry(w, 0, time);
    put32(w, 70);
    put32(w, 70);
    put64(w, start);
    put64(w, start);
    put64(w, size);
    put64(w, index);
    put_bytes(w, name, strlen(name) + 1);
    for (uint64_t i = 0; i < size; i++)
        put_bytes(w, "\xcc", 1);
    end_entry(w);
}

static inline void put_move(struct perf_writer *w, uint64_t time, uint64_t from, uint64_t to,
                            uint64_t size, uint64_t index) {
    begin_entry(w, 1, time);
    put32(w, 70);
    put32(w, 70);
    put64(w, to);
    put64(w, from);
    put64(w, to);
    put64(w, size);
    put64(w, index);
    end_entry(w);
}

/* The lines of the function whose load follows. */
static inline void begin_lines(struct perf_writer *w, uint64_t time, uint64_t start, uint64_t n) {
    begin_entry(w, 2, time);
    put64(w, start);
    put64(w, n);
}

static inline void put_line(struct perf_writer *w, uint64_t address, uint32_t line,
                            const char *file) {
    put64(w, address);
    put32(w, line);
    put32(w, 0);
    put_bytes(w, file, strlen(file) + 1);
}

#endif
