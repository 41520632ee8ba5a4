/* Go's stacks of all goroutines, as debug=2, a panic and SIGQUIT write them, maybe after other
 * text:
 *
 *     goroutine 12 [chan receive, 5 minutes]:
 *     main.wait(0xc000012345, {0x1, 0x2})
 *     	/src/main.go:12 +0x1d
 *     created by main.start in goroutine 1
 *     	/src/main.go:7 +0x45
 *
 * A sample counts the goroutines of one stack, state, wait and creator.
 *
 * Source: traceback and goroutineheader in runtime/traceback.go of Go. */
#include "base/hash.h"
#include "base/lines.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/go_labels.h"
#include "profile/decode/named.h"

enum { MAX_STATE_LABELS = 4 };

struct group {
    uint32_t stack, label_set;
    int64_t count;
};

struct dump {
    struct profile_builder b;
    struct named named;
    struct pp_arena scratch;
    struct lines lines;
    struct pp_label text[GO_LABELS_MAX + MAX_STATE_LABELS], number;
    uint32_t n_text, n_number;
    uint32_t *frames;
    uint32_t n_frames;
    size_t cap_frames;
    struct group *groups;
    uint32_t n_groups;
    size_t cap_groups;
    struct hash_index by_group;
    bool open; /* a goroutine is being read */
};

static void add_text(struct dump *d, struct pp_str key, struct pp_str text) {
    if (d->n_text < sizeof d->text / sizeof *d->text)
        d->text[d->n_text++] =
            (struct pp_label){builder_string(&d->b, key), builder_string(&d->b, text), 0};
}

/* ---- the head ---- */

/* "goroutine 12 [" or, with addresses of the scheduler, "goroutine 12 gp=0xc0 m=3 mp=0xc1 [". */
static bool skip_number(struct pp_str line, size_t *at) {
    if (!text_skip(line, at, PP_STR("goroutine ")) || !text_digits(line, at).len) return false;
    static const char *const names[] = {" gp=", " m=", " mp="};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_skip(line, at, pp_str_from(names[i])))
            while (*at < line.len && line.data[*at] != ' ' && line.data[*at] != '[')
                ++*at;
    return text_skip(line, at, PP_STR(" ["));
}

/* The parts of "goroutine 12 [<state>] <labels>:"; ret_labels is where the labels begin. */
static bool split_head(struct pp_str line, struct pp_str *ret_state, size_t *ret_labels) {
    size_t at = 0;
    line = text_trim(line);
    if (!skip_number(line, &at) || line.data[line.len - 1] != ':') return false;
    size_t end = at;
    while (end < line.len && line.data[end] != ']')
        end++;
    if (end == line.len) return false;
    *ret_state = pp_str_slice(line, at, end);
    *ret_labels = end + 1;
    return true;
}

/* "5 minutes". */
static bool read_wait(struct dump *d, struct pp_str part) {
    size_t at = 0;
    int64_t minutes;
    if (!text_i64(text_digits(part, &at), 10, &minutes) ||
        !text_skip(part, &at, PP_STR(" minutes")))
        return false;
    d->number = (struct pp_label){builder_string(&d->b, PP_STR("wait")),
                                  builder_string(&d->b, PP_STR("minutes")), minutes};
    d->n_number = 1;
    return true;
}

static void read_state(struct dump *d, struct pp_str state) {
    bool first = true;
    for (size_t at = 0; at <= state.len; first = false) {
        size_t end = text_find(state, PP_STR(", "), at);
        if (end == SIZE_MAX) end = state.len;
        struct pp_str part = pp_str_slice(state, at, end);
        if (first)
            add_text(d, PP_STR("state"), part);
        else if (pp_str_eq(part, PP_STR("locked to thread")))
            add_text(d, PP_STR("locked"), PP_STR("thread"));
        else if (!read_wait(d, part) && d->n_text < 3)
            add_text(d, PP_STR("detail"), part);
        at = end + 2;
    }
}

static bool begin_goroutine(struct dump *d) {
    struct pp_str state;
    size_t at;
    if (!split_head(d->lines.line, &state, &at)) return false;
    d->open = true;
    d->n_text = d->n_number = d->n_frames = 0;
    read_state(d, state);
    struct pp_str line = text_trim(d->lines.line);
    uint32_t n;
    text_skip_all(line, &at, ' ');
    line = pp_str_slice(line, at, line.len);
    if (go_labels_read(&d->b, line, &d->scratch, d->text + d->n_text, &n)) d->n_text += n;
    return true;
}

/* ---- frames ---- */

/* "<tab><file>:<line> +0x1d" */
static bool split_place(struct pp_str s, struct pp_str *ret_file, int64_t *ret_line) {
    size_t at = 0;
    if (!text_skip(s, &at, PP_STR("\t"))) return false;
    size_t plus = text_find(s, PP_STR(" +0x"), at), end = plus == SIZE_MAX ? s.len : plus;
    size_t fp = text_find(s, PP_STR(" fp=0x"), at); /* a frame that is inlined has no offset */
    if (fp < end) end = fp;
    size_t colon = end;
    while (colon > at && s.data[colon - 1] != ':')
        colon--;
    if (colon < at + 2) return false;
    *ret_file = pp_str_slice(s, at, colon - 1);
    return text_i64(pp_str_slice(s, colon, end), 10, ret_line);
}

/* "main.(*T).wait(0xc0, {0x1, 0x2})" without its arguments. */
static struct pp_str function_name(struct pp_str s) {
    size_t at = s.len;
    if (at == 0 || s.data[at - 1] != ')') return s;
    while (at > 0 && s.data[at - 1] != '(')
        at--;
    return at > 1 ? pp_str_slice(s, 0, at - 1) : s;
}

/* "main.start in goroutine 1". */
static struct pp_str creator_name(struct pp_str s) {
    size_t in = text_find(s, PP_STR(" in goroutine "), 0);
    return in == SIZE_MAX ? s : pp_str_slice(s, 0, in);
}

/* The line at hand names a frame when the next one says its place. */
static bool read_frame(struct dump *d, struct pp_str name) {
    struct lines after = d->lines;
    struct pp_str file;
    int64_t line;
    if (!lines_next(&after) || !split_place(after.line, &file, &line)) return false;
    d->lines = after;
    size_t at = 0;
    if (text_skip(name, &at, PP_STR("created by "))) {
        add_text(d, PP_STR("creator"), creator_name(pp_str_slice(name, at, name.len)));
        return true;
    }
    uint32_t location = named_frame(&d->named, function_name(name), file, line);
    if (d->n_frames >= PP_NONE - 1)
        d->b.over_limit = true;
    else
        PP_PUSH(&d->scratch, d->frames, d->n_frames, d->cap_frames, location);
    return true;
}

/* ---- goroutines ---- */

static void end_goroutine(struct dump *d) {
    if (!d->open) return;
    d->open = false;
    d->text[d->n_text] = d->number;
    uint32_t stack = builder_stack(&d->b, d->frames, d->n_frames);
    uint32_t set = builder_label_set(&d->b, d->text, d->n_text, d->n_number);
    uint64_t hash = hash_word(hash_word(hash_seed(), stack), set);
    for (struct index_probe i = index_probe(&d->by_group, hash); index_next(&d->by_group, &i);) {
        struct group *g = &d->groups[i.position];
        if (g->stack != stack || g->label_set != set) continue;
        g->count++;
        return;
    }
    struct group g = {stack, set, 1};
    index_add(&d->by_group, hash, d->n_groups);
    PP_PUSH(&d->scratch, d->groups, d->n_groups, d->cap_groups, g);
}

static void read_dump(struct dump *d) {
    while (lines_next(&d->lines)) {
        struct pp_str line = d->lines.line, state;
        size_t labels;
        if (split_head(line, &state, &labels)) {
            end_goroutine(d);
            begin_goroutine(d);
        } else if (text_trim(line).len == 0) {
            end_goroutine(d);
        } else if (!d->open || !read_frame(d, line)) {
            lines_leave(&d->lines);
        }
    }
    end_goroutine(d);
    for (uint32_t i = 0; i < d->n_groups; i++)
        builder_add_sample(&d->b, d->groups[i].stack, d->groups[i].label_set, &d->groups[i].count,
                           1);
}

static bool goroutine_decode(struct input *in, struct pp_profile *ret_profile,
                             struct pp_arena *arena, struct pp_error *err) {
    struct pp_arena own = {0};
    struct dump *d = PP_NEW(&own, struct dump, 1);
    d->lines.in = in;
    builder_init(&d->b, arena);
    named_init(&d->named, &d->b);
    struct pp_value_type type = {builder_string(&d->b, PP_STR("goroutine")),
                                 builder_string(&d->b, PP_STR("count"))};
    builder_add_type(&d->b, type.type, type.unit);
    d->b.p.period_type = type;
    d->b.p.period = 1;
    read_dump(d);
    bool ok = builder_finish(&d->b, ret_profile, err);
    named_done(&d->named);
    index_done(&d->by_group);
    pp_arena_done(&d->scratch);
    pp_arena_done(&own);
    return ok;
}

/* The head of a goroutine among the first lines; what stands before is a log, or why it panicked.
 */
static bool goroutine_probe(struct input *in) {
    enum { HEAD = 64 << 10 };
    struct lines lines = {.in = in, .max = LINES_MAX};
    struct pp_str state;
    size_t labels;
    while (lines.at < HEAD && lines_next(&lines)) {
        if (lines.line.len && memchr(lines.line.data, '\0', lines.line.len)) return false;
        if (split_head(lines.line, &state, &labels)) return true;
    }
    return false;
}

const struct profile_decoder goroutine_decoder = {.name = "Go stacks of goroutines",
                                                  .probe = goroutine_probe,
                                                  .decode = goroutine_decode,
                                                  .is_amid_text = true};
