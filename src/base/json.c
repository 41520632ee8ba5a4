#include "base/json.h"

#include "base/shortest.h"
#include "base/utf8.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_begin(struct json *j, struct out *out) {
    *j = (struct json){.out = out};
}

static void open_level(struct json *j, char bracket) {
    json_separate(j);
    out_char(j->out, bracket);
    j->depth++;
    j->started &= ~(UINT64_C(1) << (j->depth & 63));
}

static void close_level(struct json *j, char bracket) {
    j->depth--;
    out_char(j->out, bracket);
}

void json_object(struct json *j) {
    open_level(j, '{');
}

void json_object_end(struct json *j) {
    close_level(j, '}');
}

void json_array(struct json *j) {
    open_level(j, '[');
}

void json_array_end(struct json *j) {
    close_level(j, ']');
}

static void escape(struct out *o, unsigned char c) {
    switch (c) {
    case '"':
        OUT_LIT(o, "\\\"");
        break;
    case '\\':
        OUT_LIT(o, "\\\\");
        break;
    case '\n':
        OUT_LIT(o, "\\n");
        break;
    case '\r':
        OUT_LIT(o, "\\r");
        break;
    case '\t':
        OUT_LIT(o, "\\t");
        break;
    default:
        out_printf(o, "\\u%04x", c);
        break;
    }
}

/* Whether none of the eight bytes needs to be looked at: all are ASCII that stays as it is. */
static bool are_plain(const char *at) {
    const uint64_t each = UINT64_C(0x0101010101010101), high = each << 7;
    uint64_t w;
    memcpy(&w, at, sizeof w);
    uint64_t below_blank = w - each * 0x20, quote = (w ^ each * '"') - each,
             slash = (w ^ each * '\\') - each, last = w + each; /* 0x7f */
    return !((w | below_blank | quote | slash | last) & high);
}

/* Whether the whole string stays as it is; of a short one nothing is known. */
static bool is_plain(struct pp_str s) {
    size_t at = 0;
    if (s.len < 8) return false;
    while (s.len - at >= 8 && are_plain(s.data + at))
        at += 8;
    return s.len - at < 8 && are_plain(s.data + s.len - 8);
}

void json_literal(struct out *o, struct pp_str s) {
    out_char(o, '"');
    if (is_plain(s)) {
        out_str(o, s);
        out_char(o, '"');
        return;
    }
    size_t plain = 0; /* where the run of bytes that need no change began */
    for (size_t i = 0; i < s.len;) {
        if (s.len - i >= 8 && are_plain(s.data + i)) {
            i += 8;
            continue;
        }
        unsigned char c = (unsigned char)s.data[i];
        size_t len = 1;
        bool bad = false;
        if (c >= 0x80)
            bad = utf8_decode(pp_str_slice(s, i, s.len), &len) == UTF8_INVALID && len == 1;
        else if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) {
            i++;
            continue;
        }
        if (c < 0x80 || bad) {
            out_bytes(o, s.data + plain, i - plain);
            if (bad)
                OUT_LIT(o, "\xEF\xBF\xBD");
            else
                escape(o, c);
            plain = i + len;
        }
        i += len;
    }
    if (s.len) out_bytes(o, s.data + plain, s.len - plain);
    out_char(o, '"');
}

void json_key_str(struct json *j, struct pp_str key) {
    json_separate(j);
    json_literal(j->out, key);
    out_char(j->out, ':');
    j->after_key = true;
}

void json_str(struct json *j, struct pp_str s) {
    json_separate(j);
    json_literal(j->out, s);
}

void json_i64(struct json *j, int64_t v) {
    json_separate(j);
    out_i64(j->out, v);
}

void json_u64(struct json *j, uint64_t v) {
    json_separate(j);
    out_u64(j->out, v);
}

void json_hex(struct json *j, uint64_t v) {
    json_separate(j);
    out_char(j->out, '"');
    out_hex(j->out, v);
    out_char(j->out, '"');
}

void json_bool(struct json *j, bool v) {
    json_separate(j);
    out_text0(j->out, v ? "true" : "false");
}

void json_null(struct json *j) {
    json_separate(j);
    OUT_LIT(j->out, "null");
}

void json_double(struct json *j, double v) {
    if (!isfinite(v)) {
        json_null(j);
        return;
    }
    json_separate(j);
    char text[SHORTEST_ROOM];
    if (v == floor(v) && fabs(v) < 1e15)
        snprintf(text, sizeof text, "%.0f", v); /* 100, which %g would make 1e+02 */
    else
        shortest_write(text, v);
    out_text0(j->out, text);
}

void json_line(struct json *j) {
    /* The comma, if one is due, belongs to the line before. */
    uint64_t bit = UINT64_C(1) << (j->depth & 63);
    if (!j->after_key && (j->started & bit)) {
        out_char(j->out, ',');
        j->started &= ~bit;
    }
    out_char(j->out, '\n');
}

void json_newline(struct json *j) {
    out_char(j->out, '\n');
}
