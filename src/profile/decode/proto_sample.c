#include "profile/decode/proto_sample.h"

#include "profile/profile.h"

static const char bad_varint[] = "a number is longer than ten bytes or cut off";
static const char bad_type[] = "a field has the wrong wire type";
static const char bad_field[] = "a field is cut off or of an unknown wire type";
static const char bad_string[] = "a label refers to a string that does not exist";

static const char *read_packed(struct pp_arena *arena, struct wire w, uint64_t **at, size_t *n,
                               size_t *cap) {
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

static const char *add_locations(struct proto_sample *s, enum wire_type type, uint64_t value,
                                 struct wire bytes) {
    if (type == WIRE_BYTES)
        return read_packed(s->arena, bytes, &s->locations, &s->n_locations, &s->cap_locations);
    if (type != WIRE_VARINT) return bad_type;
    PP_PUSH(s->arena, s->locations, s->n_locations, s->cap_locations, value);
    return NULL;
}

static const char *add_values(struct proto_sample *s, enum wire_type type, uint64_t value,
                              struct wire bytes) {
    if (type == WIRE_BYTES) {
        uint64_t *values = (uint64_t *)s->values;
        const char *why = read_packed(s->arena, bytes, &values, &s->n_values, &s->cap_values);
        s->values = (int64_t *)values;
        return why;
    }
    if (type != WIRE_VARINT) return bad_type;
    PP_PUSH(s->arena, s->values, s->n_values, s->cap_values, (int64_t)value);
    return NULL;
}

const char *proto_sample_locations(struct proto_sample *s) {
    struct wire packed = s->packed;
    s->packed = (struct wire){0};
    return add_locations(s, WIRE_BYTES, 0, packed);
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
            if (!why) why = add_locations(s, f.type, f.value, f.bytes);
        } else if (f.number == 2) {
            why = add_values(s, f.type, f.value, f.bytes);
        } else if (f.number == 3) {
            why = f.type == WIRE_BYTES ? read_label(s, f.bytes) : bad_type;
        }
        if (why) return why;
    }
    return NULL;
}
