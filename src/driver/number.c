#include "driver/number.h"

#include "base/text.h"
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

/* Most have so few digits that one division rounds as strtod does, which a start has not read yet.
 */
static bool plain_real(const char *text, double *ret_v) {
    enum { EXACT = 15 };
    int64_t digits = 0, scale = 1;
    int n = 0;
    for (bool point = false; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
            continue;
        }
        if (!text_is_digit(*text) || ++n > EXACT) return false;
        digits = digits * 10 + (*text - '0');
        if (point) scale *= 10;
    }
    *ret_v = (double)digits / (double)scale;
    return n > 0;
}

bool number_real(const char *text, double *ret_v) {
    char *end;
    if (plain_real(text, ret_v)) return true;
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
