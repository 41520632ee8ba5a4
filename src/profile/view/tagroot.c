/* Labels as frames: -tagroot, -tagleaf. A label set gives one list of leaf frames and one of root
 * frames, made once; equal lists are one, and so are equal stacks with equal lists. */
#include "base/hash.h"
#include "base/intern.h"
#include "profile/edit.h"
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
    struct interner strings;
    struct pp_str *root_keys, *leaf_keys; /* reversed: nearest to the leaf first */
    uint32_t n_root_keys, n_leaf_keys;
    struct tag_frames_matches matches;
    uint64_t next_location, next_function;
    size_t cap_locations, cap_functions, cap_lines;
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
    size_t cap_keys, cap_stacks, cap_stack_frames;
};

/* The keys of a comma list, the last one first; empty ones don't count. */
static struct pp_str *split_keys(struct tag_pass *pass, struct pp_str list, uint32_t *ret_n) {
    size_t commas = 0;
    for (size_t i = 0; i < list.len; i++)
        commas += list.data[i] == ',';
    struct pp_str *keys = PP_NEW(&pass->scratch, struct pp_str, commas + 1);
    uint32_t n = 0;
    for (size_t end = list.len, at = list.len;; at--) {
        if (at > 0 && list.data[at - 1] != ',') continue;
        if (at < end) keys[n++] = pp_str_slice(list, at, end);
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

/* The values of a key in a set, joined by commas. */
static struct pp_str join_values(struct tag_pass *pass, struct pp_label_set set, struct pp_str key,
                                 bool *ret_any) {
    struct pp_str joined = {0};
    size_t cap = 0;
    for (uint32_t i = 0; i < set.n_text + set.n_num; i++) {
        struct pp_label l = pass->view.labels[set.first + i];
        if (!pp_str_eq(pass->strings.strings[l.key], key)) continue;
        struct units_text number;
        struct pp_str text;
        if (i < set.n_text) {
            text = pass->strings.strings[l.text];
        } else {
            bool has_unit = l.text != PP_NONE;
            units_label(l.num, has_unit ? pass->strings.strings[l.text] : PP_STR(""),
                        has_unit ? pass->asked->unit : PP_STR(""), &number);
            text = units_str(&number);
        }
        if (*ret_any) add_text(pass, &joined, &cap, PP_STR(","));
        add_text(pass, &joined, &cap, text);
        *ret_any = true;
    }
    return joined;
}

/* The location whose one line is the function `name` in the file `key`. */
static uint32_t tag_location(struct tag_pass *pass, struct pp_str name, struct pp_str key) {
    struct pp_profile *v = &pass->view;
    uint32_t name_id = intern(&pass->strings, name), key_id = intern(&pass->strings, key);
    uint64_t hash = hash_word(hash_word(hash_seed(), name_id), key_id);
    struct index_probe i = index_probe(&pass->locations, hash);
    while (index_next(&pass->locations, &i)) {
        const struct pp_location *l = &v->locations[pass->n_old + i.position];
        const struct pp_function *f = &v->functions[v->lines[l->first_line].function];
        if (f->name == name_id && f->filename == key_id) return pass->n_old + i.position;
    }
    index_add(&pass->locations, hash, v->n_locations - pass->n_old);
    struct pp_function f = {.id = pass->next_function++, .name = name_id, .filename = key_id};
    PP_PUSH(pass->arena, v->functions, v->n_functions, pass->cap_functions, f);
    struct pp_line line = {.function = v->n_functions - 1};
    PP_PUSH(pass->arena, v->lines, v->n_lines, pass->cap_lines, line);
    struct pp_location l = {.id = pass->next_location++,
                            .mapping = PP_NONE,
                            .first_line = v->n_lines - 1,
                            .n_lines = 1};
    PP_PUSH(pass->arena, v->locations, v->n_locations, pass->cap_locations, l);
    return v->n_locations - 1;
}

static bool add_frames(struct tag_pass *pass, struct pp_label_set set, const struct pp_str *keys,
                       uint32_t n) {
    bool any_key = false;
    for (uint32_t i = 0; i < n; i++) {
        bool any = false;
        struct pp_str name = join_values(pass, set, keys[i], &any);
        any_key |= any;
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

static void push_frames(struct tag_pass *pass, const uint32_t *frames, uint32_t n) {
    struct pp_profile *v = &pass->view;
    PP_RESERVE(pass->arena, v->frames.wide, v->n_frames, pass->cap_stack_frames, n);
    if (n) memcpy(v->frames.wide + v->n_frames, frames, n * sizeof *frames);
    v->n_frames += n;
}

/* The stack of the new view for an old one and a list; false when there are too many frames. */
static bool stack_with(struct tag_pass *pass, const struct pp_profile *old, uint32_t stack,
                       uint32_t list_id, uint32_t *ret_stack) {
    struct pp_profile *v = &pass->view;
    uint64_t key = (uint64_t)stack << 32 | list_id, hash = hash_word(hash_seed(), key);
    struct index_probe i = index_probe(&pass->stacks, hash);
    while (index_next(&pass->stacks, &i)) {
        *ret_stack = i.position;
        if (pass->stack_keys[i.position] == key) return true;
    }
    struct frame_list list = pass->lists[list_id];
    struct pp_stack from = old->stacks[stack];
    const uint32_t *added = pass->frames + list.first;
    if ((uint64_t)v->n_frames + from.len + list.n_leaf + list.n_root >= PP_NONE) return false;
    index_add(&pass->stacks, hash, v->n_stacks);
    size_t n_keys = v->n_stacks;
    PP_PUSH(&pass->scratch, pass->stack_keys, n_keys, pass->cap_keys, key);
    struct pp_stack made = {v->n_frames, from.len + list.n_leaf + list.n_root};
    push_frames(pass, added + list.n_root, list.n_leaf);
    for (uint32_t at = 0; at < from.len; at++) {
        uint32_t frame = pp_frame(old, from.first + at);
        push_frames(pass, &frame, 1);
    }
    push_frames(pass, added, list.n_root);
    *ret_stack = v->n_stacks;
    PP_PUSH(pass->arena, v->stacks, v->n_stacks, pass->cap_stacks, made);
    return true;
}

/* Growing copies of the tables that get more entries. */
static void begin_pass(struct tag_pass *pass, const struct pp_profile *p) {
    struct pp_profile *v = &pass->view;
    interner_init(&pass->strings, pass->arena);
    for (uint32_t i = 0; i < p->n_strings; i++)
        intern_static(&pass->strings, p->strings[i]);
    profile_own_locations(v, pass->arena);
    v->functions = PP_NEW(pass->arena, struct pp_function, p->n_functions);
    v->lines = PP_NEW(pass->arena, struct pp_line, p->n_lines);
    if (p->n_functions) memcpy(v->functions, p->functions, p->n_functions * sizeof *v->functions);
    if (p->n_lines) memcpy(v->lines, p->lines, p->n_lines * sizeof *v->lines);
    pass->cap_locations = p->n_locations;
    pass->cap_functions = p->n_functions;
    pass->cap_lines = p->n_lines;
    pass->n_old = p->n_locations;
    for (uint32_t i = 0; i < p->n_locations; i++)
        if (p->locations[i].id > pass->next_location) pass->next_location = p->locations[i].id;
    for (uint32_t i = 0; i < p->n_functions; i++)
        if (p->functions[i].id > pass->next_function) pass->next_function = p->functions[i].id;
    pass->next_location++;
    pass->next_function++;
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
        pass.view.strings = pass.strings.strings;
        pass.view.n_strings = pass.strings.n;
        interner_done(&pass.strings);
        index_done(&pass.locations);
        index_done(&pass.list_index);
        index_done(&pass.stacks);
    }
    pp_arena_done(&pass.scratch);
    if (!ok) return false;
    *ret_view = pass.view;
    *ret_matches = pass.matches;
    return true;
}
