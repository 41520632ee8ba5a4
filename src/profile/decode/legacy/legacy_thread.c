/* Stacks of all threads ("threadz"), symbolized or not:
 *
 *     --- threadz 1 ---
 *     --- Thread 7f794ab90940 (name: main/14748) stack: ---
 *       0x40be31 0x40be73
 *
 * A thread without frames of its own is one more of the thread before.
 *
 * Source: what github.com/google/pprof reads. */
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/legacy/legacy.h"

/* "--- threadz <digits> ---" anywhere. */
static bool is_file_head(struct pp_str line) {
    struct pp_str head = PP_STR("--- threadz ");
    for (size_t at = 0; (at = text_find(line, head, at)) != SIZE_MAX; at++) {
        size_t i = at + head.len;
        if (text_digits(line, &i).len && text_skip(line, &i, PP_STR(" ---"))) return true;
    }
    return false;
}

/* "--- Thread <hex> (name: <anything>/<digits>) stack: ---" anywhere. */
static bool is_thread_head(struct pp_str line) {
    struct pp_str head = PP_STR("--- Thread "), tail = PP_STR(") stack: ---");
    for (size_t at = 0; (at = text_find(line, head, at)) != SIZE_MAX;) {
        at += head.len;
        size_t i = at;
        while (i < line.len && text_is_hex(line.data[i]))
            i++;
        if (i == at || !text_skip(line, &i, PP_STR(" (name: "))) continue;
        for (size_t end = i; (end = text_find(line, tail, end)) != SIZE_MAX; end++) {
            size_t digit = end;
            while (digit > i && text_is_digit(line.data[digit - 1]))
                digit--;
            if (digit < end && digit > i && line.data[digit - 1] == '/') return true;
        }
        return false; /* a later head leaves less room for the tail */
    }
    return false;
}

/* Stands at the first line of a thread afterwards; *ret_line is that line. */
static bool read_head(struct lines *lines, struct pp_str *ret_line) {
    while (lines_next(lines) && legacy_is_skipped(lines->line))
        continue;
    *ret_line = lines->line;
    if (!is_file_head(*ret_line) && !is_thread_head(*ret_line)) return false;
    legacy_leave_before(lines, PP_STR("--- "));
    if (!is_file_head(*ret_line)) return true;
    while (lines_next(lines)) {
        *ret_line = lines->line;
        if (legacy_is_map_start(*ret_line) || pp_str_has_prefix(*ret_line, PP_STR("-"))) break;
    }
    return true;
}

/* The frames of one thread; *ret_line is the line that ends them, the last one at the end. */
static bool read_thread(struct legacy *l, struct lines *lines, struct pp_str *ret_line,
                        struct pp_error *err) {
    uint32_t first = l->n_frames;
    struct pp_str line = {0};
    bool same = false;
    while (lines_next(lines)) {
        line = text_trim(lines->line);
        if (line.len == 0) continue;
        if (pp_str_has_prefix(line, PP_STR("---"))) break;
        if (text_contains(line, PP_STR("same as previous thread")))
            same = true;
        else if (!legacy_frames(l, line, 0))
            return pp_fail(err, PP_E_FORMAT,
                           "thread profile: an address at byte %zu has over 64 bits", lines->start);
    }
    if (lines->too_long)
        return pp_fail(err, PP_E_FORMAT, "thread profile: a line is longer than 64 kB");
    if (same) l->n_frames = first;
    *ret_line = line;
    return true;
}

/* All frames but the leaf are return addresses. */
static void end_thread(struct legacy *l) {
    for (uint32_t i = l->n_ended + 1; i < l->n_frames; i++)
        l->frames[i] = legacy_location(l, l->addresses[l->frames[i]] - 1);
    if (legacy_depth(l) > 0)
        legacy_sample(l, (int64_t[]){1}, 0);
    else if (l->n_samples)
        l->samples[l->n_samples - 1].values[0]++;
}

static bool read_threads(struct legacy *l, struct lines *lines, struct pp_error *err) {
    struct pp_str line;
    if (!read_head(lines, &line)) return pp_fail(err, PP_E_UNRECOGNIZED, "no thread profile");
    legacy_type(l, PP_STR("thread"), PP_STR("count"));
    legacy_period(l, PP_STR("thread"), PP_STR("count"), 1);
    while (!legacy_is_map_start(line) &&
           !pp_str_has_prefix(line, PP_STR("---- no stack trace for"))) {
        if (!is_thread_head(line))
            return pp_fail(err, PP_E_UNRECOGNIZED,
                           "a thread profile without a memory map at its end");
        if (!read_thread(l, lines, &line, err)) return false;
        end_thread(l);
    }
    l->drop_double_leaf = true;
    if (!legacy_is_map_start(lines->line)) lines_next(lines);
    return legacy_sections(l, lines, err);
}

static bool thread_probe(struct input *in) {
    struct lines lines = {.in = in, .max = LINES_MAX};
    struct pp_str line;
    return read_head(&lines, &line);
}

static bool thread_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                          struct pp_error *err) {
    struct legacy l;
    struct lines lines = {.in = in, .max = LINES_MAX};
    legacy_init(&l, arena);
    if (read_threads(&l, &lines, err)) return legacy_finish(&l, ret_profile, err);
    legacy_done(&l);
    return false;
}

const struct profile_decoder legacy_thread_decoder = {
    .name = "thread profile", .probe = thread_probe, .decode = thread_decode};
