/* Recordings of Java Flight Recorder: what the parts of the decoder share.
 *
 * A recording is chunks, each complete in itself: a header, then events. Event 0 describes the
 * types, event 1 holds values that others refer to (a checkpoint), the others are of described
 * types. Everything is read by the description, since it differs from one Java to the next.
 *
 * Source: jdk.jfr.internal and src/hotspot/share/jfr of OpenJDK. */
#ifndef PROFILE_JFR_H
#define PROFILE_JFR_H

#include "base/arena.h"
#include "base/index.h"
#include "cpprof/error.h"
#include "cpprof/str.h"

#include <stdint.h>

/* ---- bytes ---- */

/* Reads never pass `end`: the first that would sets `bad`, and all after it give 0. */
struct jfr_reader {
    const uint8_t *data; /* of the chunk */
    size_t at, end;
    bool compressed; /* integers have a length of their own */
    bool bad;
};

uint8_t jfr_byte(struct jfr_reader *r);
uint64_t jfr_fixed(struct jfr_reader *r, unsigned bytes); /* big endian */

/* An integer that has `bytes` bytes where integers are not compressed. */
uint64_t jfr_integer(struct jfr_reader *r, unsigned bytes);

static inline int64_t jfr_long(struct jfr_reader *r) {
    return (int64_t)jfr_integer(r, 8);
}

static inline int32_t jfr_int(struct jfr_reader *r) {
    return (int32_t)(uint32_t)jfr_integer(r, 4);
}

/* How many things follow; not more than there are bytes. */
uint32_t jfr_count(struct jfr_reader *r);

void jfr_skip(struct jfr_reader *r, size_t n);

struct jfr_text {
    struct pp_str text; /* UTF-8; in the chunk or in the arena given */
    int64_t key;        /* is_key: of the pool of strings */
    bool is_key;
};

/* A string; without an arena it is skipped only. */
struct jfr_text jfr_read_text(struct jfr_reader *r, struct pp_arena *arena);

/* ---- types ---- */

enum jfr_basic {
    JFR_STRUCT, /* fields one after the other */
    JFR_BYTE,
    JFR_SHORT,
    JFR_INT,
    JFR_LONG,
    JFR_FLOAT,
    JFR_DOUBLE,
    JFR_STRING
};

struct jfr_field {
    struct pp_str name;
    uint64_t type_id;
    uint32_t type; /* position, or PP_NONE */
    bool pooled;   /* the value is a key of its type's pool */
    bool array;
};

struct jfr_type {
    uint64_t id;
    struct pp_str name;
    uint32_t first_field, n_fields;
    enum jfr_basic basic;
};

/* ---- a chunk ---- */

struct jfr_value {
    uint32_t type;
    int64_t key;
    size_t at;
};

struct jfr_chunk {
    struct jfr_reader all; /* the chunk's bytes */
    size_t first_event;
    int64_t start_nanos, duration_nanos, start_ticks, ticks_per_second;
    struct pp_arena arena;
    struct jfr_type *types;
    uint32_t n_types;
    size_t cap_types;
    struct jfr_field *fields;
    uint32_t n_fields;
    size_t cap_fields;
    struct hash_index type_index;
    struct jfr_value *values; /* of all pools */
    uint32_t n_values;
    size_t cap_values;
    struct hash_index value_index;
    uint64_t steps; /* that may still be taken: work is in proportion to the bytes */
};

/* Reads the type description that begins at r; it replaces the one before. */
bool jfr_read_types(struct jfr_chunk *c, struct jfr_reader *r, struct pp_error *err);

/* The position of the type, or PP_NONE. */
uint32_t jfr_find_type(const struct jfr_chunk *c, uint64_t id);

/* Steps over a value of this field. */
void jfr_skip_field(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f);

/* Reads the pools of the checkpoint that begins at r. */
bool jfr_read_pools(struct jfr_chunk *c, struct jfr_reader *r, struct pp_error *err);

/* Moves to the field `name` of the struct of this type that begins at r; NULL when it has none. */
const struct jfr_field *jfr_seek(struct jfr_chunk *c, struct jfr_reader *r, uint32_t type,
                                 const char *name);

/* A reader at the value that the field at r refers to, or is, and its type; PP_NONE: none. */
uint32_t jfr_follow(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f,
                    struct jfr_reader *ret_value);

/* The text that is, or that a chain of structs with the fields of `path` leads to; NULL-terminated.
 * "" when something on the way is absent. */
struct pp_str jfr_text_of(struct jfr_chunk *c, struct jfr_reader r, uint32_t type,
                          const char *const *path);

int64_t jfr_number_of(struct jfr_chunk *c, struct jfr_reader r, uint32_t type, const char *name);

/* The number of this basic field at r. */
int64_t jfr_read_number(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f);

void jfr_chunk_done(struct jfr_chunk *c);

/* The name of a class as Java's users write it: "java/util/Map$Entry" is java.util.Map$Entry, "[[I"
 * is int[][]. */
struct pp_str jfr_class_name(struct pp_str internal, struct pp_arena *arena);

#endif
