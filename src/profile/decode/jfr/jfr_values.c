/* Values by the description of their types, and the pools that hold them. */
#include "base/hash.h"
#include "profile/decode/jfr/jfr.h"
#include "profile/profile.h"

enum { MAX_NESTED = 16 };

/* False when the chunk asks for more work than its size allows. */
static bool step(struct jfr_chunk *c, struct jfr_reader *r) {
    if (c->steps == 0)
        r->bad = true;
    else
        c->steps--;
    return !r->bad;
}

static void skip_type(struct jfr_chunk *c, struct jfr_reader *r, uint32_t type, unsigned depth);

static void skip_one(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f,
                     unsigned depth) {
    if (f->pooled)
        jfr_long(r);
    else
        skip_type(c, r, f->type, depth);
}

static void skip_field(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f,
                       unsigned depth) {
    uint32_t n = f->array ? jfr_count(r) : 1;
    for (; n > 0 && step(c, r); n--)
        skip_one(c, r, f, depth);
}

static void skip_type(struct jfr_chunk *c, struct jfr_reader *r, uint32_t type, unsigned depth) {
    if (type >= c->n_types || depth == MAX_NESTED) {
        r->bad = true;
        return;
    }
    const struct jfr_type *t = &c->types[type];
    switch (t->basic) {
    case JFR_BYTE:
        jfr_byte(r);
        break;
    case JFR_SHORT:
        jfr_integer(r, 2);
        break;
    case JFR_INT:
        jfr_integer(r, 4);
        break;
    case JFR_LONG:
        jfr_integer(r, 8);
        break;
    case JFR_FLOAT:
        jfr_skip(r, 4);
        break;
    case JFR_DOUBLE:
        jfr_skip(r, 8);
        break;
    case JFR_STRING:
        jfr_read_text(r, NULL);
        break;
    case JFR_STRUCT:
        for (uint32_t i = 0; i < t->n_fields && step(c, r); i++)
            skip_field(c, r, &c->fields[t->first_field + i], depth + 1);
    }
}

void jfr_skip_field(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f) {
    skip_field(c, r, f, 0);
}

/* ---- pools ---- */

static uint64_t value_hash(uint32_t type, int64_t key) {
    return hash_word(hash_word(hash_seed(), type), (uint64_t)key);
}

static const struct jfr_value *find_value(const struct jfr_chunk *c, uint32_t type, int64_t key) {
    uint64_t hash = value_hash(type, key);
    for (struct index_probe i = index_probe(&c->value_index, hash);
         index_next(&c->value_index, &i);) {
        const struct jfr_value *v = &c->values[i.position];
        if (v->type == type && v->key == key) return v;
    }
    return NULL;
}

/* The first value of a key stays: a later one says the same. */
static void add_value(struct jfr_chunk *c, uint32_t type, int64_t key, size_t at) {
    struct jfr_value v = {type, key, at};
    if (find_value(c, type, key) || c->n_values == PP_NONE - 1) return;
    index_add(&c->value_index, value_hash(type, key), c->n_values);
    PP_PUSH(&c->arena, c->values, c->n_values, c->cap_values, v);
}

bool jfr_read_pools(struct jfr_chunk *c, struct jfr_reader *r, struct pp_error *err) {
    jfr_long(r); /* time, duration, where the checkpoint before is */
    jfr_long(r);
    jfr_long(r);
    jfr_byte(r);
    for (uint32_t n = jfr_count(r); n > 0 && !r->bad; n--) {
        uint32_t type = jfr_find_type(c, (uint64_t)jfr_long(r));
        for (uint32_t k = jfr_count(r); k > 0 && step(c, r); k--) {
            int64_t key = jfr_long(r);
            size_t at = r->at;
            skip_type(c, r, type, 0);
            if (!r->bad) add_value(c, type, key, at);
        }
    }
    return !r->bad ||
           pp_fail(err, PP_E_FORMAT, "JFR: the pool of constants at byte %zu is broken", r->at);
}

/* ---- fields of values ---- */

const struct jfr_field *jfr_seek(struct jfr_chunk *c, struct jfr_reader *r, uint32_t type,
                                 const char *name) {
    if (type >= c->n_types || c->types[type].basic != JFR_STRUCT) return NULL;
    const struct jfr_type *t = &c->types[type];
    struct pp_str wanted = pp_str_from(name);
    for (uint32_t i = 0; i < t->n_fields && step(c, r); i++) {
        const struct jfr_field *f = &c->fields[t->first_field + i];
        if (pp_str_eq(f->name, wanted)) return f;
        skip_field(c, r, f, 0);
    }
    return NULL;
}

uint32_t jfr_follow(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f,
                    struct jfr_reader *ret_value) {
    if (r->bad || f->array || f->type >= c->n_types) return PP_NONE;
    *ret_value = *r;
    if (!f->pooled) return f->type;
    const struct jfr_value *v = find_value(c, f->type, jfr_long(r));
    if (!v || r->bad) return PP_NONE;
    ret_value->at = v->at;
    ret_value->end = c->all.end;
    return f->type;
}

/* A text costs what it is long: a few bytes can ask for a long one again and again. */
static struct pp_str paid(struct jfr_chunk *c, struct pp_str text) {
    if (text.len > c->steps) {
        c->steps = 0;
        return (struct pp_str){0};
    }
    c->steps -= text.len;
    return text;
}

struct pp_str jfr_text_of(struct jfr_chunk *c, struct jfr_reader r, uint32_t type,
                          const char *const *path) {
    for (; *path; path++) {
        struct jfr_reader value;
        const struct jfr_field *f = jfr_seek(c, &r, type, *path);
        type = f ? jfr_follow(c, &r, f, &value) : PP_NONE;
        if (type == PP_NONE) return (struct pp_str){0};
        r = value;
    }
    if (type >= c->n_types || c->types[type].basic != JFR_STRING) return (struct pp_str){0};
    struct jfr_text t = jfr_read_text(&r, &c->arena);
    if (!t.is_key) return paid(c, t.text);
    const struct jfr_value *v = find_value(c, type, t.key);
    if (!v) return (struct pp_str){0};
    r = c->all;
    r.at = v->at;
    return paid(c, jfr_read_text(&r, &c->arena).text);
}

int64_t jfr_read_number(struct jfr_chunk *c, struct jfr_reader *r, const struct jfr_field *f) {
    static const unsigned sizes[] = {[JFR_SHORT] = 2, [JFR_INT] = 4, [JFR_LONG] = 8};
    if (f->array || f->pooled || f->type >= c->n_types) return 0;
    enum jfr_basic basic = c->types[f->type].basic;
    if (basic == JFR_BYTE) return (int8_t)jfr_byte(r);
    if (basic != JFR_SHORT && basic != JFR_INT && basic != JFR_LONG) return 0;
    uint64_t v = jfr_integer(r, sizes[basic]);
    return basic == JFR_LONG ? (int64_t)v : basic == JFR_INT ? (int32_t)(uint32_t)v : (int16_t)v;
}

int64_t jfr_number_of(struct jfr_chunk *c, struct jfr_reader r, uint32_t type, const char *name) {
    const struct jfr_field *f = jfr_seek(c, &r, type, name);
    return f ? jfr_read_number(c, &r, f) : 0;
}

void jfr_chunk_done(struct jfr_chunk *c) {
    index_done(&c->type_index);
    index_done(&c->value_index);
    pp_arena_done(&c->arena);
}
