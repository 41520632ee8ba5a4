/* What Go's texts say besides the addresses, in comments after a sample:
 *
 *     2 @ 0x42f3ba 0x43f4f8
 *     # labels: {"key":"value"}
 *     #	0x43f4f7	main.wait+0x17	/src/main.go:12
 *
 * The frames come in the order of the addresses. Frames of the runtime at the leaf are left out;
 * several lines of one address are calls that were inlined there, innermost first. "runtime.goexit"
 * at the root is left out, too. Some versions of Go write zeros behind it, which are no frames.
 *
 * Source: printStackRecord in runtime/pprof/pprof.go of Go. */
#include "base/hash.h"
#include "base/text.h"
#include "profile/decode/go_labels.h"
#include "profile/decode/legacy/legacy.h"

struct note {
    uint64_t address;
    struct pp_str function, file;
    int64_t line;
};

static struct pp_str field(struct pp_str s, size_t *at) {
    text_skip_all(s, at, '\t');
    size_t from = *at;
    while (*at < s.len && s.data[*at] != '\t')
        ++*at;
    return pp_str_slice(s, from, *at);
}

/* Splits at the last `mark`; false when there is none or nothing before it. */
static bool split_last(struct pp_str *s, char mark, struct pp_str *ret_rest) {
    size_t at = s->len;
    while (at > 0 && s->data[at - 1] != mark)
        at--;
    if (at < 2) return false;
    *ret_rest = pp_str_slice(*s, at, s->len);
    s->len = at - 1;
    return true;
}

/* "#	0x43f4f7	main.wait+0x17	/src/main.go:12". */
static bool split_note(struct pp_str s, struct note *ret_note) {
    size_t at = 0;
    struct pp_str rest;
    if (!text_skip(s, &at, PP_STR("#\t"))) return false;
    struct pp_str address = field(s, &at);
    ret_note->function = field(s, &at);
    ret_note->file = field(s, &at);
    return pp_str_has_prefix(address, PP_STR("0x")) &&
           text_u64(pp_str_slice(address, 2, address.len), 16, &ret_note->address) &&
           split_last(&ret_note->function, '+', &rest) && pp_str_has_prefix(rest, PP_STR("0x")) &&
           split_last(&ret_note->file, ':', &rest) && text_i64(rest, 10, &ret_note->line);
}

/* The names of a location, which legacy_finish makes its lines. */
static struct legacy_names *names_of(struct legacy *l, uint32_t location) {
    if (location >= l->n_names) {
        size_t n = pp_arena_next_capacity(l->n_names, (size_t)location + 1);
        l->names = pp_arena_grow(&l->scratch, l->names, l->n_names * sizeof *l->names,
                                 n * sizeof *l->names);
        memset(l->names + l->n_names, 0, (n - l->n_names) * sizeof *l->names);
        l->n_names = n;
    }
    return &l->names[location];
}

static uint32_t function_of(struct legacy *l, const struct note *note) {
    struct pp_function f = {.name = builder_string(&l->b, note->function),
                            .filename = builder_string(&l->b, note->file)};
    f.system_name = f.name;
    uint64_t hash = hash_word(hash_word(hash_seed(), f.name), f.filename);
    for (struct index_probe i = index_probe(&l->by_name, hash); index_next(&l->by_name, &i);) {
        const struct pp_function *g = &l->b.p.functions[i.position];
        if (g->name == f.name && g->filename == f.filename) return i.position;
    }
    uint32_t position = builder_add_function(&l->b, &f);
    index_add(&l->by_name, hash, position);
    return position;
}

/* Whether frame i of the sample at hand has this address, as it is or as a return address. */
static bool is_at(const struct legacy *l, const struct legacy_sample *s, uint32_t i,
                  uint64_t address) {
    if (i >= s->len) return false;
    uint64_t a = l->addresses[l->frames[s->first + i]];
    return a == address || a == address - 1;
}

/* Moves to the frame that the note is about; false when there is none. A second line of the same
 * address is another frame when there is another and it names the same function, else inlined. */
static bool seek_frame(struct legacy *l, const struct legacy_sample *s, uint64_t address,
                       uint32_t function) {
    uint32_t i = l->n_noted; /* one past the frame of the note before */
    if (i && is_at(l, s, i - 1, address)) {
        const struct legacy_names *n = names_of(l, l->frames[s->first + i - 1]);
        bool again = n->n && l->name_lines[n->first].function == function;
        if (!again || !is_at(l, s, i, address)) return true;
    }
    while (i < s->len && !is_at(l, s, i, address))
        i++;
    if (i >= s->len) return false;
    l->n_noted = i + 1;
    return true;
}

/* The first sample that a location is in gives its names. */
static void add_note(struct legacy *l, const struct note *note) {
    const struct legacy_sample *s = &l->samples[l->n_samples - 1];
    uint32_t function = function_of(l, note);
    if (!seek_frame(l, s, note->address, function)) return;
    struct legacy_names *n = names_of(l, l->frames[s->first + l->n_noted - 1]);
    if (n->n && (n->sample != l->n_samples || n->frame != l->n_noted)) return;
    struct pp_line line = {.function = function, .line = note->line};
    if (n->n == 0)
        *n = (struct legacy_names){
            .sample = l->n_samples, .frame = l->n_noted, .first = (uint32_t)l->n_name_lines};
    n->n++;
    PP_PUSH(&l->scratch, l->name_lines, l->n_name_lines, l->cap_name_lines, line);
}

/* Zeros, less the one that makes a call of a return address. */
static bool is_zero(uint64_t address) {
    return address + 1 <= 1;
}

/* What the frames leave out after the first is "runtime.goexit". */
void legacy_notes_end(struct legacy *l) {
    if (l->n_noted == 0) return;
    const struct legacy_sample *s = &l->samples[l->noted_sample - 1];
    const struct note root = {.function = PP_STR("runtime.goexit")};
    for (uint32_t i = l->n_noted; i < s->len; i++) {
        struct legacy_names *n = names_of(l, l->frames[s->first + i]);
        struct pp_line line = {0};
        if (n->n || is_zero(l->addresses[l->frames[s->first + i]])) continue;
        line.function = function_of(l, &root);
        *n = (struct legacy_names){.n = 1, .first = (uint32_t)l->n_name_lines};
        PP_PUSH(&l->scratch, l->name_lines, l->n_name_lines, l->cap_name_lines, line);
    }
    l->n_noted = 0;
}

static bool add_labels(struct legacy *l, struct pp_str line) {
    struct pp_label labels[GO_LABELS_MAX];
    size_t at = 0;
    uint32_t n;
    if (!text_skip(line, &at, PP_STR("# labels: "))) return false;
    line = pp_str_slice(line, at, line.len);
    if (go_labels_read(&l->b, line, &l->scratch, labels, &n))
        l->samples[l->n_samples - 1].label_set = builder_label_set(&l->b, labels, n, 0);
    return true;
}

bool legacy_note(struct legacy *l, const struct lines *lines) {
    struct note note;
    if (lines->line.len == 0 || lines->line.data[0] != '#') return false;
    if (lines->in->numbers_only || l->n_samples == 0 || l->over_limit) return true;
    if (l->noted_sample != l->n_samples) {
        legacy_notes_end(l);
        l->noted_sample = l->n_samples;
    }
    if (!add_labels(l, lines->line) && split_note(lines->line, &note)) add_note(l, &note);
    return true;
}
