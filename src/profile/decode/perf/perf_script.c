/* What `perf script` prints, as people paste and archive it: a line that says who was sampled when
 * and by which event, then a line a frame, leaf first, then an empty line. Without call chains the
 * only frame stands behind the event. Names are in it, so nothing is left to look up.
 *
 *     shop 4242/4243 [001]  6917.188160:    1001001 cpu-clock:
 *             55d0c1a2b3c4 hash+0x1f (/usr/bin/shop)
 *
 * Old versions, and `-F comm,tid,event`, print no time: "shop 4243 cpu-clock:". Lines of other
 * records, as of --show-mmap-events, are passed over. */
#include "profile/decode/decode.h"
#include "profile/decode/perf/perf_profile.h"

#include "base/hash.h"
#include "base/text.h"

enum { MAX_FRAMES = 4096 };

struct script {
    struct pp_arena scratch;
    struct perf_events events;
    struct perf_profile profile;
    struct hash_index functions, locations;
    uint32_t frames[MAX_FRAMES], n_frames;
    uint32_t labels, event;
    uint64_t period;
    bool in_sample;
};

struct head {
    struct pp_str comm, event, rest; /* rest: a frame on the same line, or "" */
    uint32_t pid, tid;
    uint64_t period;
    bool is_record; /* none of a sample: "shop 4242 6917.1: PERF_RECORD_COMM: shop:4242/4242" */
};

static void skip_blanks(struct pp_str *s) {
    while (s->len && (s->data[0] == ' ' || s->data[0] == '\t'))
        *s = pp_str_slice(*s, 1, s->len);
}

static struct pp_str take_word(struct pp_str *s) {
    size_t n = 0;
    skip_blanks(s);
    while (n < s->len && s->data[n] != ' ' && s->data[n] != '\t')
        n++;
    struct pp_str word = pp_str_slice(*s, 0, n);
    *s = pp_str_slice(*s, n, s->len);
    return word;
}

/* "6917.188160:" */
static bool is_time(struct pp_str word) {
    size_t dot = 0;
    if (word.len < 4 || word.data[word.len - 1] != ':') return false;
    for (size_t i = 0; i + 1 < word.len; i++) {
        if (word.data[i] == '.' && !dot && i)
            dot = i;
        else if (!text_is_digit(word.data[i]))
            return false;
    }
    return dot > 0;
}

/* "4242"; "-1" of a thread that has gone. */
static bool read_id(struct pp_str word, uint32_t *ret_id) {
    uint64_t id = PP_NONE;
    if (!pp_str_eq(word, PP_STR("-1")) && (!text_u64(word, 10, &id) || id >= PP_NONE)) return false;
    *ret_id = (uint32_t)id;
    return true;
}

/* "4242" or "4242/4243" */
static bool read_ids(struct pp_str word, struct head *h) {
    const char *slash = word.len ? memchr(word.data, '/', word.len) : NULL;
    size_t n = slash ? (size_t)(slash - word.data) : word.len;
    h->pid = PP_NONE;
    if (!slash) return read_id(word, &h->tid);
    return read_id(pp_str_slice(word, 0, n), &h->pid) &&
           read_id(pp_str_slice(word, n + 1, word.len), &h->tid);
}

/* How it was sampled, by `-F +misc`: "K", "U", "Gk" and the like. */
static bool is_mode(struct pp_str word) {
    return word.len && word.len <= 2 && strchr("KUHGMES", word.data[0]);
}

/* A number that is ten wide with the blanks before it, as perf prints periods and no ids. */
static bool is_period(const char *behind, struct pp_str word) {
    uint64_t period;
    return word.data + word.len - behind > 10 && text_u64(word, 10, &period);
}

/* "cpu-clock:" and nothing behind it; perhaps a period before. */
static bool is_event_alone(struct pp_str rest) {
    const char *behind = rest.data;
    struct pp_str word = take_word(&rest);
    if (is_period(behind, word)) word = take_word(&rest);
    skip_blanks(&rest);
    return rest.len == 0 && word.len > 1 && word.data[word.len - 1] == ':';
}

/* What stands between the ids and the event: perhaps a processor, a mode, a time. Whether it has
 * the time, or may lack it and does. */
static bool read_middle(struct pp_str *rest, bool timeless) {
    struct pp_str event = *rest, word = take_word(rest);
    if (word.len && word.data[0] == '[') {
        event = *rest;
        word = take_word(rest);
    }
    if (is_mode(word)) {
        event = *rest;
        word = take_word(rest);
    }
    if (is_time(word)) return true;
    *rest = event;
    return timeless && is_event_alone(event);
}

/* The command may have blanks in it: it ends where ids follow, and what stands behind them; where a
 * sample may begin without a time, its event alone will do. */
static bool read_front(struct pp_str line, bool timeless, struct head *h, struct pp_str *ret_rest) {
    struct pp_str rest = line;
    for (skip_blanks(&rest); rest.len; skip_blanks(&rest)) {
        struct pp_str before = rest, ids = take_word(&rest), after = rest;
        if (!read_ids(ids, h) || !read_middle(&after, timeless)) continue;
        h->comm = pp_str_slice(line, 0, (size_t)(before.data - line.data));
        while (h->comm.len && h->comm.data[h->comm.len - 1] == ' ')
            h->comm.len--;
        skip_blanks(&h->comm);
        *ret_rest = after;
        return h->comm.len > 0;
    }
    return false;
}

static bool read_head(struct pp_str line, bool timeless, struct head *ret_head) {
    struct head h = {.period = 0};
    struct pp_str rest;
    if (!read_front(line, timeless, &h, &rest)) return false;
    struct pp_str word = take_word(&rest);
    h.is_record = pp_str_has_prefix(word, PP_STR("PERF_RECORD_"));
    if (h.is_record) {
        *ret_head = h;
        return true;
    }
    if (text_u64(word, 10, &h.period)) word = take_word(&rest);
    if (word.len < 2 || word.data[word.len - 1] != ':') return false;
    h.event = pp_str_slice(word, 0, word.len - 1);
    skip_blanks(&rest);
    h.rest = rest;
    *ret_head = h;
    return true;
}

/* ---- the profile ---- */

static uint32_t event_named(struct script *s, struct pp_str name) {
    uint32_t at;
    for (uint32_t i = 0; i < s->events.n; i++)
        if (pp_str_eq(s->events.at[i].name, name)) return i;
    struct perf_event e = {.name = pp_arena_copy(s->events.arena, name)};
    return perf_events_add(&s->events, &e, &at) ? at : PP_NONE;
}

static uint32_t function_named(struct script *s, uint32_t name) {
    struct profile_builder *b = &s->profile.b;
    uint64_t hash = hash_word(hash_seed(), name);
    for (struct index_probe i = index_probe(&s->functions, hash); index_next(&s->functions, &i);)
        if (b->p.functions[i.position].name == name) return i.position;
    struct pp_function f = {.name = name, .system_name = name};
    index_add(&s->functions, hash, b->p.n_functions);
    return builder_add_function(b, &f);
}

static uint32_t mapping_named(struct script *s, struct pp_str file) {
    struct perf_object o = {.file = builder_string(&s->profile.b, file), .owner = PP_NONE};
    o.symbol = file.len ? o.file : 0; /* names are there already */
    return perf_profile_mapping(&s->profile, perf_profile_object(&s->profile, &o));
}

static uint32_t location_of(struct script *s, uint64_t address, struct pp_str name,
                            uint32_t mapping) {
    struct profile_builder *b = &s->profile.b;
    struct pp_line line = {0};
    if (name.len) line.function = function_named(s, builder_string(b, name));
    const uint64_t key[] = {address, mapping, name.len ? line.function : PP_NONE};
    uint64_t hash = hash_bytes(hash_seed(), key, sizeof key);
    for (struct index_probe i = index_probe(&s->locations, hash); index_next(&s->locations, &i);) {
        const struct pp_location *l = &b->p.locations[i.position];
        bool same_name = name.len
                             ? l->n_lines && b->p.lines[l->first_line].function == line.function
                             : l->n_lines == 0;
        if (l->address == address && l->mapping == mapping && same_name) return i.position;
    }
    struct pp_location l = {.address = address, .mapping = mapping};
    index_add(&s->locations, hash, b->p.n_locations);
    return builder_add_location(b, &l, &line, name.len > 0);
}

/* Where the parentheses open that close at the end: "(/bin/sh (deleted))". NULL: nothing closes, or
 * they don't match, but for the last one. */
static const char *file_open(struct pp_str line) {
    if (line.len == 0 || line.data[line.len - 1] != ')') return NULL;
    size_t depth = 0;
    for (size_t i = line.len; i-- > 0;) {
        depth += line.data[i] == ')';
        if (line.data[i] == '(' && --depth == 0) return line.data + i;
    }
    return memrchr(line.data, '(', line.len);
}

/* "55d0c1a2b3c4 hash+0x1f (/usr/bin/shop)"; the name may have blanks and parentheses. */
static bool add_frame(struct script *s, struct pp_str line) {
    uint64_t address = 0;
    struct pp_str rest = line, hex = take_word(&rest);
    if (hex.len == 0 || hex.len > 16) return false;
    for (size_t i = 0; i < hex.len; i++) {
        if (!text_is_hex(hex.data[i])) return false;
        address = address << 4 | text_digit_value(hex.data[i]);
    }
    skip_blanks(&rest);
    const char *open = file_open(rest);
    struct pp_str file = PP_STR(""), name = rest;
    if (open) {
        file = (struct pp_str){open + 1, (size_t)(rest.data + rest.len - open) - 2};
        name.len = (size_t)(open - rest.data);
    }
    while (name.len && name.data[name.len - 1] == ' ')
        name.len--;
    const char *plus = name.len ? memrchr(name.data, '+', name.len) : NULL;
    struct pp_str offset = plus ? pp_str_slice(name, (size_t)(plus - name.data), name.len) : name;
    if (pp_str_has_prefix(offset, PP_STR("+0x"))) name.len -= offset.len;
    if (pp_str_eq(name, PP_STR("[unknown]"))) name.len = 0;
    if (pp_str_eq(file, PP_STR("[unknown]"))) file.len = 0;
    if (s->n_frames < MAX_FRAMES)
        s->frames[s->n_frames++] = location_of(s, address, name, mapping_named(s, file));
    return true;
}

static void end_sample(struct script *s) {
    if (!s->in_sample) return;
    s->in_sample = false;
    struct perf_event *e = &s->events.at[s->event];
    uint32_t stack = builder_stack(&s->profile.b, s->frames, s->n_frames);
    e->n_samples++;
    e->sum += s->period;
    const struct perf_row row = {
        .stack = stack, .labels = s->labels, .event = s->event, .count = 1, .sum = s->period};
    perf_profile_count(&s->profile, row);
}

static void begin_sample(struct script *s, const struct head *h) {
    bool is_named = h->comm.data[0] != ':'; /* ":7" is thread 7, whose name is not known */
    uint32_t comm = is_named ? builder_string(&s->profile.b, h->comm) : PP_NONE;
    struct perf_labels l = {.pid = h->pid,
                            .tid = h->tid,
                            .cpu = PP_NONE,
                            .comm = comm,
                            .thread_comm = PP_NONE,
                            .mode = PP_NONE,
                            .cgroup = PP_NONE};
    s->event = event_named(s, h->event);
    s->in_sample = s->event != PP_NONE;
    s->labels = perf_profile_labels(&s->profile, &l);
    s->period = h->period ? h->period : 1;
    s->n_frames = 0;
    if (h->rest.len) add_frame(s, h->rest);
}

/* False when it is none of the format. */
static bool take_line(struct script *s, struct pp_str line) {
    struct head h;
    if (line.len && line.data[line.len - 1] == '\r') line.len--;
    if (line.len == 0) {
        end_sample(s);
    } else if (read_head(line, !s->in_sample, &h)) {
        end_sample(s);
        if (!h.is_record) begin_sample(s, &h);
    } else {
        return s->in_sample && add_frame(s, line);
    }
    return true;
}

/* ---- the decoder ---- */

/* The next line of the input, without its end; false at the end. */
static bool next_line(struct input *in, size_t *at, struct pp_str *ret_line) {
    size_t seen = *at;
    for (;;) {
        const char *end = seen < in->avail ? memchr(in->data + seen, '\n', in->avail - seen) : NULL;
        seen = in->avail;
        if (end || !input_need(in, in->avail + 1)) {
            size_t len = (end ? (size_t)(end - in->data) : in->avail) - *at;
            *ret_line = (struct pp_str){in->data + *at, len};
            *at += len + (end != NULL);
            return len || end;
        }
    }
}

/* The first line that is neither empty nor a comment begins a sample or is another record. */
static bool probe(struct input *in) {
    struct head h;
    size_t at = 0;
    struct pp_str line;
    for (int i = 0; i < 200 && input_need(in, at + 1); i++) {
        input_need(in, at + 1024);
        struct pp_str there = {in->data + at, in->avail - at};
        text_next_line(&there, &line);
        if (line.len > 1024) return false;
        if (line.len && line.data[0] != '#') return read_head(line, true, &h);
        at += line.len + 1;
    }
    return false;
}

static bool decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                   struct pp_error *err) {
    struct pp_arena scratch = {0};
    struct script *s = PP_NEW(&scratch, struct script, 1);
    struct pp_str line;
    perf_events_init(&s->events, arena);
    perf_profile_init(&s->profile, arena, &s->scratch);
    for (size_t at = 0, from = 0; next_line(in, &at, &line); from = at)
        if (!take_line(s, line)) input_leave(in, from, at);
    end_sample(s);
    bool ok = perf_profile_finish(&s->profile, &s->events, PP_NONE, ret_profile, err);
    perf_events_done(&s->events);
    perf_profile_done(&s->profile);
    index_done(&s->functions);
    index_done(&s->locations);
    pp_arena_done(&s->scratch);
    pp_arena_done(&scratch);
    return ok;
}

const struct profile_decoder perf_script_decoder = {
    .name = "the text of perf script", .probe = probe, .decode = decode, .is_amid_text = true};
