/* OTLP's JSON: names in lowerCamelCase (or the schema's own), 64-bit integers as texts or numbers,
 * ids in hex, other bytes in base64, unknown fields ignored. Every name that a layout ever had is
 * written as the wire form with a number of its own; see otlp_json_layout.
 *
 * Source: "OTLP: JSON Protobuf Encoding", opentelemetry.io. */
#include "base/json_read.h"
#include "base/text.h"
#include "profile/decode/otlp/otlp.h"
#include "profile/wire.h"

#include <stdlib.h>

enum { DEEPEST = 64, LENGTH_BYTES = 5 };

enum value_kind { INT, BOOL, DOUBLE, TEXT, HEX, BASE64, MESSAGE };

struct field {
    const char *name; /* snake_case */
    uint8_t number;
    enum value_kind kind;
    const struct field *message; /* its fields; ends with a name of NULL */
};

static const struct field any_fields[9], key_value_fields[4];

static const struct field list_fields[] = {{"values", 1, MESSAGE, any_fields}, {0}};
static const struct field map_fields[] = {{"values", 1, MESSAGE, key_value_fields}, {0}};
static const struct field any_fields[9] = {{"string_value", 1, TEXT, NULL},
                                           {"bool_value", 2, BOOL, NULL},
                                           {"int_value", 3, INT, NULL},
                                           {"double_value", 4, DOUBLE, NULL},
                                           {"array_value", 5, MESSAGE, list_fields},
                                           {"kvlist_value", 6, MESSAGE, map_fields},
                                           {"bytes_value", 7, BASE64, NULL},
                                           {"string_value_strindex", 8, INT, NULL},
                                           {0}};
static const struct field key_value_fields[4] = {
    {"key", 1, TEXT, NULL}, {"value", 2, MESSAGE, any_fields}, {"key_strindex", 3, INT, NULL}, {0}};
static const struct field attribute_fields[] = {{"key", 1, TEXT, NULL},
                                                {"key_strindex", 1, INT, NULL},
                                                {"value", 2, MESSAGE, any_fields},
                                                {"unit_strindex", 3, INT, NULL},
                                                {0}};
static const struct field unit_fields[] = {
    {"attribute_key_strindex", 1, INT, NULL}, {"unit_strindex", 2, INT, NULL}, {0}};
static const struct field type_fields[] = {
    {"type_strindex", 1, INT, NULL}, {"unit_strindex", 2, INT, NULL}, {0}};
static const struct field link_fields[] = {
    {"trace_id", 1, HEX, NULL}, {"span_id", 2, HEX, NULL}, {0}};
static const struct field stack_fields[] = {{"location_indices", 1, INT, NULL}, {0}};
static const struct field line_fields[] = {
    {"function_index", 1, INT, NULL}, {"line", 2, INT, NULL}, {"column", 3, INT, NULL}, {0}};
static const struct field location_fields[] = {{"mapping_index", 1, INT, NULL},
                                               {"address", 2, INT, NULL},
                                               {"lines", 3, MESSAGE, line_fields},
                                               {"line", 3, MESSAGE, line_fields},
                                               {"attribute_indices", 4, INT, NULL},
                                               {"is_folded", 21, BOOL, NULL},
                                               {0}};
static const struct field function_fields[] = {{"name_strindex", 1, INT, NULL},
                                               {"system_name_strindex", 2, INT, NULL},
                                               {"filename_strindex", 3, INT, NULL},
                                               {"start_line", 4, INT, NULL},
                                               {0}};
static const struct field mapping_fields[] = {
    {"memory_start", 1, INT, NULL},       {"memory_limit", 2, INT, NULL},
    {"file_offset", 3, INT, NULL},        {"filename_strindex", 4, INT, NULL},
    {"attribute_indices", 5, INT, NULL},  {"has_functions", 6, BOOL, NULL},
    {"has_filenames", 7, BOOL, NULL},     {"has_line_numbers", 8, BOOL, NULL},
    {"has_inline_frames", 9, BOOL, NULL}, {0}};
static const struct field sample_fields[] = {{"stack_index", 1, INT, NULL},
                                             {"attribute_indices", 2, INT, NULL},
                                             {"link_index", 3, INT, NULL},
                                             {"values", 4, INT, NULL},
                                             {"value", 4, INT, NULL},
                                             {"timestamps_unix_nano", 5, INT, NULL},
                                             {"locations_start_index", 21, INT, NULL},
                                             {"locations_length", 22, INT, NULL},
                                             {0}};

#define TABLES                                                                                     \
    {"mapping_table", 51, MESSAGE, mapping_fields},                                                \
        {"location_table", 52, MESSAGE, location_fields},                                          \
        {"function_table", 53, MESSAGE, function_fields},                                          \
        {"link_table", 54, MESSAGE, link_fields}, {"string_table", 55, TEXT, NULL},                \
        {"attribute_table", 56, MESSAGE, attribute_fields},                                        \
        {"attribute_units", 57, MESSAGE, unit_fields}, {                                           \
        "stack_table", 58, MESSAGE, stack_fields                                                   \
    }

static const struct field dictionary_fields[] = {TABLES, {0}};
static const struct field profile_fields[] = {{"sample_type", 1, MESSAGE, type_fields},
                                              {"samples", 2, MESSAGE, sample_fields},
                                              {"sample", 2, MESSAGE, sample_fields},
                                              {"time_unix_nano", 3, INT, NULL},
                                              {"time_nanos", 3, INT, NULL},
                                              {"duration_nano", 4, INT, NULL},
                                              {"duration_nanos", 4, INT, NULL},
                                              {"period_type", 5, MESSAGE, type_fields},
                                              {"period", 6, INT, NULL},
                                              {"profile_id", 7, HEX, NULL},
                                              {"original_payload", 10, BASE64, NULL},
                                              {"attribute_indices", 11, INT, NULL},
                                              {"comment_strindices", 40, INT, NULL},
                                              {"default_sample_type_strindex", 41, INT, NULL},
                                              {"default_sample_type_index", 42, INT, NULL},
                                              {"location_indices", 43, INT, NULL},
                                              TABLES,
                                              {0}};
static const struct field resource_fields[] = {{"attributes", 1, MESSAGE, key_value_fields}, {0}};
static const struct field scope_fields[] = {{"name", 1, TEXT, NULL},
                                            {"version", 2, TEXT, NULL},
                                            {"attributes", 3, MESSAGE, key_value_fields},
                                            {0}};
static const struct field scope_profiles_fields[] = {{"scope", 1, MESSAGE, scope_fields},
                                                     {"profiles", 2, MESSAGE, profile_fields},
                                                     {"schema_url", 3, TEXT, NULL},
                                                     {0}};
static const struct field resource_profiles_fields[] = {
    {"resource", 1, MESSAGE, resource_fields},
    {"scope_profiles", 2, MESSAGE, scope_profiles_fields},
    {"schema_url", 3, TEXT, NULL},
    {0}};
static const struct field message_fields[] = {
    {"resource_profiles", 1, MESSAGE, resource_profiles_fields},
    {"dictionary", 2, MESSAGE, dictionary_fields},
    TABLES,
    {0}};

struct converter {
    struct json_read j;
    struct pp_arena strings; /* of the member at hand */
    struct pp_arena *arena;
    uint8_t *wire;
    size_t n, cap;
    int depth;
    const char *why;
};

static bool wrong(struct converter *c, const char *why) {
    if (!c->why) c->why = why;
    return false;
}

static void put_varint(struct converter *c, uint64_t v) {
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, WIRE_MAX_VARINT);
    c->n += wire_put_varint(c->wire + c->n, v);
}

static void put_bytes(struct converter *c, const void *bytes, size_t len) {
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, len);
    if (len) memcpy(c->wire + c->n, bytes, len);
    c->n += len;
}

/* "int_value" is also written "intValue". */
static bool is_name(struct pp_str key, const char *name) {
    size_t at = 0;
    for (; *name; name++, at++) {
        if (at >= key.len) return false;
        bool upper = *name == '_' && key.data[at] != '_';
        if (upper) name++;
        if (key.data[at] != (upper ? *name - 'a' + 'A' : *name)) return false;
    }
    return at == key.len;
}

static bool number_text(struct converter *c, struct pp_str *ret_s) {
    bool quoted = json_read_peek(&c->j) == '"';
    return quoted ? json_read_string(&c->j, &c->strings, ret_s) : json_read_number(&c->j, ret_s);
}

static bool to_double(struct pp_str s, double *ret_d) {
    char buffer[64], *end;
    if (s.len == 0 || s.len >= sizeof buffer) return false;
    memcpy(buffer, s.data, s.len);
    buffer[s.len] = '\0';
    *ret_d = strtod(buffer, &end);
    return *end == '\0';
}

static bool put_int(struct converter *c) {
    struct pp_str s;
    uint64_t v;
    int64_t i;
    double d;
    if (!number_text(c, &s)) return wrong(c, "expected a number");
    if (!text_u64(s, 10, &v)) {
        if (text_i64(s, 10, &i))
            v = (uint64_t)i;
        else if (to_double(s, &d) && d >= -0x1p53 && d <= 0x1p53)
            v = (uint64_t)(int64_t)d;
        else
            return wrong(c, "expected an integer");
    }
    put_varint(c, v);
    return true;
}

static bool put_double(struct converter *c) {
    struct pp_str s;
    double d;
    uint8_t bytes[8];
    uint64_t bits;
    if (!number_text(c, &s) || !to_double(s, &d)) return wrong(c, "expected a number");
    memcpy(&bits, &d, sizeof bits);
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(bits >> 8 * i);
    put_bytes(c, bytes, 8);
    return true;
}

static bool put_bool(struct converter *c) {
    bool yes = json_read_word(&c->j, PP_STR("true"));
    if (!yes && !json_read_word(&c->j, PP_STR("false"))) return wrong(c, "expected true or false");
    put_varint(c, yes);
    return true;
}

static bool put_text(struct converter *c) {
    struct pp_str s;
    if (!json_read_string(&c->j, &c->strings, &s)) return wrong(c, "expected a string");
    put_varint(c, s.len);
    put_bytes(c, s.data, s.len);
    return true;
}

/* The value of a digit of base64, either alphabet; 64 for what is none. */
static unsigned base64_value(char c) {
    if (c >= 'A' && c <= 'Z') return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z') return (unsigned)(c - 'a') + 26;
    if (text_is_digit(c)) return (unsigned)(c - '0') + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : 64;
}

/* Digits of `bits` bits each, as many whole bytes as they make. */
static bool put_digits(struct converter *c, unsigned bits, unsigned (*value)(char)) {
    struct pp_str s;
    if (!json_read_string(&c->j, &c->strings, &s)) return wrong(c, "expected a string");
    while (bits == 6 && s.len && s.data[s.len - 1] == '=')
        s.len--;
    put_varint(c, s.len * bits / 8);
    unsigned have = 0, n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned v = value(s.data[i]);
        if (v >> bits) return wrong(c, bits == 4 ? "expected hex digits" : "expected base64");
        have = (have << bits | v) & 0xffff;
        n += bits;
        if (n < 8) continue;
        n -= 8;
        uint8_t byte = (uint8_t)(have >> n);
        put_bytes(c, &byte, 1);
    }
    return true;
}

static bool put_members(struct converter *c, const struct field *fields);

static bool put_message(struct converter *c, const struct field *fields) {
    size_t at = c->n;
    PP_RESERVE(c->arena, c->wire, c->n, c->cap, LENGTH_BYTES);
    c->n += LENGTH_BYTES;
    if (++c->depth > DEEPEST) return wrong(c, "nested too deeply");
    if (!put_members(c, fields)) return false;
    c->depth--;
    return wire_put_padded(c->wire + at, LENGTH_BYTES, c->n - at - LENGTH_BYTES) ||
           wrong(c, "a message is too large");
}

static bool put_value(struct converter *c, const struct field *f) {
    static const enum wire_type types[] = {
        [INT] = WIRE_VARINT, [BOOL] = WIRE_VARINT,  [DOUBLE] = WIRE_FIXED64, [TEXT] = WIRE_BYTES,
        [HEX] = WIRE_BYTES,  [BASE64] = WIRE_BYTES, [MESSAGE] = WIRE_BYTES};
    put_varint(c, (uint64_t)f->number << 3 | types[f->kind]);
    switch (f->kind) {
    case INT:
        return put_int(c);
    case BOOL:
        return put_bool(c);
    case DOUBLE:
        return put_double(c);
    case TEXT:
        return put_text(c);
    case HEX:
        return put_digits(c, 4, text_digit_value);
    case BASE64:
        return put_digits(c, 6, base64_value);
    default:
        return put_message(c, f->message);
    }
}

/* A value, each of an array, or nothing for null. */
static bool put_field(struct converter *c, const struct field *f) {
    char next = json_read_peek(&c->j);
    if (next == 'n') return json_read_word(&c->j, PP_STR("null")) || wrong(c, "expected a value");
    if (next != '[') return put_value(c, f);
    json_read_take(&c->j, '[');
    for (bool first = true, more;; first = false) {
        if (!json_read_next(&c->j, ']', first, &more)) return wrong(c, "expected ',' or ']'");
        if (!more) return true;
        if (!put_value(c, f)) return false;
    }
}

static bool put_members(struct converter *c, const struct field *fields) {
    if (!json_read_take(&c->j, '{')) return wrong(c, "expected an object");
    for (bool first = true, more;; first = false) {
        struct pp_str key;
        if (!json_read_member(&c->j, first, &key, &c->strings, &more))
            return wrong(c, "expected a name and ':', or '}'");
        if (!more) return true;
        const struct field *f = fields;
        while (f->name && !is_name(key, f->name))
            f++;
        if (c->strings.small || c->strings.large) pp_arena_done(&c->strings);
        if (f->name ? !put_field(c, f) : !json_read_skip(&c->j))
            return wrong(c, "expected a value");
    }
}

bool otlp_from_json(struct pp_str text, size_t *at, struct pp_arena *arena,
                    struct wire *ret_message, struct pp_error *err) {
    struct converter c = {.j = {.text = text, .at = *at}, .arena = arena};
    if (*at == 0) text_skip(text, &c.j.at, PP_STR("\xef\xbb\xbf"));
    bool ok = put_members(&c, message_fields);
    pp_arena_done(&c.strings);
    if (!ok) return pp_fail(err, PP_E_FORMAT, "OTLP JSON: %s at byte %zu", c.why, c.j.at);
    *ret_message = (struct wire){c.wire, c.wire + c.n};
    *at = c.j.at;
    return true;
}
