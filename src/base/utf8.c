#include "base/utf8.h"

static bool continues(struct pp_str s, size_t n) {
    if (s.len < n) return false;
    for (size_t i = 1; i < n; i++)
        if (((unsigned char)s.data[i] & 0xC0) != 0x80) return false;
    return true;
}

uint32_t utf8_decode(struct pp_str s, size_t *ret_len) {
    const unsigned char *b = (const unsigned char *)s.data;
    uint32_t c = UTF8_INVALID;
    size_t n = 1;
    if (b[0] < 0x80) {
        c = b[0];
    } else if (b[0] >= 0xC2 && b[0] < 0xE0 && continues(s, 2)) {
        c = (uint32_t)(b[0] & 0x1F) << 6 | (b[1] & 0x3F);
        n = 2;
    } else if ((b[0] & 0xF0) == 0xE0 && continues(s, 3)) {
        uint32_t v = (uint32_t)(b[0] & 0x0F) << 12 | (uint32_t)(b[1] & 0x3F) << 6 | (b[2] & 0x3F);
        if (v >= 0x800 && (v < 0xD800 || v > 0xDFFF)) {
            c = v;
            n = 3;
        }
    } else if (b[0] >= 0xF0 && b[0] < 0xF5 && continues(s, 4)) {
        uint32_t v = (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3F) << 12 |
                     (uint32_t)(b[2] & 0x3F) << 6 | (b[3] & 0x3F);
        if (v >= 0x10000 && v <= 0x10FFFF) {
            c = v;
            n = 4;
        }
    }
    *ret_len = n;
    return c;
}

size_t utf8_encode(uint32_t c, char buffer[4]) {
    if (c < 0x80) {
        buffer[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        buffer[0] = (char)(0xC0 | c >> 6);
        buffer[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        buffer[0] = (char)(0xE0 | c >> 12);
        buffer[1] = (char)(0x80 | (c >> 6 & 0x3F));
        buffer[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    buffer[0] = (char)(0xF0 | c >> 18);
    buffer[1] = (char)(0x80 | (c >> 12 & 0x3F));
    buffer[2] = (char)(0x80 | (c >> 6 & 0x3F));
    buffer[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

size_t utf8_count(struct pp_str s) {
    size_t n = 0;
    while (s.len) {
        size_t len = 1;
        if ((unsigned char)s.data[0] >= 0x80) utf8_decode(s, &len);
        s = pp_str_slice(s, len, s.len);
        n++;
    }
    return n;
}

struct pp_str utf8_skip(struct pp_str s, size_t n) {
    for (size_t len; n && s.len; n--) {
        utf8_decode(s, &len);
        s = pp_str_slice(s, len, s.len);
    }
    return s;
}

size_t utf8_floor(struct pp_str s, size_t most) {
    enum { LONGEST = 4 };
    size_t n = most;
    while (n && most - n < LONGEST && ((unsigned char)s.data[n] & 0xC0) == 0x80)
        n--;
    return n;
}
