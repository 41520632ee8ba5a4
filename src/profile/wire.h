/* The protobuf wire format: tags, varints and lengths. Source: "Encoding", protobuf.dev. */
#ifndef PROFILE_WIRE_H
#define PROFILE_WIRE_H

#include "base/out.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire {
    const uint8_t *at, *end;
};

struct wire_field {
    uint64_t number;
    enum wire_type type;
    uint64_t value;    /* of a varint or a fixed number; of bytes: how many */
    struct wire bytes; /* of bytes */
};

/* At most ten bytes; bits past the 64th are lost, as in the reference. */
static inline bool wire_varint(struct wire *w, uint64_t *ret_v) {
    if (w->at < w->end && *w->at < 0x80) {
        *ret_v = *w->at++;
        return true;
    }
    uint64_t v = 0;
    const uint8_t *at = w->at;
    for (unsigned shift = 0; shift < 70 && at < w->end; shift += 7) {
        uint8_t byte = *at++;
        v |= (uint64_t)(byte & 0x7f) << (shift & 63);
        if (byte < 0x80) {
            w->at = at;
            *ret_v = v;
            return true;
        }
    }
    return false;
}

/* Reading numbers one after the other; whether one was missing is looked at once, at the end. */
struct wire_reader {
    struct wire rest;
    bool failed;
};

static inline uint64_t wire_take(struct wire_reader *r) {
    uint64_t v = 0;
    if (!wire_varint(&r->rest, &v)) r->failed = true;
    return v;
}

enum { WIRE_MAX_VARINT = 10 };

/* Writes one; `to` has room for WIRE_MAX_VARINT bytes. Returns how many they are. */
static inline size_t wire_put_varint(void *to, uint64_t v) {
    uint8_t *at = to;
    size_t n = 0;
    for (; v >= 0x80; v >>= 7)
        at[n++] = (uint8_t)(v | 0x80);
    at[n++] = (uint8_t)v;
    return n;
}

/* The same to an output. */
static inline void wire_out_varint(struct out *o, uint64_t v) {
    char bytes[WIRE_MAX_VARINT];
    out_bytes(o, bytes, wire_put_varint(bytes, v));
}

/* One in `n` bytes, whatever the number is: for one that is known later. False: it needs more.
 */
static inline bool wire_put_padded(void *to, size_t n, uint64_t v) {
    uint8_t *at = to;
    for (size_t i = 0; i < n; i++, v >>= 7)
        at[i] = (uint8_t)((v & 0x7f) | (i + 1 < n ? 0x80 : 0));
    return v == 0;
}

/* `n` bytes, least significant first. */
static inline uint64_t wire_fixed(const uint8_t *at, size_t n) {
    uint64_t v = 0;
    while (n)
        v = v << 8 | at[--n];
    return v;
}

/* Tag and value, except that of bytes only the length is read. False at a broken field; look at
 * `at == end` before to know the end. */
static inline bool wire_field_head(struct wire *w, struct wire_field *ret_f) {
    uint64_t tag;
    if (!wire_varint(w, &tag)) return false;
    ret_f->number = tag >> 3;
    ret_f->type = (enum wire_type)(tag & 7);
    size_t fixed;
    switch (ret_f->type) {
    case WIRE_VARINT:
    case WIRE_BYTES:
        return wire_varint(w, &ret_f->value);
    case WIRE_FIXED64:
        fixed = 8;
        break;
    case WIRE_FIXED32:
        fixed = 4;
        break;
    default:
        return false;
    }
    if ((size_t)(w->end - w->at) < fixed) return false;
    ret_f->value = wire_fixed(w->at, fixed);
    w->at += fixed;
    return true;
}

/* A whole field, its bytes included. */
static inline bool wire_field(struct wire *w, struct wire_field *ret_f) {
    if (!wire_field_head(w, ret_f)) return false;
    if (ret_f->type != WIRE_BYTES) return true;
    if (ret_f->value > (uint64_t)(w->end - w->at)) return false;
    ret_f->bytes = (struct wire){w->at, w->at + ret_f->value};
    w->at += ret_f->value;
    return true;
}

/* The fields 1 to n of a message of numbers, zeroed by the caller; of one that repeats the last
 * counts, other fields are skipped. False when the message is broken or one of them is no number.
 */
static inline bool wire_numbers(struct wire message, uint64_t *fields, uint64_t n) {
    struct wire_field f;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return false;
        if (f.number == 0 || f.number > n) continue;
        if (f.type != WIRE_VARINT) return false;
        fields[f.number - 1] = f.value;
    }
    return true;
}

/* The same for one field. */
static inline bool wire_number(struct wire message, uint64_t number, uint64_t *ret_value) {
    struct wire_field f;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return false;
        if (f.number != number) continue;
        if (f.type != WIRE_VARINT) return false;
        *ret_value = f.value;
    }
    return true;
}

#endif
