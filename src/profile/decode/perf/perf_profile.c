/* See perf_profile.h. */
#include "profile/decode/perf/perf_profile.h"

#include "base/hash.h"
#include "profile/jit_name.h"

#include <inttypes.h>

enum { FIRST_PLACES = 1 << 10 };

void perf_profile_init(struct perf_profile *p, struct pp_arena *arena, struct pp_arena *scratch) {
    *p = (struct perf_profile){0};
    builder_init(&p->b, arena);
    p->scratch = scratch;
    p->n_places = FIRST_PLACES;
    p->places = pp_calloc_used(p->n_places, sizeof *p->places);
    p->label_keys = PP_NEW(scratch, struct perf_labels, PERF_LABEL_SLOTS);
    p->label_sets = PP_NEW(scratch, uint32_t, PERF_LABEL_SLOTS);
    const struct {
        uint32_t *key;
        struct pp_str name;
    } keys[] = {{&p->key_pid, PP_STR("pid")},
                {&p->key_tid, PP_STR("tid")},
                {&p->key_cpu, PP_STR("cpu")},
                {&p->key_comm, PP_STR("comm")},
                {&p->key_thread_comm, PP_STR("thread_comm")},
                {&p->key_mode, PP_STR("execution_mode")},
                {&p->key_cgroup, PP_STR("cgroup")}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        *keys[i].key = builder_string(&p->b, keys[i].name);
}

void perf_profile_done(struct perf_profile *p) {
    index_done(&p->object_index);
    pp_free(p->places);
    p->places = NULL;
    index_done(&p->row_index);
}

static bool same_object(const struct perf_object *a, const struct perf_object *b) {
    return a->file == b->file && a->build_id == b->build_id && a->owner == b->owner &&
           a->offset == b->offset && a->len == b->len && a->symbol == b->symbol;
}

uint32_t perf_profile_add_object(struct perf_profile *p, const struct perf_object *object) {
    PP_PUSH(p->b.arena, p->objects, p->n_objects, p->cap_objects, *object);
    struct perf_object *o = &p->objects[p->n_objects - 1];
    o->mapping = o->function = PP_NONE;
    return p->n_objects - 1;
}

uint32_t perf_profile_object(struct perf_profile *p, const struct perf_object *object) {
    const uint64_t key[] = {object->file, object->offset, object->len, object->owner};
    uint64_t hash = hash_bytes(hash_seed(), key, sizeof key);
    for (struct index_probe i = index_probe(&p->object_index, hash);
         index_next(&p->object_index, &i);)
        if (same_object(&p->objects[i.position], object)) return i.position;
    index_add(&p->object_index, hash, p->n_objects);
    return perf_profile_add_object(p, object);
}

uint32_t perf_profile_mapping(struct perf_profile *p, uint32_t object) {
    struct perf_object *o = &p->objects[object];
    if (o->mapping != PP_NONE) return o->mapping;
    if (o->made) return o->mapping = perf_profile_mapping(p, o->made->dump_object);
    struct pp_mapping m = {.id = (uint64_t)p->b.p.n_mappings + 1,
                           .start = o->start,
                           .limit = o->start + o->len,
                           .offset = o->offset,
                           .file = o->file,
                           .build_id = o->build_id,
                           .kernel_symbol = o->kernel_symbol,
                           .has_functions = o->symbol != 0 || o->has_functions};
    return o->mapping = builder_add_mapping(&p->b, &m);
}

/* The file of a function that was made: as its name or else its first line has it. */
static struct pp_function made_function(struct perf_profile *p, const struct perf_made *made) {
    struct pp_str file = PP_STR("");
    int64_t line = 0;
    const struct perf_code_lines *lines = perf_dump_lines(made->dump, made->code);
    if (!jit_name_place(made->code->name, &file, &line) && lines->n) file = lines->at[0].file;
    uint32_t name = builder_string(&p->b, made->code->name);
    return (struct pp_function){.name = name,
                                .system_name = name,
                                .filename = builder_string(&p->b, file),
                                .start_line = line};
}

/* The function that all of the object is, or PP_NONE. */
static uint32_t function_of(struct perf_profile *p, uint32_t object) {
    struct perf_object *o = &p->objects[object];
    if (o->function != PP_NONE || (!o->symbol && !o->made)) return o->function;
    struct pp_function f = {.name = o->symbol, .system_name = o->symbol};
    if (o->made) f = made_function(p, o->made);
    return o->function = builder_add_function(&p->b, &f);
}

/* The line at an address of a function that was made. Lines of other files are of calls that were
 * inlined: whose, the dump does not tell. */
static int64_t line_of(struct perf_profile *p, const struct perf_made *made, uint32_t function,
                       uint64_t at) {
    const struct pp_function *f = &p->b.p.functions[function];
    const struct perf_code_line *l = perf_code_line_at(perf_dump_lines(made->dump, made->code), at);
    bool own = l && pp_str_eq(l->file, builder_text(&p->b, f->filename));
    return own ? l->line : f->start_line;
}

static uint32_t add_location(struct perf_profile *p, const struct perf_address *a) {
    struct pp_location l = {.address = a->offset, .mapping = PP_NONE};
    if (a->object == PP_NONE) return builder_add_location(&p->b, &l, NULL, 0);
    l.mapping = perf_profile_mapping(p, a->object);
    struct pp_line line = {.function = function_of(p, a->object)};
    const struct perf_object *o = &p->objects[a->object];
    uint64_t at = a->offset - o->offset;
    l.address = at + o->start;
    if (o->made) line.line = line_of(p, o->made, line.function, at);
    return builder_add_location(&p->b, &l, &line, line.function != PP_NONE);
}

/* Where in a table of places, of which there are one more than `mask`, one is looked for first. */
static inline size_t first_slot(const struct perf_address *a, uint64_t seed, size_t mask) {
    return hash_word(seed + a->object, a->offset) & mask;
}

static size_t slot_of(const struct perf_profile *p, const struct perf_address *a) {
    return first_slot(a, hash_seed(), p->n_places - 1);
}

/* Where the place of an address is or would be put, from its slot on. */
static struct perf_place *place_of(const struct perf_profile *p, const struct perf_address *a,
                                   size_t slot) {
    for (;; slot = (slot + 1) & (p->n_places - 1)) {
        struct perf_place *place = &p->places[slot];
        if (place->offset == a->offset && place->object == a->object) return place;
        if (!place->location) return place;
    }
}

/* A table that is half full is made twice as large. */
static void make_room(struct perf_profile *p) {
    if (p->n_put < p->n_places / 2) return;
    struct perf_place *old = p->places;
    size_t n_old = p->n_places;
    p->n_places *= 2;
    p->places = pp_calloc_used(p->n_places, sizeof *p->places);
    for (size_t i = 0; i < n_old; i++) {
        const struct perf_address at = {old[i].offset, old[i].object};
        if (old[i].location) *place_of(p, &at, slot_of(p, &at)) = old[i];
    }
    pp_free(old);
}

/* Where the places lie in memory is as random as the addresses: all are fetched before the first is
 * looked at. */
bool perf_profile_known_locations(const struct perf_profile *p, const struct perf_address *at,
                                  uint32_t n, uint32_t *ret_locations) {
    const struct perf_place *places = p->places;
    uint64_t seed = hash_seed();
    size_t mask = p->n_places - 1;
    uint32_t n_found = 0;
    for (uint32_t i = 0; i < n; i++) {
        ret_locations[i] = (uint32_t)first_slot(&at[i], seed, mask);
        __builtin_prefetch(&places[ret_locations[i]]);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct perf_place *place = &places[ret_locations[i]];
        if (place->offset != at[i].offset || place->object != at[i].object)
            place = place_of(p, &at[i], ret_locations[i]);
        ret_locations[i] = place->location - 1;
        n_found += ret_locations[i] != PP_NONE;
    }
    return n_found == n;
}

void perf_profile_new_locations(struct perf_profile *p, const struct perf_address *at, uint32_t n,
                                uint32_t *locations) {
    for (uint32_t i = 0; i < n; i++) {
        if (locations[i] != PP_NONE) continue;
        make_room(p);
        struct perf_place *place = place_of(p, &at[i], slot_of(p, &at[i]));
        if (!place->location) {
            *place = (struct perf_place){at[i].offset, at[i].object, add_location(p, &at[i]) + 1};
            p->n_put++;
        }
        locations[i] = place->location - 1;
    }
}

static void add_text(struct pp_label *labels, uint32_t *n, uint32_t key, uint32_t text) {
    if (text != PP_NONE) labels[(*n)++] = (struct pp_label){.key = key, .text = text};
}

static void add_number(struct pp_label *labels, uint32_t *n, uint32_t key, uint32_t number) {
    if (number != PP_NONE)
        labels[(*n)++] = (struct pp_label){.key = key, .text = PP_NONE, .num = number};
}

uint32_t perf_profile_labels(struct perf_profile *p, const struct perf_labels *l) {
    size_t slot = hash_bytes(hash_seed(), l, sizeof *l) & (PERF_LABEL_SLOTS - 1);
    if (!memcmp(&p->label_keys[slot], l, sizeof *l)) return p->label_sets[slot];
    struct pp_label labels[7];
    uint32_t n_text = 0, n;
    add_text(labels, &n_text, p->key_comm, l->comm);
    add_text(labels, &n_text, p->key_thread_comm, l->thread_comm);
    add_text(labels, &n_text, p->key_mode, l->mode);
    add_text(labels, &n_text, p->key_cgroup, l->cgroup);
    n = n_text;
    add_number(labels, &n, p->key_pid, l->pid);
    add_number(labels, &n, p->key_tid, l->tid);
    add_number(labels, &n, p->key_cpu, l->cpu);
    p->label_keys[slot] = *l;
    return p->label_sets[slot] = builder_label_set(&p->b, labels, n_text, n - n_text);
}

static uint64_t row_hash(const struct perf_row *r) {
    return hash_word(hash_seed(), (uint64_t)r->stack << 32 | r->labels);
}

/* The first row of the stack; PP_NONE. Most stacks have one alone. */
static uint32_t *row_of_stack(struct perf_profile *p, uint32_t stack) {
    while (p->n_rows_of_stack <= stack)
        PP_PUSH(p->scratch, p->row_of_stack, p->n_rows_of_stack, p->cap_rows_of_stack, PP_NONE);
    return &p->row_of_stack[stack];
}

static void index_row(struct perf_profile *p, uint32_t at) {
    if (p->rows[at].is_indexed) return;
    p->rows[at].is_indexed = true;
    index_add(&p->row_index, row_hash(&p->rows[at]), at);
}

/* The row of these, else the last one with this stack and these labels, else PP_NONE. */
static uint32_t find_row(struct perf_profile *p, const struct perf_row *want, uint32_t first) {
    if (first == PP_NONE) return PP_NONE;
    const struct perf_row *r = &p->rows[first];
    if (r->labels == want->labels && r->event == want->event) return first;
    index_row(p, first);
    for (struct index_probe i = index_probe(&p->row_index, row_hash(want));
         index_next(&p->row_index, &i);) {
        r = &p->rows[i.position];
        if (r->stack != want->stack || r->labels != want->labels) continue;
        uint32_t at = i.position;
        while (p->rows[at].event != want->event && p->rows[at].next != PP_NONE)
            at = p->rows[at].next;
        return at;
    }
    return PP_NONE;
}

/* `known`: the last with its stack and labels, or PP_NONE. */
static uint32_t add_row(struct perf_profile *p, struct perf_row row, uint32_t *first,
                        uint32_t known) {
    if (p->n_rows == PP_NONE - 1) {
        p->b.over_limit = true;
        return PP_NONE;
    }
    uint32_t at = p->n_rows;
    row.is_first = known == PP_NONE;
    PP_PUSH(p->b.arena, p->rows, p->n_rows, p->cap_rows, row);
    if (!row.is_first)
        p->rows[known].next = at;
    else if (*first != PP_NONE)
        index_row(p, at);
    else
        *first = at;
    return at;
}

uint32_t perf_profile_count(struct perf_profile *p, struct perf_row row) {
    row.next = PP_NONE;
    uint32_t *first = row_of_stack(p, row.stack), at = find_row(p, &row, *first);
    if (at == PP_NONE || p->rows[at].event != row.event) return add_row(p, row, first, at);
    p->rows[at].count += row.count;
    p->rows[at].sum += row.sum;
    return at;
}

/* ---- when all are counted ---- */

/* What the values of a sample are: first how often the leading event was sampled, by the name that
 * Go's compiler looks for; then two an event. */
struct values {
    uint32_t n, lead;
    uint32_t *first; /* the number of each event's first value, or PP_NONE where it has none */
};

static void add_type(struct perf_profile *p, struct values *v, struct pp_str name) {
    builder_add_type(&p->b, builder_string(&p->b, name), builder_string(&p->b, PP_STR("count")));
    v->n++;
}

static bool is_shown(const struct perf_events *events, const struct perf_event *event) {
    if (event->n_samples || !perf_event_is_dummy(event)) return true;
    for (uint32_t i = 0; i < events->n; i++)
        if (!perf_event_is_dummy(&events->at[i])) return false;
    return true;
}

static void add_types(struct perf_profile *p, const struct perf_events *events, struct values *v,
                      struct pp_arena *scratch) {
    *v = (struct values){.first = PP_NEW(scratch, uint32_t, events->n), .lead = PP_NONE};
    for (uint32_t i = 0; i < events->n; i++) {
        const struct perf_event *e = &events->at[i];
        v->first[i] = PP_NONE;
        if (!is_shown(events, e)) continue;
        if (v->n == 0) add_type(p, v, PP_STR("samples"));
        if (v->lead == PP_NONE && e->n_samples) v->lead = i;
        struct pp_str name = perf_event_name(events, e);
        v->first[i] = v->n;
        add_type(p, v, pp_arena_printf(scratch, "%.*s_sample", PP_STR_ARG(name)));
        add_type(p, v, pp_arena_printf(scratch, "%.*s_event", PP_STR_ARG(name)));
    }
}

/* The values of a row and of those that are chained to it. */
static void sum_rows(const struct perf_profile *p, uint32_t row, const struct values *v,
                     int64_t *ret_values) {
    memset(ret_values, 0, v->n * sizeof *ret_values);
    for (uint32_t at = row; at != PP_NONE; at = p->rows[at].next) {
        const struct perf_row *r = &p->rows[at];
        uint32_t first = v->first[r->event];
        if (first == PP_NONE) continue;
        ret_values[first] = (int64_t)r->count;
        ret_values[first + 1] = (int64_t)r->sum;
        if (r->event == v->lead) ret_values[0] = (int64_t)r->count;
    }
}

static bool add_samples(struct perf_profile *p, const struct values *v, struct pp_arena *scratch,
                        struct pp_error *err) {
    const uint64_t max_values = UINT64_C(1) << 28; /* few rows with many values, or the reverse */
    int64_t *values = PP_NEW(scratch, int64_t, v->n);
    uint64_t n_rows = 0;
    for (uint32_t i = 0; i < p->n_rows; i++)
        n_rows += p->rows[i].is_first;
    if (v->n && n_rows > max_values / v->n)
        return pp_fail(err, PP_E_LIMIT,
                       "%" PRIu64 " samples of %" PRIu32 " values each are too many", n_rows, v->n);
    for (uint32_t i = 0; i < p->n_rows; i++) {
        if (!p->rows[i].is_first) continue;
        sum_rows(p, i, v, values);
        builder_add_sample(&p->b, p->rows[i].stack, p->rows[i].labels, values, v->n);
    }
    return true;
}

/* Moves the program's mapping to the front: that is where everybody looks for it. */
static void put_first(struct perf_profile *p, uint32_t mapping) {
    struct pp_profile *made = &p->b.p;
    if (mapping == 0) return;
    struct pp_mapping main = made->mappings[mapping];
    memmove(made->mappings + 1, made->mappings, mapping * sizeof main);
    made->mappings[0] = main;
    for (uint32_t i = 0; i < made->n_mappings; i++)
        made->mappings[i].id = (uint64_t)i + 1;
    for (uint32_t i = 0; i < made->n_locations; i++) {
        struct pp_location *l = &made->locations[i];
        if (l->mapping == mapping)
            l->mapping = 0;
        else if (l->mapping < mapping)
            l->mapping++;
    }
}

/* Build ids may have come after the first location. */
static void settle_mappings(struct perf_profile *p) {
    for (uint32_t i = 0; i < p->n_objects; i++) {
        const struct perf_object *o = &p->objects[i];
        if (o->mapping == PP_NONE) continue;
        struct pp_mapping *m = &p->b.p.mappings[o->mapping];
        m->build_id = o->build_id;
        m->file = o->file;
    }
}

bool perf_profile_finish(struct perf_profile *p, const struct perf_events *events,
                         uint32_t main_object, struct pp_profile *ret_profile,
                         struct pp_error *err) {
    struct pp_arena scratch = {0};
    settle_mappings(p);
    if (main_object != PP_NONE) put_first(p, perf_profile_mapping(p, main_object));
    struct values values;
    add_types(p, events, &values, &scratch);
    bool ok = add_samples(p, &values, &scratch, err);
    pp_arena_done(&scratch);
    if (!ok) {
        builder_done(&p->b);
        return false;
    }
    return builder_finish(&p->b, ret_profile, err);
}
