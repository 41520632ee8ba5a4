/* Decodes profile.proto. The top level is read as it arrives, field by field; samples go straight
 * into columns (proto_sample). Tables may stand in any
 * order on the wire, so while reading, strings are positions in string_table and locations are wire
 * ids; `resolve` turns them into ours when everything is there. */
#include "base/hash.h"
#include "profile/builder.h"
#include "profile/decode/decode.h"
#include "profile/decode/kept_labels.h"
#include "profile/decode/packed_ids.h"
#include "profile/decode/proto_labels.h"
#include "profile/decode/proto_strings.h"
#include "profile/id_map.h"
#include "profile/known.h"
#include "profile/wire.h"

#include <inttypes.h>

/* While tables are read they refer to each other by short ids: the id on the wire less 1, which in
 * most files is a position already; with this bit, a place in big_ids. */
static const uint32_t BIG_ID = UINT32_C(1) << 31;

enum { RELEASE_AFTER = 2 << 20 }; /* so many bytes decoded well: this is no other format */

enum {
    APART_FRAMES = 1 << 18
}; /* of stacks that are not looked up: more of them would take room */

enum { WAITING = 16 }; /* samples */

/* A sample whose stack is not known yet. */
struct waiting {
    struct known_key key; /* of its frames as they are packed */
    struct wire packed;   /* those, in the input */
    uint32_t sample;
};

struct decoder {
    struct profile_builder b;
    bool is_merged;                       /* the input's */
    struct pp_arena scratch;              /* lives as long as the decoder */
    struct proto_sample sample, finished; /* the one at hand, and one that has waited */
    struct proto_string_table table;
    struct proto_strings strings; /* what came of the table */
    uint64_t *big_ids;            /* ids of 2^31 and more, and 0 */
    uint32_t n_big_ids;
    size_t cap_big_ids;
    struct hash_index big_index;
    uint32_t n_guessed; /* one more than the largest frame while it is a short id */
    uint32_t *frames;   /* of the sample at hand */
    size_t cap_frames;
    packed_ids_reader *read_ids; /* NULL: not asked for yet */
    struct known stacks;         /* by what they are packed as */
    bool all_differ;             /* hardly any came again, so no more are looked up */
    struct waiting waiting[WAITING];
    uint64_t n_waited, n_finished; /* samples that waited so far, and no longer do */
    uint64_t n_learned;            /* of those, whose stack was a new one */
    struct proto_labels labels;
    struct pp_line *lines; /* of the location at hand */
    size_t cap_lines;
    int64_t *comments; /* string positions */
    uint32_t n_comments;
    size_t cap_comments;
    int64_t drop_frames, keep_frames, default_sample_type, doc_url, period_type, period_unit;
    size_t field_at;      /* of the field at hand, at the top level */
    uint64_t last_number; /* of the field before it */
    size_t again_at;      /* where sample types come a second time; 0: nowhere */
    size_t strings_end;   /* of the last string so far */
    struct pp_error *err;
};

static bool malformed(struct decoder *d, const char *what) {
    return pp_fail(d->err, PP_E_UNRECOGNIZED, "%s at byte %zu", what, d->field_at);
}

/* ---- ids ---- */

static uint32_t short_id(struct decoder *d, uint64_t id) {
    if (id - 1 < BIG_ID) return (uint32_t)id - 1;
    uint64_t hash = hash_word(hash_seed(), id);
    for (struct index_probe i = index_probe(&d->big_index, hash); index_next(&d->big_index, &i);)
        if (d->big_ids[i.position] == id) return BIG_ID | i.position;
    index_add(&d->big_index, hash, d->n_big_ids);
    PP_PUSH(&d->scratch, d->big_ids, d->n_big_ids, d->cap_big_ids, id);
    return BIG_ID | (d->n_big_ids - 1);
}

static uint64_t long_id(const struct decoder *d, uint32_t id) {
    return id & BIG_ID ? d->big_ids[id & ~BIG_ID] : (uint64_t)id + 1;
}

/* A position or none in place of a short id or none. */
static uint32_t find_id(const struct decoder *d, const struct id_map *ids, uint32_t id) {
    return id == PP_NONE ? PP_NONE : id_map_find(ids, long_id(d, id));
}

/* ---- samples ---- */

static void note_end(struct decoder *d, uint32_t end) {
    if (end > d->n_guessed) d->n_guessed = end;
}

static bool read_packed(struct decoder *d, struct wire packed, struct packed_ids *ret_ids) {
    enum { MANY = 1 << 14 }; /* so many frames are worth a question */
    if (!d->read_ids && d->b.p.n_frames < MANY) return packed_ids_read(packed, d->frames, ret_ids);
    if (!d->read_ids) d->read_ids = packed_ids_fastest();
    return d->read_ids(packed, d->frames, ret_ids);
}

/* The frames of a sample; there is room for them. NULL, or what is wrong. */
static const char *read_frames(struct decoder *d, struct proto_sample *s, uint32_t *ret_n) {
    struct packed_ids ids;
    if (s->packed.at && read_packed(d, s->packed, &ids)) {
        note_end(d, ids.end);
        *ret_n = ids.n;
        return NULL;
    }
    const char *why = proto_sample_locations(s);
    for (size_t i = 0; !why && i < s->n_locations; i++) {
        d->frames[i] = short_id(d, s->locations[i]);
        note_end(d, d->frames[i] + 1);
    }
    *ret_n = (uint32_t)s->n_locations;
    return why;
}

static bool sample_failed(struct decoder *d, uint32_t sample, const char *why) {
    return pp_fail(d->err, PP_E_UNRECOGNIZED, "sample %" PRIu32 ": %s", sample + 1, why);
}

/* Where of many stacks hardly any came again a table of more would cost memory, and time to fetch
 * what is not there. If some do come again after all, they are stacks of their own. */
static void learn_stack(struct decoder *d, struct known_key key, uint32_t stack) {
    enum { MANY = 1 << 17, HARDLY_ANY = 64 /* th */ };
    uint64_t n_found = d->n_finished - d->n_learned;
    if (known_is_full(&d->stacks) && d->n_learned >= MANY && n_found < d->n_finished / HARDLY_ANY) {
        known_done(&d->stacks);
        d->all_differ = true;
    }
    if (d->all_differ) return;
    known_put(&d->stacks, key, stack);
    d->n_learned++;
}

/* Adds the stack of a sample that waited; false when it is broken. */
static bool add_waiting(struct decoder *d, const struct waiting *w, uint32_t *ret_stack) {
    d->finished.packed = w->packed;
    d->finished.n_locations = 0;
    PP_RESERVE(&d->scratch, d->frames, 0, d->cap_frames, (size_t)(w->packed.end - w->packed.at));
    uint32_t n;
    const char *why = read_frames(d, &d->finished, &n);
    if (why) return sample_failed(d, w->sample, why);
    *ret_stack = builder_add_stack(&d->b, d->frames, n);
    learn_stack(d, w->key, *ret_stack);
    return true;
}

/* Finds the stack of the sample that has waited longest. */
static bool finish_oldest(struct decoder *d) {
    const struct waiting *w = &d->waiting[d->n_finished++ % WAITING];
    uint32_t stack = known_find(&d->stacks, w->key);
    if (stack == PP_NONE && !add_waiting(d, w, &stack)) {
        d->n_waited = d->n_finished; /* the first one that is wrong is told */
        return false;
    }
    if (w->sample < d->b.p.n_samples) d->b.p.sample_stack[w->sample] = stack;
    return true;
}

/* Finds the stacks of all samples that wait, in their order. */
static bool finish_stacks(struct decoder *d) {
    while (d->n_finished < d->n_waited)
        if (!finish_oldest(d)) return false;
    return true;
}

/* A stack is known by the bytes that it came in: only of new ones are the frames read. The table of
 * stacks is larger than any cache, so a sample waits for others while its slot comes from memory.
 */
static bool wait_for_stack(struct decoder *d, struct wire packed, uint32_t sample) {
    struct pp_str bytes = {(const char *)packed.at, (size_t)(packed.end - packed.at)};
    struct known_key key = known_end(known_mix_bytes(known_begin(0), bytes));
    known_expect(&d->stacks, key);
    d->waiting[d->n_waited++ % WAITING] = (struct waiting){key, packed, sample};
    return d->n_waited < d->n_finished + WAITING || finish_oldest(d);
}

/* Stacks that are looked up by who merges them, since most of a small profile's differ, or that
 * hardly ever come again. */
static bool stands_apart(const struct decoder *d) {
    return d->all_differ || (d->is_merged && d->b.p.n_frames < APART_FRAMES);
}

/* Samples whose frames do not stand in one packed field are rare. */
static bool read_sample(struct decoder *d, struct wire message) {
    struct proto_sample *s = &d->sample;
    const char *why = proto_sample_read(s, message);
    uint32_t sample = d->b.p.n_samples, n;
    size_t most = (size_t)(s->packed.end - s->packed.at) + s->n_locations;
    if (most >= PP_NONE || !proto_labels_fit(&d->labels, s->n_labels))
        return pp_fail(d->err, PP_E_LIMIT, "sample %" PRIu32 " is too large", sample + 1);
    if (why) return sample_failed(d, sample, why);
    uint32_t labels = proto_labels_add(&d->labels, s);
    bool apart = stands_apart(d);
    if (s->packed.at && !apart) {
        builder_add_sample(&d->b, 0, labels, s->values, (uint32_t)s->n_values);
        return wait_for_stack(d, s->packed, sample);
    }
    if (!finish_stacks(d)) return false;
    PP_RESERVE(&d->scratch, d->frames, 0, d->cap_frames, most);
    why = read_frames(d, s, &n);
    if (why) return sample_failed(d, sample, why);
    uint32_t stack = (apart ? builder_add_stack : builder_stack)(&d->b, d->frames, n);
    builder_add_sample(&d->b, stack, labels, s->values, (uint32_t)s->n_values);
    return true;
}

/* ---- the other messages ---- */

/* A string position; PP_NONE, which resolve refuses, if it can't be one. */
static uint32_t position(uint64_t v) {
    return v < PP_NONE ? (uint32_t)v : PP_NONE;
}

static bool read_value_type(struct decoder *d, struct wire message, bool period) {
    uint64_t type_unit[2] = {0};
    if (!wire_numbers(message, type_unit, 2)) return malformed(d, "a value type is malformed");
    if (period) {
        d->period_type = (int64_t)type_unit[0];
        d->period_unit = (int64_t)type_unit[1];
    } else {
        builder_add_type(&d->b, position(type_unit[0]), position(type_unit[1]));
    }
    return true;
}

static bool read_mapping(struct decoder *d, struct wire message) {
    enum { AS_IMAGE = 1000 };
    uint64_t m[10] = {0}, as_image = 0;
    if (!wire_numbers(message, m, 10) || !wire_number(message, AS_IMAGE, &as_image))
        return malformed(d, "a mapping is malformed");
    struct pp_mapping mapping = {
        .id = m[0],
        .start = m[1],
        .limit = m[2],
        .offset = m[3],
        .file = position(m[4]),
        .build_id = position(m[5]),
        .has_functions = m[6],
        .has_filenames = m[7],
        .has_line_numbers = m[8],
        .has_inline_frames = m[9],
        .as_image = as_image,
    };
    builder_add_mapping(&d->b, &mapping);
    return true;
}

static bool read_function(struct decoder *d, struct wire message) {
    uint64_t f[5] = {0};
    if (!wire_numbers(message, f, 5)) return malformed(d, "a function is malformed");
    struct pp_function function = {
        .name = position(f[1]),
        .system_name = position(f[2]),
        .filename = position(f[3]),
        .start_line = (int64_t)f[4],
    };
    builder_add_function(&d->b, &function);
    builder_set_function_id(&d->b, f[0]);
    return true;
}

/* Into lines[] as the number `n` of a location. */
static bool read_line(struct decoder *d, struct wire message, uint32_t n) {
    uint64_t line[3] = {0};
    if (!wire_numbers(message, line, 3)) return false;
    uint32_t function = line[0] ? short_id(d, line[0]) : PP_NONE;
    PP_RESERVE(&d->scratch, d->lines, n, d->cap_lines, 1);
    d->lines[n] = (struct pp_line){function, (int64_t)line[1], (int64_t)line[2]};
    return true;
}

static bool read_location(struct decoder *d, struct wire message) {
    static const char malformed_location[] = "a location is malformed";
    uint64_t l[5] = {0};
    uint32_t n_lines = 0;
    struct wire_field f;
    if (d->b.p.n_locations == 0) builder_trim(&d->b); /* as samples come before */
    while (message.at < message.end) {
        if (!wire_field(&message, &f)) return malformed(d, malformed_location);
        if (f.number == 0 || f.number > 5) continue;
        if (f.type != (f.number == 4 ? WIRE_BYTES : WIRE_VARINT))
            return malformed(d, malformed_location);
        l[f.number - 1] = f.value;
        if (f.number == 4 && !read_line(d, f.bytes, n_lines++))
            return malformed(d, malformed_location);
    }
    struct pp_location location = {
        .address = l[2],
        .mapping = l[1] ? short_id(d, l[1]) : PP_NONE,
        .is_folded = l[4] != 0,
    };
    builder_add_location(&d->b, &location, d->lines, n_lines);
    builder_set_location_id(&d->b, l[0]);
    return true;
}

static bool read_string(struct decoder *d, struct wire text) {
    struct pp_str s = {(const char *)text.at, (size_t)(text.end - text.at)};
    if (d->table.n == 0 && s.len) return malformed(d, "string_table[0] is not empty");
    /* Nearly always the samples stand before: room for the strings. If not, the stacks and label
     * sets on both sides of a string are told apart, which costs memory only. */
    known_done(&d->stacks);
    index_done(&d->b.stacks);
    proto_labels_forget(&d->labels);
    if (d->table.n == 0) builder_trim(&d->b);
    if (d->table.n == PP_NONE - 1) return pp_fail(d->err, PP_E_LIMIT, "more than 2^32 strings");
    proto_strings_add(&d->table, s);
    return true;
}

static bool read_comments(struct decoder *d, const struct wire_field *f) {
    struct wire w = f->bytes;
    if (f->type == WIRE_VARINT)
        PP_PUSH(&d->scratch, d->comments, d->n_comments, d->cap_comments, (int64_t)f->value);
    else
        while (w.at < w.end) {
            uint64_t v;
            if (!wire_varint(&w, &v)) return malformed(d, "a comment is malformed");
            if (d->n_comments == PP_NONE - 1)
                return pp_fail(d->err, PP_E_LIMIT, "too many comments");
            PP_PUSH(&d->scratch, d->comments, d->n_comments, d->cap_comments, (int64_t)v);
        }
    return true;
}

static int64_t *number_field(struct decoder *d, uint64_t number) {
    switch (number) {
    case 7:
        return &d->drop_frames;
    case 8:
        return &d->keep_frames;
    case 9:
        return &d->b.p.time_nanos;
    case 10:
        return &d->b.p.duration_nanos;
    case 12:
        return &d->b.p.period;
    case 14:
        return &d->default_sample_type;
    case 15:
        return &d->doc_url;
    default:
        return NULL;
    }
}

static bool fail_second(const struct decoder *d, size_t at) {
    return pp_fail(d->err, PP_E_FORMAT,
                   "another profile begins at byte %zu; give them as separate files", at);
}

static bool read_field(struct decoder *d, const struct wire_field *f) {
    if (f->number == 1 && d->b.p.n_types && d->last_number != 1 && !d->again_at)
        d->again_at = d->field_at;
    d->last_number = f->number;
    if (f->number == 0 || f->number > 15) return true;
    if (f->number != 2 && !finish_stacks(d)) return false;
    int64_t *number = number_field(d, f->number);
    if (number) {
        if (f->type != WIRE_VARINT) return malformed(d, "a field has the wrong wire type");
        if (f->number == 9 && *number != 0)
            return fail_second(d, d->again_at ? d->again_at : d->field_at);
        *number = (int64_t)f->value;
        return true;
    }
    if (f->number == 13 && (f->type == WIRE_VARINT || f->type == WIRE_BYTES))
        return read_comments(d, f);
    if (f->type != WIRE_BYTES) return malformed(d, "a field has the wrong wire type");
    switch (f->number) {
    case 1:
        return read_value_type(d, f->bytes, false);
    case 2:
        return read_sample(d, f->bytes);
    case 3:
        return read_mapping(d, f->bytes);
    case 4:
        return read_location(d, f->bytes);
    case 5:
        return read_function(d, f->bytes);
    case 6:
        return read_string(d, f->bytes);
    default:
        return read_value_type(d, f->bytes, true);
    }
}

/* Bytes of the input that are not needed any more. */
static size_t bytes_done(const struct decoder *d, const uint8_t *data, size_t at) {
    if (d->n_finished == d->n_waited) return at;
    return (size_t)(d->waiting[d->n_finished % WAITING].packed.at - data);
}

static bool walk_fields(struct decoder *d, struct input *in) {
    enum { HEAD = 20 }; /* a tag and a length are at most this long */
    size_t at = 0;
    while (input_need(in, at + 1)) {
        input_need(in, at + HEAD);
        const uint8_t *data = (const uint8_t *)in->data;
        struct wire w = {data + at, data + in->avail};
        struct wire_field f;
        d->field_at = at;
        if (!wire_field_head(&w, &f)) return malformed(d, "not a protobuf message");
        at = (size_t)(w.at - data);
        if (f.type == WIRE_BYTES) {
            if (f.value > SIZE_MAX / 2 || !input_need(in, at + (size_t)f.value))
                return pp_fail(d->err, PP_E_UNRECOGNIZED, "cut off at byte %zu", at);
            f.bytes = (struct wire){data + at, data + at + f.value};
            at += (size_t)f.value;
        }
        if (!read_field(d, &f)) return false;
        if (f.number == 6) d->strings_end = at;
        if (at > RELEASE_AFTER) input_release(in, bytes_done(d, data, at));
    }
    return true;
}

/* Bytes of another kind may seem to be some fields, before they are found to be none. Strings are
 * what most profiles end with. */
static void leave_tail(const struct decoder *d, struct input *in) {
    const uint8_t *data = (const uint8_t *)in->data;
    struct wire w = {data + d->strings_end, data + in->avail};
    struct wire_field f;
    bool more = d->b.p.n_types > 0 && d->strings_end > 0;
    for (size_t at; more && (at = (size_t)(w.at - data)) <= d->field_at; more = wire_field(&w, &f))
        input_leave(in, at, SIZE_MAX);
}

/* What is wrong with a sample that waits comes before what is wrong after it. */
static bool read_fields(struct decoder *d, struct input *in) {
    bool ok = walk_fields(d, in);
    ok = finish_stacks(d) && ok;
    d->strings = proto_strings_end(&d->table);
    if (!ok) leave_tail(d, in);
    if (ok && in->avail > RELEASE_AFTER) input_release(in, in->avail);
    return ok;
}

/* ---- from wire positions and ids to ours ---- */

static bool no_such_string(struct decoder *d) {
    return pp_fail(d->err, PP_E_UNRECOGNIZED, "a string that does not exist is used");
}

static bool resolve_string(struct decoder *d, int64_t at, uint32_t *ret_id) {
    return proto_strings_find(d->strings, (uint64_t)at, ret_id) || no_such_string(d);
}

static bool resolve_string_field(struct decoder *d, uint32_t *field) {
    return resolve_string(d, *field, field);
}

static bool resolve_header(struct decoder *d) {
    struct pp_profile *p = &d->b.p;
    for (uint32_t i = 0; i < p->n_types; i++)
        if (!resolve_string_field(d, &p->sample_types[i].type) ||
            !resolve_string_field(d, &p->sample_types[i].unit))
            return false;
    for (uint32_t i = 0; i < d->n_comments; i++) {
        uint32_t text = 0;
        if (!resolve_string(d, d->comments[i], &text)) return false;
        builder_add_comment(&d->b, text);
    }
    return resolve_string(d, d->drop_frames, &p->drop_frames) &&
           resolve_string(d, d->keep_frames, &p->keep_frames) &&
           resolve_string(d, d->period_type, &p->period_type.type) &&
           resolve_string(d, d->period_unit, &p->period_type.unit) &&
           resolve_string(d, d->default_sample_type, &p->default_sample_type) &&
           resolve_string(d, d->doc_url, &p->doc_url);
}

static bool resolve_mappings(struct decoder *d, struct id_map *ids) {
    struct pp_profile *p = &d->b.p;
    id_map_build(ids, &d->scratch, p->mappings, sizeof *p->mappings, p->n_mappings);
    for (uint32_t i = 0; i < p->n_mappings; i++) {
        struct pp_mapping *m = &p->mappings[i];
        if (!resolve_string_field(d, &m->file) || !resolve_string_field(d, &m->build_id))
            return false;
        m->kernel_symbol = builder_kernel_symbol(&d->b, m->file);
    }
    return true;
}

static bool resolve_functions(struct decoder *d, struct id_map *ids) {
    struct pp_profile *p = &d->b.p;
    id_map_build(ids, &d->scratch, p->function_ids, sizeof *p->function_ids, p->n_functions);
    for (uint32_t i = 0; i < p->n_functions; i++) {
        struct pp_function *f = &p->functions[i];
        if (!resolve_string_field(d, &f->name) || !resolve_string_field(d, &f->system_name) ||
            !resolve_string_field(d, &f->filename))
            return false;
    }
    for (uint32_t i = 0; i < p->n_lines; i++)
        p->lines[i].function = find_id(d, ids, p->lines[i].function);
    return true;
}

static bool unknown_location(struct decoder *d, uint32_t frame, uint64_t id) {
    const struct pp_profile *p = &d->b.p;
    for (uint32_t s = 0; s < p->n_samples; s++) {
        struct pp_stack stack = p->stacks[p->sample_stack[s]];
        if (frame >= stack.first && frame - stack.first < stack.len)
            return pp_fail(d->err, PP_E_FORMAT,
                           "sample %" PRIu32 " refers to location %" PRIu64
                           ", which does not exist",
                           s + 1, id);
    }
    return true;
}

/* Frames become positions; a location that does not exist is named together with its sample. */
static bool resolve_frames(struct decoder *d, const struct id_map *ids) {
    struct pp_profile *p = &d->b.p;
    if (d->n_guessed <= ids->n_in_order) return true; /* they are positions already */
    builder_widen_frames(&d->b, p->n_locations);
    for (uint32_t i = 0; i < p->n_frames; i++) {
        uint64_t id = long_id(d, pp_frame(p, i));
        uint32_t found = id_map_find(ids, id);
        pp_frame_put(p->frames, i, found);
        if (found == PP_NONE && !unknown_location(d, i, id)) return false;
    }
    return true;
}

static bool resolve_labels(struct decoder *d) {
    interner_done(&d->b.strings); /* no string is added after those of the mappings */
    if (d->labels.kept) kept_labels_end(d->labels.kept, d->labels.units_only, d->strings);
    return proto_labels_resolve(&d->labels, d->strings) || no_such_string(d);
}

static bool resolve(struct decoder *d) {
    struct pp_profile *p = &d->b.p;
    struct id_map mappings = {0}, functions = {0}, locations = {0};
    bool ok = resolve_mappings(d, &mappings) && resolve_functions(d, &functions) &&
              resolve_header(d) && resolve_labels(d);
    if (ok) {
        id_map_build(&locations, &d->scratch, p->location_ids, sizeof *p->location_ids,
                     p->n_locations);
        for (uint32_t i = 0; i < p->n_locations; i++)
            p->locations[i].mapping = find_id(d, &mappings, p->locations[i].mapping);
        ok = resolve_frames(d, &locations);
    }
    id_map_done(&mappings);
    id_map_done(&functions);
    id_map_done(&locations);
    return ok;
}

static bool proto_decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                         struct pp_error *err) {
    struct decoder d = {.is_merged = in->is_merged,
                        .labels = {.units_only = in->units_only, .most = in->limits.max_labels},
                        .err = err};
    builder_init(&d.b, arena);
    d.table = (struct proto_string_table){.interner = &d.b.strings, .arena = &d.scratch};
    d.sample.arena = d.finished.arena = d.labels.scratch = &d.scratch;
    d.labels.b = &d.b;
    if (in->labels_later) d.labels.kept = kept_labels_new(arena);
    bool ok = read_fields(&d, in) && resolve(&d);
    if (ok)
        ok = builder_finish(&d.b, ret_profile, err);
    else
        builder_done(&d.b);
    if (!ok && d.again_at) fail_second(&d, d.again_at);
    known_done(&d.stacks);
    if (ok && in->labels_later && kept_labels_count(d.labels.kept)) in->kept = d.labels.kept;
    index_done(&d.big_index);
    proto_labels_forget(&d.labels);
    pp_arena_done(&d.scratch);
    return ok;
}

/* Anything might be protobuf; the decoder itself finds out. */
static bool proto_probe(struct input *in) {
    return input_need(in, 1);
}

const struct profile_decoder proto_decoder = {
    .name = "pprof protobuf", .probe = proto_probe, .decode = proto_decode, .is_vague = true};
