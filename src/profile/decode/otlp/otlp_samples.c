/* From profiles with one sample type each to rows with a column a type. The profiles of a scope
 * measure the same events as long as their types differ: a sample of one and a sample of another
 * with the same stack, attributes and link are one row (the first of one goes with the first of
 * the other, and so on). A type that comes again begins anew. */
#include "base/hash.h"
#include "profile/decode/otlp/otlp.h"

#include <inttypes.h>

enum { MAX_COLUMNS = 256 };

struct row {
    uint32_t stack, labels;
    uint32_t next;       /* row of the same key, or PP_NONE */
    uint32_t first_cell; /* PP_NONE: none */
};

struct pp_cell {
    int64_t value;
    uint32_t column, next;
};

/* A stack and labels in a group, and the rows that have them. */
struct key {
    uint32_t stack, labels, group;
    uint32_t first, last;
    uint32_t cursor, cursor_profile; /* the row that this profile fills next */
};

struct column {
    struct pp_value_type type;
    uint32_t profile; /* that filled it last, counted from 1 */
};

struct otlp_samples {
    struct otlp_reader *r;
    struct column columns[MAX_COLUMNS];
    uint32_t n_columns;
    struct row *rows;
    struct pp_cell *cells;
    struct key *keys;
    uint32_t n_rows, n_cells, n_keys;
    size_t cap_rows, cap_cells, cap_keys;
    struct hash_index index; /* of keys */

    struct otlp_labels base; /* of the resource, the scope and the profile at hand */
    struct otlp_labels all;  /* of the sample at hand */
    struct pp_label *sorted;
    size_t cap_sorted;
    uint32_t *stamps; /* of a key's string: the sample that had it last */
    uint32_t n_stamps, stamp;

    uint32_t group, group_start, profile; /* profiles are counted from 1 */
    uint64_t n_seen;                      /* samples */
    struct otlp_numbers order;            /* pprof.scope.sample_type_order of the first scope */
    bool ordered;                         /* the scope at hand has one */
    bool has_header;

    /* the profile at hand */
    struct otlp_numbers types, indices; /* types: columns */
    struct otlp_numbers values, times, attributes;
};

struct otlp_samples *otlp_samples_open(struct otlp_reader *r) {
    struct otlp_samples *s = PP_NEW(&r->scratch, struct otlp_samples, 1);
    s->r = r;
    return s;
}

void otlp_samples_close(struct otlp_samples *s) {
    index_done(&s->index);
}

uint64_t otlp_samples_seen(const struct otlp_samples *s) {
    return s->n_seen;
}

/* ---- labels ---- */

static bool is_key(struct otlp_samples *s, const struct otlp_label *l, struct pp_str key) {
    return pp_str_eq(builder_text(&s->r->b, l->label.key), key);
}

static void push(struct otlp_samples *s, struct otlp_labels *labels, struct otlp_label l) {
    PP_PUSH(&s->r->scratch, labels->at, labels->n, labels->cap, l);
}

static void push_text(struct otlp_samples *s, struct otlp_labels *labels, const char *key,
                      uint32_t text) {
    push(s, labels, (struct otlp_label){{builder_string(&s->r->b, pp_str_from(key)), text, 0}, 0});
}

static void stamp_key(struct otlp_samples *s, uint32_t key) {
    if (key >= s->n_stamps) {
        uint32_t n = 2 * s->r->b.strings.n; /* profiles may bring strings one by one */
        uint32_t *grown = PP_NEW(&s->r->scratch, uint32_t, n);
        if (s->n_stamps) memcpy(grown, s->stamps, s->n_stamps * sizeof *grown);
        s->stamps = grown;
        s->n_stamps = n;
    }
    s->stamps[key] = s->stamp;
}

/* The set of all[], where what the sample says itself stands before what holds for many. */
static bool label_set(struct otlp_samples *s, uint32_t n_own, uint32_t *ret_set) {
    struct otlp_reader *r = s->r;
    uint32_t n_text = 0, n = 0;
    s->stamp++;
    for (uint32_t i = 0; i < n_own; i++)
        stamp_key(s, s->all.at[i].label.key);
    for (size_t i = 0; i < s->base.n; i++) {
        uint32_t key = s->base.at[i].label.key;
        if (key >= s->n_stamps || s->stamps[key] != s->stamp) push(s, &s->all, s->base.at[i]);
    }
    if (s->all.n > r->limits->max_labels)
        return pp_fail_limit(r->err, "max_labels", "labels of a sample", s->all.n,
                             r->limits->max_labels);
    if (!otlp_spend(r, s->all.n, 2 * sizeof(struct pp_label))) return false;
    PP_RESERVE(&r->scratch, s->sorted, 0, s->cap_sorted, s->all.n);
    for (size_t i = 0; i < s->all.n; i++)
        if (!s->all.at[i].is_num) s->sorted[n++] = s->all.at[i].label;
    n_text = n;
    for (size_t i = 0; i < s->all.n; i++)
        if (s->all.at[i].is_num) s->sorted[n++] = s->all.at[i].label;
    *ret_set = builder_label_set(&r->b, s->sorted, n_text, n - n_text);
    return true;
}

static bool own_labels(struct otlp_samples *s, uint64_t link) {
    struct otlp_reader *r = s->r;
    s->all.n = 0;
    for (size_t i = 0; i < s->attributes.n; i++) {
        struct otlp_span span;
        if (!otlp_attribute_at(r, s->attributes.at[i], &span)) return false;
        for (uint32_t j = 0; j < span.n; j++)
            push(s, &s->all, r->d.labels.at[span.first + j]);
    }
    if (link == 0 && r->d.n[OTLP_LINKS] == 0) return true;
    if (link >= r->d.n[OTLP_LINKS]) return otlp_broken(r, "a link that does not exist is used");
    struct otlp_link l = r->d.links[link];
    if (l.trace) push_text(s, &s->all, "trace_id", l.trace);
    if (l.span) push_text(s, &s->all, "span_id", l.span);
    return true;
}

/* ---- rows ---- */

static uint32_t new_row(struct otlp_samples *s, uint32_t stack, uint32_t labels) {
    struct row row = {stack, labels, PP_NONE, PP_NONE};
    PP_PUSH(&s->r->scratch, s->rows, s->n_rows, s->cap_rows, row);
    return s->n_rows - 1;
}

static struct key *find_key(struct otlp_samples *s, uint32_t stack, uint32_t labels) {
    uint64_t hash = hash_word(hash_word(hash_seed(), (uint64_t)stack << 32 | labels), s->group);
    for (struct index_probe i = index_probe(&s->index, hash); index_next(&s->index, &i);) {
        struct key *k = &s->keys[i.position];
        if (k->stack == stack && k->labels == labels && k->group == s->group) return k;
    }
    struct key k = {stack, labels, s->group, PP_NONE, PP_NONE, PP_NONE, 0};
    index_add(&s->index, hash, s->n_keys);
    PP_PUSH(&s->r->scratch, s->keys, s->n_keys, s->cap_keys, k);
    return &s->keys[s->n_keys - 1];
}

/* The row that the next sample of this stack and these labels fills. */
static uint32_t find_row(struct otlp_samples *s, uint32_t stack, uint32_t labels) {
    struct key *k = find_key(s, stack, labels);
    if (k->cursor_profile != s->profile) k->cursor = k->first;
    k->cursor_profile = s->profile;
    uint32_t row = k->cursor;
    if (row == PP_NONE) {
        row = new_row(s, stack, labels);
        if (k->last == PP_NONE)
            k->first = row;
        else
            s->rows[k->last].next = row;
        k->last = row;
    }
    k->cursor = s->rows[row].next;
    return row;
}

static bool add_row(struct otlp_samples *s, uint32_t stack, uint32_t labels,
                    const int64_t *values) {
    if (s->n_rows >= PP_NONE - 1 || s->n_cells >= PP_NONE - 1 - MAX_COLUMNS)
        return otlp_broken(s->r, "too many samples");
    uint32_t row = find_row(s, stack, labels);
    for (size_t i = 0; i < s->types.n; i++) {
        struct pp_cell c = {values[i], (uint32_t)s->types.at[i], s->rows[row].first_cell};
        s->rows[row].first_cell = s->n_cells;
        PP_PUSH(&s->r->scratch, s->cells, s->n_cells, s->cap_cells, c);
    }
    return true;
}

/* ---- samples ---- */

static int64_t sum(const struct otlp_numbers *values) {
    uint64_t total = 0;
    for (size_t i = 0; i < values->n; i++)
        total += values->at[i];
    return (int64_t)total;
}

/* A row for each event. */
static bool add_events(struct otlp_samples *s, uint32_t stack, uint32_t n_own) {
    uint32_t key = builder_string(&s->r->b, PP_STR("timestamp_ns"));
    uint32_t unit = builder_string(&s->r->b, PP_STR("nanoseconds"));
    for (size_t i = 0; i < s->times.n; i++) {
        uint32_t set;
        int64_t value = s->values.n ? (int64_t)s->values.at[i] : 1;
        s->all.n = n_own;
        push(s, &s->all, (struct otlp_label){{key, unit, (int64_t)s->times.at[i]}, true});
        if (!label_set(s, n_own + 1, &set) || !add_row(s, stack, set, &value)) return false;
    }
    return true;
}

static bool add_sample(struct otlp_samples *s, uint32_t stack) {
    uint32_t n_own = (uint32_t)s->all.n, set;
    bool even = s->values.n == 0 || s->values.n == s->times.n;
    if (s->r->keep_times && s->times.n && even && s->types.n == 1)
        return add_events(s, stack, n_own);
    s->r->dropped.timestamps += s->times.n;
    if (!label_set(s, n_own, &set)) return false;
    if (s->types.n == s->values.n && s->types.n != 1)
        return add_row(s, stack, set, (const int64_t *)s->values.at);
    if (s->types.n != 1) return otlp_broken(s->r, "a sample has not one value for each type");
    int64_t value = s->values.n ? sum(&s->values) : (int64_t)s->times.n;
    return add_row(s, stack, set, &value);
}

/* The stack of a range of location indices. */
static bool range_stack(struct otlp_samples *s, uint64_t start, uint64_t len, uint32_t *ret) {
    struct otlp_reader *r = s->r;
    if (start > s->indices.n || len > s->indices.n - start)
        return otlp_broken(r, "a sample has locations that do not exist");
    if (len > r->limits->max_depth)
        return pp_fail_limit(r->err, "max_depth", "frames in a stack", len, r->limits->max_depth);
    if (!otlp_spend(r, len, 2 * sizeof(uint32_t))) return false;
    struct pp_arena scratch = {0};
    uint32_t *frames = PP_NEW(&scratch, uint32_t, len), n = 0;
    bool ok = true;
    for (uint64_t i = start; i < start + len && ok; i++) {
        uint64_t at = s->indices.at[i];
        ok =
            at < r->d.n[OTLP_LOCATIONS] || otlp_broken(r, "a location that does not exist is used");
        if (ok && r->d.ours[OTLP_LOCATIONS][at] != PP_NONE)
            frames[n++] = r->d.ours[OTLP_LOCATIONS][at];
    }
    ok = ok && otlp_range_stack(r, frames, n, ret);
    pp_arena_done(&scratch);
    return ok;
}

static bool sample_stack(struct otlp_samples *s, const uint64_t *one, uint32_t *ret) {
    struct otlp_reader *r = s->r;
    if (r->layout->sample[OTLP_START] && r->d.n[OTLP_STACKS] == 0)
        return range_stack(s, one[OTLP_START], one[OTLP_LENGTH], ret);
    if (one[OTLP_STACK] == 0 && r->d.n[OTLP_STACKS] == 0) {
        *ret = builder_stack(&r->b, NULL, 0);
        return true;
    }
    if (one[OTLP_STACK] >= r->d.n[OTLP_STACKS])
        return otlp_broken(r, "a stack that does not exist is used");
    *ret = r->d.ours[OTLP_STACKS][one[OTLP_STACK]];
    return true;
}

static bool read_sample(struct otlp_samples *s, struct wire message) {
    struct otlp_reader *r = s->r;
    uint64_t one[OTLP_N_SAMPLE_FIELDS] = {0};
    struct otlp_numbers *lists[OTLP_N_SAMPLE_FIELDS] = {[OTLP_VALUES] = &s->values,
                                                        [OTLP_SAMPLE_ATTRIBUTES] = &s->attributes,
                                                        [OTLP_TIMESTAMPS] = &s->times};
    struct wire_field f;
    uint32_t stack = 0;
    s->values.n = s->attributes.n = s->times.n = 0;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return otlp_broken(r, "a sample is broken");
        int field = otlp_field(r->layout->sample, OTLP_N_SAMPLE_FIELDS, f.number);
        if (field < 0) continue;
        bool fixed = field == OTLP_TIMESTAMPS && r->layout->fixed_times;
        if (lists[field] ? !otlp_numbers_add(lists[field], &f, fixed, &r->scratch)
                         : f.type != WIRE_VARINT)
            return otlp_broken(r, "a sample is broken");
        one[field] = f.value;
    }
    s->n_seen++;
    return sample_stack(s, one, &stack) && own_labels(s, one[OTLP_LINK]) && add_sample(s, stack);
}

/* ---- a profile ---- */

/* The column of this type for the profile at hand. */
static bool find_column(struct otlp_samples *s, struct pp_value_type type, uint32_t *ret_column) {
    uint32_t i = 0;
    for (; i < s->n_columns; i++) {
        const struct column *c = &s->columns[i];
        if (c->type.type != type.type || c->type.unit != type.unit) continue;
        if (c->profile == s->profile) continue; /* twice in one profile */
        if (c->profile < s->group_start || !s->ordered) break;
    }
    if (i == MAX_COLUMNS) return otlp_broken(s->r, "more than 256 sample types");
    if (i == s->n_columns)
        s->columns[s->n_columns++] = (struct column){type, 0};
    else if (s->columns[i].profile >= s->group_start && s->columns[i].profile) {
        s->group++;
        s->group_start = s->profile;
    }
    s->columns[i].profile = s->profile;
    *ret_column = i;
    return true;
}

static bool read_type(struct otlp_samples *s, struct wire message, struct pp_value_type *ret) {
    uint64_t n[2] = {0};
    if (!wire_numbers(message, n, 2)) return otlp_broken(s->r, "a sample type is broken");
    if (!otlp_string(s->r, n[0], &ret->type) || !otlp_string(s->r, n[1], &ret->unit)) return false;
    ret->unit = otlp_unit(s->r, ret->unit);
    return true;
}

struct header {
    struct pp_value_type period_type;
    int64_t period;
    uint64_t time, duration;
    uint64_t default_type;
    uint32_t default_name;
    bool has_default;
    struct otlp_numbers attributes, comments;
};

/* Of several profiles: the first one's period, and the time from the first's begin to the last's
 * end. */
static void join_header(struct otlp_samples *s, const struct header *h) {
    struct pp_profile *p = &s->r->b.p;
    if (!s->has_header) {
        p->time_nanos = (int64_t)h->time;
        p->duration_nanos = (int64_t)h->duration;
    } else if (p->time_nanos != (int64_t)h->time || p->duration_nanos != (int64_t)h->duration) {
        uint64_t time = (uint64_t)p->time_nanos, end = time + (uint64_t)p->duration_nanos;
        uint64_t other = h->time + h->duration;
        if (h->time && (h->time < time || time == 0)) p->time_nanos = (int64_t)h->time;
        if (other > end) end = other;
        if (end > (uint64_t)p->time_nanos) p->duration_nanos = (int64_t)end - p->time_nanos;
    }
    if (!p->period && !p->period_type.type && !p->period_type.unit) {
        p->period = h->period;
        p->period_type = h->period_type;
    }
    s->has_header = true;
}

/* A comment, or one of several as the collector's translator from pprof numbers them. */
static bool is_comment(struct otlp_samples *s, const struct otlp_label *l) {
    const struct pp_str key = builder_text(&s->r->b, l->label.key),
                        name = PP_STR("pprof.profile.comment");
    return pp_str_has_prefix(key, name) && (key.len == name.len || key.data[name.len] == '.');
}

/* What pprof's own attributes say goes where it came from; the others are labels. */
static void profile_label(struct otlp_samples *s, const struct otlp_label *l) {
    struct pp_profile *p = &s->r->b.p;
    uint32_t text = l->label.text;
    if (l->is_num || !pp_str_has_prefix(builder_text(&s->r->b, l->label.key), PP_STR("pprof.")))
        push(s, &s->base, *l);
    else if (is_comment(s, l)) {
        if (!s->has_header) builder_add_comment(&s->r->b, text);
    } else if (is_key(s, l, PP_STR("pprof.profile.drop_frames")))
        p->drop_frames = text;
    else if (is_key(s, l, PP_STR("pprof.profile.keep_frames")))
        p->keep_frames = text;
    else if (is_key(s, l, PP_STR("pprof.profile.doc_url")))
        p->doc_url = text;
    else
        push(s, &s->base, *l);
}

static bool profile_attributes(struct otlp_samples *s, const struct otlp_numbers *list) {
    for (size_t i = 0; i < list->n; i++) {
        struct otlp_span span;
        if (!otlp_attribute_at(s->r, list->at[i], &span)) return false;
        for (uint32_t j = 0; j < span.n; j++)
            profile_label(s, &s->r->d.labels.at[span.first + j]);
    }
    return true;
}

static bool profile_comments(struct otlp_samples *s, const struct otlp_numbers *list) {
    for (size_t i = 0; i < list->n; i++) {
        uint32_t text;
        if (!otlp_string(s->r, list->at[i], &text)) return false;
        if (!s->has_header) builder_add_comment(&s->r->b, text);
    }
    return true;
}

static bool read_header_field(struct otlp_samples *s, int field, const struct wire_field *f,
                              struct header *h) {
    struct otlp_reader *r = s->r;
    struct pp_value_type type;
    uint32_t column;
    bool number = f->type == WIRE_VARINT || f->type == WIRE_FIXED64;
    struct otlp_numbers *list = field == OTLP_INDICES              ? &s->indices
                                : field == OTLP_COMMENTS           ? &h->comments
                                : field == OTLP_PROFILE_ATTRIBUTES ? &h->attributes
                                                                   : NULL;
    if (list) return otlp_numbers_add(list, f, false, &r->scratch);
    switch (field) {
    case OTLP_TYPE:
        if (f->type != WIRE_BYTES || !read_type(s, f->bytes, &type)) return false;
        if (!find_column(s, type, &column)) return false;
        PP_PUSH(&r->scratch, s->types.at, s->types.n, s->types.cap, column);
        return true;
    case OTLP_PERIOD_TYPE:
        return f->type == WIRE_BYTES && read_type(s, f->bytes, &h->period_type);
    case OTLP_TIME:
        h->time = f->value;
        return number;
    case OTLP_DURATION:
        h->duration = f->value;
        return number;
    case OTLP_PERIOD:
        h->period = (int64_t)f->value;
        return number;
    case OTLP_DEFAULT_TYPE:
        h->default_type = f->value;
        h->has_default = number;
        return number;
    case OTLP_DEFAULT_NAME:
        return number && otlp_string(r, f->value, &h->default_name);
    case OTLP_PROFILE_ID:
        r->dropped.profile_ids += f->type == WIRE_BYTES && f->value > 0;
        return true;
    case OTLP_PAYLOAD:
        r->dropped.payloads += f->type == WIRE_BYTES && f->value > 0;
        return true;
    default:
        return true;
    }
}

static bool read_head(struct otlp_samples *s, struct wire profile, bool *ret_samples) {
    struct otlp_reader *r = s->r;
    struct header h = {0};
    struct wire_field f;
    *ret_samples = false;
    while (profile.at < profile.end) {
        if (!wire_field(&profile, &f)) return otlp_broken(r, "a profile is broken");
        int field = otlp_field(r->layout->profile, OTLP_N_PROFILE_FIELDS, f.number);
        *ret_samples |= field == OTLP_SAMPLES;
        if (field < 0 || field == OTLP_SAMPLES) continue;
        r->err->code = PP_E_NONE;
        if (!read_header_field(s, field, &f, &h))
            return r->err->code != PP_E_NONE ? false
                                             : otlp_broken(r, "a profile has a broken field");
    }
    uint32_t name = h.default_name;
    if (h.has_default && h.default_type < s->types.n)
        name = s->columns[s->types.at[h.default_type]].type.type;
    if (name && !r->b.p.default_sample_type) r->b.p.default_sample_type = name;
    if (!profile_attributes(s, &h.attributes) || !profile_comments(s, &h.comments)) return false;
    join_header(s, &h);
    return true;
}

static bool read_own_tables(struct otlp_reader *r, struct wire profile) {
    struct wire_field f;
    otlp_dictionary_forget(r);
    while (profile.at < profile.end) {
        if (!wire_field(&profile, &f)) return otlp_broken(r, "a profile is broken");
        if (!otlp_dictionary_add(r, &f)) return false;
    }
    return otlp_dictionary_read(r);
}

static bool read_profile(struct otlp_samples *s, struct wire profile) {
    struct otlp_reader *r = s->r;
    const size_t n_base = s->base.n;
    struct wire_field f;
    bool any;
    uint32_t column;
    if (r->layout->home == OTLP_IN_PROFILE && !read_own_tables(r, profile)) return false;
    s->profile++;
    s->types.n = s->indices.n = 0;
    if (!read_head(s, profile, &any)) return false;
    if (any && s->types.n == 0) {
        if (!find_column(s, (struct pp_value_type){0}, &column)) return false;
        PP_PUSH(&r->scratch, s->types.at, s->types.n, s->types.cap, column);
    }
    while (profile.at < profile.end && wire_field(&profile, &f)) {
        if (f.number != r->layout->profile[OTLP_SAMPLES]) continue;
        if (f.type != WIRE_BYTES) return otlp_broken(r, "a sample is broken");
        if (!read_sample(s, f.bytes)) return false;
    }
    s->base.n = n_base;
    return true;
}

/* ---- scopes and resources ---- */

static void scope_label(struct otlp_samples *s, const struct otlp_label *l) {
    if (is_key(s, l, PP_STR("pprof.scope.default_sample_type")) && !l->is_num) {
        s->r->b.p.default_sample_type = l->label.text;
    } else if (is_key(s, l, PP_STR("pprof.scope.sample_type_order")) && l->is_num) {
        s->ordered = true;
        if (s->group <= 1)
            PP_PUSH(&s->r->scratch, s->order.at, s->order.n, s->order.cap, (uint64_t)l->label.num);
    } else {
        push(s, &s->base, *l);
    }
}

/* Resource: attributes are field 1; InstrumentationScope: name 1, version 2, attributes 3. */
static bool read_attributes(struct otlp_samples *s, struct wire message, bool scope) {
    struct otlp_reader *r = s->r;
    struct wire_field f;
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return otlp_broken(r, "a resource or a scope is broken");
        struct pp_str text = {(const char *)f.bytes.at, f.type == WIRE_BYTES ? f.value : 0};
        if (f.type != WIRE_BYTES) continue;
        if (scope && f.number <= 2) {
            if (text.len)
                push_text(s, &s->base, f.number == 1 ? "otel.scope.name" : "otel.scope.version",
                          builder_string(&r->b, text));
        } else if (f.number == (scope ? 3 : 1)) {
            struct otlp_labels labels = {0};
            if (!otlp_attribute(r, f.bytes, false, &labels)) return false;
            for (size_t i = 0; i < labels.n; i++)
                scope_label(s, &labels.at[i]);
        }
    }
    return true;
}

/* A scope has what holds for its profiles in field 1 and they in field 2; so has a resource. */
static bool read_parts(struct otlp_samples *s, struct wire message, bool scope) {
    struct otlp_reader *r = s->r;
    const size_t n_base = s->base.n;
    struct wire_field f;
    for (struct wire w = message; w.at < w.end;) {
        if (!wire_field(&w, &f)) return otlp_broken(r, "a resource or a scope is broken");
        if (f.number == 1 && f.type == WIRE_BYTES && !read_attributes(s, f.bytes, scope))
            return false;
    }
    while (message.at < message.end && wire_field(&message, &f)) {
        if (f.number != 2 || f.type != WIRE_BYTES) continue;
        if (scope) {
            if (!read_profile(s, f.bytes)) return false;
            continue;
        }
        s->group++;
        s->group_start = s->profile + 1;
        s->ordered = false;
        if (!read_parts(s, f.bytes, true)) return false;
    }
    s->base.n = n_base;
    return true;
}

bool otlp_resource(struct otlp_samples *s, struct wire message) {
    return read_parts(s, message, false);
}

/* ---- the end ---- */

/* From columns as they came to columns as pprof.scope.sample_type_order has them. */
static void final_columns(const struct otlp_samples *s, uint32_t *ret_places) {
    bool taken[MAX_COLUMNS] = {false}, valid = s->order.n == s->n_columns;
    for (uint32_t i = 0; i < s->n_columns && valid; i++) {
        valid = s->order.at[i] < s->n_columns && !taken[s->order.at[i]];
        if (valid) taken[s->order.at[i]] = true;
    }
    for (uint32_t i = 0; i < s->n_columns; i++)
        ret_places[i] = valid ? (uint32_t)s->order.at[i] : i;
}

bool otlp_samples_finish(struct otlp_samples *s) {
    struct otlp_reader *r = s->r;
    uint32_t places[MAX_COLUMNS], n = s->n_columns;
    struct pp_value_type types[MAX_COLUMNS];
    int64_t values[MAX_COLUMNS];
    if (n == 0) return pp_fail(r->err, PP_E_FORMAT, "OTLP: no profile is in it");
    final_columns(s, places);
    for (uint32_t i = 0; i < n; i++)
        types[places[i]] = s->columns[i].type;
    for (uint32_t i = 0; i < n; i++)
        builder_add_type(&r->b, types[i].type, types[i].unit);
    if (!otlp_spend(r, s->n_rows, (uint64_t)n * sizeof(int64_t))) return false;
    for (uint32_t i = 0; i < s->n_rows; i++) {
        const struct row *row = &s->rows[i];
        memset(values, 0, n * sizeof *values);
        for (uint32_t at = row->first_cell; at != PP_NONE; at = s->cells[at].next)
            values[places[s->cells[at].column]] = s->cells[at].value;
        builder_add_sample(&r->b, row->stack, row->labels, values, n);
    }
    return true;
}
