/* Folded stacks, as flame graph tools write and read them: a line a stack, root first, and how
 * often it was seen. A blank line is nothing, nor is an empty frame.
 *
 *     main;parse;read 12
 *
 * Counts with a fraction ("0.25") are kept exactly: all are given in thousandths, millionths or
 * billionths, whichever the longest fraction needs.
 *
 * Source: stackcollapse and flamegraph.pl of github.com/brendangregg/FlameGraph. */
#include "base/lines.h"
#include "base/text.h"
#include "profile/builder.h"
#include "profile/decode/decode.h"

/* Names of units by the digits of a fraction, and how many each has. */
static const struct scale {
    unsigned digits;
    const char *unit;
} scale_table[] = {{0, "count"}, {3, "milli"}, {6, "micro"}, {9, "nano"}};

enum { N_SCALES = sizeof scale_table / sizeof *scale_table };

struct count {
    int64_t value; /* of so many digits after the point */
    unsigned digits;
};

struct folded {
    struct profile_builder b;
    struct pp_arena scratch;
    uint32_t *location_of; /* by string id: one more than the location; 0 is none yet */
    size_t n_location_of;
    uint32_t *frames; /* root first */
    size_t n_frames, cap_frames;
    unsigned scale;     /* of the values so far, in scale_table */
    bool any_caller;    /* some stack has two frames */
    bool any_one_count; /* some line has but one */
};

/* "12", "-1", "0.250". */
static bool read_count(struct pp_str s, struct count *ret_count) {
    char digits[24];
    const char *point = s.len ? memchr(s.data, '.', s.len) : NULL;
    *ret_count = (struct count){0};
    if (!point) return text_i64(s, 10, &ret_count->value);
    size_t at = (size_t)(point - s.data);
    while (s.len > at + 2 && s.data[s.len - 1] == '0')
        s.len--; /* "1.500" */
    size_t n = s.len - at - 1;
    if (n == 0 || n > scale_table[N_SCALES - 1].digits || s.len > sizeof digits) return false;
    memcpy(digits, s.data, at);
    memcpy(digits + at, point + 1, n);
    if (!text_is_digit(point[1])) return false;
    ret_count->digits = (unsigned)n;
    return text_i64((struct pp_str){digits, s.len - 1}, 10, &ret_count->value);
}

/* "<stack> <count>". */
static bool split_line(struct pp_str line, struct pp_str *ret_stack, struct count *ret_count) {
    line = text_trim(line);
    size_t at = line.len;
    while (at > 0 && !text_is_blank(line.data[at - 1]))
        at--;
    *ret_stack = text_trim(pp_str_slice(line, 0, at));
    return ret_stack->len > 0 && read_count(pp_str_slice(line, at, line.len), ret_count);
}

static bool has_count(struct pp_str line) {
    struct pp_str stack;
    struct count count;
    return split_line(line, &stack, &count);
}

static uint32_t location_of(struct folded *f, struct pp_str name) {
    uint32_t id = builder_string(&f->b, name);
    if (id >= f->n_location_of) {
        size_t n = pp_arena_next_capacity(f->n_location_of, (size_t)id + 1);
        f->location_of =
            pp_arena_grow(&f->scratch, f->location_of, f->n_location_of * sizeof *f->location_of,
                          n * sizeof *f->location_of);
        memset(f->location_of + f->n_location_of, 0,
               (n - f->n_location_of) * sizeof *f->location_of);
        f->n_location_of = n;
    }
    if (f->location_of[id]) return f->location_of[id] - 1;
    struct pp_function function = {.name = id, .system_name = id};
    struct pp_line line = {.function = builder_add_function(&f->b, &function)};
    struct pp_location location = {0};
    uint32_t position = builder_add_location(&f->b, &location, &line, 1);
    f->location_of[id] = position + 1;
    return position;
}

static void add_sample(struct folded *f, struct pp_str stack, int64_t count) {
    f->n_frames = 0;
    for (size_t at = 0; at < stack.len;) {
        const char *semicolon = memchr(stack.data + at, ';', stack.len - at);
        size_t end = semicolon ? (size_t)(semicolon - stack.data) : stack.len;
        if (end > at) {
            uint32_t frame = location_of(f, pp_str_slice(stack, at, end));
            PP_PUSH(&f->scratch, f->frames, f->n_frames, f->cap_frames, frame);
        }
        at = end + 1;
    }
    for (size_t i = 0, j = f->n_frames; i + 1 < j; i++) {
        uint32_t other = f->frames[--j];
        f->frames[j] = f->frames[i];
        f->frames[i] = other;
    }
    f->any_caller |= f->n_frames > 1;
    if (f->n_frames >= PP_NONE) {
        f->b.over_limit = true;
        return;
    }
    uint32_t id = builder_stack(&f->b, f->frames, (uint32_t)f->n_frames);
    builder_add_sample(&f->b, id, 0, &count, 1);
}

static bool shift(int64_t *v, unsigned digits) {
    for (; digits > 0; digits--)
        if (__builtin_mul_overflow(*v, 10, v)) return false;
    return true;
}

/* Brings the count and all before it to one scale; false when a number gets too large. */
static bool same_scale(struct folded *f, struct count *c) {
    unsigned scale = f->scale;
    while (scale_table[scale].digits < c->digits)
        scale++;
    unsigned more = scale_table[scale].digits - scale_table[f->scale].digits;
    for (uint32_t i = 0; more && i < f->b.p.n_samples; i++)
        if (!shift(&f->b.p.values[i], more)) return false;
    f->scale = scale;
    return shift(&c->value, scale_table[scale].digits - c->digits);
}

static bool read_lines(struct folded *f, struct input *in, struct pp_error *err) {
    struct lines lines = {.in = in};
    uint64_t number = 0;
    while (lines_next(&lines)) {
        struct pp_str stack;
        struct count count;
        number++;
        if (split_line(lines.line, &stack, &count)) {
            if (!same_scale(f, &count))
                return pp_fail(err, PP_E_FORMAT,
                               "folded stacks: the count of line %llu is too large, or another is, "
                               "with so small a fraction",
                               (unsigned long long)number);
            add_sample(f, stack, count.value);
            f->any_one_count |= !has_count(stack);
            continue;
        }
        struct pp_str text = text_trim(lines.line);
        if (text.len && text.data[0] == '#') lines_leave(&lines);
        if (text.len == 0 || text.data[0] == '#') continue;
        if (f->any_caller) lines_leave_rest(&lines);
        return pp_fail(err, f->any_caller ? PP_E_FORMAT : PP_E_UNRECOGNIZED,
                       "folded stacks: line %llu is not \"frame;frame count\"",
                       (unsigned long long)number);
    }
    if (!f->any_caller) return pp_fail(err, PP_E_UNRECOGNIZED, "folded stacks: no line has a ';'");
    uint32_t unit = builder_string(&f->b, pp_str_from(scale_table[f->scale].unit));
    f->b.p.sample_types[0].unit = f->b.p.period_type.unit = unit;
    if (f->any_one_count) return true;
    return pp_fail(err, PP_E_FORMAT,
                   "folded stacks: all lines have two counts, as a difference has; give the "
                   "profiles that it was made of");
}

/* The symbols are what the names say: there is nothing to look up. */
static void add_head(struct folded *f) {
    struct pp_mapping mapping = {.id = 1, .has_functions = true};
    uint32_t type = builder_string(&f->b, PP_STR("samples"));
    uint32_t unit = builder_string(&f->b, PP_STR("count"));
    builder_add_mapping(&f->b, &mapping);
    builder_add_type(&f->b, type, unit);
    f->b.p.period_type = (struct pp_value_type){type, unit};
    f->b.p.period = 1;
}

static bool folded_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                          struct pp_error *err) {
    struct folded f = {0};
    builder_init(&f.b, arena);
    add_head(&f);
    bool ok = read_lines(&f, in, err);
    if (ok)
        ok = builder_finish(&f.b, ret_profile, err);
    else
        builder_done(&f.b);
    pp_arena_done(&f.scratch);
    return ok;
}

/* The first line that is not blank is a stack and a count, without control characters. */
static bool folded_probe(struct input *in) {
    struct lines lines = {.in = in};
    while (lines_next(&lines)) {
        struct pp_str text = text_trim(lines.line), stack;
        struct count count;
        for (size_t i = 0; i < text.len; i++)
            if ((unsigned char)text.data[i] < ' ' && text.data[i] != '\t') return false;
        if (split_line(text, &stack, &count)) return true;
        if (text.len && text.data[0] != '#') return false;
    }
    return false;
}

const struct profile_decoder folded_decoder = {
    .name = "folded stacks", .probe = folded_probe, .decode = folded_decode, .is_amid_text = true};
