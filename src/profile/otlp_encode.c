#include "profile/otlp_encode.h"

#include "base/hash.h"
#include "base/index.h"
#include "base/text.h"
#include "profile/otlp_emit.h"

#include <stdlib.h>

/* An attribute: a label set's key with its values, or a fact of pprof's. */
struct attribute {
    uint32_t key, unit; /* strings of the message; 0: none */
    uint32_t n;         /* values; more than one is an array */
    uint32_t first;     /* in values[] */
    char kind;          /* t text, i integer, b true */
};

struct link {
    uint32_t trace, span; /* our strings; 0: none */
};

enum { OWN_NAMES = 16 };

/* A string that is written whether the profile has it or not. */
struct own_name {
    const char *text;
    uint32_t number;
};

struct encoder {
    struct emitter e;
    const struct pp_profile *p;
    struct pp_arena arena;
    uint32_t *numbers;      /* of our strings, one more; 0: not used yet */
    struct pp_str *strings; /* of the message */
    struct attribute *attributes;
    int64_t *values; /* of attributes: our strings, or integers */
    struct link *links;
    uint32_t *sets; /* of each label set: the first of its attributes in set_attributes */
    uint32_t *set_attributes, *set_links;
    uint32_t n_strings, n_attributes, n_values, n_links, n_set_attributes;
    size_t cap_strings, cap_attributes, cap_values, cap_links, cap_set_attributes;
    struct own_name names[OWN_NAMES];
    uint32_t n_names;
    struct hash_index attribute_index, link_index;
};

/* ---- strings and attributes, collected before anything is written ---- */

static uint32_t string(struct encoder *e, uint32_t ours) {
    if (!e->numbers[ours]) {
        PP_PUSH(&e->arena, e->strings, e->n_strings, e->cap_strings, pp_string(e->p, ours));
        e->numbers[ours] = e->n_strings;
    }
    return e->numbers[ours] - 1;
}

static uint32_t look_up(struct encoder *e, struct pp_str s) {
    for (uint32_t i = 0; i < e->p->n_strings; i++)
        if (pp_str_eq(pp_string(e->p, i), s)) return string(e, i);
    PP_PUSH(&e->arena, e->strings, e->n_strings, e->cap_strings, s);
    return e->n_strings - 1;
}

/* The few names of our own: each is looked up once. */
static uint32_t name(struct encoder *e, const char *text) {
    uint32_t i = 0;
    while (i < e->n_names && strcmp(e->names[i].text, text))
        i++;
    if (i == e->n_names)
        e->names[e->n_names++] = (struct own_name){text, look_up(e, pp_str_from(text))};
    return e->names[i].number;
}

/* The number of an attribute with these values; its place among them is found here. */
static uint32_t intern_attribute(struct encoder *e, struct attribute a, const int64_t *values) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)a.key << 32 | a.unit);
    hash = hash_bytes(hash + (uint64_t)a.kind, values, a.n * sizeof *values);
    for (struct index_probe i = index_probe(&e->attribute_index, hash);
         index_next(&e->attribute_index, &i);) {
        const struct attribute *b = &e->attributes[i.position];
        if (a.key == b->key && a.unit == b->unit && a.kind == b->kind && a.n == b->n &&
            !memcmp(e->values + b->first, values, a.n * sizeof *values))
            return i.position;
    }
    a.first = e->n_values;
    for (uint32_t i = 0; i < a.n; i++)
        PP_PUSH(&e->arena, e->values, e->n_values, e->cap_values, values[i]);
    index_add(&e->attribute_index, hash, e->n_attributes);
    PP_PUSH(&e->arena, e->attributes, e->n_attributes, e->cap_attributes, a);
    return e->n_attributes - 1;
}

static uint32_t text_attribute(struct encoder *e, const char *key, uint32_t text) {
    int64_t value = text;
    const struct attribute a = {.kind = 't', .key = name(e, key), .n = 1};
    return intern_attribute(e, a, &value);
}

static uint32_t true_attribute(struct encoder *e, const char *key) {
    const int64_t yes = 1;
    const struct attribute a = {.kind = 'b', .key = name(e, key), .n = 1};
    return intern_attribute(e, a, &yes);
}

/* A place is an id to OTLP; another id is kept here. */
static uint32_t id_attribute(struct encoder *e, const char *key, uint64_t id) {
    const int64_t value = (int64_t)id;
    const struct attribute a = {.kind = 'i', .key = name(e, key), .n = 1};
    return intern_attribute(e, a, &value);
}

/* An id of a trace or a span as it is written into a link: hex digits, not all of them 0. */
static bool is_id(struct encoder *e, const struct pp_label *l, const char *key, size_t digits) {
    struct pp_str text = pp_string(e->p, l->text);
    bool any = false;
    if (!pp_str_eq(pp_string(e->p, l->key), pp_str_from(key)) || text.len != digits) return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!text_is_lower_hex(text.data[i])) return false;
        any |= text.data[i] != '0';
    }
    return any;
}

static uint32_t find_link(struct encoder *e, struct link l) {
    if (!l.trace && !l.span) return 0;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)l.trace << 32 | l.span);
    for (struct index_probe i = index_probe(&e->link_index, hash); index_next(&e->link_index, &i);)
        if (e->links[i.position].trace == l.trace && e->links[i.position].span == l.span)
            return i.position;
    index_add(&e->link_index, hash, e->n_links);
    PP_PUSH(&e->arena, e->links, e->n_links, e->cap_links, l);
    return e->n_links - 1;
}

static void add_to_set(struct encoder *e, uint32_t attribute) {
    PP_PUSH(&e->arena, e->set_attributes, e->n_set_attributes, e->cap_set_attributes, attribute);
}

/* Labels of one key, and of one unit, are one attribute. */
static uint32_t add_run(struct encoder *e, const struct pp_label *l, uint32_t n, bool is_num,
                        struct link *link) {
    uint32_t len = 1;
    if (!is_num && (n == 1 || l[1].key != l[0].key)) {
        bool trace = !link->trace && is_id(e, l, "trace_id", 32);
        bool span = !link->span && is_id(e, l, "span_id", 16);
        if (trace) link->trace = l->text;
        if (span) link->span = l->text;
        if (trace || span) return 1;
    }
    while (len < n && l[len].key == l->key && (!is_num || l[len].text == l->text))
        len++;
    struct pp_arena scratch = {0};
    int64_t *values = PP_NEW(&scratch, int64_t, len);
    for (uint32_t i = 0; i < len; i++)
        values[i] = is_num ? l[i].num : l[i].text;
    uint32_t unit = is_num && l->text != PP_NONE ? string(e, l->text) : 0;
    const struct attribute a = {
        .kind = is_num ? 'i' : 't', .key = string(e, l->key), .unit = unit, .n = len};
    add_to_set(e, intern_attribute(e, a, values));
    pp_arena_done(&scratch);
    return len;
}

static void collect_set(struct encoder *e, uint32_t i) {
    struct pp_label_set set = e->p->label_sets[i];
    const struct pp_label *l = e->p->labels + set.first;
    struct link link = {0};
    e->sets[i] = e->n_set_attributes;
    for (uint32_t at = 0; at < set.n_text;)
        at += add_run(e, l + at, set.n_text - at, false, &link);
    for (uint32_t at = 0; at < set.n_num;)
        at += add_run(e, l + set.n_text + at, set.n_num - at, true, &link);
    e->set_links[i] = find_link(e, link);
}

static void collect(struct encoder *e) {
    const struct pp_profile *p = e->p;
    e->numbers = PP_NEW(&e->arena, uint32_t, p->n_strings);
    e->sets = PP_NEW(&e->arena, uint32_t, (size_t)p->n_label_sets + 1);
    e->set_links = PP_NEW(&e->arena, uint32_t, p->n_label_sets);
    string(e, 0);
    PP_PUSH(&e->arena, e->attributes, e->n_attributes, e->cap_attributes, (struct attribute){0});
    PP_PUSH(&e->arena, e->links, e->n_links, e->cap_links, (struct link){0});
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        collect_set(e, i);
    e->sets[p->n_label_sets] = e->n_set_attributes;
}

/* ---- profiles ---- */

static void put_type(struct encoder *e, const char *field, unsigned number,
                     struct pp_value_type t) {
    emit_begin(&e->e, field, number);
    emit_index(&e->e, "typeStrindex", 1, string(e, t.type));
    emit_index(&e->e, "unitStrindex", 2, string(e, t.unit));
    emit_end(&e->e);
}

static void put_sample(struct encoder *e, uint32_t sample, uint32_t type) {
    const struct pp_profile *p = e->p;
    uint32_t set = p->sample_labels[sample], first = e->sets[set];
    int64_t value = pp_value(p, sample, type);
    emit_begin(&e->e, NULL, 2);
    emit_index(&e->e, "stackIndex", 1, p->sample_stack[sample] + 1);
    emit_indices(&e->e, "attributeIndices", 2, e->set_attributes + first, e->sets[set + 1] - first);
    emit_index(&e->e, "linkIndex", 3, e->set_links[set]);
    emit_i64s(&e->e, "values", 4, &value, 1);
    emit_end(&e->e);
}

static uint32_t profile_attributes(struct encoder *e, uint32_t *ret) {
    const struct pp_profile *p = e->p;
    uint32_t n = 0;
    if (p->n_comments) {
        struct pp_arena scratch = {0};
        int64_t *texts = PP_NEW(&scratch, int64_t, p->n_comments);
        for (uint32_t i = 0; i < p->n_comments; i++)
            texts[i] = p->comments[i];
        const struct attribute a = {
            .kind = 't', .key = name(e, "pprof.profile.comment"), .n = p->n_comments};
        ret[n++] = intern_attribute(e, a, texts);
        pp_arena_done(&scratch);
    }
    if (p->drop_frames) ret[n++] = text_attribute(e, "pprof.profile.drop_frames", p->drop_frames);
    if (p->keep_frames) ret[n++] = text_attribute(e, "pprof.profile.keep_frames", p->keep_frames);
    if (p->doc_url) ret[n++] = text_attribute(e, "pprof.profile.doc_url", p->doc_url);
    return n;
}

static void put_profile(struct encoder *e, uint32_t type) {
    const struct pp_profile *p = e->p;
    uint32_t attributes[4], n = profile_attributes(e, attributes);
    emit_begin(&e->e, NULL, 2);
    if (type < p->n_types) put_type(e, "sampleType", 1, p->sample_types[type]);
    if (p->n_samples) emit_list(&e->e, "samples");
    for (uint32_t i = 0; i < p->n_samples; i++)
        put_sample(e, i, type);
    if (p->n_samples) emit_list_end(&e->e);
    emit_fixed64(&e->e, "timeUnixNano", 3, (uint64_t)p->time_nanos);
    emit_u64(&e->e, "durationNano", 4, (uint64_t)p->duration_nanos);
    if (p->period_type.type || p->period_type.unit) put_type(e, "periodType", 5, p->period_type);
    emit_i64(&e->e, "period", 6, p->period);
    emit_indices(&e->e, "attributeIndices", 11, attributes, n);
    emit_end(&e->e);
}

/* Keys and texts of a scope stand in the dictionary, as today's collector writes them: one that
 * stands in the message itself is lost by the collector's reader. */
static void put_default_type(struct encoder *e) {
    emit_begin(&e->e, NULL, 3);
    emit_begin(&e->e, "value", 2);
    emit_index(&e->e, "stringValueStrindex", 8, string(e, e->p->default_sample_type));
    emit_end(&e->e);
    emit_index(&e->e, "keyStrindex", 3, name(e, "pprof.scope.default_sample_type"));
    emit_end(&e->e);
}

static void put_type_order(struct encoder *e) {
    emit_begin(&e->e, NULL, 3);
    emit_begin(&e->e, "value", 2);
    emit_begin(&e->e, "arrayValue", 5);
    emit_list(&e->e, "values");
    for (uint32_t i = 0; i < e->p->n_types; i++) {
        emit_begin(&e->e, NULL, 1);
        emit_any_i64(&e->e, "intValue", 3, i);
        emit_end(&e->e);
    }
    emit_list_end(&e->e);
    emit_end(&e->e);
    emit_end(&e->e);
    emit_index(&e->e, "keyStrindex", 3, name(e, "pprof.scope.sample_type_order"));
    emit_end(&e->e);
}

static void put_resource(struct encoder *e) {
    const struct pp_profile *p = e->p;
    emit_list(&e->e, "resourceProfiles");
    emit_begin(&e->e, NULL, 1);
    emit_list(&e->e, "scopeProfiles");
    emit_begin(&e->e, NULL, 2);
    emit_begin(&e->e, "scope", 1);
    emit_list(&e->e, "attributes");
    if (p->default_sample_type) put_default_type(e);
    if (p->n_types > 1) put_type_order(e);
    emit_list_end(&e->e);
    emit_end(&e->e);
    emit_list(&e->e, "profiles");
    for (uint32_t t = 0; t < p->n_types || t == 0; t++)
        put_profile(e, t);
    emit_list_end(&e->e);
    emit_end(&e->e);
    emit_list_end(&e->e);
    emit_end(&e->e);
    emit_list_end(&e->e);
}

/* ---- the dictionary: each table begins with an entry that is nothing ---- */

static void put_nothing(struct encoder *e, unsigned number) {
    emit_begin(&e->e, NULL, number);
    emit_end(&e->e);
}

static bool is_hex(struct pp_str s) {
    for (size_t i = 0; i < s.len; i++)
        if (!text_is_hex(s.data[i])) return false;
    return true;
}

static void put_mapping(struct encoder *e, uint32_t i) {
    const struct pp_mapping *m = &e->p->mappings[i];
    uint32_t attributes[7], n = 0;
    const struct {
        bool is;
        const char *name;
    } facts[] = {{m->has_functions, "pprof.mapping.has_functions"},
                 {m->has_filenames, "pprof.mapping.has_filenames"},
                 {m->has_line_numbers, "pprof.mapping.has_line_numbers"},
                 {m->has_inline_frames, "pprof.mapping.has_inline_frames"},
                 {m->as_image, "pprof.mapping.as_image"}};
    for (size_t k = 0; k < sizeof facts / sizeof *facts; k++)
        if (facts[k].is) attributes[n++] = true_attribute(e, facts[k].name);
    if (m->build_id)
        attributes[n++] =
            text_attribute(e,
                           is_hex(pp_string(e->p, m->build_id)) ? "process.executable.build_id.gnu"
                                                                : "process.executable.build_id.go",
                           m->build_id);
    if (m->id != (uint64_t)i + 1) attributes[n++] = id_attribute(e, "pprof.mapping.id", m->id);
    emit_begin(&e->e, NULL, 1);
    emit_u64(&e->e, "memoryStart", 1, m->start);
    emit_u64(&e->e, "memoryLimit", 2, m->limit);
    emit_u64(&e->e, "fileOffset", 3, m->offset);
    emit_index(&e->e, "filenameStrindex", 4, string(e, m->file));
    emit_indices(&e->e, "attributeIndices", 5, attributes, n);
    emit_end(&e->e);
}

static void put_location(struct encoder *e, uint32_t place) {
    const struct pp_profile *p = e->p;
    const struct pp_location *l = &p->locations[place];
    uint32_t attributes[2], n = 0;
    if (l->is_folded) attributes[n++] = true_attribute(e, "pprof.location.is_folded");
    uint64_t id = pp_id(p->location_ids, place);
    if (id != (uint64_t)place + 1) attributes[n++] = id_attribute(e, "pprof.location.id", id);
    emit_begin(&e->e, NULL, 2);
    emit_index(&e->e, "mappingIndex", 1, l->mapping == PP_NONE ? 0 : l->mapping + 1);
    emit_u64(&e->e, "address", 2, l->address);
    if (l->n_lines) emit_list(&e->e, "lines");
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_line line = pp_line_at(p, l->first_line + i);
        emit_begin(&e->e, NULL, 3);
        emit_index(&e->e, "functionIndex", 1, line.function + 1);
        emit_i64(&e->e, "line", 2, line.line);
        emit_i64(&e->e, "column", 3, line.column);
        emit_end(&e->e);
    }
    if (l->n_lines) emit_list_end(&e->e);
    emit_indices(&e->e, "attributeIndices", 4, attributes, n);
    emit_end(&e->e);
}

static void put_function(struct encoder *e, const struct pp_function *f) {
    emit_begin(&e->e, NULL, 3);
    emit_index(&e->e, "nameStrindex", 1, string(e, f->name));
    emit_index(&e->e, "systemNameStrindex", 2, string(e, f->system_name));
    emit_index(&e->e, "filenameStrindex", 3, string(e, f->filename));
    emit_i64(&e->e, "startLine", 4, f->start_line);
    emit_end(&e->e);
}

/* The first link is nothing: the protocol also allows zeros there, which its checker refuses. */
static void put_link(struct encoder *e, struct link l) {
    const struct pp_str zeros = PP_STR("00000000000000000000000000000000");
    if (!l.trace && !l.span) {
        put_nothing(e, 4);
        return;
    }
    emit_begin(&e->e, NULL, 4);
    emit_hex(&e->e, "traceId", 1, l.trace ? pp_string(e->p, l.trace) : zeros);
    emit_hex(&e->e, "spanId", 2,
             l.span ? pp_string(e->p, l.span) : pp_str_slice(zeros, 0, zeros.len / 2));
    emit_end(&e->e);
}

static void put_value(struct encoder *e, const char *field, unsigned number, char kind,
                      int64_t value) {
    emit_begin(&e->e, field, number);
    if (kind == 't')
        emit_text(&e->e, "stringValue", 1, pp_string(e->p, (uint32_t)value));
    else if (kind == 'i')
        emit_any_i64(&e->e, "intValue", 3, value);
    else
        emit_bool(&e->e, "boolValue", 2, value);
    emit_end(&e->e);
}

static void put_attribute(struct encoder *e, const struct attribute *a) {
    emit_begin(&e->e, NULL, 6);
    emit_index(&e->e, "keyStrindex", 1, a->key);
    if (a->n == 1) {
        put_value(e, "value", 2, a->kind, e->values[a->first]);
    } else if (a->n) {
        emit_begin(&e->e, "value", 2);
        emit_begin(&e->e, "arrayValue", 5);
        emit_list(&e->e, "values");
        for (uint32_t i = 0; i < a->n; i++)
            put_value(e, NULL, 1, a->kind, e->values[a->first + i]);
        emit_list_end(&e->e);
        emit_end(&e->e);
        emit_end(&e->e);
    }
    emit_index(&e->e, "unitStrindex", 3, a->unit);
    emit_end(&e->e);
}

static void put_stack(struct encoder *e, struct pp_stack s, uint32_t *frames) {
    for (uint32_t i = 0; i < s.len; i++)
        frames[i] = pp_frame(e->p, s.first + i) + 1;
    emit_begin(&e->e, NULL, 7);
    emit_indices(&e->e, "locationIndices", 1, frames, s.len);
    emit_end(&e->e);
}

static void put_stacks(struct encoder *e) {
    const struct pp_profile *p = e->p;
    uint32_t deepest = 0;
    for (uint32_t i = 0; i < p->n_stacks; i++)
        if (p->stacks[i].len > deepest) deepest = p->stacks[i].len;
    uint32_t *frames = PP_NEW(&e->arena, uint32_t, deepest);
    emit_list(&e->e, "stackTable");
    put_nothing(e, 7);
    for (uint32_t i = 0; i < p->n_stacks; i++)
        put_stack(e, p->stacks[i], frames);
    emit_list_end(&e->e);
}

/* Mappings and functions still use strings and attributes, so those come last. */
static void put_dictionary(struct encoder *e) {
    const struct pp_profile *p = e->p;
    emit_begin(&e->e, "dictionary", 2);
    emit_list(&e->e, "mappingTable");
    put_nothing(e, 1);
    for (uint32_t i = 0; i < p->n_mappings; i++)
        put_mapping(e, i);
    emit_list_end(&e->e);
    emit_list(&e->e, "locationTable");
    put_nothing(e, 2);
    for (uint32_t i = 0; i < p->n_locations; i++)
        put_location(e, i);
    emit_list_end(&e->e);
    emit_list(&e->e, "functionTable");
    put_nothing(e, 3);
    for (uint32_t i = 0; i < p->n_functions; i++)
        put_function(e, &p->functions[i]);
    emit_list_end(&e->e);
    emit_list(&e->e, "linkTable");
    for (uint32_t i = 0; i < e->n_links; i++)
        put_link(e, e->links[i]);
    emit_list_end(&e->e);
    emit_list(&e->e, "stringTable");
    for (uint32_t i = 0; i < e->n_strings; i++)
        emit_text(&e->e, NULL, 5, e->strings[i]);
    emit_list_end(&e->e);
    emit_list(&e->e, "attributeTable");
    for (uint32_t i = 0; i < e->n_attributes; i++)
        put_attribute(e, &e->attributes[i]);
    emit_list_end(&e->e);
    put_stacks(e);
    emit_end(&e->e);
}

static void encode(const struct pp_profile *p, struct out *out, bool as_json) {
    struct encoder e = {.p = p};
    e.e.as_json = as_json;
    e.e.arena = &e.arena;
    json_begin(&e.e.j, out);
    collect(&e);
    if (as_json) json_object(&e.e.j);
    put_resource(&e);
    put_dictionary(&e);
    if (as_json) {
        json_object_end(&e.e.j);
        out_char(out, '\n');
    } else {
        out_bytes(out, e.e.wire, e.e.n);
    }
    index_done(&e.attribute_index);
    index_done(&e.link_index);
    pp_arena_done(&e.arena);
}

void profile_write_otlp(const struct pp_profile *p, struct out *out) {
    encode(p, out, false);
}

void profile_write_otlp_json(const struct pp_profile *p, struct out *out) {
    encode(p, out, true);
}
