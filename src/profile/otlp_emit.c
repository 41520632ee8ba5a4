#include "profile/otlp_emit.h"

#include "base/text.h"
#include "base/utf8.h"
#include "profile/wire.h"

#include <inttypes.h>
#include <stdio.h>

static void put_byte(struct emitter *e, unsigned byte) {
    PP_PUSH(e->arena, e->wire, e->n, e->cap, (char)byte);
}

static void put_varint(struct emitter *e, uint64_t v) {
    PP_RESERVE(e->arena, e->wire, e->n, e->cap, WIRE_MAX_VARINT);
    e->n += wire_put_varint(e->wire + e->n, v);
}

static void put_tag(struct emitter *e, unsigned number, enum wire_type type) {
    put_varint(e, (uint64_t)number << 3 | type);
}

static void key(struct emitter *e, const char *name) {
    if (name) json_key(&e->j, name);
}

/* What comes next counts its bytes: emptiness is found out at the end. */
static void open_bytes(struct emitter *e, unsigned number) {
    put_tag(e, number, WIRE_BYTES);
    e->starts[e->depth++] = e->n;
}

static void close_bytes(struct emitter *e) {
    size_t start = e->starts[--e->depth], len = e->n - start;
    char length[WIRE_MAX_VARINT];
    size_t head = wire_put_varint(length, len);
    PP_RESERVE(e->arena, e->wire, e->n, e->cap, head);
    memmove(e->wire + start + head, e->wire + start, len);
    memcpy(e->wire + start, length, head);
    e->n += head;
}

void emit_list(struct emitter *e, const char *name) {
    if (!e->as_json) return;
    key(e, name);
    json_array(&e->j);
}

void emit_list_end(struct emitter *e) {
    if (e->as_json) json_array_end(&e->j);
}

void emit_begin(struct emitter *e, const char *name, unsigned number) {
    if (!e->as_json) {
        open_bytes(e, number);
        return;
    }
    if (!name) json_line(&e->j);
    key(e, name);
    json_object(&e->j);
}

void emit_end(struct emitter *e) {
    if (e->as_json)
        json_object_end(&e->j);
    else
        close_bytes(e);
}

void emit_index(struct emitter *e, const char *name, unsigned number, uint32_t v) {
    if (v == 0) return;
    if (e->as_json) {
        key(e, name);
        json_u64(&e->j, v);
        return;
    }
    put_tag(e, number, WIRE_VARINT);
    put_varint(e, v);
}

static void json_digits(struct emitter *e, const char *name, const char *digits) {
    key(e, name);
    json_str(&e->j, pp_str_from(digits));
}

static void emit_any_u64(struct emitter *e, const char *name, unsigned number, uint64_t v) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, v);
    if (e->as_json) {
        json_digits(e, name, digits);
        return;
    }
    put_tag(e, number, WIRE_VARINT);
    put_varint(e, v);
}

void emit_u64(struct emitter *e, const char *name, unsigned number, uint64_t v) {
    if (v) emit_any_u64(e, name, number, v);
}

void emit_any_i64(struct emitter *e, const char *name, unsigned number, int64_t v) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRId64, v);
    if (e->as_json)
        json_digits(e, name, digits);
    else
        emit_any_u64(e, name, number, (uint64_t)v);
}

void emit_i64(struct emitter *e, const char *name, unsigned number, int64_t v) {
    if (v) emit_any_i64(e, name, number, v);
}

void emit_fixed64(struct emitter *e, const char *name, unsigned number, uint64_t v) {
    if (v == 0) return;
    if (e->as_json) {
        emit_any_u64(e, name, number, v);
        return;
    }
    put_tag(e, number, WIRE_FIXED64);
    for (int i = 0; i < 8; i++)
        put_byte(e, (unsigned)(v >> 8 * i) & 0xff);
}

void emit_bool(struct emitter *e, const char *name, unsigned number, bool v) {
    if (e->as_json) {
        key(e, name);
        json_bool(&e->j, v);
        return;
    }
    put_tag(e, number, WIRE_VARINT);
    put_varint(e, v);
}

/* With U+FFFD for what is no UTF-8. */
static void put_valid(struct emitter *e, struct pp_str s) {
    for (size_t at = 0, len; at < s.len; at += len) {
        char buffer[4];
        size_t n = utf8_encode(utf8_decode(pp_str_slice(s, at, s.len), &len), buffer);
        for (size_t i = 0; i < n; i++)
            put_byte(e, (unsigned char)buffer[i]);
    }
}

void emit_text(struct emitter *e, const char *name, unsigned number, struct pp_str s) {
    if (e->as_json) {
        key(e, name);
        json_str(&e->j, s);
        return;
    }
    open_bytes(e, number);
    put_valid(e, s);
    close_bytes(e);
}

void emit_hex(struct emitter *e, const char *name, unsigned number, struct pp_str digits) {
    if (e->as_json) {
        emit_text(e, name, number, digits);
        return;
    }
    put_tag(e, number, WIRE_BYTES);
    put_varint(e, digits.len / 2);
    for (size_t i = 0; i + 1 < digits.len; i += 2)
        put_byte(e, text_digit_value(digits.data[i]) << 4 | text_digit_value(digits.data[i + 1]));
}

void emit_indices(struct emitter *e, const char *name, unsigned number, const uint32_t *v,
                  size_t n) {
    if (n == 0) return;
    emit_list(e, name);
    if (!e->as_json) open_bytes(e, number);
    for (size_t i = 0; i < n; i++)
        if (e->as_json)
            json_u64(&e->j, v[i]);
        else
            put_varint(e, v[i]);
    if (!e->as_json) close_bytes(e);
    emit_list_end(e);
}

void emit_i64s(struct emitter *e, const char *name, unsigned number, const int64_t *v, size_t n) {
    if (n == 0) return;
    emit_list(e, name);
    if (!e->as_json) open_bytes(e, number);
    for (size_t i = 0; i < n; i++)
        if (e->as_json)
            emit_any_i64(e, NULL, number, v[i]);
        else
            put_varint(e, (uint64_t)v[i]);
    if (!e->as_json) close_bytes(e);
    emit_list_end(e);
}
