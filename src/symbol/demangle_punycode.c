/* Identifiers that are not ASCII: Rust's punycode (RFC 3492, with '_' for '-'). */
#include "symbol/demangle.h"

#include "base/text.h"

enum { MAX_CODE_POINTS = 1024 };

static struct pp_str utf8(const uint32_t *points, size_t n, struct pp_arena *arena) {
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    char *out = PP_NEW(arena, char, 4 * n + 1), *at = out;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = points[i];
        if (c < 0x80) {
            *at++ = (char)c;
            continue;
        }
        int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        *at++ = (char)(lead[more] | c >> 6 * more);
        while (more--)
            *at++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    }
    return (struct pp_str){out, (size_t)(at - out)};
}

/* 36 for what is no digit. */
static unsigned digit_value(char c) {
    if (text_is_digit(c)) return (unsigned)(c - '0') + 26;
    c = (char)(c | 0x20);
    return c < 'a' || c > 'z' ? 36 : (unsigned)(c - 'a');
}

/* How far the next character is on, in the numbering of the RFC. */
static bool read_delta(struct pp_str *code, unsigned bias, uint64_t *ret_delta) {
    uint64_t weight = 1;
    *ret_delta = 0;
    for (unsigned k = 36; code->len; k += 36) {
        unsigned digit = digit_value(code->data[0]);
        unsigned threshold = k <= bias ? 1 : k > bias + 26 ? 26 : k - bias;
        *code = pp_str_slice(*code, 1, code->len);
        *ret_delta += digit * weight;
        if (digit < threshold) return true;
        weight *= 36 - threshold;
        if (digit == 36 || weight > INT32_MAX || *ret_delta > INT32_MAX) return false;
    }
    return false;
}

static unsigned adapt_bias(uint64_t delta, size_t n_points, bool first) {
    unsigned k = 0;
    delta /= first ? 700 : 2;
    delta += delta / n_points;
    for (; delta > 35 * 26 / 2; k += 36)
        delta /= 35;
    return k + (unsigned)(36 * delta / (delta + 38));
}

bool demangle_punycode(struct pp_str id, struct pp_arena *arena, struct pp_str *ret_text) {
    const char *bar = memrchr(id.data, '_', id.len);
    size_t n = bar ? (size_t)(bar - id.data) : 0;
    struct pp_str code = pp_str_slice(id, bar ? n + 1 : 0, id.len);
    uint32_t *points = PP_NEW(arena, uint32_t, MAX_CODE_POINTS);
    uint64_t i = 0, c = 128, delta;
    unsigned bias = 72;
    if (n > MAX_CODE_POINTS) return false;
    for (size_t k = 0; k < n; k++)
        points[k] = (unsigned char)id.data[k];
    while (code.len) {
        if (n == MAX_CODE_POINTS || !read_delta(&code, bias, &delta)) return false;
        bias = adapt_bias(delta, n + 1, i == 0);
        i += delta;
        c += i / (n + 1);
        i %= n + 1;
        if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) return false;
        memmove(points + i + 1, points + i, (n - i) * sizeof *points);
        points[i++] = (uint32_t)c;
        n++;
    }
    *ret_text = utf8(points, n, arena);
    return true;
}
