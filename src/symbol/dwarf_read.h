/* Reading DWARF's own encodings from bytes that may be broken: a cursor that runs past the end
 * gives zeros and remembers it. */
#ifndef SYMBOL_DWARF_READ_H
#define SYMBOL_DWARF_READ_H

#include "cpprof/str.h"

#include <endian.h>
#include <stdint.h>

struct dwarf_cursor {
    const unsigned char *at, *end;
    bool big_endian, failed;
};

static inline struct dwarf_cursor dwarf_cursor(struct pp_str bytes, uint64_t from,
                                               bool big_endian) {
    const unsigned char *data = (const unsigned char *)bytes.data;
    if (from > bytes.len) return (struct dwarf_cursor){data, data, big_endian, true};
    return (struct dwarf_cursor){data + from, data + bytes.len, big_endian, false};
}

static inline size_t dwarf_left(const struct dwarf_cursor *c) {
    return (size_t)(c->end - c->at);
}

/* The next `n` bytes, or NULL. */
static inline const unsigned char *dwarf_bytes(struct dwarf_cursor *c, uint64_t n) {
    if (n > dwarf_left(c)) {
        c->failed = true;
        c->at = c->end;
        return NULL;
    }
    const unsigned char *at = c->at;
    c->at += n;
    return at;
}

static inline uint8_t dwarf_u8(struct dwarf_cursor *c) {
    if (c->at < c->end) return *c->at++;
    c->failed = true;
    return 0;
}

static inline uint16_t dwarf_u16(struct dwarf_cursor *c) {
    uint16_t v = 0;
    const unsigned char *at = dwarf_bytes(c, 2);
    if (at) memcpy(&v, at, 2);
    return c->big_endian ? be16toh(v) : le16toh(v);
}

static inline uint32_t dwarf_u32(struct dwarf_cursor *c) {
    uint32_t v = 0;
    const unsigned char *at = dwarf_bytes(c, 4);
    if (at) memcpy(&v, at, 4);
    return c->big_endian ? be32toh(v) : le32toh(v);
}

static inline uint64_t dwarf_u64(struct dwarf_cursor *c) {
    uint64_t v = 0;
    const unsigned char *at = dwarf_bytes(c, 8);
    if (at) memcpy(&v, at, 8);
    return c->big_endian ? be64toh(v) : le64toh(v);
}

/* An integer of 1, 2, 4 or 8 bytes. */
static inline uint64_t dwarf_uint(struct dwarf_cursor *c, uint64_t size) {
    switch (size) {
    case 1:
        return dwarf_u8(c);
    case 2:
        return dwarf_u16(c);
    case 4:
        return dwarf_u32(c);
    case 8:
        return dwarf_u64(c);
    default:
        dwarf_bytes(c, size);
        c->failed = true;
        return 0;
    }
}

static inline uint64_t dwarf_uleb(struct dwarf_cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; c->at < c->end; shift += 7) {
        unsigned char byte = *c->at++;
        if (shift < 64) v |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return v;
    }
    c->failed = true;
    return 0;
}

static inline int64_t dwarf_sleb(struct dwarf_cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; c->at < c->end;) {
        unsigned char byte = *c->at++;
        if (shift < 64) v |= (uint64_t)(byte & 0x7f) << shift;
        shift += 7;
        if (byte & 0x80) continue;
        if ((byte & 0x40) && shift < 64) v |= ~UINT64_C(0) << shift;
        return (int64_t)v;
    }
    c->failed = true;
    return 0;
}

/* A string up to its NUL, which is skipped. */
static inline struct pp_str dwarf_string(struct dwarf_cursor *c) {
    const unsigned char *nul = memchr(c->at, 0, dwarf_left(c));
    if (!nul) {
        c->failed = true;
        c->at = c->end;
        return PP_STR("");
    }
    struct pp_str s = {(const char *)c->at, (size_t)(nul - c->at)};
    c->at = nul + 1;
    return s;
}

/* The string at an offset of a string section; "" when it lies outside. */
static inline struct pp_str dwarf_string_at(struct pp_str section, uint64_t offset) {
    if (offset >= section.len) return PP_STR("");
    const char *at = section.data + offset;
    return (struct pp_str){at, strnlen(at, section.len - offset)};
}

#endif
