#include "profile/decode/legacy/legacy.h"

#include "base/hash.h"
#include "base/num.h"
#include "base/text.h"

#include <math.h>

void legacy_init(struct legacy *l, struct pp_arena *arena) {
    *l = (struct legacy){0};
    builder_init(&l->b, arena);
    l->maps.arena = arena;
}

void legacy_done(struct legacy *l) {
    builder_done(&l->b);
    index_done(&l->by_address);
    index_done(&l->by_name);
    pp_arena_done(&l->scratch);
}

void legacy_type(struct legacy *l, struct pp_str type, struct pp_str unit) {
    builder_add_type(&l->b, builder_string(&l->b, type), builder_string(&l->b, unit));
}

void legacy_period(struct legacy *l, struct pp_str type, struct pp_str unit, int64_t period) {
    l->b.p.period_type.type = builder_string(&l->b, type);
    l->b.p.period_type.unit = builder_string(&l->b, unit);
    l->b.p.period = period;
}

void legacy_heap_types(struct legacy *l, int64_t rate, bool has_alloc) {
    legacy_period(l, PP_STR("space"), PP_STR("bytes"), rate);
    if (has_alloc) {
        legacy_type(l, PP_STR("alloc_objects"), PP_STR("count"));
        legacy_type(l, PP_STR("alloc_space"), PP_STR("bytes"));
    }
    legacy_type(l, has_alloc ? PP_STR("inuse_objects") : PP_STR("objects"), PP_STR("count"));
    legacy_type(l, has_alloc ? PP_STR("inuse_space") : PP_STR("space"), PP_STR("bytes"));
}

/* ---- samples ---- */

static uint64_t address_hash(uint64_t address) {
    return hash_word(hash_seed(), address);
}

uint32_t legacy_find_location(const struct legacy *l, uint64_t address) {
    uint64_t hash = address_hash(address);
    for (struct index_probe i = index_probe(&l->by_address, hash); index_next(&l->by_address, &i);)
        if (l->addresses[i.position] == address) return i.position;
    return PP_NONE;
}

uint32_t legacy_location(struct legacy *l, uint64_t address) {
    uint32_t found = legacy_find_location(l, address);
    if (found != PP_NONE) return found;
    index_add(&l->by_address, address_hash(address), l->n_locations);
    PP_PUSH(&l->scratch, l->addresses, l->n_locations, l->cap_addresses, address);
    return l->n_locations - 1;
}

void legacy_frame(struct legacy *l, uint64_t address) {
    if (l->n_frames >= PP_NONE - 1) {
        l->over_limit = true;
        return;
    }
    uint32_t location = legacy_location(l, address);
    PP_PUSH(&l->scratch, l->frames, l->n_frames, l->cap_frames, location);
}

bool legacy_frames(struct legacy *l, struct pp_str text, int64_t adjust) {
    for (size_t at = 0; (at = text_find(text, PP_STR("0x"), at)) != SIZE_MAX;) {
        size_t from = at += 2;
        while (at < text.len && text_is_lower_hex(text.data[at]))
            at++;
        if (at == from) continue;
        uint64_t address;
        if (!text_u64(pp_str_slice(text, from, at), 16, &address)) return false;
        legacy_frame(l, address + (uint64_t)adjust);
    }
    return true;
}

bool legacy_frames_at(struct legacy *l, struct pp_str line, size_t at, int64_t adjust) {
    size_t end = at;
    while (end < line.len &&
           (line.data[end] == ' ' || line.data[end] == 'x' || text_is_lower_hex(line.data[end])))
        end++;
    return legacy_frames(l, pp_str_slice(line, at, end), adjust);
}

uint32_t legacy_bytes_label(struct legacy *l, int64_t bytes) {
    struct pp_label label = {builder_string(&l->b, PP_STR("bytes")), PP_NONE, bytes};
    return builder_label_set(&l->b, &label, 0, 1);
}

static void push_sample(struct legacy *l, struct legacy_sample s, const int64_t *values) {
    for (uint32_t i = 0; i < l->b.p.n_types && i < LEGACY_MAX_VALUES; i++)
        s.values[i] = values[i];
    if (l->n_samples >= PP_NONE - 1)
        l->over_limit = true;
    else
        PP_PUSH(&l->scratch, l->samples, l->n_samples, l->cap_samples, s);
}

void legacy_sample(struct legacy *l, const int64_t *values, uint32_t label_set) {
    struct legacy_sample s = {l->n_ended, legacy_depth(l), label_set, {0}};
    l->n_ended = l->n_frames;
    push_sample(l, s, values);
}

void legacy_repeat_sample(struct legacy *l, const int64_t *values, uint32_t label_set) {
    struct legacy_sample s = l->samples[l->n_samples - 1];
    s.label_set = label_set;
    push_sample(l, s, values);
}

void legacy_unsample(int64_t rate, int64_t *count, int64_t *size) {
    if (*count == 0 || *size == 0) {
        *count = *size = 0;
        return;
    }
    if (rate <= 1) return;
    double average = (double)*size / (double)*count;
    double scale = 1 / (1 - exp(-average / (double)rate));
    *count = num_from_double((double)*count * scale);
    *size = num_from_double((double)*size * scale);
}

/* ---- lines ---- */

bool legacy_is_skipped(struct pp_str line) {
    struct pp_str text = text_trim(line);
    return text.len == 0 || text.data[0] == '#';
}

/* "goroutine profile: total 7". */
static bool is_count_head(struct pp_str line) {
    size_t at = text_find(line, PP_STR(" profile: total "), 0);
    return at != SIZE_MAX && at > 0 && !text_contains(pp_str_slice(line, 0, at), PP_STR(" "));
}

/* The words 0 and 3, of 4 or 8 bytes in either order: a CPU profile. */
static bool is_cpu_head(struct pp_str line) {
    size_t zeros = 0;
    while (zeros < line.len && line.data[zeros] == 0)
        zeros++;
    return zeros < line.len && line.data[zeros] == 3 &&
           (zeros == 4 || zeros == 7 || zeros == 8 || zeros == 15);
}

/* A protobuf message whose first field is its first sample type: the field's tag is a newline, then
 * come its length and its own first field. */
static bool is_proto_head(struct pp_str line) {
    return line.len > 2 && line.data[0] >= 2 && line.data[0] <= 8 && line.data[1] == 8;
}

/* One of Go, which begins with the time, or with the type of its period. */
static bool is_go_head(struct pp_str line) {
    size_t more = 1;
    while (more < line.len && (unsigned char)line.data[more] > 0x7f)
        more++;
    if (line.len == 10 && line.data[0] == 'H') return more == 9;
    return line.len && line.data[0] == 'Z' && is_proto_head(pp_str_slice(line, 1, line.len));
}

static bool fail_other(size_t at, struct pp_error *err) {
    return pp_fail(err, PP_E_FORMAT,
                   "another profile begins at byte %zu; give them as separate files", at);
}

void legacy_leave_before(const struct lines *lines, struct pp_str head) {
    size_t at = text_find(lines->line, head, 0);
    if (at != SIZE_MAX && at > 0) input_leave(lines->in, lines->start, lines->start + at);
}

bool legacy_no_other(const struct lines *lines, struct pp_error *err) {
    static const struct pp_str heads[] = {
        {"heap profile: ", 14},   {"heap_v2/", 8},
        {"--- contentionz ", 16}, {"--- contention:", 15},
        {"--- mutex:", 10},       {"--- threadz ", 12},
        {"\x1f\x8b\x08", 3},      /* gzip */ {"\x28\xb5\x2f\xfd", 4}, /* zstd */
    };
    size_t start = input_offset(lines->in, lines->start);
    if (is_proto_head(lines->line) && lines->start) return fail_other(start - 1, err);
    bool other = is_count_head(lines->line) || is_cpu_head(lines->line) || is_go_head(lines->line);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        other |= pp_str_has_prefix(lines->line, heads[i]);
    return !other || fail_other(start, err);
}

bool legacy_is_map_start(struct pp_str line) {
    return text_contains(line, PP_STR("--- Memory map: ---")) ||
           text_contains(line, PP_STR("MAPPED_LIBRARIES:"));
}

bool legacy_sections(struct legacy *l, struct lines *lines, struct pp_error *err) {
    for (bool more = true; more && !legacy_is_map_start(lines->line); more = lines_next(lines)) {
        if (!legacy_no_other(lines, err)) return false;
        if (!legacy_is_skipped(lines->line)) lines_leave(lines);
    }
    if (lines->too_long)
        return pp_fail(err, PP_E_FORMAT, "the line at byte %zu is longer than 64 kB", lines->at);
    return legacy_maps_read(&l->maps, lines, err);
}

/* ---- the profile ---- */

/* Locations in the order in which the samples use them; others are dropped. */
static void order_locations(struct legacy *l) {
    uint32_t *new_position = PP_NEW(&l->scratch, uint32_t, l->n_locations);
    uint64_t *addresses = PP_NEW(&l->scratch, uint64_t, l->n_locations);
    struct legacy_line *lines =
        l->lines ? PP_NEW(&l->scratch, struct legacy_line, l->n_locations) : NULL;
    struct legacy_names *names = PP_NEW(&l->scratch, struct legacy_names, l->n_locations);
    uint32_t n = 0;
    for (uint32_t i = 0; i < l->n_locations; i++)
        new_position[i] = PP_NONE;
    for (uint32_t s = 0; s < l->n_samples; s++) {
        for (uint32_t i = 0; i < l->samples[s].len; i++) {
            uint32_t old = l->frames[l->samples[s].first + i];
            if (new_position[old] != PP_NONE) continue;
            new_position[old] = n;
            addresses[n] = l->addresses[old];
            if (lines) lines[n] = l->lines[old];
            if (old < l->n_names) names[n] = l->names[old];
            n++;
        }
    }
    for (uint32_t i = 0; i < l->n_frames; i++)
        l->frames[i] = new_position[l->frames[i]];
    l->addresses = addresses;
    l->lines = lines;
    l->names = names;
    l->n_names = l->n_locations = n;
}

static void drop_double_leaf(struct legacy *l) {
    for (uint32_t s = 0; s < l->n_samples; s++) {
        struct legacy_sample *sample = &l->samples[s];
        if (sample->len < 2) continue;
        uint32_t *frames = l->frames + sample->first;
        if (l->addresses[frames[0]] != l->addresses[frames[1]] + 1) continue;
        frames[1] = frames[0];
        sample->first++;
        sample->len--;
    }
}

static void add_mappings(struct legacy *l) {
    for (uint32_t i = 0; i < l->maps.n; i++) {
        const struct legacy_mapping *m = &l->maps.at[i];
        struct pp_mapping mapping = {
            .id = (uint64_t)i + 1,
            .start = m->start,
            .limit = m->limit,
            .offset = m->offset,
            .file = builder_string(&l->b, m->file),
            .build_id = builder_string(&l->b, m->build_id),
        };
        builder_add_mapping(&l->b, &mapping);
    }
}

static uint32_t function_position(struct legacy *l, struct legacy_function *f) {
    if (f->position == PP_NONE) {
        uint32_t name = builder_string(&l->b, f->name);
        struct pp_function function = {
            .name = name,
            .system_name = name,
            .filename = builder_string(&l->b, f->file),
        };
        f->position = builder_add_function(&l->b, &function);
    }
    return f->position;
}

static void add_locations(struct legacy *l, const uint32_t *mappings) {
    for (uint32_t i = 0; i < l->n_locations; i++) {
        struct pp_location location = {
            .address = l->no_addresses ? 0 : l->addresses[i],
            .mapping = mappings[i],
        };
        struct pp_line line = {0};
        const struct pp_line *lines = &line;
        uint32_t n_lines = l->names[i].n;
        if (n_lines) lines = &l->name_lines[l->names[i].first];
        if (l->lines && l->lines[i].function != PP_NONE) {
            line.function = function_position(l, &l->functions[l->lines[i].function]);
            line.line = l->lines[i].line;
            n_lines = 1;
        }
        builder_add_location(&l->b, &location, lines, n_lines);
    }
}

bool legacy_finish(struct legacy *l, struct pp_profile *ret_profile, struct pp_error *err) {
    legacy_notes_end(l);
    order_locations(l);
    legacy_maps_massage(&l->maps);
    for (uint32_t i = 0; l->lines && i < l->n_locations; i++)
        if (l->lines[i].function != PP_NONE) l->addresses[i] = 0; /* it is known by its function */
    uint32_t *mappings = PP_NEW(&l->scratch, uint32_t, l->n_locations);
    legacy_maps_place(&l->maps, l->addresses, l->n_locations, mappings);
    add_mappings(l);
    add_locations(l, mappings);
    if (l->drop_double_leaf) drop_double_leaf(l);
    for (uint32_t i = 0; i < l->n_samples; i++) {
        const struct legacy_sample *s = &l->samples[i];
        const uint32_t *frames = s->len ? l->frames + s->first : NULL;
        uint32_t stack = builder_stack(&l->b, frames, s->len);
        builder_add_sample(&l->b, stack, s->label_set, s->values, l->b.p.n_types);
    }
    legacy_set_frame_rules(&l->b, l->more_drop);
    l->b.over_limit |= l->over_limit;
    bool ok = builder_finish(&l->b, ret_profile, err);
    legacy_done(l);
    return ok;
}
