/* Go's profiles that only count stacks (goroutine, threadcreate), as text:
 *
 *     goroutine profile: total 7
 *     5 @ 0x42f3ba 0x43f4f7 ...
 *
 * Source: runtime/pprof of Go, for /debug/pprof/goroutine?debug=1. */
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"

/* The first line that is no comment, "" at the end. */
static struct pp_str first_line(struct lines *lines) {
    while (lines_next(lines) && legacy_is_skipped(lines->line))
        continue;
    return lines->line;
}

/* "<type> profile: total <digits>". */
static bool read_header(struct pp_str line, struct pp_str *ret_type) {
    size_t at = 0;
    while (at < line.len && !text_is_blank(line.data[at]))
        at++;
    *ret_type = pp_str_slice(line, 0, at);
    return at > 0 && text_skip(line, &at, PP_STR(" profile: total ")) &&
           text_digits(line, &at).len > 0 && at == line.len;
}

/* What may be a name of it; anything without blanks may stand before. */
static struct pp_str name_at_end(struct pp_str type) {
    size_t at = type.len;
    while (at > 0 && !strchr("]}\")>", type.data[at - 1]))
        at--;
    return pp_str_slice(type, at, type.len);
}

/* "<count> @ 0x1 0x2": exactly so. Threads whose stack Go does not know are "<count> @", which
 * pprof refuses. */
static bool read_sample(struct legacy *l, struct pp_str line) {
    size_t at = 0;
    int64_t count;
    if (!text_i64(text_digits(line, &at), 0, &count) || !text_skip(line, &at, PP_STR(" @")))
        return false;
    struct pp_str addresses = pp_str_slice(line, at, line.len);
    while (at < line.len) {
        if (!text_skip(line, &at, PP_STR(" 0x"))) return false;
        size_t from = at;
        while (at < line.len && text_is_lower_hex(line.data[at]))
            at++;
        if (at == from) return false;
    }
    if (!legacy_frames(l, addresses, -1)) return false;
    legacy_sample(l, &count, 0);
    return true;
}

static bool read_count(struct legacy *l, struct lines *lines, struct pp_error *err) {
    struct pp_str type;
    if (!read_header(first_line(lines), &type))
        return pp_fail(err, PP_E_UNRECOGNIZED, "no profile of counts");
    legacy_leave_before(lines, name_at_end(type));
    legacy_type(l, type, PP_STR("count"));
    legacy_period(l, type, PP_STR("count"), 1);
    while (lines_next(lines)) {
        if (legacy_note(l, lines) || legacy_is_skipped(lines->line)) continue;
        if (!legacy_no_other(lines, err)) return false;
        if (pp_str_has_prefix(lines->line, PP_STR("---"))) break;
        if (!read_sample(l, lines->line)) {
            lines_leave_rest(lines);
            return pp_fail(err, PP_E_FORMAT,
                           "malformed sample at byte %zu; expected \"5 @ 0x1 0x2\"", lines->start);
        }
    }
    return legacy_sections(l, lines, err);
}

static bool count_probe(struct input *in) {
    struct lines lines = {.in = in, .max = LINES_MAX};
    struct pp_str type;
    return read_header(first_line(&lines), &type);
}

static bool count_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                         struct pp_error *err) {
    struct legacy l;
    struct lines lines = {.in = in, .max = LINES_MAX};
    legacy_init(&l, arena);
    if (read_count(&l, &lines, err)) return legacy_finish(&l, ret_profile, err);
    legacy_done(&l);
    return false;
}

const struct profile_decoder legacy_count_decoder = {
    .name = "Go count profile", .probe = count_probe, .decode = count_decode};
