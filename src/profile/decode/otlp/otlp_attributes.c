/* Attributes become labels: a text or a number, an array one label for each of its elements; what
 * is deeper becomes JSON. */
#include "base/json.h"
#include "profile/decode/otlp/otlp.h"

enum { DEEPEST = 32 }; /* values in values */

enum any_kind {
    ANY_STRING = 1,
    ANY_BOOL,
    ANY_INT,
    ANY_DOUBLE,
    ANY_ARRAY,
    ANY_MAP,
    ANY_BYTES,
    ANY_STRING_INDEX
};

/* The last of the fields of an AnyValue is the one that counts; number 0: none. */
static bool read_any(struct otlp_reader *r, struct wire message, struct wire_field *ret_f) {
    static const uint8_t types[] = {0,          WIRE_BYTES, WIRE_VARINT, WIRE_VARINT, WIRE_FIXED64,
                                    WIRE_BYTES, WIRE_BYTES, WIRE_BYTES,  WIRE_VARINT};
    struct wire_field f;
    *ret_f = (struct wire_field){0};
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return otlp_broken(r, "an attribute's value is broken");
        if (f.number == 0 || f.number > ANY_STRING_INDEX) continue;
        if (f.type != types[f.number]) return otlp_broken(r, "an attribute's value is broken");
        *ret_f = f;
    }
    return true;
}

static struct pp_str text_of(struct wire w) {
    return (struct pp_str){(const char *)w.at, (size_t)(w.end - w.at)};
}

void otlp_hex(struct wire w, char *to) {
    for (; w.at < w.end; w.at++) {
        *to++ = "0123456789abcdef"[*w.at >> 4];
        *to++ = "0123456789abcdef"[*w.at & 15];
    }
}

static struct pp_str hex_of(struct otlp_reader *r, struct wire w) {
    size_t n = (size_t)(w.end - w.at);
    char *text = PP_NEW(&r->scratch, char, 2 * n + 1);
    otlp_hex(w, text);
    return (struct pp_str){text, 2 * n};
}

static bool string_index(struct otlp_reader *r, uint64_t at, struct pp_str *ret_s) {
    uint32_t id;
    if (!otlp_string(r, at, &id)) return false;
    *ret_s = builder_text(&r->b, id);
    return true;
}

static bool put_json(struct otlp_reader *r, struct json *j, const struct wire_field *f, int depth);

static bool put_json_any(struct otlp_reader *r, struct json *j, struct wire message, int depth) {
    struct wire_field f;
    return read_any(r, message, &f) && put_json(r, j, &f, depth);
}

/* A member of a map: KeyValue. */
static bool put_json_member(struct otlp_reader *r, struct json *j, struct wire member, int depth) {
    struct pp_str key = {0};
    struct wire value = {0};
    struct wire_field f;
    while (member.at < member.end) {
        if (!wire_field(&member, &f)) return otlp_broken(r, "an attribute's value is broken");
        if (f.number == 1 && f.type == WIRE_BYTES) key = text_of(f.bytes);
        if (f.number == 2 && f.type == WIRE_BYTES) value = f.bytes;
        if (f.number == 3 && f.type == WIRE_VARINT && !string_index(r, f.value, &key)) return false;
    }
    json_key_str(j, key);
    return put_json_any(r, j, value, depth);
}

static bool put_json_list(struct otlp_reader *r, struct json *j, const struct wire_field *list,
                          int depth) {
    bool is_map = list->number == ANY_MAP;
    if (depth > DEEPEST) return otlp_broken(r, "an attribute's value is nested too deeply");
    (is_map ? json_object : json_array)(j);
    struct wire w = list->bytes;
    struct wire_field f;
    while (w.at < w.end) {
        if (!wire_field(&w, &f)) return otlp_broken(r, "an attribute's value is broken");
        if (f.number != 1 || f.type != WIRE_BYTES) continue;
        if (!(is_map ? put_json_member : put_json_any)(r, j, f.bytes, depth + 1)) return false;
    }
    (is_map ? json_object_end : json_array_end)(j);
    return true;
}

static double double_of(uint64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

static bool put_json(struct otlp_reader *r, struct json *j, const struct wire_field *f, int depth) {
    struct pp_str s;
    switch (f->number) {
    case ANY_STRING:
        json_str(j, text_of(f->bytes));
        return true;
    case ANY_STRING_INDEX:
        if (!string_index(r, f->value, &s)) return false;
        json_str(j, s);
        return true;
    case ANY_BYTES:
        json_str(j, hex_of(r, f->bytes));
        return true;
    case ANY_BOOL:
        json_bool(j, f->value);
        return true;
    case ANY_INT:
        json_i64(j, (int64_t)f->value);
        return true;
    case ANY_DOUBLE:
        json_double(j, double_of(f->value));
        return true;
    case ANY_ARRAY:
    case ANY_MAP:
        return put_json_list(r, j, f, depth);
    default:
        json_null(j);
        return true;
    }
}

static void add_label(struct otlp_reader *r, struct otlp_labels *labels, uint32_t key,
                      struct pp_str text) {
    struct otlp_label l = {{key, builder_string(&r->b, text), 0}, false};
    PP_PUSH(&r->scratch, labels->at, labels->n, labels->cap, l);
}

static bool add_json(struct otlp_reader *r, const struct wire_field *f, uint32_t key,
                     struct otlp_labels *labels) {
    struct out out;
    struct json j;
    out_open_memory(&out);
    json_begin(&j, &out);
    bool ok = put_json(r, &j, f, 0);
    struct pp_str text = out_text(&out);
    if (ok && pp_str_has_prefix(text, PP_STR("\"")) && f->number != ANY_ARRAY)
        text = pp_str_slice(text, 1, text.len - 1);
    if (ok) add_label(r, labels, key, text);
    out_close(&out, NULL);
    return ok;
}

static bool is_flat(uint64_t kind) {
    return kind == ANY_STRING || kind == ANY_INT || kind == ANY_BOOL || kind == ANY_STRING_INDEX;
}

static bool add_flat(struct otlp_reader *r, const struct wire_field *f, uint32_t key, uint32_t unit,
                     struct otlp_labels *labels) {
    struct pp_str s = text_of(f->bytes);
    if (f->number == ANY_INT) {
        struct otlp_label l = {{key, unit ? unit : PP_NONE, (int64_t)f->value}, true};
        PP_PUSH(&r->scratch, labels->at, labels->n, labels->cap, l);
        return true;
    }
    if (f->number == ANY_BOOL) s = f->value ? PP_STR("true") : PP_STR("false");
    if (f->number == ANY_STRING_INDEX && !string_index(r, f->value, &s)) return false;
    add_label(r, labels, key, s);
    return true;
}

/* An array of what is flat. */
static bool each_is_flat(struct otlp_reader *r, struct wire array, bool *ret_all) {
    struct wire_field f, any;
    *ret_all = true;
    while (array.at < array.end) {
        if (!wire_field(&array, &f)) return otlp_broken(r, "an attribute's value is broken");
        if (f.number != 1 || f.type != WIRE_BYTES) continue;
        if (!read_any(r, f.bytes, &any)) return false;
        *ret_all &= is_flat(any.number);
    }
    return true;
}

static bool add_value(struct otlp_reader *r, struct wire value, uint32_t key, uint32_t unit,
                      struct otlp_labels *labels) {
    struct wire_field any, f;
    bool flat;
    if (!read_any(r, value, &any)) return false;
    if (any.number == 0) return true;
    if (is_flat(any.number)) return add_flat(r, &any, key, unit, labels);
    if (any.number != ANY_ARRAY) return add_json(r, &any, key, labels);
    if (!each_is_flat(r, any.bytes, &flat)) return false;
    if (!flat) return add_json(r, &any, key, labels);
    while (any.bytes.at < any.bytes.end) {
        struct wire_field element;
        if (!wire_field(&any.bytes, &f) || f.number != 1 || f.type != WIRE_BYTES) continue;
        if (!read_any(r, f.bytes, &element) || !add_flat(r, &element, key, unit, labels))
            return false;
    }
    return true;
}

bool otlp_attribute(struct otlp_reader *r, struct wire message, bool in_table,
                    struct otlp_labels *labels) {
    uint32_t key = 0, unit = 0;
    struct wire value = {0};
    struct wire_field f;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return otlp_broken(r, "an attribute is broken");
        if (f.number == 1 && f.type == WIRE_BYTES)
            key = builder_string(&r->b, text_of(f.bytes));
        else if (f.number == 2 && f.type == WIRE_BYTES)
            value = f.bytes;
        else if (f.type != WIRE_VARINT || f.number == 0 || f.number > 3)
            continue;
        else if (!otlp_string(r, f.value, f.number == 3 && in_table ? &unit : &key))
            return false;
    }
    if (unit == 0 && key < r->d.n_units) unit = r->d.units[key];
    return add_value(r, value, key, otlp_unit(r, unit), labels);
}

uint32_t otlp_unit(struct otlp_reader *r, uint32_t string) {
    static const char *const ucum[][2] = {{"By", "bytes"}, {"kBy", "kB"},  {"KiBy", "kB"},
                                          {"MBy", "MB"},   {"MiBy", "MB"}, {"GBy", "GB"},
                                          {"GiBy", "GB"},  {"1", "count"}};
    struct pp_str unit = builder_text(&r->b, string);
    for (size_t i = 0; i < sizeof ucum / sizeof *ucum; i++)
        if (pp_str_eq(unit, pp_str_from(ucum[i][0])))
            return builder_string(&r->b, pp_str_from(ucum[i][1]));
    bool annotation = unit.len > 2 && unit.data[0] == '{' && unit.data[unit.len - 1] == '}';
    return annotation ? builder_string(&r->b, PP_STR("count")) : string;
}
