/* Source: "ProtoJSON format", protobuf.dev. */
#include "profile/json_encode.h"

static void put_key(struct json *j, const char *name) {
    char key[64];
    size_t n = 0;
    for (; *name && n < sizeof key; name++)
        if (*name != '_')
            key[n++] = *name;
        else if (name[1])
            key[n++] = (char)(*++name - 'a' + 'A');
    json_key_str(j, (struct pp_str){key, n});
}

static void put_integer(struct json *j, uint64_t v, bool is_unsigned) {
    char digits[24];
    size_t at = sizeof digits;
    bool negative = !is_unsigned && (int64_t)v < 0;
    if (negative) v = 0 - v;
    do
        digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    if (negative) digits[--at] = '-';
    json_str(j, (struct pp_str){digits + at, sizeof digits - at});
}

static void put_members(struct json *j, const ProtobufCMessage *m);

/* An element of a repeated field, or the only one. */
static void put_value(struct json *j, const ProtobufCFieldDescriptor *field, const char *at) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        json_object(j);
        put_members(j, *(ProtobufCMessage *const *)at);
        json_object_end(j);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        json_bool(j, *(const protobuf_c_boolean *)at);
        break;
    default:
        put_integer(j, *(const uint64_t *)at, field->type == PROTOBUF_C_TYPE_UINT64);
    }
}

static bool is_default(const ProtobufCFieldDescriptor *field, const char *at) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return !*(ProtobufCMessage *const *)at;
    case PROTOBUF_C_TYPE_BOOL:
        return !*(const protobuf_c_boolean *)at;
    default:
        return !*(const uint64_t *)at;
    }
}

/* The schema has three levels, so this ends; below the first it repeats no bytes
 * and no bool. */
static void put_members(struct json *j, const ProtobufCMessage *m) {
    for (unsigned i = 0; i < m->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &m->descriptor->fields[i];
        const char *at = (const char *)m + field->offset;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            if (is_default(field, at)) continue;
            put_key(j, field->name);
            put_value(j, field, at);
            continue;
        }
        size_t n = *(const size_t *)(const void *)((const char *)m + field->quantifier_offset);
        if (!n) continue;
        size_t size = field->type == PROTOBUF_C_TYPE_MESSAGE ? sizeof(void *) : sizeof(uint64_t);
        put_key(j, field->name);
        json_array(j);
        for (size_t k = 0; k < n; k++)
            put_value(j, field, *(const char *const *)at + size * k);
        json_array_end(j);
    }
}

static void close_array(struct json_encoder *e) {
    if (e->open) {
        json_newline(&e->j);
        json_array_end(&e->j);
    }
    e->open = 0;
}

/* Whatever stands before a value of this field. */
static void lead(struct json_encoder *e, unsigned number) {
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&cpprof__wire__profile__descriptor, number);
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    if (e->open != number || !repeated) {
        close_array(e);
        json_line(&e->j);
        put_key(&e->j, field->name);
        if (repeated) {
            json_array(&e->j);
            e->open = number;
        }
    }
    if (repeated) json_line(&e->j);
}

void json_encode_begin(struct json_encoder *e, struct out *out) {
    *e = (struct json_encoder){0};
    json_begin(&e->j, out);
    json_object(&e->j);
}

void json_encode_message(struct json_encoder *e, unsigned field, const ProtobufCMessage *m) {
    lead(e, field);
    json_object(&e->j);
    put_members(&e->j, m);
    json_object_end(&e->j);
}

void json_encode_bytes(struct json_encoder *e, unsigned field, struct pp_str s) {
    lead(e, field);
    json_str(&e->j, s);
}

void json_encode_int(struct json_encoder *e, unsigned field, int64_t v) {
    lead(e, field);
    put_integer(&e->j, (uint64_t)v, false);
}

void json_encode_end(struct json_encoder *e) {
    close_array(e);
    json_newline(&e->j);
    json_object_end(&e->j);
    out_char(e->j.out, '\n');
}
