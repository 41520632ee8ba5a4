/* Stacks as bpftrace and DTrace print an aggregation by them: a frame a line, leaf first, and then
 * a count.
 *
 *     @[                                      genunix`fop_write+0x5d
 *         __schedule+697                      unix`sys_syscall+0x17d
 *         schedule+64                           12
 *     , worker, 42]: 7
 *
 * A kernel's stack stands before the user's, so the two are one. Whatever else is printed between
 * is left out, as is the offset of a frame.
 *
 * Source: the manuals of bpftrace (map functions) and of DTrace (aggregations, stack, ustack). */
#include "base/lines.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/named.h"

#include <inttypes.h>

enum { MAX_KEYS = 16 };

struct tracer {
    struct profile_builder b;
    struct named named;
    struct pp_arena scratch;
    uint32_t *frames; /* leaf first */
    size_t n_frames, cap_frames;
    struct pp_label labels[MAX_KEYS]; /* of the entry at hand */
    uint32_t n_labels;
    bool is_open;         /* inside of "@[" */
    uint64_t n_stackless; /* entries without a stack */
};

/* ---- frames and keys ---- */

/* "+0x5d" or "+697" at the end. */
static struct pp_str without_offset(struct pp_str s) {
    size_t at = s.len;
    while (at > 0 && (text_is_hex(s.data[at - 1]) || s.data[at - 1] == 'x'))
        at--;
    return at > 1 && at < s.len && s.data[at - 1] == '+' ? pp_str_slice(s, 0, at - 1) : s;
}

/* What ustack(perf) prints: "7f1e214c24d9 name+0x1f (/lib/x.so)". */
static struct pp_str without_address(struct pp_str s) {
    size_t at = 0, end = s.len;
    while (at < s.len && text_is_hex(s.data[at]))
        at++;
    if (at < 6 || at >= s.len || s.data[at] != ' ') return s;
    for (size_t i = at; i + 2 < s.len && s.data[s.len - 1] == ')'; i++)
        if (!memcmp(s.data + i, " (/", 3)) end = i;
    return text_trim(pp_str_slice(s, at, end > at ? end : s.len));
}

static void add_frame(struct tracer *t, struct pp_str text) {
    struct pp_str name = without_offset(without_address(text));
    uint32_t location = named_frame(&t->named, name, (struct pp_str){0}, 0);
    PP_PUSH(&t->scratch, t->frames, t->n_frames, t->cap_frames, location);
}

static void add_label(struct tracer *t, struct pp_str key, struct pp_str text) {
    text = text_trim(text);
    if (!text.len || t->n_labels == MAX_KEYS) return;
    t->labels[t->n_labels++] =
        (struct pp_label){builder_string(&t->b, key), builder_string(&t->b, text), 0};
}

/* "worker, 42": what else the entry is counted by. */
static void add_keys(struct tracer *t, struct pp_str keys) {
    for (size_t at = 0; at < keys.len;) {
        const char *comma = memchr(keys.data + at, ',', keys.len - at);
        size_t end = comma ? (size_t)(comma - keys.data) : keys.len;
        add_label(t, PP_STR("key"), pp_str_slice(keys, at, end));
        at = end + 1;
    }
}

static void begin(struct tracer *t) {
    t->n_frames = t->n_labels = 0;
}

static void end(struct tracer *t, int64_t count) {
    if (t->n_frames >= PP_NONE) t->b.over_limit = true;
    if (t->b.over_limit) return;
    uint32_t set = builder_label_set(&t->b, t->labels, t->n_labels, 0);
    uint32_t stack = builder_stack(&t->b, t->frames, (uint32_t)t->n_frames);
    if (t->n_frames)
        builder_add_sample(&t->b, stack, set, &count, 1);
    else
        t->n_stackless++;
    begin(t);
    t->is_open = false;
}

/* ---- bpftrace ---- */

/* "]: 7" at the end of a line; what stands before it. */
static bool ends_entry(struct pp_str line, struct pp_str *ret_before, int64_t *ret_count) {
    size_t at = line.len;
    while (at > 0 && line.data[at - 1] != ' ')
        at--;
    if (at < 3 || line.data[at - 2] != ':' || line.data[at - 3] != ']') return false;
    *ret_before = pp_str_slice(line, 0, at - 3);
    return text_i64(pp_str_slice(line, at, line.len), 10, ret_count);
}

static bool is_name(char c) {
    return text_is_letter(c) || text_is_digit(c) || c == '_';
}

/* "@[", "@name[", perhaps with keys behind it. */
static bool begins_entry(struct pp_str line, struct pp_str *ret_name, struct pp_str *ret_rest) {
    const char *open = line.len && line.data[0] == '@' ? memchr(line.data, '[', line.len) : NULL;
    if (!open) return false;
    size_t at = (size_t)(open - line.data);
    *ret_name = pp_str_slice(line, 1, at);
    *ret_rest = pp_str_slice(line, at + 1, line.len);
    for (size_t i = 0; i < ret_name->len; i++)
        if (!is_name(ret_name->data[i])) return false;
    return true;
}

/* What no blank stands before: the end of an entry, and keys before and behind its stacks; false
 * outside of entries. */
static bool take_mark(struct tracer *t, struct pp_str line) {
    struct pp_str name, rest = line;
    int64_t count;
    bool begins = begins_entry(line, &name, &rest);
    if (begins) {
        begin(t);
        t->is_open = true;
        add_label(t, PP_STR("map"), name);
    }
    if (!t->is_open) return false;
    bool ends = ends_entry(rest, &rest, &count);
    add_keys(t, rest);
    if (ends) end(t, count);
    return true;
}

/* ---- lines ---- */

static void take_line(struct tracer *t, const struct lines *lines) {
    struct pp_str line = lines->line, text = text_trim(line);
    int64_t count;
    if (text.len == 0) return;
    if (!text_is_blank(line.data[0])) {
        if (!take_mark(t, line)) lines_leave(lines);
    } else if (!t->is_open && t->n_frames && text_i64(text, 10, &count))
        end(t, count);
    else
        add_frame(t, text);
}

/* DTrace's heading, which goes to an empty line: "CPU  ID  FUNCTION:NAME", which probe was it. */
static void skip_heading(struct lines *lines) {
    struct pp_str head = PP_STR("CPU ");
    bool is_there =
        input_need(lines->in, head.len) && !memcmp(lines->in->data, head.data, head.len);
    while (is_there && lines_next(lines) && text_trim(lines->line).len)
        ;
}

static bool read_lines(struct tracer *t, struct input *in, struct pp_error *err) {
    struct lines lines = {.in = in};
    skip_heading(&lines);
    while (lines_next(&lines))
        take_line(t, &lines);
    if (t->b.p.n_samples == 0)
        return pp_fail(err, PP_E_UNRECOGNIZED, "no stack of bpftrace or DTrace ends in a count");
    uint32_t type = builder_string(&t->b, PP_STR("samples"));
    builder_add_type(&t->b, type, builder_string(&t->b, PP_STR("count")));
    if (t->n_stackless)
        input_note(in, "%" PRIu64 " entries without a stack are left out", t->n_stackless);
    if (t->is_open || t->n_frames) input_note(in, "the last stack is cut off");
    return true;
}

static bool tracer_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                          struct pp_error *err) {
    struct tracer t = {0};
    builder_init(&t.b, arena);
    named_init(&t.named, &t.b);
    bool ok = read_lines(&t, in, err);
    if (ok)
        ok = builder_finish(&t.b, ret_profile, err);
    else
        builder_done(&t.b);
    named_done(&t.named);
    pp_arena_done(&t.scratch);
    return ok;
}

/* Within the first lines an entry of bpftrace begins, or a frame has its module as DTrace writes
 * it, and none of them has control characters. */
static bool tracer_probe(struct input *in) {
    enum { FIRST = 64 };
    struct lines lines = {.in = in, .max = LINES_MAX};
    struct pp_str name, rest, before;
    int64_t count;
    bool found = false;
    for (unsigned n = 0; n < FIRST && !found && lines_next(&lines); n++) {
        struct pp_str line = lines.line;
        for (size_t i = 0; i < line.len; i++)
            if ((unsigned char)line.data[i] < ' ' && line.data[i] != '\t') return false;
        bool indented = line.len && text_is_blank(line.data[0]);
        bool is_frame =
            indented && memchr(line.data, '`', line.len) && !memchr(line.data, ';', line.len);
        found =
            is_frame || (begins_entry(line, &name, &rest) && !ends_entry(rest, &before, &count));
    }
    return found;
}

const struct profile_decoder tracer_decoder = {.name = "stacks of bpftrace or DTrace",
                                               .probe = tracer_probe,
                                               .decode = tracer_decode,
                                               .is_amid_text = true};
