/* OTLP profiles (opentelemetry-proto, profiles/v1development). The protocol has changed its layout
 * five times without a mark on the wire: a layout is a row of field numbers, and the reader knows
 * fields by what they mean.
 *
 *     otlp_layout_of -> otlp_dictionary_read -> otlp_resource -> otlp_samples_finish
 *
 * Source: opentelemetry/proto/profiles/v1development/profiles.proto, tags 1.4.0 to 1.11.0. */
#ifndef PROFILE_DECODE_OTLP_H
#define PROFILE_DECODE_OTLP_H

#include "base/input.h"
#include "profile/builder.h"
#include "profile/wire.h"

enum otlp_home { OTLP_IN_PROFILE, OTLP_IN_MESSAGE, OTLP_IN_DICTIONARY };

enum otlp_table {
    OTLP_MAPPINGS,
    OTLP_LOCATIONS,
    OTLP_FUNCTIONS,
    OTLP_LINKS,
    OTLP_STRINGS,
    OTLP_ATTRIBUTES,
    OTLP_UNITS, /* of attributes, by key */
    OTLP_STACKS,
    OTLP_N_TABLES
};

enum otlp_profile_field {
    OTLP_TYPE,
    OTLP_SAMPLES,
    OTLP_INDICES, /* of locations, for the samples' ranges */
    OTLP_TIME,
    OTLP_DURATION,
    OTLP_PERIOD_TYPE,
    OTLP_PERIOD,
    OTLP_COMMENTS,
    OTLP_DEFAULT_NAME, /* a string */
    OTLP_DEFAULT_TYPE, /* a position among the types */
    OTLP_PROFILE_ATTRIBUTES,
    OTLP_PROFILE_ID,
    OTLP_PAYLOAD,
    OTLP_N_PROFILE_FIELDS
};

enum otlp_sample_field {
    OTLP_STACK,
    OTLP_START,
    OTLP_LENGTH,
    OTLP_VALUES,
    OTLP_SAMPLE_ATTRIBUTES,
    OTLP_LINK,
    OTLP_TIMESTAMPS,
    OTLP_N_SAMPLE_FIELDS
};

/* Field numbers; 0: there is no such field. */
struct otlp_layout {
    const char *name;
    enum otlp_home home; /* of the tables */
    bool fixed_times;    /* a packed timestamp has 8 bytes */
    uint8_t tables[OTLP_N_TABLES];
    uint8_t profile[OTLP_N_PROFILE_FIELDS];
    uint8_t sample[OTLP_N_SAMPLE_FIELDS];
    uint8_t location_attributes, location_is_folded;
    /* What stands in field 1, 2 and so on: v a number, p packed numbers, f 64 fixed bits, b bytes,
     * i the 16 bytes of an id, - nothing. */
    const char *profile_kinds, *sample_kinds;
};

/* The layout that the message was written in, by the wire types of its fields and by what its
 * indices point to. NULL when it is no such message. */
const struct otlp_layout *otlp_layout_of(struct wire message);

/* The layout of JSON converted by otlp_from_json: names leave no doubt, so its numbers are our own.
 */
const struct otlp_layout *otlp_json_layout(struct wire message);

/* Whether these are ResourceProfiles: no other message begins like it. */
bool otlp_is_resource(struct wire message);

/* The wire form, in `arena`, of the JSON message at *at, which it steps over; false with the
 * reason.
 */
bool otlp_from_json(struct pp_str text, size_t *at, struct pp_arena *arena,
                    struct wire *ret_message, struct pp_error *err);

/* The place of a field number in a row of them, or -1. */
static inline int otlp_field(const uint8_t *numbers, int n, uint64_t number) {
    for (int i = 0; i < n; i++)
        if (number && numbers[i] == number) return i;
    return -1;
}

/* Numbers of a repeated field, packed or not. */
struct otlp_numbers {
    uint64_t *at;
    size_t n, cap;
};

/* Appends; `fixed`: packed numbers have 8 bytes. False when the field holds no numbers. */
bool otlp_numbers_add(struct otlp_numbers *list, const struct wire_field *f, bool fixed,
                      struct pp_arena *arena);

struct otlp_label {
    struct pp_label label;
    bool is_num;
};

struct otlp_labels {
    struct otlp_label *at;
    size_t n, cap;
};

struct otlp_span {
    uint32_t first, n;
};

struct otlp_link {
    uint32_t trace, span; /* string ids; 0: none */
};

/* The tables, with positions in ours for theirs; an empty entry at 0 stands for nothing. */
struct otlp_dictionary {
    struct wire *entries[OTLP_N_TABLES];
    uint32_t n[OTLP_N_TABLES];
    size_t cap[OTLP_N_TABLES];
    uint32_t *ours[OTLP_N_TABLES]; /* of strings, mappings, functions, locations and stacks */
    struct otlp_span *attributes;  /* in labels */
    struct otlp_labels labels;
    struct otlp_link *links;
    uint32_t *units; /* by string id of the key */
    uint32_t n_units;
};

/* What there was and a profile has no place for. */
struct otlp_dropped {
    uint64_t frame_attributes, mapping_attributes, profile_ids, payloads, timestamps, attributes;
};

struct otlp_reader {
    struct profile_builder b;
    struct pp_arena scratch;
    const struct otlp_layout *layout;
    struct otlp_dictionary d;
    struct otlp_dropped dropped;
    bool keep_times;
    bool has_ids;         /* a mapping or a location has an id of its own */
    uint64_t budget;      /* bytes that may still be made from what the message says once */
    uint64_t frames_left; /* that stacks of ranges, which may overlap, may still take */
    const struct input *in;
    const struct pp_limits *limits;
    struct pp_error *err;
};

/* Takes n x size bytes from the budget: a few bytes of a message may stand for many. */
bool otlp_spend(struct otlp_reader *r, uint64_t n, uint64_t size);

/* The stack of these frames, which a range says; false when such stacks take too much. */
bool otlp_range_stack(struct otlp_reader *r, const uint32_t *frames, uint32_t n,
                      uint32_t *ret_stack);
bool otlp_broken(struct otlp_reader *r, const char *what);

/* No tables: another message, or another profile, has its own. */
void otlp_dictionary_forget(struct otlp_reader *r);

/* Collects a table's entry, when the field is one. */
bool otlp_dictionary_add(struct otlp_reader *r, const struct wire_field *f);

/* Reads what was collected. */
bool otlp_dictionary_read(struct otlp_reader *r);

/* After the last dictionary: ids that were given hold where no two are the same, otherwise each
 * entry's place is its id. */
void otlp_settle_ids(struct otlp_reader *r);
bool otlp_string(struct otlp_reader *r, uint64_t at, uint32_t *ret_id);

/* Appends the labels that an attribute (KeyValue, or an entry of the table) stands for. */
bool otlp_attribute(struct otlp_reader *r, struct wire message, bool in_table,
                    struct otlp_labels *labels);

/* The labels of attribute number `at` of the table. */
bool otlp_attribute_at(struct otlp_reader *r, uint64_t at, struct otlp_span *ret_span);

/* "By" is "bytes" to everybody else: units of UCUM as pprof writes them. */
uint32_t otlp_unit(struct otlp_reader *r, uint32_t string);

struct otlp_samples;

struct otlp_samples *otlp_samples_open(struct otlp_reader *r);
bool otlp_resource(struct otlp_samples *s, struct wire message);

/* Gives all rows to the builder; the profile is complete then. */
bool otlp_samples_finish(struct otlp_samples *s);
void otlp_samples_close(struct otlp_samples *s);
uint64_t otlp_samples_seen(const struct otlp_samples *s);

/* Two digits for each byte. */
void otlp_hex(struct wire w, char *to);

#endif
