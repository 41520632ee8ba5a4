/* A place in bytes of either byte order. What lies behind the end reads as 0 and is remembered. */
#ifndef PERF_BYTES_H
#define PERF_BYTES_H

#include "cpprof/str.h"

#include <stdint.h>

enum { PERF_HOST_IS_BIG = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ };

struct perf_bytes {
    const char *at, *end;
    bool swap;   /* the other byte order */
    bool broken; /* something was read that is not there */
};

static inline struct perf_bytes perf_bytes_of(struct pp_str s, bool swap) {
    return (struct perf_bytes){s.data, s.data + s.len, swap, false};
}

/* Whether a machine wrote them whose first byte is the highest. */
static inline bool perf_is_big(const struct perf_bytes *b) {
    return b->swap != PERF_HOST_IS_BIG;
}

static inline size_t perf_left(const struct perf_bytes *b) {
    return (size_t)(b->end - b->at);
}

static inline struct pp_str perf_take(struct perf_bytes *b, uint64_t n) {
    if (n > perf_left(b)) {
        b->broken = true;
        b->at = b->end;
        return PP_STR("");
    }
    struct pp_str s = {b->at, (size_t)n};
    b->at += n;
    return s;
}

static inline uint64_t perf_u64(struct perf_bytes *b) {
    uint64_t v = 0;
    struct pp_str s = perf_take(b, 8);
    if (s.len) memcpy(&v, s.data, 8);
    return b->swap ? __builtin_bswap64(v) : v;
}

static inline uint32_t perf_u32(struct perf_bytes *b) {
    uint32_t v = 0;
    struct pp_str s = perf_take(b, 4);
    if (s.len) memcpy(&v, s.data, 4);
    return b->swap ? __builtin_bswap32(v) : v;
}

static inline uint16_t perf_u16(struct perf_bytes *b) {
    uint16_t v = 0;
    struct pp_str s = perf_take(b, 2);
    if (s.len) memcpy(&v, s.data, 2);
    return b->swap ? __builtin_bswap16(v) : v;
}

/* The text up to a NUL, or all there is. */
static inline struct pp_str perf_until_nul(struct pp_str s) {
    size_t len = s.len ? strnlen(s.data, s.len) : 0;
    return pp_str_slice(s, 0, len);
}

/* A text as the features have them: a length, then bytes that NULs fill up. */
static inline struct pp_str perf_text(struct perf_bytes *b) {
    uint32_t len = perf_u32(b);
    return perf_until_nul(perf_take(b, len));
}

#endif
