#include "profile/decode/proto_sample.h"

#include "profile/profile.h"

#include <endian.h>

static const char bad_varint[] = "a number is longer than ten bytes or cut off";
static const char bad_type[] = "a field has the wrong wire type";
static const char bad_field[] = "a field is cut off or of an unknown wire type";
static const char bad_string[] = "a label refers to a string that does not exist";

static const char *read_numbers(struct pp_arena *arena, struct wire_field *f, uint64_t **at,
                                size_t *n, size_t *cap) {
    if (f->type == WIRE_VARINT) {
        PP_PUSH(arena, *at, *n, *cap, f->value);
        return NULL;
    }
    if (f->type != WIRE_BYTES) return bad_type;
    struct wire w = f->bytes;
    if (w.at == w.end) return NULL;
    PP_RESERVE(arena, *at, *n, *cap, (size_t)(w.end - w.at));
    uint64_t *to = *at + *n;
    while (w.at < w.end) {
        if (*w.at < 0x80) {
            *to++ = *w.at++;
        } else if (w.end - w.at > 1 && w.at[1] < 0x80) {
            *to++ = (uint64_t)(w.at[0] & 0x7f) | (uint64_t)w.at[1] << 7;
            w.at += 2;
        } else if (!wire_varint(&w, to++)) {
            return bad_varint;
        }
    }
    *n = (size_t)(to - *at);
    return NULL;
}

const char *proto_sample_locations(struct proto_sample *s) {
    struct wire_field packed = {.type = WIRE_BYTES, .bytes = s->packed};
    s->packed = (struct wire){0};
    return read_numbers(s->arena, &packed, &s->locations, &s->n_locations, &s->cap_locations);
}

/* Four ids of two bytes each, as most are; false when they are not. */
static inline bool four_frames(const uint8_t *at, uint32_t *frames) {
    uint64_t w;
    memcpy(&w, at, sizeof w);
    w = le64toh(w);
    if ((w & 0x8080808080808080U) != 0x0080008000800080U) return false;
    w = (w & 0x007f007f007f007fU) | (w & 0x7f007f007f007f00U) >> 1;
    uint32_t a = (uint16_t)w, b = (uint16_t)(w >> 16), c = (uint16_t)(w >> 32),
             d = (uint16_t)(w >> 48);
    frames[0] = a - 1;
    frames[1] = b - 1;
    frames[2] = c - 1;
    frames[3] = d - 1;
    return a && b && c && d;
}

/* Seven bits of each byte, of four at most. */
static inline uint32_t joined(uint64_t w) {
    return (uint32_t)((w & 0x7f) | (w >> 1 & 0x3f80) | (w >> 2 & 0x1fc000) | (w >> 3 & 0xfe00000));
}

/* Two ids of one to four bytes each, without a branch for their lengths; the bytes that they take,
 * or 0. */
static inline unsigned two_frames(const uint8_t *at, uint32_t *frames) {
    uint64_t w;
    memcpy(&w, at, sizeof w);
    w = le64toh(w);
    uint64_t ends = ~w & 0x8080808080808080U, later = ends & (ends - 1);
    if (!later) return 0;
    unsigned first = (unsigned)__builtin_ctzll(ends) + 1;
    unsigned both = (unsigned)__builtin_ctzll(later) + 1;
    if (first > 32 || both - first > 32) return 0;
    uint32_t a = joined(w & (ends ^ (ends - 1)));
    uint32_t b = joined((w & (later ^ (later - 1))) >> first);
    frames[0] = a - 1;
    frames[1] = b - 1;
    return a && b ? both / 8 : 0;
}

bool proto_sample_frames(struct wire packed, uint32_t *frames, uint32_t *ret_n) {
    uint32_t *to = frames;
    while (packed.at < packed.end) {
        if (packed.end - packed.at >= 8) {
            if (four_frames(packed.at, to)) {
                packed.at += 8;
                to += 4;
                continue;
            }
            unsigned taken = two_frames(packed.at, to);
            packed.at += taken;
            to += taken ? 2 : 0;
            if (taken) continue;
        }
        uint64_t id;
        if (!wire_varint(&packed, &id) || id - 1 >= UINT32_C(1) << 31) return false;
        *to++ = (uint32_t)(id - 1);
    }
    *ret_n = (uint32_t)(to - frames);
    return true;
}

/* A position in string_table; what can't be one becomes PP_NONE, which no table reaches. */
static uint32_t string_position(uint64_t v) {
    return v < PP_NONE ? (uint32_t)v : PP_NONE;
}

static const char *read_label(struct proto_sample *s, struct wire message) {
    struct proto_label l = {0};
    struct wire_field f;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return bad_field;
        if (f.number < 1 || f.number > 4) continue;
        if (f.type != WIRE_VARINT) return bad_type;
        switch (f.number) {
        case 1:
            l.key = string_position(f.value);
            break;
        case 2:
            l.str = string_position(f.value);
            break;
        case 3:
            l.num = (int64_t)f.value;
            break;
        default:
            l.unit = string_position(f.value);
            break;
        }
    }
    if (l.key == PP_NONE || l.str == PP_NONE || l.unit == PP_NONE) return bad_string;
    PP_PUSH(s->arena, s->labels, s->n_labels, s->cap_labels, l);
    return NULL;
}

const char *proto_sample_read(struct proto_sample *s, struct wire message) {
    s->n_locations = s->n_values = s->n_labels = 0;
    s->packed = (struct wire){0};
    struct wire_field f;
    while (message.at < message.end) {
        const char *why = NULL;
        if (!wire_field(&message, &f)) return bad_field;
        if (f.number == 1 && f.type == WIRE_BYTES && !s->packed.at && !s->n_locations) {
            s->packed = f.bytes;
        } else if (f.number == 1) {
            why = proto_sample_locations(s);
            if (!why)
                why = read_numbers(s->arena, &f, &s->locations, &s->n_locations, &s->cap_locations);
        } else if (f.number == 2) {
            uint64_t *values = (uint64_t *)s->values;
            why = read_numbers(s->arena, &f, &values, &s->n_values, &s->cap_values);
            s->values = (int64_t *)values;
        } else if (f.number == 3) {
            why = f.type == WIRE_BYTES ? read_label(s, f.bytes) : bad_type;
        }
        if (why) return why;
    }
    return NULL;
}
