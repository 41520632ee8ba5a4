/* Writes profile.proto, one top-level field at a time: each entry becomes a message of protobuf-c
 * and is packed into a buffer, or written as JSON. Samples, nine tenths of the bytes, are packed
 * without it on all processors, to the same bytes, once their strings have numbers. The order in
 * which strings are numbered is the reference's (profile/encode.go, preEncode), so a profile keeps
 * its string table through both programs. */
#include "profile/encode.h"

#include "base/gzip.h"
#include "profile/json_encode.h"
#include "profile/sample_parts.h"
#include "profile/wire.h"

#include <endian.h>
#include <stdlib.h>

enum { FLUSH_AT = 256 << 10 };

/* For the sample that a worker has at hand. */
struct sample_room {
    struct pp_arena arena;
    uint8_t *bytes;
    size_t cap;
};

struct encoder {
    const struct pp_profile *p;
    struct out *out;
    struct gzip *gzip;         /* NULL: plain */
    struct json_encoder *json; /* instead of the wire format, or NULL */
    char *buffer;
    size_t used, size;
    uint32_t *numbers; /* of each string: its place in string_table, one more; 0 is not used yet */
    uint32_t *order;   /* string_table: our ids */
    uint32_t n_order;
    struct pp_arena *arena;
    uint64_t *codes; /* by location: its id as a varint, and in the highest byte how long it is; 0:
                        it is longer than that */
    struct sample_room rooms[SAMPLE_WRITERS];
    uint64_t *ids; /* of the stack at hand, for JSON */
    size_t cap_ids;
    Cpprof__Wire__Label *labels;
    Cpprof__Wire__Label **label_refs;
    size_t cap_labels, cap_label_refs;
};

static int64_t number(struct encoder *e, uint32_t string) {
    if (!e->numbers[string]) {
        e->order[e->n_order] = string;
        e->numbers[string] = ++e->n_order;
    }
    return e->numbers[string] - 1;
}

static void flush(struct encoder *e) {
    struct pp_str bytes = {e->buffer, e->used};
    if (e->gzip)
        gzip_write(e->gzip, bytes);
    else
        out_str(e->out, bytes);
    e->used = 0;
}

static char *room(struct encoder *e, size_t want) {
    if (e->size - e->used < want && e->used) flush(e);
    if (e->size < want) {
        e->size = want;
        e->buffer = pp_realloc(e->buffer, e->size);
    }
    return e->buffer + e->used;
}

static void put_varint(struct encoder *e, uint64_t v) {
    char *to = room(e, WIRE_MAX_VARINT);
    e->used += wire_put_varint(to, v);
}

/* An element of a repeated field; a zero too. */
static void put_element(struct encoder *e, unsigned field, int64_t v) {
    if (e->json) {
        json_encode_int(e->json, field, v);
        return;
    }
    put_varint(e, field << 3);
    put_varint(e, (uint64_t)v);
}

static void put_number(struct encoder *e, unsigned field, int64_t v) {
    if (v) put_element(e, field, v);
}

static void put_bytes(struct encoder *e, unsigned field, struct pp_str s) {
    if (e->json) {
        json_encode_bytes(e->json, field, s);
        return;
    }
    put_varint(e, field << 3 | 2);
    put_varint(e, s.len);
    char *to = room(e, s.len);
    if (s.len) memcpy(to, s.data, s.len);
    e->used += s.len;
}

static void flush_if_full(struct encoder *e) {
    if (e->used >= FLUSH_AT) flush(e);
}

static void put_message(struct encoder *e, unsigned field, const ProtobufCMessage *m) {
    if (e->json) {
        json_encode_message(e->json, field, m);
        return;
    }
    size_t len = protobuf_c_message_get_packed_size(m);
    put_varint(e, field << 3 | 2);
    put_varint(e, len);
    protobuf_c_message_pack(m, (uint8_t *)room(e, len));
    e->used += len;
    flush_if_full(e);
}

static void put_value_type(struct encoder *e, unsigned field, struct pp_value_type t) {
    Cpprof__Wire__ValueType m = CPPROF__WIRE__VALUE_TYPE__INIT;
    m.type = number(e, t.type);
    m.unit = number(e, t.unit);
    put_message(e, field, &m.base);
}

static size_t fill_labels(struct encoder *e, struct pp_label_set set) {
    const struct pp_profile *p = e->p;
    size_t n = (size_t)set.n_text + set.n_num;
    PP_RESERVE(e->arena, e->labels, 0, e->cap_labels, n);
    PP_RESERVE(e->arena, e->label_refs, 0, e->cap_label_refs, n);
    for (size_t i = 0; i < n; i++) {
        const struct pp_label *l = &p->labels[set.first + i];
        Cpprof__Wire__Label *m = &e->labels[i];
        cpprof__wire__label__init(m);
        m->key = number(e, l->key);
        if (i < set.n_text) {
            m->str = number(e, l->text);
        } else {
            m->num = l->num;
            if (l->text != PP_NONE) m->num_unit = number(e, l->text);
        }
        e->label_refs[i] = m;
    }
    return n;
}

static void put_json_sample(struct encoder *e, uint32_t s) {
    const struct pp_profile *p = e->p;
    struct pp_stack stack = p->stacks[p->sample_stack[s]];
    PP_RESERVE(e->arena, e->ids, 0, e->cap_ids, stack.len);
    for (uint32_t i = 0; i < stack.len; i++)
        e->ids[i] = pp_id(p->location_ids, pp_frame(p, stack.first + i));
    Cpprof__Wire__Sample m = CPPROF__WIRE__SAMPLE__INIT;
    m.n_location_id = stack.len;
    m.location_id = e->ids;
    m.n_value = p->n_types;
    m.value = p->values + (size_t)s * p->n_types;
    m.n_label = fill_labels(e, p->label_sets[p->sample_labels[s]]);
    m.label = e->label_refs;
    put_message(e, 2, &m.base);
}

/* ---- samples on the wire; `to` has room for all ---- */

/* Numbers the strings of all labels, as they come. */
static void number_labels(struct encoder *e) {
    enum { AHEAD = 32 }; /* labels whose numbers come from memory */
    const struct pp_profile *p = e->p;
    for (uint32_t s = 0; s < p->n_samples; s++) {
        struct pp_label_set set = p->label_sets[p->sample_labels[s]];
        for (uint32_t i = set.first; i < set.first + set.n_text + set.n_num; i++) {
            const struct pp_label *l = &p->labels[i];
            if (p->n_labels - i > AHEAD && l[AHEAD].text != PP_NONE)
                __builtin_prefetch(&e->numbers[l[AHEAD].text], 1);
            number(e, l->key);
            if (l->text != PP_NONE) number(e, l->text);
        }
    }
}

enum { MAX_LABEL = 2 + 4 * (1 + WIRE_MAX_VARINT), CODE_BYTES = 7 };

static uint64_t *encode_ids(const struct pp_profile *p, struct pp_arena *arena) {
    uint64_t *codes = PP_NEW(arena, uint64_t, p->n_locations);
    for (uint32_t i = 0; i < p->n_locations; i++) {
        uint8_t bytes[WIRE_MAX_VARINT];
        size_t n = wire_put_varint(bytes, pp_id(p->location_ids, i));
        if (n <= CODE_BYTES) codes[i] = wire_fixed(bytes, n) | (uint64_t)n << 8 * CODE_BYTES;
    }
    return codes;
}

static uint8_t *pack_number(uint8_t *to, unsigned field, int64_t v) {
    if (!v) return to;
    *to++ = (uint8_t)(field << 3);
    return to + wire_put_varint(to, (uint64_t)v);
}

static uint8_t *pack_head(uint8_t *to, unsigned field, size_t len) {
    *to++ = (uint8_t)(field << 3 | WIRE_BYTES);
    return to + wire_put_varint(to, len);
}

/* What is packed behind the room for a head. */
static uint8_t *close_head(uint8_t *head, unsigned field, const uint8_t *from, size_t len) {
    uint8_t *to = len ? pack_head(head, field, len) : head;
    memmove(to, from, len);
    return to + len;
}

static uint8_t *pack_ids(const struct encoder *e, uint8_t *head, struct pp_stack stack) {
    uint8_t *first = head + 1 + WIRE_MAX_VARINT, *to = first;
    for (uint32_t i = 0; i < stack.len; i++) {
        uint32_t location = pp_frame(e->p, stack.first + i);
        uint64_t code = htole64(e->codes[location]);
        memcpy(to, &code, sizeof code);
        to += e->codes[location] >> 8 * CODE_BYTES;
        if (!e->codes[location]) to += wire_put_varint(to, pp_id(e->p->location_ids, location));
    }
    return close_head(head, 1, first, (size_t)(to - first));
}

static uint8_t *pack_values(const struct encoder *e, uint8_t *head, uint32_t sample) {
    uint8_t *first = head + 1 + WIRE_MAX_VARINT, *to = first;
    for (uint32_t t = 0; t < e->p->n_types; t++)
        to += wire_put_varint(to, (uint64_t)pp_value(e->p, sample, t));
    return close_head(head, 2, first, (size_t)(to - first));
}

/* Of a string that has a number. */
static int64_t number_of(const struct encoder *e, uint32_t string) {
    return (int64_t)e->numbers[string] - 1;
}

static uint8_t *pack_label(const struct encoder *e, uint8_t *head, const struct pp_label *l,
                           bool is_text) {
    uint8_t *to = pack_number(head + 2, 1, number_of(e, l->key));
    if (is_text) {
        to = pack_number(to, 2, number_of(e, l->text));
    } else {
        to = pack_number(to, 3, l->num);
        if (l->text != PP_NONE) to = pack_number(to, 4, number_of(e, l->text));
    }
    pack_head(head, 3, (size_t)(to - head - 2));
    return to;
}

static void put_sample(void *encoder, unsigned worker, uint32_t s, struct out *o) {
    struct encoder *e = encoder;
    struct sample_room *room = &e->rooms[worker];
    const struct pp_profile *p = e->p;
    struct pp_stack stack = p->stacks[p->sample_stack[s]];
    struct pp_label_set set = p->label_sets[p->sample_labels[s]];
    size_t n_labels = (size_t)set.n_text + set.n_num;
    size_t numbers = (size_t)stack.len + p->n_types + 4; /* and two heads */
    PP_RESERVE(&room->arena, room->bytes, 0, room->cap,
               numbers * WIRE_MAX_VARINT + n_labels * MAX_LABEL);
    uint8_t *first = room->bytes, head[1 + WIRE_MAX_VARINT];
    uint8_t *to = pack_values(e, pack_ids(e, first, stack), s);
    for (size_t i = 0; i < n_labels; i++)
        to = pack_label(e, to, &p->labels[set.first + i], i < set.n_text);
    size_t len = (size_t)(to - first);
    out_bytes(o, head, (size_t)(pack_head(head, 2, len) - head));
    out_bytes(o, first, len);
}

static bool take_samples(void *encoder, const void *bytes, size_t len) {
    struct encoder *e = encoder;
    gzip_write(e->gzip, (struct pp_str){bytes, len});
    return !out_failed(e->out);
}

static void put_samples(struct encoder *e) {
    struct out packed;
    number_labels(e);
    flush(e);
    if (e->gzip) out_open_sink(&packed, take_samples, e);
    sample_parts_put(e->p, e->gzip ? &packed : e->out, put_sample, e);
    if (e->gzip) out_close(&packed, NULL);
    for (size_t i = 0; i < SAMPLE_WRITERS; i++)
        pp_arena_done(&e->rooms[i].arena);
}

static void put_mapping(struct encoder *e, const struct pp_mapping *mapping) {
    Cpprof__Wire__Mapping m = CPPROF__WIRE__MAPPING__INIT;
    m.id = mapping->id;
    m.memory_start = mapping->start;
    m.memory_limit = mapping->limit;
    m.file_offset = mapping->offset;
    m.filename = number(e, mapping->file);
    m.build_id = number(e, mapping->build_id);
    m.has_functions = mapping->has_functions;
    m.has_filenames = mapping->has_filenames;
    m.has_line_numbers = mapping->has_line_numbers;
    m.has_inline_frames = mapping->has_inline_frames;
    m.as_image = mapping->as_image;
    put_message(e, 3, &m.base);
}

static void put_location(struct encoder *e, uint32_t at) {
    const struct pp_profile *p = e->p;
    const struct pp_location *l = &p->locations[at];
    struct pp_arena scratch = {0};
    Cpprof__Wire__Line few[8], *few_refs[8], *lines = few, **refs = few_refs;
    if (l->n_lines > 8) {
        lines = PP_NEW(&scratch, Cpprof__Wire__Line, l->n_lines);
        refs = PP_NEW(&scratch, Cpprof__Wire__Line *, l->n_lines);
    }
    for (uint32_t i = 0; i < l->n_lines; i++) {
        const struct pp_line line = pp_line_at(p, l->first_line + i);
        cpprof__wire__line__init(&lines[i]);
        lines[i].function_id = pp_id(p->function_ids, line.function);
        lines[i].line = line.line;
        lines[i].column = line.column;
        refs[i] = &lines[i];
    }
    Cpprof__Wire__Location m = CPPROF__WIRE__LOCATION__INIT;
    m.id = pp_id(p->location_ids, at);
    m.mapping_id = l->mapping == PP_NONE ? 0 : p->mappings[l->mapping].id;
    m.address = l->address;
    m.n_line = l->n_lines;
    m.line = refs;
    m.is_folded = l->is_folded;
    put_message(e, 4, &m.base);
    pp_arena_done(&scratch);
}

static void put_function(struct encoder *e, uint32_t at) {
    const struct pp_function *f = &e->p->functions[at];
    Cpprof__Wire__Function m = CPPROF__WIRE__FUNCTION__INIT;
    m.id = pp_id(e->p->function_ids, at);
    m.name = number(e, f->name);
    m.system_name = number(e, f->system_name);
    m.filename = number(e, f->filename);
    m.start_line = f->start_line;
    put_message(e, 5, &m.base);
}

/* Everything but the samples, in the order in which the reference numbers strings: types, samples,
 * mappings, functions, header. Locations carry no strings. */
static void put_profile(struct encoder *e) {
    const struct pp_profile *p = e->p;
    number(e, 0);
    for (uint32_t i = 0; i < p->n_types; i++)
        put_value_type(e, 1, p->sample_types[i]);
    if (!e->json) put_samples(e);
    for (uint32_t i = 0; e->json && i < p->n_samples && !out_failed(e->out); i++)
        put_json_sample(e, i);
    for (uint32_t i = 0; i < p->n_mappings; i++)
        put_mapping(e, &p->mappings[i]);
    for (uint32_t i = 0; i < p->n_locations; i++)
        put_location(e, i);
    for (uint32_t i = 0; i < p->n_functions; i++)
        put_function(e, i);
    int64_t drop = number(e, p->drop_frames), keep = number(e, p->keep_frames);
    number(e, p->period_type.type);
    number(e, p->period_type.unit);
    for (uint32_t i = 0; i < p->n_comments; i++)
        number(e, p->comments[i]);
    int64_t default_type = number(e, p->default_sample_type), doc_url = number(e, p->doc_url);
    for (uint32_t i = 0; i < e->n_order; i++)
        put_bytes(e, 6, pp_string(p, e->order[i]));
    put_number(e, 7, drop);
    put_number(e, 8, keep);
    put_number(e, 9, p->time_nanos);
    put_number(e, 10, p->duration_nanos);
    if (p->period_type.type || p->period_type.unit) put_value_type(e, 11, p->period_type);
    put_number(e, 12, p->period);
    for (uint32_t i = 0; i < p->n_comments; i++)
        put_element(e, 13, number(e, p->comments[i]));
    put_number(e, 14, default_type);
    put_number(e, 15, doc_url);
    flush(e);
}

static void encode(const struct pp_profile *p, struct out *out, struct gzip *gzip,
                   struct json_encoder *json) {
    struct pp_arena arena = {0};
    struct encoder e = {.p = p, .out = out, .gzip = gzip, .json = json, .arena = &arena};
    e.size = FLUSH_AT + (64 << 10);
    e.buffer = pp_malloc(e.size);
    if (!json) e.codes = encode_ids(p, &arena);
    e.numbers = PP_NEW(&arena, uint32_t, p->n_strings);
    e.order = PP_NEW(&arena, uint32_t, p->n_strings);
    put_profile(&e);
    pp_free(e.buffer);
    pp_arena_done(&arena);
}

void profile_write_plain(const struct pp_profile *p, struct out *out) {
    encode(p, out, NULL, NULL);
}

void profile_write_json(const struct pp_profile *p, struct out *out) {
    struct json_encoder json;
    json_encode_begin(&json, out);
    encode(p, out, NULL, &json);
    json_encode_end(&json);
}

bool profile_write_gzip(const struct pp_profile *p, struct out *out, struct pp_error *err) {
    struct gzip *gzip = gzip_open(out, GZIP_SMALL);
    if (!gzip) return pp_fail(err, PP_E_MEMORY, "no memory to compress the profile");
    encode(p, out, gzip, NULL);
    gzip_close(gzip);
    return true;
}
