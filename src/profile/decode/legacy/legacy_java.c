/* Heap and contention profiles of the Java agent: attributes, samples, and what the addresses mean.
 *
 *     --- heapz 1 ---
 *     format = java
 *     resolution = bytes
 *     <value> <count> @ <addresses>
 *     0x... java.util.Map.put (Map.java:12)
 *
 * Source: what github.com/google/pprof reads. */
#include "profile/decode/legacy/legacy_java.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"
#include "profile/decode/decode.h"

/* The agent samples an allocation every so many bytes. */
static const int64_t heap_rate = 512 << 10;

struct java {
    struct legacy l;
    struct lines lines; /* of any length */
    bool heap;          /* or contention */
};

/* ---- attributes ---- */

static bool is_attribute_char(char c) {
    return text_is_digit(c) || c == '_' || c == ' ' || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/* "key=value" of words and blanks, anywhere in the line. */
static bool find_attribute(struct pp_str s, struct pp_str *ret_key, struct pp_str *ret_value) {
    for (size_t at = 0; (at = text_find(s, PP_STR("="), at)) != SIZE_MAX; at++) {
        size_t from = at, to = at + 1;
        while (from > 0 && is_attribute_char(s.data[from - 1]))
            from--;
        while (to < s.len && is_attribute_char(s.data[to]))
            to++;
        if (from == at || to == at + 1) continue;
        *ret_key = text_trim(pp_str_slice(s, from, at));
        *ret_value = text_trim(pp_str_slice(s, at + 1, to));
        return true;
    }
    return false;
}

static void set_types(struct java *j, struct pp_str unit) {
    j->l.b.p.n_types = 0;
    legacy_type(&j->l, j->heap ? PP_STR("inuse_objects") : PP_STR("contentions"), PP_STR("count"));
    legacy_type(&j->l, j->heap ? PP_STR("inuse_space") : PP_STR("delay"), unit);
}

static bool read_attribute(struct java *j, struct pp_str key, struct pp_str value,
                           struct pp_error *err) {
    int64_t number;
    if (pp_str_eq(key, PP_STR("format")) && pp_str_eq(value, PP_STR("java"))) return true;
    if (pp_str_eq(key, PP_STR("resolution"))) {
        set_types(j, value);
        return true;
    }
    bool period = pp_str_eq(key, PP_STR("sampling period"));
    if (j->heap || (!period && !pp_str_eq(key, PP_STR("ms since reset"))))
        return pp_fail(err, PP_E_UNRECOGNIZED, "a java profile with unknown attributes");
    if (!text_i64(value, 0, &number))
        return pp_fail(err, PP_E_FORMAT, "java profile: the attribute at byte %zu needs a number",
                       j->lines.start);
    if (period)
        legacy_period(&j->l, PP_STR("contentions"), PP_STR("count"), number);
    else
        j->l.b.p.duration_nanos = (int64_t)((uint64_t)number * 1000 * 1000);
    return true;
}

/* The next line, trimmed, unless the source ends without a newline: that line is left. */
static bool next_whole_line(struct java *j, struct pp_str *ret_line) {
    struct lines before = j->lines;
    if (!lines_next(&j->lines)) return false;
    *ret_line = text_trim(j->lines.line);
    if (j->lines.terminated) return true;
    j->lines = before;
    return false;
}

static bool read_attributes(struct java *j, struct pp_error *err) {
    struct pp_str line, key, value;
    for (struct lines before = j->lines; next_whole_line(j, &line); before = j->lines) {
        if (line.len == 0) continue;
        if (!find_attribute(line, &key, &value)) {
            j->lines = before;
            break;
        }
        if (!read_attribute(j, key, value, err)) return false;
    }
    return true;
}

/* ---- samples ---- */

/* "<value> <count> @ " anywhere in the line; addresses follow at *ret_end. */
static bool find_numbers(struct pp_str s, struct pp_str *ret_value, struct pp_str *ret_count,
                         size_t *ret_end) {
    for (size_t at = 0; text_seek_digit(s, &at);) {
        *ret_value = text_digits(s, &at);
        size_t i = at;
        if (!text_skip_all(s, &i, ' ')) continue;
        *ret_count = text_digits(s, &i);
        if (ret_count->len == 0 || !text_skip_all(s, &i, ' ') || !text_skip(s, &i, PP_STR("@")) ||
            !text_skip_all(s, &i, ' '))
            continue;
        *ret_end = i;
        return true;
    }
    return false;
}

static bool add_sample(struct java *j, int64_t count, int64_t value, struct pp_error *err) {
    uint32_t label_set = 0;
    if (j->heap) {
        if (count == 0)
            return pp_fail(err, PP_E_FORMAT, "java profile: the sample at byte %zu has count 0",
                           j->lines.start);
        label_set = legacy_bytes_label(&j->l, num_div(value, count));
        legacy_unsample(heap_rate, &count, &value);
    } else if (j->l.b.p.period) {
        count = (int64_t)((uint64_t)count * (uint64_t)j->l.b.p.period);
        value = (int64_t)((uint64_t)value * (uint64_t)j->l.b.p.period);
    }
    legacy_sample(&j->l, (int64_t[]){count, value}, label_set);
    return true;
}

static bool read_samples(struct java *j, struct pp_error *err) {
    struct pp_str line, value_text, count_text;
    size_t at;
    for (struct lines before = j->lines; next_whole_line(j, &line); before = j->lines) {
        if (line.len == 0) continue;
        if (!find_numbers(line, &value_text, &count_text, &at)) {
            j->lines = before;
            break;
        }
        int64_t value, count;
        if (!legacy_frames_at(&j->l, line, at, 0) || !text_i64(count_text, 0, &count) ||
            !text_i64(value_text, 0, &value))
            return pp_fail(err, PP_E_FORMAT, "java profile: a number at byte %zu is malformed",
                           j->lines.start);
        if (!add_sample(j, count, value, err)) return false;
    }
    return true;
}

/* ---- locations ---- */

struct place_text {
    struct pp_str function, file;
    int64_t line;
};

/* The last "(" after a blank that stands before `end`, or SIZE_MAX. */
static size_t last_opening(struct pp_str s, size_t end) {
    for (size_t i = end; i-- > 1;)
        if (s.data[i] == '(' && text_is_blank(s.data[i - 1])) return i;
    return SIZE_MAX;
}

/* "function (file:line)". */
static bool split_file_line(struct pp_str s, struct place_text *ret_p) {
    if (s.len == 0 || s.data[s.len - 1] != ')') return false;
    size_t end = s.len - 1, colon = end;
    while (colon > 0 && text_is_digit(s.data[colon - 1]))
        colon--;
    if (colon == end) return false;
    if (colon > 0 && s.data[colon - 1] == '-') colon--;
    if (colon < 2 || s.data[--colon] != ':') return false;
    size_t open = last_opening(s, colon - 1);
    if (open == SIZE_MAX) return false;
    int64_t line;
    bool ok = text_i64(pp_str_slice(s, colon + 1, end), 10, &line);
    *ret_p = (struct place_text){pp_str_slice(s, 0, open - 1), pp_str_slice(s, open + 1, colon),
                                 ok && line > 0 ? line : 0};
    return true;
}

/* The last element of a path, as Go's filepath.Base gives it. */
static struct pp_str base_name(struct pp_str path) {
    if (path.len == 0) return PP_STR(".");
    while (path.len && path.data[path.len - 1] == '/')
        path.len--;
    size_t from = path.len;
    while (from > 0 && path.data[from - 1] != '/')
        from--;
    return path.len ? pp_str_slice(path, from, path.len) : PP_STR("/");
}

/* "function (library)". */
static bool split_path(struct pp_str s, struct place_text *ret_p) {
    if (s.len == 0 || s.data[s.len - 1] != ')') return false;
    size_t open = last_opening(s, s.len - 1);
    if (open == SIZE_MAX) return false;
    *ret_p = (struct place_text){pp_str_slice(s, 0, open - 1),
                                 base_name(pp_str_slice(s, open + 1, s.len - 1)), 0};
    return true;
}

static struct place_text describe(struct pp_str s) {
    struct place_text p;
    if (split_file_line(s, &p) || split_path(s, &p)) return p;
    if (text_contains(s, PP_STR("generated stub/JIT"))) s = PP_STR("STUB");
    return (struct place_text){.function = s};
}

/* The function of this name; the first one to have it gives the file. */
static uint32_t function_of(struct legacy *l, struct hash_index *by_name, struct place_text p) {
    uint64_t hash = hash_bytes(hash_seed(), p.function.data, p.function.len);
    for (struct index_probe i = index_probe(by_name, hash); index_next(by_name, &i);)
        if (pp_str_eq(l->functions[i.position].name, p.function)) return i.position;
    struct legacy_function f = {p.function, p.file, PP_NONE};
    index_add(by_name, hash, l->n_functions);
    PP_PUSH(&l->scratch, l->functions, l->n_functions, l->cap_functions, f);
    return l->n_functions - 1;
}

/* "0x<address> <text>"; false when the line is no such. */
static bool split_location(struct pp_str line, struct pp_str *ret_address,
                           struct pp_str *ret_text) {
    size_t at = 0;
    while (at < line.len && text_is_blank(line.data[at]))
        at++;
    if (!text_skip(line, &at, PP_STR("0x"))) return false;
    size_t from = at;
    while (at < line.len && text_is_hex(line.data[at]))
        at++;
    *ret_address = pp_str_slice(line, from, at);
    size_t blank = at;
    while (at < line.len && text_is_blank(line.data[at]))
        at++;
    *ret_text = pp_str_slice(line, at, line.len);
    return ret_address->len > 0 && at > blank;
}

bool legacy_java_locations(struct legacy *l, struct lines *lines, struct pp_error *err) {
    struct hash_index by_name = {0};
    bool ok = true;
    l->no_addresses = true;
    l->lines = PP_NEW(&l->scratch, struct legacy_line, l->n_locations);
    for (uint32_t i = 0; i < l->n_locations; i++)
        l->lines[i].function = PP_NONE;
    while (ok && lines_next(lines)) {
        struct pp_str address_text, text;
        uint64_t address;
        if (!split_location(text_trim(lines->line), &address_text, &text)) {
            if (!legacy_is_skipped(lines->line)) lines_leave(lines);
            continue;
        }
        ok = text_u64(address_text, 16, &address);
        if (!ok) {
            pp_fail(err, PP_E_FORMAT, "java profile: the address at byte %zu has over 64 bits",
                    lines->start);
            break;
        }
        uint32_t location = legacy_find_location(l, address);
        if (location == PP_NONE) continue;
        struct place_text p = describe(text);
        l->lines[location] = (struct legacy_line){function_of(l, &by_name, p), p.line};
    }
    index_done(&by_name);
    return ok;
}

/* ---- the file ---- */

static bool read_header(struct java *j) {
    struct pp_str line;
    if (!next_whole_line(j, &line)) return false;
    j->heap = pp_str_eq(line, PP_STR("--- heapz 1 ---"));
    return j->heap || pp_str_eq(line, PP_STR("--- contentionz 1 ---"));
}

static bool read_java(struct java *j, struct pp_error *err) {
    if (!read_header(j)) return pp_fail(err, PP_E_UNRECOGNIZED, "no java profile");
    return read_attributes(j, err) && read_samples(j, err) &&
           legacy_java_locations(&j->l, &j->lines, err);
}

static bool java_probe(struct input *in) {
    struct java j = {.lines = {.in = in, .max = LINES_MAX}};
    return read_header(&j);
}

static bool java_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                        struct pp_error *err) {
    struct java j = {.lines = {.in = in}};
    legacy_init(&j.l, arena);
    if (read_java(&j, err)) return legacy_finish(&j.l, ret_profile, err);
    legacy_done(&j.l);
    return false;
}

const struct profile_decoder legacy_java_decoder = {
    .name = "java profile", .probe = java_probe, .decode = java_decode};
