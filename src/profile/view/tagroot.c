/* Labels as frames: -tagroot, -tagleaf. A label set gives one list of leaf frames and one of root
 * frames, made once; equal lists are one, and so are equal stacks with equal lists. */
#include "base/hash.h"
#include "base/intern.h"
#include "profile/edit.h"
#include "profile/id_map.h"
#include "profile/units.h"
#include "profile/view/view.h"

struct frame_list { /* frames to add: leaves first, then roots */
    uint32_t first, n_leaf, n_root;
};

struct tag_pass {
    const struct tag_frames *asked;
    struct pp_arena *arena; /* of the view */
    struct pp_arena scratch;
    struct pp_profile view;
    struct interner strings;         /* none, as long as the profile has all that are needed */
    uint32_t *root_keys, *leaf_keys; /* string ids, reversed: nearest to the leaf first */
    uint32_t n_root_keys, n_leaf_keys;
    struct tag_frames_matches matches;
    uint64_t next_location, next_function;
    size_t cap_locations, cap_location_ids, cap_functions, cap_function_ids, cap_lines;
    struct hash_index locations; /* by name and key; positions count from n_old */
    uint32_t n_old;
    uint32_t *list_of_set; /* a label set: one more than its list */
    uint32_t *frames;      /* of the lists */
    uint32_t n_frames;
    size_t cap_frames;
    struct frame_list *lists;
    uint32_t n_lists;
    size_t cap_lists;
    struct hash_index list_index;
    struct hash_index stacks; /* by old stack and list */
    uint64_t *stack_keys;     /* of the new stacks */
    size_t cap_keys;
};

/* ---- texts ---- */

/* The table of strings is copied for the first text that is not in it: it may be much of a profile,
 * whose labels' texts are all there. */
static uint32_t new_text(struct tag_pass *pass, struct pp_str text) {
    const struct pp_profile *v = &pass->view;
    if (!pass->strings.n) {
        interner_init(&pass->strings, pass->arena);
        for (uint32_t i = 0; i < v->n_strings; i++)
            intern_static(&pass->strings, v->strings[i]);
    }
    return intern(&pass->strings, text);
}

static uint32_t find_text(struct tag_pass *pass, struct pp_str text) {
    for (uint32_t i = 0; i < pass->view.n_strings; i++)
        if (pp_str_eq(pass->view.strings[i], text)) return i;
    return new_text(pass, text);
}

/* The keys of a comma list, the last one first; empty ones don't count. */
static uint32_t *split_keys(struct tag_pass *pass, struct pp_str list, uint32_t *ret_n) {
    size_t commas = 0;
    for (size_t i = 0; i < list.len; i++)
        commas += list.data[i] == ',';
    uint32_t *keys = PP_NEW(&pass->scratch, uint32_t, commas + 1);
    uint32_t n = 0;
    for (size_t end = list.len, at = list.len;; at--) {
        if (at > 0 && list.data[at - 1] != ',') continue;
        if (at < end) keys[n++] = find_text(pass, pp_str_slice(list, at, end));
        if (at == 0) break;
        end = at - 1;
    }
    *ret_n = n;
    return keys;
}

static void add_text(struct tag_pass *pass, struct pp_str *to, size_t *cap, struct pp_str s) {
    char *bytes = (char *)to->data;
    PP_RESERVE(&pass->scratch, bytes, to->len, *cap, s.len + 1);
    if (s.len) memcpy(bytes + to->len, s.data, s.len);
    to->len += s.len;
    to->data = bytes;
}

static void add_value(struct tag_pass *pass, const struct pp_label *l, bool is_text,
                      struct pp_str *to, size_t *cap) {
    const struct pp_profile *v = &pass->view;
    struct units_text number;
    bool has_unit = !is_text && l->text != PP_NONE;
    if (is_text) {
        add_text(pass, to, cap, pp_string(v, l->text));
        return;
    }
    units_label(l->num, has_unit ? pp_string(v, l->text) : PP_STR(""),
                has_unit ? pass->asked->unit : PP_STR(""), &number);
    add_text(pass, to, cap, units_str(&number));
}

/* The values of a key in a set, joined by commas: a string id. */
static uint32_t join_values(struct tag_pass *pass, struct pp_label_set set, uint32_t key,
                            bool *ret_any) {
    const struct pp_label *labels = &pass->view.labels[set.first];
    struct pp_str joined = {0};
    size_t cap = 0;
    uint32_t n = set.n_text + set.n_num, n_values = 0, last = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (labels[i].key != key) continue;
        n_values++;
        last = i;
    }
    *ret_any |= n_values > 0;
    if (n_values == 0) return 0;
    if (n_values == 1 && last < set.n_text) return labels[last].text;
    for (uint32_t i = 0; i < n; i++) {
        if (labels[i].key != key) continue;
        if (joined.data) add_text(pass, &joined, &cap, PP_STR(","));
        add_value(pass, &labels[i], i < set.n_text, &joined, &cap);
    }
    return new_text(pass, joined);
}

/* ---- frames ---- */

/* The location whose one line is the function `name` in the file `key`. */
static uint32_t tag_location(struct tag_pass *pass, uint32_t name, uint32_t key) {
    struct pp_profile *v = &pass->view;
    uint64_t hash = hash_word(hash_word(hash_seed(), name), key);
    struct index_probe i = index_probe(&pass->locations, hash);
    while (index_next(&pass->locations, &i)) {
        const struct pp_location *l = &v->locations[pass->n_old + i.position];
        const struct pp_function *f = &v->functions[v->lines[l->first_line].function];
        if (f->name == name && f->filename == key) return pass->n_old + i.position;
    }
    index_add(&pass->locations, hash, v->n_locations - pass->n_old);
    id_map_set(&v->function_ids, &pass->cap_function_ids, v->n_functions, pass->next_function++,
               pass->arena);
    struct pp_function f = {.name = name, .filename = key};
    PP_PUSH(pass->arena, v->functions, v->n_functions, pass->cap_functions, f);
    struct pp_line_row line = {.function = v->n_functions - 1};
    PP_PUSH(pass->arena, v->lines, v->n_lines, pass->cap_lines, line);
    id_map_set(&v->location_ids, &pass->cap_location_ids, v->n_locations, pass->next_location++,
               pass->arena);
    struct pp_location l = {.mapping = PP_NONE, .first_line = v->n_lines - 1, .n_lines = 1};
    PP_PUSH(pass->arena, v->locations, v->n_locations, pass->cap_locations, l);
    return v->n_locations - 1;
}

static bool add_frames(struct tag_pass *pass, struct pp_label_set set, const uint32_t *keys,
                       uint32_t n) {
    bool any_key = false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t name = join_values(pass, set, keys[i], &any_key);
        uint32_t location = tag_location(pass, name, keys[i]);
        PP_PUSH(&pass->scratch, pass->frames, pass->n_frames, pass->cap_frames, location);
    }
    return any_key;
}

/* The list of a label set. The reference makes root frames first, which numbers them. */
static uint32_t list_of_set(struct tag_pass *pass, uint32_t set_id) {
    if (pass->list_of_set[set_id]) return pass->list_of_set[set_id] - 1;
    struct pp_label_set set = pass->view.label_sets[set_id];
    uint32_t first = pass->n_frames, n = pass->n_root_keys + pass->n_leaf_keys;
    pass->matches.root |= add_frames(pass, set, pass->root_keys, pass->n_root_keys);
    pass->matches.leaf |= add_frames(pass, set, pass->leaf_keys, pass->n_leaf_keys);
    const uint32_t *frames = pass->frames + first;
    uint64_t hash = hash_bytes(hash_seed(), frames, n * sizeof *frames);
    struct index_probe i = index_probe(&pass->list_index, hash);
    while (index_next(&pass->list_index, &i)) {
        if (memcmp(pass->frames + pass->lists[i.position].first, frames, n * sizeof *frames))
            continue;
        pass->n_frames = first;
        pass->list_of_set[set_id] = i.position + 1;
        return i.position;
    }
    index_add(&pass->list_index, hash, pass->n_lists);
    struct frame_list list = {first, pass->n_leaf_keys, pass->n_root_keys};
    PP_PUSH(&pass->scratch, pass->lists, pass->n_lists, pass->cap_lists, list);
    pass->list_of_set[set_id] = pass->n_lists;
    return pass->n_lists - 1;
}

/* The stack of the new view for an old one and a list, whose frames are put down later; false when
 * there are too many frames. */
static bool stack_with(struct tag_pass *pass, const struct pp_profile *old, uint32_t stack,
                       uint32_t list, uint32_t *ret_stack) {
    struct pp_profile *v = &pass->view;
    uint64_t key = (uint64_t)stack << 32 | list, hash = hash_word(hash_seed(), key);
    struct index_probe i = index_probe(&pass->stacks, hash);
    while (index_next(&pass->stacks, &i)) {
        *ret_stack = i.position;
        if (pass->stack_keys[i.position] == key) return true;
    }
    uint32_t added = pass->n_leaf_keys + pass->n_root_keys;
    if ((uint64_t)v->n_frames + old->stacks[stack].len + added >= PP_NONE) return false;
    v->n_frames += old->stacks[stack].len + added;
    index_add(&pass->stacks, hash, v->n_stacks);
    size_t n_keys = *ret_stack = v->n_stacks++;
    PP_PUSH(&pass->scratch, pass->stack_keys, n_keys, pass->cap_keys, key);
    return true;
}

/* Now that it is known how many there are, and how many bits are enough: stacks are most of what a
 * view takes. */
static void make_stacks(struct tag_pass *pass, const struct pp_profile *old) {
    struct pp_profile *v = &pass->view;
    if (v->n_locations <= UINT16_MAX)
        v->frames.narrow = PP_NEW(pass->arena, uint16_t, v->n_frames);
    else if (v->n_locations <= PP_MOST_MIDDLE)
        v->frames.middle = PP_NEW(pass->arena, struct pp_frame24, v->n_frames);
    else
        v->frames.wide = PP_NEW(pass->arena, uint32_t, v->n_frames);
    v->stacks = PP_NEW(pass->arena, struct pp_stack, v->n_stacks);
    uint32_t at = 0;
    for (uint32_t i = 0; i < v->n_stacks; i++) {
        struct frame_list list = pass->lists[(uint32_t)pass->stack_keys[i]];
        struct pp_stack from = old->stacks[pass->stack_keys[i] >> 32], *made = &v->stacks[i];
        const uint32_t *added = pass->frames + list.first;
        made->first = at;
        for (uint32_t k = 0; k < list.n_leaf; k++)
            pp_frame_put(v->frames, at++, added[list.n_root + k]);
        for (uint32_t k = 0; k < from.len; k++)
            pp_frame_put(v->frames, at++, pp_frame(old, from.first + k));
        for (uint32_t k = 0; k < list.n_root; k++)
            pp_frame_put(v->frames, at++, added[k]);
        made->len = at - made->first;
    }
}

/* Growing copies of the tables that get more entries. */
static void begin_pass(struct tag_pass *pass, const struct pp_profile *p) {
    struct pp_profile *v = &pass->view;
    profile_own_locations(v, pass->arena);
    profile_own_location_ids(v, pass->arena);
    profile_own_function_ids(v, pass->arena);
    v->functions = PP_NEW(pass->arena, struct pp_function, p->n_functions);
    v->lines = PP_NEW(pass->arena, struct pp_line_row, p->n_lines);
    if (p->n_functions) memcpy(v->functions, p->functions, p->n_functions * sizeof *v->functions);
    if (p->n_lines) memcpy(v->lines, p->lines, p->n_lines * sizeof *v->lines);
    pass->cap_locations = pass->cap_location_ids = p->n_locations;
    pass->cap_functions = pass->cap_function_ids = p->n_functions;
    pass->cap_lines = p->n_lines;
    pass->n_old = p->n_locations;
    pass->next_location = profile_next_id(p->location_ids, p->n_locations);
    pass->next_function = profile_next_id(p->function_ids, p->n_functions);
    pass->list_of_set = PP_NEW(&pass->scratch, uint32_t, p->n_label_sets);
    v->stacks = NULL;
    v->frames = (struct pp_frames){0};
    v->n_stacks = v->n_frames = 0;
    v->sample_stack = PP_NEW(pass->arena, uint32_t, p->n_samples);
}

bool view_add_tag_frames(const struct pp_profile *p, const struct tag_frames *frames,
                         struct pp_profile *ret_view, struct tag_frames_matches *ret_matches,
                         struct pp_arena *arena) {
    const struct pp_profile old = *p;
    struct tag_pass pass = {.asked = frames, .arena = arena, .view = old};
    pass.root_keys = split_keys(&pass, frames->root, &pass.n_root_keys);
    pass.leaf_keys = split_keys(&pass, frames->leaf, &pass.n_leaf_keys);
    bool ok = true;
    if (pass.n_root_keys + pass.n_leaf_keys) {
        begin_pass(&pass, &old);
        for (uint32_t i = 0; i < old.n_samples && ok; i++) {
            uint32_t list = list_of_set(&pass, old.sample_labels[i]);
            ok = stack_with(&pass, &old, old.sample_stack[i], list, &pass.view.sample_stack[i]);
        }
        if (pass.strings.n) {
            pass.view.strings = pass.strings.strings;
            pass.view.n_strings = pass.strings.n;
        }
        index_done(&pass.locations);
        index_done(&pass.list_index);
        index_done(&pass.stacks);
        if (ok) make_stacks(&pass, &old);
    }
    interner_done(&pass.strings);
    pp_arena_done(&pass.scratch);
    if (!ok) return false;
    *ret_view = pass.view;
    *ret_matches = pass.matches;
    return true;
}
