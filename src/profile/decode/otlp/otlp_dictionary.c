/* The tables that samples point into. Mappings, functions and locations keep their order; what is
 * empty at place 0 is "nothing" and left out, so ids begin at 1 with the first real one. */
#include "profile/decode/otlp/otlp.h"

#include "profile/id_map.h"

#include <inttypes.h>

bool otlp_broken(struct otlp_reader *r, const char *what) {
    return pp_fail(r->err, PP_E_FORMAT, "OTLP %s: %s", r->layout->name, what);
}

static bool no_such(struct otlp_reader *r, const char *what, uint64_t at, uint32_t n) {
    return pp_fail(r->err, PP_E_FORMAT, "OTLP %s: %s %" PRIu64 " is used, but there are %" PRIu32,
                   r->layout->name, what, at, n);
}

bool otlp_spend(struct otlp_reader *r, uint64_t n, uint64_t size) {
    if (n > UINT32_MAX || n * size > r->budget)
        return pp_fail(r->err, PP_E_LIMIT,
                       "OTLP: what is shared by many samples takes more than %" PRIu64
                       " times the message",
                       r->limits->max_ratio) ||
               pp_about(r->err, "max_ratio");
    r->budget -= n * size;
    return true;
}

bool otlp_range_stack(struct otlp_reader *r, const uint32_t *frames, uint32_t n,
                      uint32_t *ret_stack) {
    uint32_t had = r->b.p.n_frames;
    *ret_stack = builder_stack(&r->b, frames, n);
    uint32_t more = r->b.p.n_frames - had;
    if (more > r->frames_left) return input_fail_spread(r->in, "the stacks of its ranges", r->err);
    r->frames_left -= more;
    return true;
}

void otlp_dictionary_forget(struct otlp_reader *r) {
    r->d = (struct otlp_dictionary){.labels = r->d.labels};
    r->d.labels.n = 0;
}

bool otlp_dictionary_add(struct otlp_reader *r, const struct wire_field *f) {
    struct otlp_dictionary *d = &r->d;
    int table = otlp_field(r->layout->tables, OTLP_N_TABLES, f->number);
    if (table < 0) return true;
    if (f->type != WIRE_BYTES) return otlp_broken(r, "a table's entry is broken");
    if (d->n[table] == PP_NONE - 1) return otlp_broken(r, "a table is too large");
    PP_PUSH(&r->scratch, d->entries[table], d->n[table], d->cap[table], f->bytes);
    return true;
}

bool otlp_string(struct otlp_reader *r, uint64_t at, uint32_t *ret_id) {
    if (at == 0 && r->d.n[OTLP_STRINGS] == 0)
        *ret_id = 0;
    else if (at >= r->d.n[OTLP_STRINGS])
        return no_such(r, "string", at, r->d.n[OTLP_STRINGS]);
    else
        *ret_id = r->d.ours[OTLP_STRINGS][at];
    return true;
}

bool otlp_attribute_at(struct otlp_reader *r, uint64_t at, struct otlp_span *ret_span) {
    *ret_span = (struct otlp_span){0};
    if (at == 0 && r->d.n[OTLP_ATTRIBUTES] == 0) return true;
    if (at >= r->d.n[OTLP_ATTRIBUTES]) return no_such(r, "attribute", at, r->d.n[OTLP_ATTRIBUTES]);
    *ret_span = r->d.attributes[at];
    return otlp_spend(r, ret_span->n, sizeof(struct otlp_label));
}

/* Ours for theirs; PP_NONE for what is empty at 0, also where there is no table. */
static bool entry(struct otlp_reader *r, enum otlp_table table, uint64_t at, uint32_t *ret_ours) {
    static const char *const names[OTLP_N_TABLES] = {
        [OTLP_FUNCTIONS] = "function", [OTLP_MAPPINGS] = "mapping", [OTLP_LOCATIONS] = "location"};
    *ret_ours = PP_NONE;
    if (at == 0 && r->d.n[table] == 0) return true;
    if (at >= r->d.n[table]) return no_such(r, names[table], at, r->d.n[table]);
    *ret_ours = r->d.ours[table][at];
    return true;
}

/* Nothing but zeros: lengths and numbers that are all 0. */
static bool is_empty(struct wire w) {
    struct wire_field f;
    while (w.at < w.end) {
        if (!wire_field(&w, &f)) return false;
        if (f.type != WIRE_BYTES && f.value) return false;
        if (f.type == WIRE_BYTES)
            for (const uint8_t *at = f.bytes.at; at < f.bytes.end; at++)
                if (*at) return false;
    }
    return true;
}

/* ---- attributes of mappings and locations ---- */

static const char *const build_ids[] = {"process.executable.build_id.gnu",
                                        "process.executable.build_id.go",
                                        "process.executable.build_id.htlhash"};

static bool is_key(struct otlp_reader *r, const struct otlp_label *l, const char *key) {
    return pp_str_eq(builder_text(&r->b, l->label.key), pp_str_from(key));
}

static bool is_true(struct otlp_reader *r, const struct otlp_label *l) {
    return !l->is_num && pp_str_eq(builder_text(&r->b, l->label.text), PP_STR("true"));
}

/* The id that an entry had in pprof, where that is not its place. */
static bool id_attribute(struct otlp_reader *r, const struct otlp_label *l, const char *key,
                         uint64_t *ret_id) {
    if (!l->is_num || !is_key(r, l, key)) return false;
    *ret_id = (uint64_t)l->label.num;
    r->has_ids = true;
    return true;
}

/* The first of the build ids in the order above. */
static void mapping_attribute(struct otlp_reader *r, const struct otlp_label *l,
                              struct pp_mapping *m, size_t *best) {
    if (id_attribute(r, l, "pprof.mapping.id", &m->id)) return;
    if (is_key(r, l, "pprof.mapping.has_functions"))
        m->has_functions = is_true(r, l);
    else if (is_key(r, l, "pprof.mapping.has_filenames"))
        m->has_filenames = is_true(r, l);
    else if (is_key(r, l, "pprof.mapping.has_line_numbers"))
        m->has_line_numbers = is_true(r, l);
    else if (is_key(r, l, "pprof.mapping.has_inline_frames"))
        m->has_inline_frames = is_true(r, l);
    else if (is_key(r, l, "pprof.mapping.as_image"))
        m->as_image = is_true(r, l);
    else {
        r->dropped.mapping_attributes++;
        for (size_t i = 0; i < sizeof build_ids / sizeof *build_ids && !l->is_num; i++)
            if (is_key(r, l, build_ids[i])) {
                r->dropped.mapping_attributes--;
                if (i < *best) m->build_id = l->label.text;
                if (i < *best) *best = i;
            }
    }
}

static bool mapping_attributes(struct otlp_reader *r, const struct wire_field *f,
                               struct pp_mapping *m) {
    struct otlp_numbers list = {0};
    size_t best = sizeof build_ids / sizeof *build_ids;
    if (!otlp_numbers_add(&list, f, false, &r->scratch))
        return otlp_broken(r, "a mapping is broken");
    for (size_t i = 0; i < list.n; i++) {
        struct otlp_span span;
        if (!otlp_attribute_at(r, list.at[i], &span)) return false;
        for (uint32_t j = 0; j < span.n; j++)
            mapping_attribute(r, &r->d.labels.at[span.first + j], m, &best);
    }
    return true;
}

static bool location_attributes(struct otlp_reader *r, const struct wire_field *f,
                                struct pp_location *l, uint64_t *ret_id) {
    struct otlp_numbers list = {0};
    if (!otlp_numbers_add(&list, f, false, &r->scratch))
        return otlp_broken(r, "a location is broken");
    for (size_t i = 0; i < list.n; i++) {
        struct otlp_span span;
        if (!otlp_attribute_at(r, list.at[i], &span)) return false;
        for (uint32_t j = 0; j < span.n; j++) {
            const struct otlp_label *label = &r->d.labels.at[span.first + j];
            if (is_key(r, label, "pprof.location.is_folded"))
                l->is_folded = is_true(r, label);
            else if (!id_attribute(r, label, "pprof.location.id", ret_id))
                r->dropped.frame_attributes++;
        }
    }
    return true;
}

/* ---- tables ---- */

static bool read_string(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_STRINGS][i];
    r->d.ours[OTLP_STRINGS][i] =
        builder_string(&r->b, (struct pp_str){(const char *)w.at, (size_t)(w.end - w.at)});
    return true;
}

static bool read_unit(struct otlp_reader *r, uint32_t i) {
    struct otlp_dictionary *d = &r->d;
    uint64_t n[2] = {0};
    uint32_t key, unit;
    if (!d->units) {
        d->n_units = r->b.strings.n;
        d->units = PP_NEW(&r->scratch, uint32_t, d->n_units);
    }
    if (!wire_numbers(d->entries[OTLP_UNITS][i], n, 2))
        return otlp_broken(r, "an attribute's unit is broken");
    if (!otlp_string(r, n[0], &key) || !otlp_string(r, n[1], &unit)) return false;
    d->units[key] = unit;
    return true;
}

static bool read_attribute(struct otlp_reader *r, uint32_t i) {
    struct otlp_labels *all = &r->d.labels;
    struct otlp_span span = {(uint32_t)all->n, 0};
    struct wire message = r->d.entries[OTLP_ATTRIBUTES][i];
    if (!(i == 0 && is_empty(message)) && !otlp_attribute(r, message, true, all)) return false;
    if (all->n >= PP_NONE) return otlp_broken(r, "too many attributes");
    span.n = (uint32_t)all->n - span.first;
    r->d.attributes[i] = span;
    return true;
}

static uint32_t hex_id(struct otlp_reader *r, struct wire w) {
    char text[32];
    size_t n = (size_t)(w.end - w.at), any = 0;
    if (n > 16) return 0;
    for (size_t i = 0; i < n; i++)
        any |= w.at[i];
    otlp_hex(w, text);
    return any ? builder_string(&r->b, (struct pp_str){text, 2 * n}) : 0;
}

static bool read_link(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_LINKS][i];
    struct wire_field f;
    while (w.at < w.end) {
        if (!wire_field(&w, &f)) return otlp_broken(r, "a link is broken");
        if (f.type != WIRE_BYTES) continue;
        if (f.number == 1) r->d.links[i].trace = hex_id(r, f.bytes);
        if (f.number == 2) r->d.links[i].span = hex_id(r, f.bytes);
    }
    return true;
}

/* Fields 6 to 9 are the has_* of old layouts. */
static bool read_mapping(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_MAPPINGS][i];
    struct pp_mapping m = {.id = (uint64_t)r->b.p.n_mappings + 1};
    uint64_t n[10] = {0};
    struct wire_field f;
    r->d.ours[OTLP_MAPPINGS][i] = PP_NONE;
    if (i == 0 && is_empty(w)) return true;
    while (w.at < w.end) {
        if (!wire_field(&w, &f)) return otlp_broken(r, "a mapping is broken");
        if (f.number == 5 && !mapping_attributes(r, &f, &m)) return false;
        if (f.number < 10 && f.type == WIRE_VARINT) n[f.number] = f.value;
    }
    m.start = n[1];
    m.limit = n[2];
    m.offset = n[3];
    m.has_functions |= n[6] != 0;
    m.has_filenames |= n[7] != 0;
    m.has_line_numbers |= n[8] != 0;
    m.has_inline_frames |= n[9] != 0;
    if (!otlp_string(r, n[4], &m.file)) return false;
    m.kernel_symbol = builder_kernel_symbol(&r->b, m.file);
    r->d.ours[OTLP_MAPPINGS][i] = builder_add_mapping(&r->b, &m);
    return true;
}

static bool read_function(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_FUNCTIONS][i];
    uint64_t n[4] = {0};
    struct pp_function f = {0};
    r->d.ours[OTLP_FUNCTIONS][i] = PP_NONE;
    if (i == 0 && is_empty(w)) return true;
    if (!wire_numbers(w, n, 4)) return otlp_broken(r, "a function is broken");
    f.start_line = (int64_t)n[3];
    if (!otlp_string(r, n[0], &f.name) || !otlp_string(r, n[1], &f.system_name) ||
        !otlp_string(r, n[2], &f.filename))
        return false;
    r->d.ours[OTLP_FUNCTIONS][i] = builder_add_function(&r->b, &f);
    return true;
}

struct lines {
    struct pp_line *at;
    uint32_t n;
    size_t cap;
};

/* -1, as the collector's translator from pprof writes it for a line without one. */
static const uint64_t NO_FUNCTION = UINT64_MAX;

static bool read_line(struct otlp_reader *r, struct wire message, struct lines *lines) {
    uint64_t n[3] = {0};
    struct pp_line line;
    if (!wire_numbers(message, n, 3)) return otlp_broken(r, "a line is broken");
    line.line = (int64_t)n[1];
    line.column = (int64_t)n[2];
    if (n[0] == NO_FUNCTION) return true;
    if (!entry(r, OTLP_FUNCTIONS, n[0], &line.function)) return false;
    if (line.function == PP_NONE) return true;
    PP_PUSH(&r->scratch, lines->at, lines->n, lines->cap, line);
    return true;
}

static bool read_location(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_LOCATIONS][i];
    struct pp_location l = {.mapping = PP_NONE};
    uint64_t id = (uint64_t)r->b.p.n_locations + 1;
    struct lines lines = {0};
    struct wire_field f;
    bool old = r->layout->home != OTLP_IN_DICTIONARY || r->layout->location_is_folded;
    bool mapped = !old; /* in old layouts 0 is a mapping, and none is one that is not there */
    uint64_t mapping = 0;
    r->d.ours[OTLP_LOCATIONS][i] = PP_NONE;
    if (i == 0 && is_empty(w)) return true;
    while (w.at < w.end) {
        if (!wire_field(&w, &f)) return otlp_broken(r, "a location is broken");
        if (f.number == 1 && f.type == WIRE_VARINT) {
            mapping = f.value;
            mapped = true;
        } else if (f.number == 2 && f.type == WIRE_VARINT) {
            l.address = f.value;
        } else if (f.number == 3 && f.type == WIRE_BYTES) {
            if (!read_line(r, f.bytes, &lines)) return false;
        } else if (f.number == r->layout->location_attributes) {
            if (!location_attributes(r, &f, &l, &id)) return false;
        } else if (r->layout->location_is_folded && f.number == r->layout->location_is_folded) {
            l.is_folded = f.value != 0;
        }
    }
    if (mapped && !entry(r, OTLP_MAPPINGS, mapping, &l.mapping)) return false;
    r->d.ours[OTLP_LOCATIONS][i] = builder_add_location(&r->b, &l, lines.at, lines.n);
    builder_set_location_id(&r->b, id);
    return true;
}

static bool read_stack(struct otlp_reader *r, uint32_t i) {
    struct wire w = r->d.entries[OTLP_STACKS][i];
    struct otlp_numbers list = {0};
    struct wire_field f;
    uint32_t n = 0;
    while (w.at < w.end) {
        if (!wire_field(&w, &f) ||
            (f.number == 1 && !otlp_numbers_add(&list, &f, false, &r->scratch)))
            return otlp_broken(r, "a stack is broken");
    }
    if (list.n > r->limits->max_depth)
        return pp_fail_limit(r->err, "max_depth", "frames in a stack", list.n,
                             r->limits->max_depth);
    uint32_t *frames = PP_NEW(&r->scratch, uint32_t, list.n);
    for (size_t k = 0; k < list.n; k++) {
        if (!entry(r, OTLP_LOCATIONS, list.at[k], &frames[n])) return false;
        if (frames[n] != PP_NONE) n++;
    }
    r->d.ours[OTLP_STACKS][i] = builder_stack(&r->b, frames, n);
    return true;
}

bool otlp_dictionary_read(struct otlp_reader *r) {
    struct otlp_dictionary *d = &r->d;
    static const struct {
        enum otlp_table table;
        bool (*read)(struct otlp_reader *r, uint32_t i);
    } order[] = {
        {OTLP_STRINGS, read_string},       {OTLP_UNITS, read_unit},
        {OTLP_ATTRIBUTES, read_attribute}, {OTLP_LINKS, read_link},
        {OTLP_MAPPINGS, read_mapping},     {OTLP_FUNCTIONS, read_function},
        {OTLP_LOCATIONS, read_location},   {OTLP_STACKS, read_stack},
    };
    static const enum otlp_table named[] = {OTLP_STRINGS, OTLP_MAPPINGS, OTLP_FUNCTIONS,
                                            OTLP_LOCATIONS, OTLP_STACKS};
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        d->ours[named[i]] = PP_NEW(&r->scratch, uint32_t, d->n[named[i]]);
    d->attributes = PP_NEW(&r->scratch, struct otlp_span, d->n[OTLP_ATTRIBUTES]);
    d->links = PP_NEW(&r->scratch, struct otlp_link, d->n[OTLP_LINKS]);
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (uint32_t i = 0; i < d->n[order[k].table]; i++)
            if (!order[k].read(r, i)) return false;
    return true;
}

void otlp_settle_ids(struct otlp_reader *r) {
    struct pp_profile *p = &r->b.p;
    uint32_t place;
    if (!r->has_ids) return;
    if (!id_map_are_ids(p->mappings, sizeof *p->mappings, p->n_mappings, &place))
        for (uint32_t i = 0; i < p->n_mappings; i++)
            p->mappings[i].id = (uint64_t)i + 1;
    if (!id_map_are_ids(p->location_ids, sizeof *p->location_ids, p->n_locations, &place))
        p->location_ids = NULL;
}
