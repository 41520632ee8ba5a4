/* profile.proto in protobuf's JSON mapping, as protojson, protoc and buf write it: lowerCamelCase
 * or the schema's own names, 64-bit integers as strings or numbers, null for a default. It is
 * written as the wire format, field by field, and that is decoded: one meaning, one place.
 *
 * Source: "ProtoJSON format", protobuf.dev. */
#include "base/json_read.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/proto_schema.h"
#include "profile/wire.h"

#include <stdlib.h>

struct converter {
    struct json_read j;
    struct pp_arena strings; /* of the member at hand; emptied now and then */
    struct pp_arena *arena;
    uint8_t *wire;
    size_t n, cap;
    bool has_strings;
    const char *why;
};

enum { LENGTH_BYTES = 5 }; /* a length that is filled in later takes this many, whatever it is */

static void put_varint(struct converter *c, uint64_t v) {
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, WIRE_MAX_VARINT);
    c->n += wire_put_varint(c->wire + c->n, v);
}

static void put_tag(struct converter *c, const ProtobufCFieldDescriptor *field,
                    enum wire_type type) {
    put_varint(c, (uint64_t)field->id << 3 | type);
}

static bool wrong(struct converter *c, const char *why) {
    if (!c->why) c->why = why;
    return false;
}

/* "memory_start" is also written "memoryStart". */
static bool is_name(struct pp_str key, const char *name) {
    size_t at = 0;
    for (; *name; name++, at++) {
        if (at >= key.len) return false;
        if (*name == '_' && key.data[at] != '_') name++;
        if (key.data[at] != *name && !(name[-1] == '_' && key.data[at] == *name - 'a' + 'A'))
            return false;
    }
    return at == key.len;
}

static const ProtobufCFieldDescriptor *find_field(const ProtobufCMessageDescriptor *type,
                                                  struct pp_str key) {
    for (unsigned i = 0; i < type->n_fields; i++)
        if (is_name(key, type->fields[i].name)) return &type->fields[i];
    return NULL;
}

/* "12", "-1", "1e3"; a fraction must be none. */
static bool integer(struct pp_str s, bool is_unsigned, uint64_t *ret_v) {
    int64_t v;
    if (is_unsigned && text_u64(s, 10, ret_v)) return true;
    if (!is_unsigned && text_i64(s, 10, &v)) {
        *ret_v = (uint64_t)v;
        return true;
    }
    char buffer[40], *end;
    if (s.len == 0 || s.len >= sizeof buffer) return false;
    memcpy(buffer, s.data, s.len);
    buffer[s.len] = '\0';
    if (strspn(buffer, "0123456789+-.eE") != s.len || !strpbrk(buffer, ".eE")) return false;
    double d = strtod(buffer, &end);
    if (*end || !(d > -0x1p53 && d < 0x1p53) || (is_unsigned && d < 0)) return false;
    v = (int64_t)d;
    *ret_v = (uint64_t)v;
    return (double)v == d;
}

static bool put_integer(struct converter *c, const ProtobufCFieldDescriptor *field) {
    struct pp_str text;
    uint64_t v;
    bool quoted = json_read_peek(&c->j) == '"';
    if (!(quoted ? json_read_string(&c->j, &c->strings, &text) : json_read_number(&c->j, &text)) ||
        !integer(text, field->type == PROTOBUF_C_TYPE_UINT64, &v))
        return wrong(c, "expected an integer");
    put_tag(c, field, WIRE_VARINT);
    put_varint(c, v);
    return true;
}

static bool put_bool(struct converter *c, const ProtobufCFieldDescriptor *field) {
    bool yes = json_read_word(&c->j, PP_STR("true"));
    if (!yes && !json_read_word(&c->j, PP_STR("false"))) return wrong(c, "expected true or false");
    put_tag(c, field, WIRE_VARINT);
    put_varint(c, yes);
    return true;
}

static bool put_string(struct converter *c, const ProtobufCFieldDescriptor *field) {
    struct pp_str s;
    if (!json_read_string(&c->j, &c->strings, &s)) return wrong(c, "expected a string");
    c->has_strings = true;
    put_tag(c, field, WIRE_BYTES);
    put_varint(c, s.len);
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, s.len);
    if (s.len) memcpy(c->wire + c->n, s.data, s.len);
    c->n += s.len;
    return true;
}

static bool put_members(struct converter *c, const ProtobufCMessageDescriptor *type);

static bool put_message(struct converter *c, const ProtobufCFieldDescriptor *field) {
    put_tag(c, field, WIRE_BYTES);
    size_t at = c->n;
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, LENGTH_BYTES);
    c->n += LENGTH_BYTES;
    if (!put_members(c, field->descriptor)) return false;
    return wire_put_padded(c->wire + at, LENGTH_BYTES, c->n - at - LENGTH_BYTES) ||
           wrong(c, "a message is too large");
}

static bool put_value(struct converter *c, const ProtobufCFieldDescriptor *field) {
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return put_message(c, field);
    case PROTOBUF_C_TYPE_BYTES:
        return put_string(c, field);
    case PROTOBUF_C_TYPE_BOOL:
        return put_bool(c, field);
    default:
        return put_integer(c, field);
    }
}

static bool put_field(struct converter *c, const ProtobufCFieldDescriptor *field) {
    if (json_read_peek(&c->j) == 'n')
        return json_read_word(&c->j, PP_STR("null")) || wrong(c, "expected a value");
    if (field->label != PROTOBUF_C_LABEL_REPEATED) return put_value(c, field);
    if (!json_read_take(&c->j, '[')) return wrong(c, "expected an array");
    for (bool first = true, more;; first = false) {
        if (!json_read_next(&c->j, ']', first, &more)) return wrong(c, "expected ',' or ']'");
        if (!more) return true;
        if (!put_value(c, field)) return false;
    }
}

/* The schema has three levels, so this ends. */
static bool put_members(struct converter *c, const ProtobufCMessageDescriptor *type) {
    if (!json_read_take(&c->j, '{')) return wrong(c, "expected an object");
    for (bool first = true, more;; first = false) {
        struct pp_str key;
        if (!json_read_member(&c->j, first, &key, &c->strings, &more))
            return wrong(c, "expected a name and ':', or '}'");
        if (!more) return true;
        const ProtobufCFieldDescriptor *field = find_field(type, key);
        if (c->strings.small || c->strings.large) pp_arena_done(&c->strings);
        if (field ? !put_field(c, field) : !json_read_skip(&c->j))
            return wrong(c, "expected a value");
    }
}

static bool decode_wire(struct converter *c, struct pp_profile *ret_profile, struct pp_arena *arena,
                        struct pp_error *err) {
    struct input in;
    struct pp_str wire = {(const char *)c->wire, c->n};
    struct pp_limits limits = {.max_bytes = c->n + 1};
    if (!input_open_memory(&in, wire, &limits, err)) return false;
    bool ok = proto_decoder.decode(&in, ret_profile, arena, err);
    input_close(&in);
    if (!ok && err && err->code == PP_E_UNRECOGNIZED) err->code = PP_E_FORMAT;
    return ok || pp_wrap(err, "protobuf JSON");
}

static bool json_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                        struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct converter c = {.j = {.text = input_all(in)}, .arena = &scratch};
    bool ok = put_members(&c, &cpprof__wire__profile__descriptor);
    if (ok && !json_read_end(&c.j)) {
        if (c.has_strings) input_leave(in, c.j.at, SIZE_MAX);
        ok = wrong(&c, "expected the end");
    }
    if (!ok)
        pp_fail(err, c.has_strings ? PP_E_FORMAT : PP_E_UNRECOGNIZED,
                "protobuf JSON: %s at byte %zu", c.why, c.j.at);
    else if (!c.has_strings)
        ok = pp_fail(err, PP_E_UNRECOGNIZED, "JSON of no kind that is known");
    else
        ok = decode_wire(&c, ret_profile, arena, err);
    pp_arena_done(&c.strings);
    pp_arena_done(&scratch);
    return ok;
}

/* An object that has a member. */
static bool json_probe(struct input *in) {
    size_t at = 0, n = 0;
    for (; n < 2 && input_need(in, at + 1); at++) {
        if (text_is_blank(in->data[at])) continue;
        if (in->data[at] != "{\""[n++]) return false;
    }
    return n == 2;
}

const struct profile_decoder json_decoder = {
    .name = "protobuf JSON", .probe = json_probe, .decode = json_decode};
