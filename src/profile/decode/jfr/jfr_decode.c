/* Recordings of Java Flight Recorder: events with stacks become samples. */
#include "base/hash.h"
#include "base/text.h"
#include "profile/decode/decode.h"
#include "profile/decode/jfr/jfr.h"
#include "profile/decode/named.h"

enum { HEADER = 68, STEPS_A_BYTE = 64, N_LABELS = 3 };

enum meaning { PLAIN, TICKS };

static const struct event_kind {
    const char *name, *counts, *count_field, *values, *unit, *value_field;
    enum meaning meaning;
    const char *class_field;
} event_table[] = {
#define JFR_EVENT(...) {__VA_ARGS__},
#include "profile/decode/jfr/jfr_events.def"
#undef JFR_EVENT
};

enum { N_KINDS = sizeof event_table / sizeof *event_table };

/* Samples of one kind, stack and label set. */
struct group {
    uint32_t kind, stack, label_set;
    int64_t count, value;
};

/* What a pool's value has become: a stack, or a function. */
struct known {
    int64_t key;
    uint32_t result;
};

struct known_table {
    struct known *at;
    uint32_t n;
    size_t cap;
    struct hash_index index;
};

struct recording {
    struct profile_builder b;
    struct named named;
    struct input *in;
    struct jfr_chunk chunk;
    struct known_table stacks, methods, texts[N_LABELS]; /* of the chunk */
    struct pp_arena scratch;
    uint32_t *frames;
    size_t n_frames, cap_frames;
    struct group *groups;
    uint32_t n_groups;
    size_t cap_groups;
    struct hash_index group_index;
    bool seen[N_KINDS];
    uint64_t n_events;
    int64_t end_nanos;
};

/* ---- what is known already ---- */

static bool find_known(const struct known_table *t, int64_t key, uint32_t *ret_result) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)key);
    for (struct index_probe i = index_probe(&t->index, hash); index_next(&t->index, &i);) {
        if (t->at[i.position].key != key) continue;
        *ret_result = t->at[i.position].result;
        return true;
    }
    return false;
}

static void add_known(struct known_table *t, int64_t key, uint32_t result, struct pp_arena *arena) {
    struct known k = {key, result};
    if (t->n == PP_NONE - 1) return;
    index_add(&t->index, hash_word(hash_seed(), (uint64_t)key), t->n);
    PP_PUSH(arena, t->at, t->n, t->cap, k);
}

static void forget(struct known_table *t) {
    index_done(&t->index);
    *t = (struct known_table){0};
}

/* The key of a pooled field at r, which is not moved; 0 for one that is not. */
static int64_t key_at(struct jfr_reader r, const struct jfr_field *f) {
    return f->pooled && !f->array ? jfr_long(&r) : 0;
}

/* ---- stacks ---- */

/* "java.util.HashMap.put"; a native function has no class. */
static uint32_t read_function(struct recording *rec, struct jfr_reader r, uint32_t type) {
    static const char *const class_path[] = {"type", "name", "string", NULL};
    static const char *const name_path[] = {"name", "string", NULL};
    struct jfr_chunk *c = &rec->chunk;
    struct pp_str class = jfr_text_of(c, r, type, class_path);
    struct pp_str name = jfr_text_of(c, r, type, name_path);
    if (class.len) {
        name = pp_arena_join(&c->arena, jfr_class_name(class, &c->arena), '.', name);
    }
    return named_function(&rec->named, name.len ? name : PP_STR("<unknown>"), (struct pp_str){0});
}

/* The field at r is a method. */
static uint32_t function_of(struct recording *rec, struct jfr_reader r, const struct jfr_field *f) {
    struct jfr_reader method = r;
    int64_t key = key_at(r, f);
    uint32_t function;
    if (f->pooled && find_known(&rec->methods, key, &function)) return function;
    uint32_t type = jfr_follow(&rec->chunk, &r, f, &method);
    function = read_function(rec, method, type);
    if (f->pooled) add_known(&rec->methods, key, function, &rec->chunk.arena);
    return function;
}

/* A frame, which is stepped over. */
static void read_frame(struct recording *rec, struct jfr_reader *r,
                       const struct jfr_field *frames) {
    struct jfr_chunk *c = &rec->chunk;
    struct jfr_reader frame = *r;
    struct jfr_field one = *frames;
    one.array = false;
    jfr_skip_field(c, r, &one);
    if (r->bad) return;
    uint32_t type = jfr_follow(c, &frame, &one, &frame);
    struct jfr_reader at = frame;
    const struct jfr_field *method = jfr_seek(c, &at, type, "method");
    int64_t line = jfr_number_of(c, frame, type, "lineNumber");
    uint32_t function = method ? function_of(rec, at, method)
                               : named_function(&rec->named, PP_STR("<unknown>"), PP_STR(""));
    uint32_t location = named_location(&rec->named, function, line > 0 ? line : 0);
    PP_PUSH(&rec->scratch, rec->frames, rec->n_frames, rec->cap_frames, location);
}

/* The stack that the field at r refers to, leaf first as it is in the file; the empty one when
 * there is none. */
static uint32_t stack_of(struct recording *rec, struct jfr_reader r, const struct jfr_field *f) {
    struct jfr_chunk *c = &rec->chunk;
    struct jfr_reader trace = r;
    int64_t key = key_at(r, f);
    uint32_t stack;
    if (f->pooled && find_known(&rec->stacks, key, &stack)) return stack;
    uint32_t type = jfr_follow(c, &r, f, &trace);
    rec->n_frames = 0;
    const struct jfr_field *frames = jfr_seek(c, &trace, type, "frames");
    if (frames && frames->array)
        for (uint32_t n = jfr_count(&trace); n > 0 && !trace.bad; n--)
            read_frame(rec, &trace, frames);
    stack = builder_stack(&rec->b, rec->frames, (uint32_t)rec->n_frames);
    if (f->pooled) add_known(&rec->stacks, key, stack, &c->arena);
    return stack;
}

/* ---- events ---- */

/* What the fields of an event say. */
struct event {
    uint32_t stack;
    int64_t count, value;
    struct pp_label labels[N_LABELS];
    uint32_t n_labels;
};

static struct pp_str thread_name(struct jfr_chunk *c, struct jfr_reader r, uint32_t type) {
    static const char *const java[] = {"javaName", NULL}, *const os[] = {"osName", NULL};
    struct pp_str name = jfr_text_of(c, r, type, java);
    return name.len ? name : jfr_text_of(c, r, type, os);
}

static struct pp_str state_name(struct jfr_chunk *c, struct jfr_reader r, uint32_t type) {
    static const char *const path[] = {"name", NULL};
    return jfr_text_of(c, r, type, path);
}

static struct pp_str class_name(struct jfr_chunk *c, struct jfr_reader r, uint32_t type) {
    static const char *const path[] = {"name", "string", NULL};
    return jfr_class_name(jfr_text_of(c, r, type, path), &c->arena);
}

static bool is_named(const struct jfr_field *f, const char *name) {
    return name && pp_str_eq(f->name, pp_str_from(name));
}

enum label_key { LABEL_THREAD, LABEL_STATE, LABEL_CLASS };

static const struct {
    const char *key;
    struct pp_str (*read)(struct jfr_chunk *, struct jfr_reader, uint32_t type);
} label_table[N_LABELS] = {
    [LABEL_THREAD] = {"thread", thread_name},
    [LABEL_STATE] = {"state", state_name},
    [LABEL_CLASS] = {"class", class_name},
};

/* The field at r says this label; what is not there is none. */
static void read_label(struct recording *rec, struct jfr_reader r, const struct jfr_field *f,
                       enum label_key which, struct event *e) {
    struct jfr_reader value;
    int64_t key = key_at(r, f);
    uint32_t text;
    if (!f->pooled || !find_known(&rec->texts[which], key, &text)) {
        uint32_t type = jfr_follow(&rec->chunk, &r, f, &value);
        if (type == PP_NONE) return;
        text = builder_string(&rec->b, label_table[which].read(&rec->chunk, value, type));
        if (f->pooled) add_known(&rec->texts[which], key, text, &rec->chunk.arena);
    }
    if (builder_text(&rec->b, text).len == 0 || e->n_labels == N_LABELS) return;
    e->labels[e->n_labels++] =
        (struct pp_label){builder_string(&rec->b, pp_str_from(label_table[which].key)), text, 0};
}

static void read_field(struct recording *rec, struct jfr_reader r, const struct jfr_field *f,
                       const struct event_kind *kind, struct event *e) {
    if (is_named(f, "stackTrace"))
        e->stack = stack_of(rec, r, f);
    else if (is_named(f, kind->count_field))
        e->count = jfr_read_number(&rec->chunk, &r, f);
    else if (is_named(f, kind->value_field))
        e->value = jfr_read_number(&rec->chunk, &r, f);
    else if (is_named(f, "eventThread") || is_named(f, "sampledThread"))
        read_label(rec, r, f, LABEL_THREAD, e);
    else if (is_named(f, "state"))
        read_label(rec, r, f, LABEL_STATE, e);
    else if (is_named(f, kind->class_field))
        read_label(rec, r, f, LABEL_CLASS, e);
}

static int64_t nanos_of(const struct jfr_chunk *c, int64_t ticks) {
    double nanos = (double)ticks * 1e9 / (double)c->ticks_per_second;
    return nanos >= 0x1p63 ? INT64_MAX : nanos <= -0x1p63 ? INT64_MIN : (int64_t)nanos;
}

static void add_event(struct recording *rec, uint32_t kind, struct event *e) {
    if (event_table[kind].meaning == TICKS) e->value = nanos_of(&rec->chunk, e->value);
    uint32_t set = builder_label_set(&rec->b, e->labels, e->n_labels, 0);
    uint64_t hash = hash_word(hash_word(hash_word(hash_seed(), kind), e->stack), set);
    rec->seen[kind] = true;
    for (struct index_probe i = index_probe(&rec->group_index, hash);
         index_next(&rec->group_index, &i);) {
        struct group *g = &rec->groups[i.position];
        if (g->kind != kind || g->stack != e->stack || g->label_set != set) continue;
        g->count = (int64_t)((uint64_t)g->count + (uint64_t)e->count);
        g->value = (int64_t)((uint64_t)g->value + (uint64_t)e->value);
        return;
    }
    struct group g = {kind, e->stack, set, e->count, e->value};
    if (rec->n_groups == PP_NONE - 1) {
        rec->b.over_limit = true;
        return;
    }
    index_add(&rec->group_index, hash, rec->n_groups);
    PP_PUSH(&rec->scratch, rec->groups, rec->n_groups, rec->cap_groups, g);
}

/* Java 9 and 10 of Oracle have "com.oracle.jdk.ExecutionSample". */
static uint32_t kind_of(const struct jfr_type *t) {
    const struct pp_str oracle = PP_STR("com.oracle.");
    struct pp_str name = t->name;
    uint32_t kind = 0;
    if (pp_str_has_prefix(name, oracle)) name = pp_str_slice(name, oracle.len, name.len);
    while (kind < N_KINDS && !pp_str_eq(name, pp_str_from(event_table[kind].name)))
        kind++;
    return kind;
}

/* The fields of the event that begin at r; `kinds` has the kind of each type. */
static bool read_event(struct recording *rec, struct jfr_reader *r, uint32_t type,
                       const uint32_t *kinds, struct pp_error *err) {
    struct jfr_chunk *c = &rec->chunk;
    rec->n_events++;
    if (type == PP_NONE || kinds[type] == N_KINDS) return true;
    const struct jfr_type *t = &c->types[type];
    struct event e = {.count = 1};
    e.stack = builder_stack(&rec->b, NULL, 0);
    for (uint32_t i = 0; i < t->n_fields && !r->bad; i++) {
        const struct jfr_field *f = &c->fields[t->first_field + i];
        struct jfr_reader here = *r;
        jfr_skip_field(c, r, f);
        if (!r->bad) read_field(rec, here, f, &event_table[kinds[type]], &e);
    }
    if (r->bad || c->steps == 0)
        return pp_fail(err, PP_E_FORMAT, "JFR: the %.*s at byte %zu is broken", PP_STR_ARG(t->name),
                       r->at);
    add_event(rec, kinds[type], &e);
    return true;
}

/* ---- chunks ---- */

enum event_type { EVENT_TYPES = 0, EVENT_POOLS = 1, EVENT_OTHER };

/* Steps to the next event; false at the end of the chunk, or where it is cut. ret_event ends where
 * the event does and stands after its type. */
static bool next_event(const struct jfr_chunk *c, size_t *at, struct jfr_reader *ret_event,
                       uint64_t *ret_type) {
    struct jfr_reader r = c->all;
    r.at = *at;
    uint32_t size = (uint32_t)jfr_int(&r);
    if (r.bad || size < r.at - *at + 1 || size > c->all.end - *at) return false;
    r.end = *at + size;
    *ret_type = (uint64_t)jfr_long(&r);
    *ret_event = r;
    *at = r.end;
    return !r.bad;
}

static bool read_all_of(struct recording *rec, enum event_type wanted, const uint32_t *kinds,
                        struct pp_error *err) {
    struct jfr_chunk *c = &rec->chunk;
    struct jfr_reader r;
    uint64_t type;
    for (size_t at = c->first_event; next_event(c, &at, &r, &type);) {
        if ((type < EVENT_OTHER ? type : EVENT_OTHER) != wanted) continue;
        if (wanted == EVENT_TYPES   ? !jfr_read_types(c, &r, err)
            : wanted == EVENT_POOLS ? !jfr_read_pools(c, &r, err)
                                    : !read_event(rec, &r, jfr_find_type(c, type), kinds, err))
            return false;
    }
    return true;
}

/* What the chunk at `at` says of itself; *ret_len is how long it is. */
static bool read_header(struct recording *rec, size_t at, size_t *ret_len, struct pp_error *err) {
    struct jfr_chunk *c = &rec->chunk;
    struct jfr_reader r = {(const uint8_t *)rec->in->data + at, 0, rec->in->avail - at, false,
                           false};
    if (r.end < HEADER) return pp_fail(err, PP_E_FORMAT, "JFR: a chunk is cut off");
    jfr_skip(&r, 4);
    unsigned major = (unsigned)jfr_fixed(&r, 2), minor = (unsigned)jfr_fixed(&r, 2);
    if (major < 1 || major > 2)
        return pp_fail(err, PP_E_FORMAT,
                       "JFR of version %u.%u, of another Java than OpenJDK; JDK Mission Control "
                       "reads it",
                       major, minor);
    uint64_t size = jfr_fixed(&r, 8);
    jfr_skip(&r, 16); /* where the pools and the types are: they are found by going through */
    c->start_nanos = (int64_t)jfr_fixed(&r, 8);
    c->duration_nanos = (int64_t)jfr_fixed(&r, 8);
    c->start_ticks = (int64_t)jfr_fixed(&r, 8);
    c->ticks_per_second = (int64_t)jfr_fixed(&r, 8);
    if (c->ticks_per_second <= 0) c->ticks_per_second = 1000 * 1000 * 1000;
    r.compressed = jfr_fixed(&r, 4) & 1;
    bool cut = size > r.end || size < HEADER; /* a size of 0: it was never finished */
    if (cut && !rec->in->doubt.code)
        pp_fail(&rec->in->doubt, PP_E_FORMAT, "the recording is cut off; its last chunk is %s",
                size ? "shorter than it says" : "not finished");
    if (!cut) r.end = (size_t)size;
    c->all = r;
    c->first_event = HEADER;
    c->steps = (uint64_t)r.end * STEPS_A_BYTE;
    *ret_len = r.end;
    return true;
}

static void keep_times(struct recording *rec, bool first) {
    const struct jfr_chunk *c = &rec->chunk;
    struct pp_profile *p = &rec->b.p;
    int64_t end = (int64_t)((uint64_t)c->start_nanos + (uint64_t)c->duration_nanos);
    if (first) p->time_nanos = c->start_nanos;
    if (first || end > rec->end_nanos) rec->end_nanos = end;
    p->duration_nanos = (int64_t)((uint64_t)rec->end_nanos - (uint64_t)p->time_nanos);
}

/* Types first and pools next: both may stand behind what needs them. */
static bool read_chunk(struct recording *rec, struct pp_error *err) {
    struct jfr_chunk *c = &rec->chunk;
    if (!read_all_of(rec, EVENT_TYPES, NULL, err)) return false;
    if (c->n_types == 0)
        return pp_fail(err, PP_E_FORMAT,
                       "JFR: a chunk does not say its types: the recording was not finished");
    uint32_t *kinds = PP_NEW(&c->arena, uint32_t, c->n_types);
    for (uint32_t i = 0; i < c->n_types; i++)
        kinds[i] = kind_of(&c->types[i]);
    return read_all_of(rec, EVENT_POOLS, NULL, err) && read_all_of(rec, EVENT_OTHER, kinds, err);
}

static bool read_chunks(struct recording *rec, struct pp_error *err) {
    struct pp_str all = input_all(rec->in);
    for (size_t at = 0, len = 0; at < all.len; at += len) {
        rec->chunk = (struct jfr_chunk){0};
        if (at && !pp_str_has_prefix(pp_str_slice(all, at, all.len), PP_STR("FLR\0")))
            return pp_fail(err, PP_E_FORMAT, "JFR: what begins at byte %zu is no chunk", at);
        if (!read_header(rec, at, &len, err)) return false;
        keep_times(rec, at == 0);
        bool ok = read_chunk(rec, err);
        jfr_chunk_done(&rec->chunk);
        forget(&rec->stacks);
        forget(&rec->methods);
        for (size_t i = 0; i < N_LABELS; i++)
            forget(&rec->texts[i]);
        if (!ok) return false;
    }
    return true;
}

/* ---- the profile ---- */

/* Two columns at most for each kind that there is. */
static void add_columns(struct recording *rec, uint32_t first[N_KINDS]) {
    struct profile_builder *b = &rec->b;
    for (uint32_t kind = 0; kind < N_KINDS; kind++) {
        const struct event_kind *k = &event_table[kind];
        first[kind] = b->p.n_types;
        if (!rec->seen[kind]) continue;
        builder_add_type(b, builder_string(b, pp_str_from(k->counts)),
                         builder_string(b, PP_STR("count")));
        if (k->values)
            builder_add_type(b, builder_string(b, pp_str_from(k->values)),
                             builder_string(b, pp_str_from(k->unit)));
    }
    b->p.default_sample_type = b->p.sample_types[0].type;
}

static bool add_samples(struct recording *rec, struct pp_error *err) {
    uint32_t first[N_KINDS];
    if (rec->n_groups == 0)
        return pp_fail(err, PP_E_FORMAT,
                       "JFR: none of its %llu events has a sample, an allocation or a wait",
                       (unsigned long long)rec->n_events);
    add_columns(rec, first);
    uint32_t n = rec->b.p.n_types;
    int64_t *values = PP_NEW(&rec->scratch, int64_t, n);
    for (uint32_t i = 0; i < rec->n_groups; i++) {
        const struct group *g = &rec->groups[i];
        memset(values, 0, n * sizeof *values);
        values[first[g->kind]] = g->count;
        if (event_table[g->kind].values) values[first[g->kind] + 1] = g->value;
        builder_add_sample(&rec->b, g->stack, g->label_set, values, n);
    }
    return true;
}

static bool jfr_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                       struct pp_error *err) {
    struct recording rec = {.in = in};
    builder_init(&rec.b, arena);
    named_init(&rec.named, &rec.b);
    bool ok = read_chunks(&rec, err) && add_samples(&rec, err);
    if (ok)
        ok = builder_finish(&rec.b, ret_profile, err);
    else
        builder_done(&rec.b);
    named_done(&rec.named);
    index_done(&rec.group_index);
    pp_arena_done(&rec.scratch);
    return ok;
}

static bool jfr_probe(struct input *in) {
    return input_need(in, 4) && !memcmp(in->data, "FLR\0", 4);
}

const struct profile_decoder jfr_decoder = {
    .name = "Java Flight Recorder", .probe = jfr_probe, .decode = jfr_decode};
