/* Writes recordings as perf does, in either byte order, so that a test says what is in them. */
#ifndef PERF_WRITER_H
#define PERF_WRITER_H

#include "profile/decode/perf/perf_format.h"

#include "cpprof/str.h"

#include <assert.h>
#include <stdint.h>

enum { HOST_IS_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

struct perf_writer {
    char bytes[1 << 16];
    size_t len, record;
    bool swap; /* big endian, wherever the test runs */
};

static inline void put64(struct perf_writer *w, uint64_t v) {
    if (w->swap != HOST_IS_BIG) v = __builtin_bswap64(v);
    assert(w->len + 8 <= sizeof w->bytes);
    memcpy(w->bytes + w->len, &v, 8);
    w->len += 8;
}

static inline void put32(struct perf_writer *w, uint32_t v) {
    if (w->swap != HOST_IS_BIG) v = __builtin_bswap32(v);
    memcpy(w->bytes + w->len, &v, 4);
    w->len += 4;
}

static inline void put16(struct perf_writer *w, uint16_t v) {
    if (w->swap != HOST_IS_BIG) v = __builtin_bswap16(v);
    memcpy(w->bytes + w->len, &v, 2);
    w->len += 2;
}

static inline void put_bytes(struct perf_writer *w, const void *bytes, size_t n) {
    memcpy(w->bytes + w->len, bytes, n);
    w->len += n;
}

/* A text, a NUL, and NULs up to a multiple of 8. */
static inline void put_name(struct perf_writer *w, const char *name) {
    size_t n = strlen(name) + 1;
    put_bytes(w, name, n);
    for (; n % 8; n++)
        put_bytes(w, "", 1);
}

/* The same with its length before it, as features have it. */
static inline void put_text(struct perf_writer *w, const char *text) {
    put32(w, (uint32_t)((strlen(text) + 8) & ~(size_t)7));
    put_name(w, text);
}

static inline void set64(struct perf_writer *w, size_t at, uint64_t v) {
    size_t len = w->len;
    w->len = at;
    put64(w, v);
    w->len = len;
}

static inline void begin_record(struct perf_writer *w, uint32_t type, uint16_t misc) {
    w->record = w->len;
    put32(w, type);
    put16(w, misc);
    put16(w, 0);
}

static inline void end_record(struct perf_writer *w) {
    size_t len = w->len;
    w->len = w->record + 6;
    put16(w, (uint16_t)(len - w->record));
    w->len = len;
}

enum { WRITER_ATTR = 128 };

struct writer_attr {
    uint32_t type;
    uint64_t config, period, sample_type, read_format, flags, branch_type, regs_user;
    uint32_t clock;
};

/* The flags are bits of a machine: the first is at the other end of its byte on the others. */
static inline void put_flags(struct perf_writer *w, uint64_t flags) {
    for (unsigned i = 0; i < 8; i++) {
        unsigned char byte = (unsigned char)(flags >> 8 * i), turned = 0;
        for (unsigned bit = 0; bit < 8; bit++)
            turned |= (unsigned char)((byte >> bit & 1) << (7 - bit));
        put_bytes(w, w->swap ? &turned : &byte, 1);
    }
}

static inline void put_attr(struct perf_writer *w, const struct writer_attr *a) {
    size_t start = w->len;
    put32(w, a->type);
    put32(w, WRITER_ATTR);
    put64(w, a->config);
    put64(w, a->period);
    put64(w, a->sample_type);
    put64(w, a->read_format);
    put_flags(w, a->flags);
    put64(w, 0);
    put64(w, 0);
    put64(w, 0);
    put64(w, a->branch_type);
    put64(w, a->regs_user);
    put32(w, 0);
    put32(w, a->clock);
    while (w->len < start + WRITER_ATTR)
        put64(w, 0);
}

#endif
