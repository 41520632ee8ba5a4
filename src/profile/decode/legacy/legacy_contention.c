/* Contention profiles of C++ servers (/contentionz) and Go, and Go's mutex profiles, as text:
 *
 *     --- contentionz 1 ---
 *     cycles/second = 3201000000
 *     sampling period = 100
 *     <cycles> <count> @ <addresses>
 *
 * Source: runtime/pprof of Go; for C++, what github.com/google/pprof reads. */
#include "base/num.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"

struct contention {
    struct legacy l;
    struct lines lines;
    int64_t period, cycles_per_second, duration_ms;
};

static bool is_head(struct pp_str line) {
    return pp_str_has_prefix(line, PP_STR("--- contentionz ")) ||
           pp_str_has_prefix(line, PP_STR("--- mutex:")) ||
           pp_str_has_prefix(line, PP_STR("--- contention:"));
}

/* False: an attribute that such a profile has not, or a value that is no number. */
static bool read_attribute(struct contention *c, struct pp_str key, struct pp_str value) {
    if (pp_str_eq(key, PP_STR("cycles/second"))) return text_i64(value, 0, &c->cycles_per_second);
    if (pp_str_eq(key, PP_STR("sampling period"))) return text_i64(value, 0, &c->period);
    if (pp_str_eq(key, PP_STR("ms since reset"))) return text_i64(value, 0, &c->duration_ms);
    return pp_str_eq(key, PP_STR("discarded samples"));
}

/* The "key = value" lines; stands at the line after them. */
static bool read_attributes(struct contention *c, struct pp_error *err) {
    while (lines_next(&c->lines)) {
        struct pp_str line = text_trim(c->lines.line);
        if (legacy_is_skipped(line)) continue;
        const char *equals = memchr(line.data, '=', line.len);
        if (!equals || pp_str_has_prefix(line, PP_STR("---"))) break;
        size_t at = (size_t)(equals - line.data);
        if (!read_attribute(c, text_trim(pp_str_slice(line, 0, at)),
                            text_trim(pp_str_slice(line, at + 1, line.len))))
            return pp_fail(err, PP_E_UNRECOGNIZED, "a contention profile with unknown attributes");
    }
    return true;
}

/* "<delay> <count> @": the count is the last digit when there is only one number. */
static bool find_numbers(struct pp_str s, struct pp_str *ret_delay, struct pp_str *ret_count,
                         size_t *ret_end) {
    for (size_t at = 0; text_seek_digit(s, &at);) {
        struct pp_str first = text_digits(s, &at);
        size_t i = at;
        text_skip_all(s, &i, ' ');
        struct pp_str second = text_digits(s, &i);
        if (second.len == 0) {
            if (first.len < 2) continue;
            i = at;
            second = pp_str_slice(first, first.len - 1, first.len);
            first.len--;
        }
        if (!text_skip(s, &i, PP_STR(" @"))) continue;
        *ret_delay = first;
        *ret_count = second;
        *ret_end = i;
        return true;
    }
    return false;
}

static bool read_sample(struct contention *c, struct pp_str line, struct pp_error *err) {
    struct pp_str delay_text, count_text;
    int64_t delay, count;
    size_t at;
    if (!find_numbers(line, &delay_text, &count_text, &at)) {
        lines_leave_rest(&c->lines);
        return pp_fail(err, PP_E_UNRECOGNIZED,
                       "a contention profile with a malformed sample at byte %zu", c->lines.start);
    }
    if (!text_i64(delay_text, 10, &delay) || !text_i64(count_text, 10, &count) ||
        !legacy_frames_at(&c->l, line, at, -1))
        return pp_fail(err, PP_E_FORMAT,
                       "contention profile: a number at byte %zu has over 64 bits", c->lines.start);
    if (c->period > 0) {
        if (c->cycles_per_second > 0)
            delay = num_from_double((double)delay * (double)c->period /
                                    ((double)c->cycles_per_second / 1e9));
        count = (int64_t)((uint64_t)count * (uint64_t)c->period);
    }
    legacy_sample(&c->l, (int64_t[]){count, delay}, 0);
    return true;
}

static bool read_samples(struct contention *c, struct pp_error *err) {
    do {
        struct pp_str line = text_trim(c->lines.line);
        if (!legacy_no_other(&c->lines, err)) return false;
        if (pp_str_has_prefix(line, PP_STR("---"))) break;
        if (!legacy_note(&c->l, &c->lines) && !legacy_is_skipped(line) &&
            !read_sample(c, line, err))
            return false;
    } while (lines_next(&c->lines));
    if (c->lines.too_long)
        return pp_fail(err, PP_E_FORMAT, "contention profile: a line is longer than 64 kB");
    return true;
}

static bool read_contention(struct contention *c, struct pp_error *err) {
    if (!lines_next(&c->lines) || !is_head(c->lines.line))
        return pp_fail(err, PP_E_UNRECOGNIZED, "no contention profile");
    legacy_type(&c->l, PP_STR("contentions"), PP_STR("count"));
    legacy_type(&c->l, PP_STR("delay"), PP_STR("nanoseconds"));
    if (!read_attributes(c, err)) return false;
    legacy_period(&c->l, PP_STR("contentions"), PP_STR("count"), c->period);
    c->l.b.p.duration_nanos = (int64_t)((uint64_t)c->duration_ms * 1000 * 1000);
    return read_samples(c, err) && legacy_sections(&c->l, &c->lines, err);
}

static bool contention_probe(struct input *in) {
    struct lines lines = {.in = in, .max = LINES_MAX};
    return lines_next(&lines) && is_head(lines.line);
}

static bool contention_decode(struct input *in, struct pp_profile *ret_profile,
                              struct pp_arena *arena, struct pp_error *err) {
    struct contention c = {.lines = {.in = in, .max = LINES_MAX}, .period = 1};
    legacy_init(&c.l, arena);
    if (read_contention(&c, err)) return legacy_finish(&c.l, ret_profile, err);
    legacy_done(&c.l);
    return false;
}

const struct profile_decoder legacy_contention_decoder = {
    .name = "contention profile", .probe = contention_probe, .decode = contention_decode};
