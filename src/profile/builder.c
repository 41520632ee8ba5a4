#include "profile/builder.h"

#include "base/hash.h"
#include "profile/check.h"
#include "profile/id_map.h"
#include "profile/places.h"

#include <inttypes.h>

/* Room for a small profile: pages that stay untouched cost nothing, tables that move cost twice. */
static void reserve_some(struct profile_builder *b) {
    enum { SOME = 512, SOME_FRAMES = 4096 };
    struct pp_profile *p = &b->p;
    PP_RESERVE(b->arena, p->locations, 0, b->cap_locations, SOME);
    PP_RESERVE(b->arena, p->lines, 0, b->cap_lines, SOME);
    PP_RESERVE(b->arena, p->functions, 0, b->cap_functions, SOME);
    PP_RESERVE(b->arena, p->stacks, 0, b->cap_stacks, SOME);
    PP_RESERVE(b->arena, p->frames.narrow, 0, b->cap_frames, SOME_FRAMES);
    PP_RESERVE(b->arena, b->strings.strings, b->strings.n, b->strings.cap, SOME);
}

void builder_init(struct profile_builder *b, struct pp_arena *arena) {
    *b = (struct profile_builder){.arena = arena};
    interner_init(&b->strings, arena);
    reserve_some(b);
    PP_PUSH(arena, b->p.label_sets, b->p.n_label_sets, b->cap_label_sets, (struct pp_label_set){0});
}

/* Ids are told by position from now on, also of mappings. */
static void number_anew(struct pp_profile *p) {
    p->function_ids = p->location_ids = NULL;
    for (uint32_t i = 0; i < p->n_mappings; i++)
        p->mappings[i].id = (uint64_t)i + 1;
}

void builder_adopt(struct profile_builder *b, const struct pp_profile *p, struct pp_arena *arena) {
    *b = (struct profile_builder){
        .arena = arena,
        .p = {.mappings = p->mappings,
              .functions = p->functions,
              .locations = p->locations,
              .lines = p->lines,
              .places = p->places,
              .stacks = p->stacks,
              .frames = p->frames,
              .label_sets = p->label_sets,
              .labels = p->labels,
              .sample_stack = p->sample_stack,
              .sample_labels = p->sample_labels,
              .values = p->values,
              .n_mappings = p->n_mappings,
              .n_functions = p->n_functions,
              .n_locations = p->n_locations,
              .n_lines = p->n_lines,
              .n_places = p->n_places,
              .n_stacks = p->n_stacks,
              .n_frames = p->n_frames,
              .n_label_sets = p->n_label_sets,
              .n_labels = p->n_labels},
        .cap_mappings = p->n_mappings,
        .cap_functions = p->n_functions,
        .cap_locations = p->n_locations,
        .cap_lines = p->n_lines,
        .cap_places = p->n_places,
        .cap_stacks = p->n_stacks,
        .cap_frames = p->n_frames,
        .cap_label_sets = p->n_label_sets,
        .cap_labels = p->n_labels,
        .cap_samples = p->n_samples,
        .cap_sample_labels = p->sample_labels ? p->n_samples : 0,
        .cap_values = (size_t)p->n_samples * p->n_types,
        .n_values = p->n_types,
    };
    number_anew(&b->p);
}

void builder_done(struct profile_builder *b) {
    interner_done(&b->strings);
    index_done(&b->stacks);
    index_done(&b->label_sets);
}

uint32_t builder_string(struct profile_builder *b, struct pp_str s) {
    if (b->strings.n >= PP_NONE - 1) {
        b->over_limit = true;
        return 0;
    }
    return intern(&b->strings, s);
}

struct pp_str builder_text(const struct profile_builder *b, uint32_t string) {
    return b->strings.strings[string];
}

/* Whether a table of n entries can take `extra` more; ids stay below PP_NONE. */
static bool fits(struct profile_builder *b, uint32_t n, size_t extra) {
    if (extra < (size_t)PP_NONE - n) return true;
    b->over_limit = true;
    return false;
}

void builder_add_type(struct profile_builder *b, uint32_t type, uint32_t unit) {
    struct pp_value_type t = {type, unit};
    if (fits(b, b->p.n_types, 1))
        PP_PUSH(b->arena, b->p.sample_types, b->p.n_types, b->cap_types, t);
}

void builder_add_comment(struct profile_builder *b, uint32_t text) {
    if (fits(b, b->p.n_comments, 1))
        PP_PUSH(b->arena, b->p.comments, b->p.n_comments, b->cap_comments, text);
}

uint32_t builder_kernel_symbol(struct profile_builder *b, uint32_t file) {
    struct pp_str kernel = PP_STR("[kernel.kallsyms]"), name = builder_text(b, file);
    if (!pp_str_has_prefix(name, kernel)) return 0;
    return builder_string(b, pp_str_slice(name, kernel.len, name.len));
}

uint32_t builder_add_mapping(struct profile_builder *b, const struct pp_mapping *m) {
    if (fits(b, b->p.n_mappings, 1))
        PP_PUSH(b->arena, b->p.mappings, b->p.n_mappings, b->cap_mappings, *m);
    return b->p.n_mappings - 1;
}

void builder_set_function_id(struct profile_builder *b, uint64_t id) {
    if (b->p.n_functions)
        id_map_set(&b->p.function_ids, &b->cap_function_ids, b->p.n_functions - 1, id, b->arena);
}

void builder_set_location_id(struct profile_builder *b, uint64_t id) {
    if (b->p.n_locations)
        id_map_set(&b->p.location_ids, &b->cap_location_ids, b->p.n_locations - 1, id, b->arena);
}

uint32_t builder_add_function(struct profile_builder *b, const struct pp_function *f) {
    if (!fits(b, b->p.n_functions, 1)) return b->p.n_functions - 1;
    PP_PUSH(b->arena, b->p.functions, b->p.n_functions, b->cap_functions, *f);
    builder_set_function_id(b, b->p.n_functions);
    return b->p.n_functions - 1;
}

static bool fits_places(struct profile_builder *b, size_t extra) {
    return fits(b, b->p.n_places + PP_FAR_PLACE, extra);
}

uint32_t builder_add_location(struct profile_builder *b, const struct pp_location *l,
                              const struct pp_line *lines, uint32_t n_lines) {
    if (!fits(b, b->p.n_locations, 1) || !fits(b, b->p.n_lines, n_lines) ||
        !fits_places(b, n_lines))
        return b->p.n_locations ? b->p.n_locations - 1 : 0;
    PP_PUSH(b->arena, b->p.locations, b->p.n_locations, b->cap_locations, *l);
    struct pp_location *added = &b->p.locations[b->p.n_locations - 1];
    added->first_line = b->p.n_lines;
    added->n_lines = PP_LINES(n_lines);
    builder_set_location_id(b, b->p.n_locations);
    PP_RESERVE(b->arena, b->p.lines, b->p.n_lines, b->cap_lines, n_lines);
    for (uint32_t i = 0; i < n_lines; i++)
        b->p.lines[b->p.n_lines++] = places_row(&b->p, &b->cap_places, &lines[i], b->arena);
    return b->p.n_locations - 1;
}

static bool same_frames(const struct pp_profile *p, struct pp_stack s, const uint32_t *frames) {
    uint32_t differ = 0;
    if (p->frames.wide)
        return s.len == 0 || !memcmp(p->frames.wide + s.first, frames, s.len * sizeof *frames);
    for (uint32_t k = 0; p->frames.middle && k < s.len; k++)
        differ |=
            pp_frame_in((struct pp_frames){.middle = p->frames.middle + s.first}, k) ^ frames[k];
    if (p->frames.middle) return differ == 0;
    const uint16_t *have = p->frames.narrow + s.first;
    uint32_t i = 0;
    for (; s.len - i >= 8 && !differ; i += 8) /* a number that compilers make one step of */
        for (uint32_t j = i; j < i + 8; j++)
            differ |= have[j] ^ frames[j];
    for (; i < s.len; i++)
        differ |= have[i] ^ frames[i];
    return differ == 0;
}

void builder_widen_frames(struct profile_builder *b, uint32_t most) {
    const struct pp_frames old = b->p.frames;
    struct pp_frames f = {0};
    if (old.wide || most <= (old.narrow ? UINT16_MAX : PP_MOST_MIDDLE)) return;
    if (most <= PP_MOST_MIDDLE)
        f.middle = pp_arena_grow(b->arena, NULL, 0, b->cap_frames * sizeof *f.middle);
    else
        f.wide = pp_arena_grow(b->arena, NULL, 0, b->cap_frames * sizeof *f.wide);
    for (uint32_t i = 0; i < b->p.n_frames; i++)
        pp_frame_put(f, i, pp_frame_in(old, i));
    b->p.frames = f;
}

static void reserve_frames(struct profile_builder *b, uint32_t most, uint32_t n) {
    struct pp_profile *p = &b->p;
    builder_widen_frames(b, most);
    if (p->frames.narrow)
        PP_RESERVE(b->arena, p->frames.narrow, p->n_frames, b->cap_frames, n);
    else if (p->frames.middle)
        PP_RESERVE(b->arena, p->frames.middle, p->n_frames, b->cap_frames, n);
    else
        PP_RESERVE(b->arena, p->frames.wide, p->n_frames, b->cap_frames, n);
}

static void add_frames(struct profile_builder *b, const uint32_t *frames, uint32_t n) {
    uint32_t any = 0;
    for (uint32_t i = 0; i < n; i++)
        any |= frames[i];
    reserve_frames(b, any, n);
    PP_WITH_FRAMES(b->p.frames, b->p.n_frames, to,
                   for (uint32_t i = 0; i < n; i++) pp_frame_put(to, i, frames[i]));
    b->p.n_frames += n;
}

void builder_reserve_stacks(struct profile_builder *b, uint32_t n_stacks, uint32_t n_frames,
                            uint32_t most) {
    reserve_frames(b, most, n_frames);
    PP_RESERVE(b->arena, b->p.stacks, b->p.n_stacks, b->cap_stacks, n_stacks);
}

uint32_t builder_expect_stack(const struct profile_builder *b, uint64_t hash) {
    struct index_probe i = index_probe(&b->stacks, hash);
    if (!index_next(&b->stacks, &i)) return PP_NONE;
    __builtin_prefetch(&b->p.stacks[i.position]);
    return i.position;
}

void builder_expect_frames(const struct profile_builder *b, uint32_t stack) {
    enum { LINE = 64 }; /* bytes that come at once; the rest follows by itself */
    if (stack == PP_NONE) return;
    const char *at = pp_frame_address(&b->p.frames, b->p.stacks[stack].first);
    __builtin_prefetch(at);
    __builtin_prefetch(at + LINE);
}

static bool fits_stack(struct profile_builder *b, uint32_t n_frames) {
    return fits(b, b->p.n_stacks, 1) && fits(b, b->p.n_frames, n_frames);
}

uint32_t builder_add_stack(struct profile_builder *b, const uint32_t *frames, uint32_t n) {
    struct pp_profile *p = &b->p;
    if (!fits_stack(b, n)) return 0;
    struct pp_stack stack = {p->n_frames, n};
    add_frames(b, frames, n);
    PP_PUSH(b->arena, p->stacks, p->n_stacks, b->cap_stacks, stack);
    return p->n_stacks - 1;
}

uint32_t builder_hashed_stack(struct profile_builder *b, uint64_t hash, const uint32_t *frames,
                              uint32_t n) {
    const struct pp_profile *p = &b->p;
    for (struct index_probe i = index_probe(&b->stacks, hash); index_next(&b->stacks, &i);) {
        struct pp_stack s = p->stacks[i.position];
        if (s.len == n && same_frames(p, s, frames)) return i.position;
    }
    if (fits_stack(b, n)) index_add(&b->stacks, hash, b->p.n_stacks);
    return builder_add_stack(b, frames, n);
}

uint64_t builder_stack_hash(const uint32_t *frames, uint32_t n) {
    return hash_bytes(hash_seed(), frames, n * sizeof *frames);
}

uint32_t builder_stack(struct profile_builder *b, const uint32_t *frames, uint32_t n) {
    return builder_hashed_stack(b, builder_stack_hash(frames, n), frames, n);
}

/* Stable, and quick for the handful of labels that a sample has; many are rare but may be hostile,
 * so a long run is sorted by halves. */
static void sort_labels(struct profile_builder *b, struct pp_label *labels, uint32_t n) {
    if (n > 32) {
        uint32_t half = n / 2;
        sort_labels(b, labels, half);
        sort_labels(b, labels + half, n - half);
        struct pp_arena scratch = {0};
        struct pp_label *merged = PP_NEW(&scratch, struct pp_label, n);
        for (uint32_t i = 0, left = 0, right = half; i < n; i++) {
            bool take_left =
                right == n || (left < half && pp_str_cmp(builder_text(b, labels[left].key),
                                                         builder_text(b, labels[right].key)) <= 0);
            merged[i] = labels[take_left ? left++ : right++];
        }
        memcpy(labels, merged, n * sizeof *labels);
        pp_arena_done(&scratch);
        return;
    }
    for (uint32_t i = 1; i < n; i++) {
        struct pp_label l = labels[i];
        struct pp_str key = builder_text(b, l.key);
        uint32_t at = i;
        for (; at > 0 && labels[at - 1].key != l.key &&
               pp_str_cmp(builder_text(b, labels[at - 1].key), key) > 0;
             at--)
            labels[at] = labels[at - 1];
        labels[at] = l;
    }
}

/* Within one key either every number has a unit, be it "", or none. */
static void even_units(struct pp_label *nums, uint32_t n) {
    for (uint32_t i = 0, end; i < n; i = end) {
        bool any = false;
        for (end = i; end < n && nums[end].key == nums[i].key; end++)
            any |= nums[end].text != PP_NONE;
        for (uint32_t j = i; any && j < end; j++)
            if (nums[j].text == PP_NONE) nums[j].text = 0;
    }
}

void builder_order_labels(struct profile_builder *b, struct pp_label *labels, uint32_t n_text,
                          uint32_t n_num) {
    sort_labels(b, labels, n_text);
    sort_labels(b, labels + n_text, n_num);
    even_units(labels + n_text, n_num);
}

static uint64_t hash_labels(const struct pp_label *labels, uint32_t n_text, uint32_t n) {
    return hash_bytes(hash_seed() + n_text, labels, n * sizeof *labels);
}

static uint32_t find_label_set(const struct profile_builder *b, uint64_t hash,
                               const struct pp_label *labels, uint32_t n_text, uint32_t n_num) {
    const struct pp_profile *p = &b->p;
    for (struct index_probe i = index_probe(&b->label_sets, hash);
         index_next(&b->label_sets, &i);) {
        struct pp_label_set s = p->label_sets[i.position];
        if (s.n_text == n_text && s.n_num == n_num &&
            !memcmp(p->labels + s.first, labels, (n_text + n_num) * sizeof *labels))
            return i.position;
    }
    return PP_NONE;
}

bool builder_adopt_label_sets(struct profile_builder *b) {
    const struct pp_profile *p = &b->p;
    index_reserve(&b->label_sets, p->n_label_sets);
    for (uint32_t i = 1; i < p->n_label_sets; i++) {
        struct pp_label_set s = p->label_sets[i];
        const struct pp_label *labels = p->labels + s.first;
        uint64_t hash = hash_labels(labels, s.n_text, s.n_text + s.n_num);
        if (s.n_text + s.n_num == 0 ||
            find_label_set(b, hash, labels, s.n_text, s.n_num) != PP_NONE)
            return false;
        index_add(&b->label_sets, hash, i);
    }
    return true;
}

uint32_t builder_label_set(struct profile_builder *b, struct pp_label *labels, uint32_t n_text,
                           uint32_t n_num) {
    struct pp_profile *p = &b->p;
    uint32_t n = n_text + n_num;
    if (n == 0) return 0;
    builder_order_labels(b, labels, n_text, n_num);
    uint64_t hash = hash_labels(labels, n_text, n);
    uint32_t found = find_label_set(b, hash, labels, n_text, n_num);
    if (found != PP_NONE) return found;
    if (!fits(b, p->n_label_sets, 1) || !fits(b, p->n_labels, n)) return 0;
    index_add(&b->label_sets, hash, p->n_label_sets);
    PP_RESERVE(b->arena, p->labels, p->n_labels, b->cap_labels, n);
    memcpy(p->labels + p->n_labels, labels, n * sizeof *labels);
    struct pp_label_set set = {p->n_labels, n_text, n_num};
    p->n_labels += n;
    PP_PUSH(b->arena, p->label_sets, p->n_label_sets, b->cap_label_sets, set);
    return p->n_label_sets - 1;
}

/* Of the next sample; those before the first one that has any have none. */
static void put_labels(struct profile_builder *b, uint32_t label_set) {
    struct pp_profile *p = &b->p;
    bool is_first = !p->sample_labels;
    PP_RESERVE(b->arena, p->sample_labels, is_first ? 0 : p->n_samples, b->cap_sample_labels,
               is_first ? (size_t)p->n_samples + 1 : 1);
    if (is_first) memset(p->sample_labels, 0, p->n_samples * sizeof *p->sample_labels);
    p->sample_labels[p->n_samples] = label_set;
}

void builder_add_sample(struct profile_builder *b, uint32_t stack, uint32_t label_set,
                        const int64_t *values, uint32_t n_values) {
    struct pp_profile *p = &b->p;
    if (p->n_samples == 0) b->n_values = n_values;
    if (n_values != b->n_values && b->odd.code == PP_E_NONE)
        pp_fail(&b->odd, PP_E_FORMAT,
                "sample %" PRIu32 " has %" PRIu32 " values, others have %" PRIu32, p->n_samples + 1,
                n_values, b->n_values);
    if (b->odd.code != PP_E_NONE || !fits(b, p->n_samples, 1)) return;
    uint32_t n = p->n_samples;
    if (label_set || p->sample_labels) put_labels(b, label_set);
    PP_RESERVE(b->arena, p->sample_stack, n, b->cap_samples, 1);
    p->sample_stack[n] = stack;
    PP_RESERVE(b->arena, p->values, (size_t)n * n_values, b->cap_values, n_values);
    for (uint32_t i = 0; i < n_values; i++)
        p->values[(size_t)n * n_values + i] = values[i];
    p->n_samples++;
}

#define TRIM(b, table, n, cap)                                                                     \
    do {                                                                                           \
        (table) = pp_arena_trim((b)->arena, (table), (size_t)(n) * sizeof *(table));               \
        if ((n) > 0) (cap) = (n);                                                                  \
    } while (0)

void builder_trim(struct profile_builder *b) {
    struct pp_profile *p = &b->p;
    TRIM(b, p->functions, p->n_functions, b->cap_functions);
    TRIM(b, p->locations, p->n_locations, b->cap_locations);
    TRIM(b, p->lines, p->n_lines, b->cap_lines);
    TRIM(b, p->stacks, p->n_stacks, b->cap_stacks);
    TRIM(b, p->labels, p->n_labels, b->cap_labels);
    TRIM(b, p->values, (size_t)p->n_samples * b->n_values, b->cap_values);
    TRIM(b, p->sample_stack, p->n_samples, b->cap_samples);
    if (p->sample_labels) TRIM(b, p->sample_labels, p->n_samples, b->cap_sample_labels);
    if (p->frames.narrow) TRIM(b, p->frames.narrow, p->n_frames, b->cap_frames);
    if (p->frames.middle) TRIM(b, p->frames.middle, p->n_frames, b->cap_frames);
    if (p->frames.wide) TRIM(b, p->frames.wide, p->n_frames, b->cap_frames);
}

bool builder_finish(struct profile_builder *b, struct pp_profile *ret_profile,
                    struct pp_error *err) {
    struct pp_profile p = b->p;
    p.strings = b->strings.strings;
    p.n_strings = b->strings.n;
    bool over_limit = b->over_limit;
    struct pp_error odd = b->odd;
    uint32_t n_values = b->n_values;
    builder_done(b);
    if (over_limit)
        return pp_fail(err, PP_E_LIMIT, "the profile has more than 2^32 entries of a kind");
    if (p.n_samples && p.n_types == 0)
        return pp_fail(err, PP_E_FORMAT, "samples, but no sample types");
    if (p.n_samples && n_values != p.n_types)
        return pp_fail(err, PP_E_FORMAT,
                       "sample 1 has %" PRIu32 " values, but there are %" PRIu32 " sample types",
                       n_values, p.n_types);
    if (odd.code != PP_E_NONE) return pp_pass(err, &odd);
    if (!profile_check(&p, err)) return false;
    *ret_profile = p;
    return true;
}
