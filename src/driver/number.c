#include "driver/number.h"

#include "profile/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

static bool one_of(const char *text, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!strcmp(text, words[i])) return true;
    return false;
}

bool number_bool(const char *text, bool *ret_v) {
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};
    bool v = one_of(text, yes, sizeof yes / sizeof *yes);
    if (!v && !one_of(text, no, sizeof no / sizeof *no)) return false;
    *ret_v = v;
    return true;
}

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    int lower = tolower((unsigned char)c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
}

bool number_unsigned(const char *at, uint64_t max, uint64_t *ret_v) {
    int base = 10;
    bool after_digit = false, any = false;
    if (at[0] == '0' && at[1]) {
        int kind = tolower((unsigned char)at[1]);
        base = kind == 'x' ? 16 : kind == 'b' ? 2 : 8;
        after_digit = true;
        at += kind == 'x' || kind == 'b' || kind == 'o' ? 2 : 1;
        any = base == 8 && kind != 'o';
    }
    uint64_t v = 0;
    for (; *at; at++) {
        if (*at == '_' && after_digit && at[1] && at[1] != '_') {
            after_digit = false;
            continue;
        }
        int digit = digit_of(*at);
        if (digit >= base || v > (max - (uint64_t)digit) / (uint64_t)base) return false;
        v = v * (uint64_t)base + (uint64_t)digit;
        after_digit = any = true;
    }
    if (any) *ret_v = v;
    return any;
}

bool number_int(const char *text, int64_t *ret_v) {
    bool negative = *text == '-';
    uint64_t v;
    text += *text == '-' || *text == '+';
    if (!number_unsigned(text, (uint64_t)INT64_MAX + negative, &v)) return false;
    *ret_v = negative ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}

bool number_real(const char *text, double *ret_v) {
    char *end;
    if (!*text || isspace((unsigned char)*text)) return false;
    errno = 0;
    double v = strtod(text, &end);
    if (*end || (errno == ERANGE && (v > 1 || v < -1))) return false;
    *ret_v = v;
    return true;
}

bool number_size(const char *text, uint64_t *ret_bytes) {
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 15) return false;
    uint64_t v = strtoull(text, NULL, 10);
    struct pp_str unit = pp_str_from(text + digits), bytes;
    if (!unit.len) unit = PP_STR("b");
    if (!units_compatible(unit, PP_STR("b"))) return false;
    double size = units_scale((int64_t)v, unit, PP_STR("b"), &bytes);
    if (size >= 0x1p63) return false;
    *ret_bytes = (uint64_t)size;
    return true;
}
