/* Collapsed stacks of austin, the sampler of Python, with its comments and metrics:
 *
 *     # austin: 3.6.0
 *     # mode: full
 *     P42;T0:7;/srv/app.py:main:12;/srv/app.py:work:30 1000,0,56
 *
 * A line is a sample: its process, its thread, its frames, root first, and what was measured: time
 * in microseconds, or bytes of memory; in the mode "full" time, whether the thread was idle, and
 * bytes.
 *
 * Source: the documentation of github.com/P403n1x87/austin, "Default output". */
#include "base/lines.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/named.h"

enum { MAX_VALUES = 4, MAX_METRICS = 3 };

struct column {
    const char *type, *unit;
};

/* Each mode's columns after the count of samples. */
static const struct mode {
    const char *name;
    unsigned n_metrics, n_columns;
    struct column columns[MAX_METRICS];
} mode_table[] = {
    {"wall", 1, 1, {{"wall", "microseconds"}}},
    {"cpu", 1, 1, {{"cpu", "microseconds"}}},
    {"memory", 1, 1, {{"memory", "bytes"}}},
    {"full", 3, 3, {{"wall", "microseconds"}, {"cpu", "microseconds"}, {"memory", "bytes"}}},
};

struct austin {
    struct profile_builder b;
    struct named named;
    struct pp_arena scratch;
    const struct mode *mode;
    uint32_t *frames; /* root first */
    size_t n_frames, cap_frames;
};

/* ---- one line ---- */

static bool read_metrics(const struct mode *mode, struct pp_str s, int64_t ret_values[MAX_VALUES]) {
    int64_t metrics[MAX_METRICS] = {0};
    size_t at = 0;
    for (unsigned i = 0; i < mode->n_metrics; i++) {
        size_t end = at;
        while (end < s.len && s.data[end] != ',')
            end++;
        if (!text_i64(pp_str_slice(s, at, end), 10, &metrics[i])) return false;
        at = end + (i + 1 < mode->n_metrics);
        if (at > s.len) return false;
    }
    if (at != s.len) return false;
    ret_values[0] = 1;
    ret_values[1] = metrics[0];
    if (mode->n_metrics == MAX_METRICS) {
        ret_values[2] = metrics[1] ? 0 : metrics[0];
        ret_values[3] = metrics[2];
    }
    return true;
}

/* Where the last part of s[0, end) begins, parts being divided by ':'. */
static size_t last_part(struct pp_str s, size_t end) {
    while (end > 0 && s.data[end - 1] != ':')
        end--;
    return end;
}

/* "file:function:line", with more numbers behind in newer versions; anything else is a function. */
static uint32_t frame_location(struct austin *a, struct pp_str s) {
    size_t end = s.len;
    int64_t line = 0, number;
    for (size_t at; (at = last_part(s, end)) > 0; end = at - 1) {
        if (!text_i64(pp_str_slice(s, at, end), 10, &number)) break;
        line = number;
    }
    size_t at = last_part(s, end);
    if (end == s.len || at < 2) return named_frame(&a->named, s, (struct pp_str){0}, 0);
    return named_frame(&a->named, pp_str_slice(s, at, end), pp_str_slice(s, 0, at - 1), line);
}

/* The labels that the first two parts are, if they are; steps over them. */
static uint32_t read_labels(struct austin *a, struct pp_str stack, size_t *at,
                            struct pp_label labels[2]) {
    static const struct {
        char letter;
        const char *key;
    } table[] = {{'P', "process"}, {'T', "thread"}};
    uint32_t n = 0;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t end = *at;
        while (end < stack.len && stack.data[end] != ';')
            end++;
        struct pp_str part = pp_str_slice(stack, *at, end);
        if (part.len < 2 || part.data[0] != table[i].letter || !text_is_digit(part.data[1]))
            continue;
        labels[n++] = (struct pp_label){builder_string(&a->b, pp_str_from(table[i].key)),
                                        builder_string(&a->b, pp_str_slice(part, 1, part.len)), 0};
        *at = end < stack.len ? end + 1 : end;
    }
    return n;
}

/* False when it has neither process nor thread, as all stacks of austin have. */
static bool add_sample(struct austin *a, struct pp_str stack, const int64_t *values) {
    struct pp_label labels[2];
    size_t at = 0;
    uint32_t n_labels = read_labels(a, stack, &at, labels);
    if (n_labels == 0) return false;
    uint32_t set = builder_label_set(&a->b, labels, n_labels, 0);
    a->n_frames = 0;
    while (at < stack.len) {
        size_t end = at;
        while (end < stack.len && stack.data[end] != ';')
            end++;
        if (end > at) {
            uint32_t location = frame_location(a, pp_str_slice(stack, at, end));
            PP_PUSH(&a->scratch, a->frames, a->n_frames, a->cap_frames, location);
        }
        at = end + 1;
    }
    for (size_t i = 0, j = a->n_frames; i + 1 < j; i++) {
        uint32_t other = a->frames[--j];
        a->frames[j] = a->frames[i];
        a->frames[i] = other;
    }
    a->b.over_limit |= a->n_frames >= PP_NONE;
    if (a->b.over_limit) return true;
    uint32_t id = builder_stack(&a->b, a->frames, (uint32_t)a->n_frames);
    builder_add_sample(&a->b, id, set, values, 1 + a->mode->n_columns);
    return true;
}

/* ---- the file ---- */

static void add_type(struct austin *a, struct column c) {
    builder_add_type(&a->b, builder_string(&a->b, pp_str_from(c.type)),
                     builder_string(&a->b, pp_str_from(c.unit)));
}

/* "# mode: wall"; other comments say nothing that is kept. */
static void read_comment(struct austin *a, struct pp_str line) {
    size_t at = 0;
    if (!text_skip(line, &at, PP_STR("# mode: "))) return;
    struct pp_str name = text_trim(pp_str_slice(line, at, line.len));
    for (size_t i = 0; i < sizeof mode_table / sizeof *mode_table; i++)
        if (pp_str_eq(name, pp_str_from(mode_table[i].name)) && a->b.p.n_samples == 0)
            a->mode = &mode_table[i];
}

static bool read_line(struct austin *a, const struct lines *lines) {
    struct pp_str line = text_trim(lines->line);
    int64_t values[MAX_VALUES] = {0};
    size_t at = line.len;
    while (at > 0 && line.data[at - 1] != ' ')
        at--;
    if (at == 0 || !read_metrics(a->mode, pp_str_slice(line, at, line.len), values)) return false;
    if (!add_sample(a, text_trim(pp_str_slice(line, 0, at)), values)) lines_leave(lines);
    return true;
}

static bool read_lines(struct austin *a, struct input *in, struct pp_error *err) {
    struct lines lines = {.in = in};
    while (lines_next(&lines)) {
        struct pp_str line = text_trim(lines.line);
        if (line.len == 0) continue;
        if (line.data[0] == '#')
            read_comment(a, line);
        else if (!read_line(a, &lines))
            return pp_fail(err, PP_E_FORMAT,
                           "austin: the line at byte %zu does not end in %u numbers, as the mode "
                           "\"%s\" has",
                           lines.start, a->mode->n_metrics, a->mode->name);
    }
    add_type(a, (struct column){"samples", "count"});
    for (unsigned i = 0; i < a->mode->n_columns; i++)
        add_type(a, a->mode->columns[i]);
    a->b.p.default_sample_type = a->b.p.sample_types[1].type;
    return true;
}

static bool austin_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                          struct pp_error *err) {
    struct austin a = {.mode = &mode_table[0]};
    builder_init(&a.b, arena);
    named_init(&a.named, &a.b);
    bool ok = read_lines(&a, in, err);
    if (ok)
        ok = builder_finish(&a.b, ret_profile, err);
    else
        builder_done(&a.b);
    named_done(&a.named);
    pp_arena_done(&a.scratch);
    return ok;
}

static bool austin_probe(struct input *in) {
    struct pp_str head = PP_STR("# austin: ");
    return input_need(in, head.len) && !memcmp(in->data, head.data, head.len);
}

const struct profile_decoder austin_decoder = {
    .name = "austin", .probe = austin_probe, .decode = austin_decode};
