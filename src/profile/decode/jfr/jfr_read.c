/* Bytes, integers and strings. */
#include "base/utf8.h"
#include "profile/decode/jfr/jfr.h"

uint8_t jfr_byte(struct jfr_reader *r) {
    if (r->bad || r->at >= r->end) {
        r->bad = true;
        return 0;
    }
    return r->data[r->at++];
}

void jfr_skip(struct jfr_reader *r, size_t n) {
    if (r->bad || n > r->end - r->at)
        r->bad = true;
    else
        r->at += n;
}

uint64_t jfr_fixed(struct jfr_reader *r, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++)
        v = v << 8 | jfr_byte(r);
    return r->bad ? 0 : v;
}

/* Seven bits a byte, least first; the ninth byte has eight. */
uint64_t jfr_integer(struct jfr_reader *r, unsigned bytes) {
    if (!r->compressed) return jfr_fixed(r, bytes);
    uint64_t v = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t byte = jfr_byte(r);
        v |= (byte & 0x7f) << 7 * i;
        if (!(byte & 0x80)) return v;
    }
    return v | (uint64_t)jfr_byte(r) << 56;
}

uint32_t jfr_count(struct jfr_reader *r) {
    int32_t n = jfr_int(r);
    if (n >= 0 && (size_t)n <= r->end - r->at) return (uint32_t)n;
    r->bad = true;
    return 0;
}

static struct pp_str bytes_at(struct jfr_reader *r) {
    uint32_t n = jfr_count(r);
    struct pp_str s = {(const char *)r->data + r->at, n};
    jfr_skip(r, n);
    return s;
}

static struct pp_str latin1(struct pp_str s, struct pp_arena *arena) {
    if (!arena) return s;
    char *text = PP_NEW(arena, char, 2 * s.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += utf8_encode((unsigned char)s.data[i], text + n);
    return (struct pp_str){text, n};
}

/* UTF-16, an integer a unit. */
static struct pp_str chars(struct jfr_reader *r, struct pp_arena *arena) {
    uint32_t n_units = jfr_count(r), high = 0;
    char *text = arena ? PP_NEW(arena, char, 3 * (size_t)n_units + 1) : NULL;
    size_t n = 0;
    for (uint32_t i = 0; i < n_units && !r->bad; i++) {
        uint32_t unit = (uint16_t)jfr_integer(r, 2);
        if (!text) continue;
        if (high && unit >= 0xdc00 && unit < 0xe000) {
            n -= 3; /* what the first half has become */
            unit = 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00);
            high = 0;
        } else {
            high = unit >= 0xd800 && unit < 0xdc00 ? unit : 0;
        }
        n += utf8_encode(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit, text + n);
    }
    return (struct pp_str){text, n};
}

struct jfr_text jfr_read_text(struct jfr_reader *r, struct pp_arena *arena) {
    enum { ABSENT, EMPTY, KEY, UTF8, CHARS, LATIN1 };
    struct jfr_text t = {0};
    switch (jfr_byte(r)) {
    case ABSENT:
    case EMPTY:
        break;
    case KEY:
        t.key = jfr_long(r);
        t.is_key = true;
        break;
    case UTF8:
        t.text = bytes_at(r);
        break;
    case CHARS:
        t.text = chars(r, arena);
        break;
    case LATIN1:
        t.text = latin1(bytes_at(r), arena);
        break;
    default:
        r->bad = true;
    }
    if (r->bad) t.text = (struct pp_str){0};
    return t;
}
