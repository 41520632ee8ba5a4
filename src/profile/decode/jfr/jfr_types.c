/* The description of types: strings, then a tree of elements with attributes. */
#include "base/hash.h"
#include "base/text.h"
#include "profile/decode/jfr/jfr.h"
#include "profile/profile.h"

enum { MAX_TREE = 16 };

struct element {
    struct pp_str name; /* "class", "field" ... */
    struct pp_str label, id, class_id, dimension, pooled;
};

struct tree {
    struct jfr_chunk *c;
    struct jfr_reader *r;
    struct pp_str *strings;
    uint32_t n_strings;
    uint32_t type; /* that fields belong to, or PP_NONE */
};

static struct pp_str string_of(struct tree *t) {
    uint32_t i = (uint32_t)jfr_int(t->r);
    if (i < t->n_strings) return t->strings[i];
    t->r->bad = true;
    return (struct pp_str){0};
}

static struct element read_element(struct tree *t) {
    static const struct {
        const char *key;
        size_t at;
    } attributes[] = {
        {"name", offsetof(struct element, label)},
        {"id", offsetof(struct element, id)},
        {"class", offsetof(struct element, class_id)},
        {"dimension", offsetof(struct element, dimension)},
        {"constantPool", offsetof(struct element, pooled)},
    };
    struct element e = {.name = string_of(t)};
    for (uint32_t n = jfr_count(t->r); n > 0 && !t->r->bad; n--) {
        struct pp_str key = string_of(t), value = string_of(t);
        for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
            if (pp_str_eq(key, pp_str_from(attributes[i].key)))
                memcpy((char *)&e + attributes[i].at, &value, sizeof value);
    }
    return e;
}

static enum jfr_basic basic_of(struct pp_str name) {
    static const struct {
        const char *name;
        enum jfr_basic basic;
    } table[] = {
        {"boolean", JFR_BYTE}, {"byte", JFR_BYTE},     {"short", JFR_SHORT},
        {"char", JFR_SHORT},   {"int", JFR_INT},       {"long", JFR_LONG},
        {"float", JFR_FLOAT},  {"double", JFR_DOUBLE}, {"java.lang.String", JFR_STRING},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (pp_str_eq(name, pp_str_from(table[i].name))) return table[i].basic;
    return JFR_STRUCT;
}

static void add_type(struct tree *t, const struct element *e) {
    struct jfr_chunk *c = t->c;
    struct jfr_type type = {.name = e->label, .basic = basic_of(e->label)};
    if (!text_u64(e->id, 10, &type.id)) t->r->bad = true;
    type.first_field = c->n_fields;
    t->type = c->n_types;
    index_add(&c->type_index, hash_word(hash_seed(), type.id), c->n_types);
    PP_PUSH(&c->arena, c->types, c->n_types, c->cap_types, type);
}

static void add_field(struct tree *t, const struct element *e) {
    struct jfr_chunk *c = t->c;
    struct jfr_field f = {.name = e->label, .type = PP_NONE};
    if (!text_u64(e->class_id, 10, &f.type_id)) t->r->bad = true;
    f.pooled = pp_str_eq(e->pooled, PP_STR("true"));
    f.array = pp_str_eq(e->dimension, PP_STR("1"));
    c->types[t->type].n_fields++;
    PP_PUSH(&c->arena, c->fields, c->n_fields, c->cap_fields, f);
}

/* Fields of a class come together: what stands inside of them has no fields of its own. */
static void read_tree(struct tree *t, unsigned depth) {
    struct element e = read_element(t);
    uint32_t outer = t->type;
    if (depth == MAX_TREE) t->r->bad = true;
    if (t->r->bad) return;
    if (pp_str_eq(e.name, PP_STR("class")) && outer == PP_NONE)
        add_type(t, &e);
    else if (pp_str_eq(e.name, PP_STR("field")) && outer != PP_NONE)
        add_field(t, &e);
    for (uint32_t n = jfr_count(t->r); n > 0 && !t->r->bad; n--)
        read_tree(t, depth + 1);
    t->type = outer;
}

uint32_t jfr_find_type(const struct jfr_chunk *c, uint64_t id) {
    uint64_t hash = hash_word(hash_seed(), id);
    for (struct index_probe i = index_probe(&c->type_index, hash); index_next(&c->type_index, &i);)
        if (c->types[i.position].id == id) return i.position;
    return PP_NONE;
}

bool jfr_read_types(struct jfr_chunk *c, struct jfr_reader *r, struct pp_error *err) {
    index_done(&c->type_index);
    c->n_types = c->n_fields = 0;
    jfr_long(r); /* time, duration, id */
    jfr_long(r);
    jfr_long(r);
    struct tree t = {.c = c, .r = r, .n_strings = jfr_count(r), .type = PP_NONE};
    t.strings = PP_NEW(&c->arena, struct pp_str, (size_t)t.n_strings + 1);
    for (uint32_t i = 0; i < t.n_strings && !r->bad; i++)
        t.strings[i] = jfr_read_text(r, &c->arena).text;
    if (!r->bad) read_tree(&t, 0);
    if (r->bad)
        return pp_fail(err, PP_E_FORMAT, "JFR: the description of types at byte %zu is broken",
                       r->at);
    for (uint32_t i = 0; i < c->n_fields; i++)
        c->fields[i].type = jfr_find_type(c, c->fields[i].type_id);
    return true;
}
