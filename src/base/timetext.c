#include "base/timetext.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <time.h>

static struct tm split_time(int64_t nanos, struct tm *(*split)(const time_t *, struct tm *),
                            int64_t *ret_fraction) {
    int64_t seconds = nanos / 1000000000, fraction = nanos % 1000000000;
    if (fraction < 0) {
        fraction += 1000000000;
        seconds--;
    }
    time_t t = (time_t)seconds;
    struct tm tm = {0};
    split(&t, &tm);
    *ret_fraction = fraction;
    return tm;
}

static struct tm local_time(int64_t nanos, int64_t *ret_fraction) {
    return split_time(nanos, localtime_r, ret_fraction);
}

/* Behind a character; at most nine digits. */
static void put_digits(struct out *o, char before, int64_t v, size_t n) {
    char digits[9];
    for (size_t at = n; at-- > 0; v /= 10)
        digits[at] = (char)('0' + v % 10);
    out_char(o, before);
    out_bytes(o, digits, n);
}

/* Years that nanoseconds reach have four digits. */
static void put_date(struct out *o, const struct tm *tm, char between) {
    out_i64(o, tm->tm_year + 1900);
    put_digits(o, '-', tm->tm_mon + 1, 2);
    put_digits(o, '-', tm->tm_mday, 2);
    put_digits(o, between, tm->tm_hour, 2);
    put_digits(o, ':', tm->tm_min, 2);
    put_digits(o, ':', tm->tm_sec, 2);
}

/* Without trailing zeros; nothing when it is 0. */
static void put_fraction(struct out *o, int64_t fraction, size_t digits) {
    if (!fraction) return;
    for (; fraction % 10 == 0; fraction /= 10)
        digits--;
    put_digits(o, '.', fraction, digits);
}

void time_rfc3339(struct out *o, int64_t nanos) {
    int64_t fraction;
    struct tm tm = split_time(nanos, gmtime_r, &fraction);
    put_date(o, &tm, 'T');
    put_digits(o, '.', fraction, 9);
    out_char(o, 'Z');
}

void time_short(struct out *o, int64_t nanos) {
    int64_t fraction;
    struct tm tm = local_time(nanos, &fraction);
    put_date(o, &tm, ' ');
    out_char(o, ' ');
    out_text0(o, tm.tm_zone);
}

void time_long(struct out *o, int64_t nanos) {
    int64_t fraction;
    struct tm tm = local_time(nanos, &fraction);
    put_date(o, &tm, ' ');
    put_fraction(o, fraction, 9);
    long minutes = tm.tm_gmtoff / 60;
    out_printf(o, " %c%02ld%02ld %s", minutes < 0 ? '-' : '+', labs(minutes) / 60,
               labs(minutes) % 60, tm.tm_zone);
}

/* `v` in a unit of `scale` nanoseconds, with up to `digits` decimals but no trailing zeros. */
static void put_decimal(struct out *o, uint64_t v, uint64_t scale, size_t digits) {
    out_u64(o, v / scale);
    put_fraction(o, (int64_t)(v % scale), digits);
}

static void put_duration(struct out *o, int64_t nanos) {
    uint64_t v = nanos < 0 ? 0 - (uint64_t)nanos : (uint64_t)nanos;
    if (nanos < 0) out_char(o, '-');
    if (v == 0) {
        OUT_LIT(o, "0s");
    } else if (v < 1000) {
        out_printf(o, "%lluns", (unsigned long long)v);
    } else if (v < 1000000) {
        put_decimal(o, v, 1000, 3);
        OUT_LIT(o, "\xC2\xB5s");
    } else if (v < 1000000000) {
        put_decimal(o, v, 1000000, 6);
        OUT_LIT(o, "ms");
    } else {
        uint64_t minutes = v / UINT64_C(60000000000);
        if (minutes >= 60) out_printf(o, "%lluh", (unsigned long long)(minutes / 60));
        if (minutes) out_printf(o, "%llum", (unsigned long long)(minutes % 60));
        put_decimal(o, v % UINT64_C(60000000000), 1000000000, 9);
        out_char(o, 's');
    }
}

void time_duration(struct out *o, int64_t nanos, size_t max_runes) {
    struct out all;
    out_open_memory(&all);
    put_duration(&all, nanos);
    struct pp_str rest = out_text(&all);
    for (size_t i = 0, len; i < max_runes && rest.len; i++) {
        utf8_decode(rest, &len);
        out_bytes(o, rest.data, len);
        rest = pp_str_slice(rest, len, rest.len);
    }
    out_close(&all, NULL);
}
