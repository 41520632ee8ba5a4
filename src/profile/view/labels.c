/* Labels: their units, choosing them by key, setting and removing one. */
#include "base/sort.h"
#include "profile/edit.h"
#include "profile/view/matcher.h"
#include "profile/view/view.h"

struct odd_unit { /* a unit that a key came with after another one */
    struct pp_str key, unit;
    uint32_t key_id, unit_id;
};

struct units_pass {
    const struct pp_profile *p;
    struct pp_arena *scratch;
    uint32_t *unit; /* a string: as a key, its unit's id, or 0 */
    uint8_t *seen;  /* a string: as a key */
    struct odd_unit *odd;
    size_t n_odd, cap_odd;
};

static void look_at_set(struct units_pass *pass, struct pp_label_set set) {
    for (uint32_t i = 0; i < set.n_num; i++) {
        struct pp_label l = pass->p->labels[set.first + set.n_text + i];
        pass->seen[l.key] = 1;
        if (l.text == PP_NONE || l.text == 0) continue;
        if (pass->unit[l.key] == 0) pass->unit[l.key] = l.text;
        if (pass->unit[l.key] == l.text) continue;
        struct odd_unit odd = {pp_string(pass->p, l.key), pp_string(pass->p, l.text), l.key,
                               l.text};
        PP_PUSH(pass->scratch, pass->odd, pass->n_odd, pass->cap_odd, odd);
    }
}

static int compare_odd(const void *a, const void *b, void *user) {
    (void)user;
    const struct odd_unit *x = a, *y = b;
    int c = pp_str_cmp(x->key, y->key);
    return c ? c : pp_str_cmp(x->unit, y->unit);
}

static void append(struct pp_arena *arena, struct pp_str *to, size_t *cap, struct pp_str s) {
    char *bytes = (char *)to->data;
    PP_RESERVE(arena, bytes, to->len, *cap, s.len + 1);
    if (s.len) memcpy(bytes + to->len, s.data, s.len);
    to->len += s.len;
    bytes[to->len] = 0;
    to->data = bytes;
}

static void say_odd_units(struct units_pass *pass, const struct pp_diag *diag) {
    sort_stable(pass->odd, pass->n_odd, sizeof *pass->odd, compare_odd, NULL);
    for (size_t i = 0, end; i < pass->n_odd; i = end) {
        struct pp_str list = {0};
        size_t cap = 0;
        for (end = i; end < pass->n_odd && pass->odd[end].key_id == pass->odd[i].key_id; end++) {
            if (end > i && pass->odd[end].unit_id == pass->odd[end - 1].unit_id) continue;
            if (end > i) append(pass->scratch, &list, &cap, PP_STR(", "));
            append(pass->scratch, &list, &cap, pass->odd[end].unit);
        }
        struct pp_str unit = pp_string(pass->p, pass->unit[pass->odd[i].key_id]);
        pp_say(diag, "For tag %.*s used unit %.*s, also encountered unit(s) %.*s",
               PP_STR_ARG(pass->odd[i].key), PP_STR_ARG(unit), PP_STR_ARG(list));
    }
}

static int compare_keys(const void *a, const void *b, void *user) {
    (void)user;
    return pp_str_cmp(((const struct label_unit *)a)->key, ((const struct label_unit *)b)->key);
}

static struct pp_str guess_unit(struct pp_str key) {
    bool memory = pp_str_eq(key, PP_STR("alignment")) || pp_str_eq(key, PP_STR("request"));
    return memory ? PP_STR("bytes") : key;
}

void view_label_units(const struct pp_profile *p, struct label_units *ret_units,
                      struct pp_arena *arena, const struct pp_diag *diag) {
    struct pp_arena scratch = {0};
    struct units_pass pass = {.p = p, .scratch = &scratch};
    pass.unit = PP_NEW(&scratch, uint32_t, p->n_strings);
    pass.seen = PP_NEW(&scratch, uint8_t, p->n_strings);
    uint8_t *set_seen = PP_NEW(&scratch, uint8_t, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        uint32_t set = pp_labels_of(p, i);
        if (!set_seen[set]) look_at_set(&pass, p->label_sets[set]);
        set_seen[set] = 1;
    }
    struct label_units units = {0};
    size_t cap = 0;
    for (uint32_t key = 0; key < p->n_strings; key++) {
        if (!pass.seen[key]) continue;
        struct label_unit u = {.key = pp_string(p, key)};
        u.unit = pass.unit[key] ? pp_string(p, pass.unit[key]) : guess_unit(u.key);
        PP_PUSH(arena, units.at, units.n, cap, u);
    }
    sort_stable(units.at, units.n, sizeof *units.at, compare_keys, NULL);
    say_odd_units(&pass, diag);
    pp_arena_done(&scratch);
    *ret_units = units;
}

struct pp_str label_units_find(const struct label_units *units, struct pp_str key) {
    uint32_t from = 0, to = units->n;
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        int c = pp_str_cmp(units->at[middle].key, key);
        if (c == 0) return units->at[middle].unit;
        if (c < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return PP_STR("");
}

/* Leaves in each set the labels that stay; stays[key] for text labels and numbers apart. */
static void cut_labels(struct pp_profile *view, const uint8_t *text_stays, const uint8_t *num_stays,
                       struct pp_arena *arena) {
    struct pp_label_set *sets = PP_NEW(arena, struct pp_label_set, view->n_label_sets);
    struct pp_label *labels = PP_NEW(arena, struct pp_label, view->n_labels);
    uint32_t n = 0;
    for (uint32_t i = 0; i < view->n_label_sets; i++) {
        struct pp_label_set set = view->label_sets[i];
        sets[i].first = n;
        for (uint32_t j = 0; j < set.n_text + set.n_num; j++) {
            struct pp_label l = view->labels[set.first + j];
            bool is_text = j < set.n_text;
            if (!(is_text ? text_stays : num_stays)[l.key]) continue;
            labels[n++] = l;
            sets[i].n_text += is_text;
            sets[i].n_num += !is_text;
        }
    }
    view->label_sets = sets;
    view->labels = labels;
    view->n_labels = n;
}

void view_filter_tag_names(const struct pp_profile *p, const struct tag_name_filter *filter,
                           struct pp_profile *ret_view, struct tag_name_matches *ret_matches,
                           struct pp_arena *arena) {
    const struct regex *show = filter->show, *hide = filter->hide;
    struct pp_profile view = *p;
    struct tag_name_matches matches = {0};
    if (show || hide) {
        struct pp_arena scratch = {0};
        struct matcher shows, hides;
        if (show) matcher_init(&shows, show, p, &scratch);
        if (hide) matcher_init(&hides, hide, p, &scratch);
        uint8_t *stays = PP_NEW(&scratch, uint8_t, p->n_strings);
        uint8_t *set_seen = PP_NEW(&scratch, uint8_t, p->n_label_sets);
        for (uint32_t i = 0; i < p->n_samples; i++) {
            struct pp_label_set set = p->label_sets[pp_labels_of(p, i)];
            if (set_seen[pp_labels_of(p, i)]) continue;
            set_seen[pp_labels_of(p, i)] = 1;
            for (uint32_t j = 0; j < set.n_text + set.n_num; j++) {
                uint32_t key = p->labels[set.first + j].key;
                bool shown = !show || matcher_string(&shows, key);
                bool hidden = hide && matcher_string(&hides, key);
                matches.show |= shown;
                matches.hide |= hidden;
                stays[key] = shown && !hidden;
            }
        }
        cut_labels(&view, stays, stays, arena);
        pp_arena_done(&scratch);
    }
    *ret_view = view;
    *ret_matches = matches;
}

void view_remove_label(const struct pp_profile *p, struct pp_str key, struct pp_profile *ret_view,
                       struct pp_arena *arena) {
    struct pp_profile view = *p;
    struct pp_arena scratch = {0};
    uint8_t *text_stays = PP_NEW(&scratch, uint8_t, p->n_strings);
    uint8_t *num_stays = PP_NEW(&scratch, uint8_t, p->n_strings);
    bool any = false;
    for (uint32_t i = 0; i < p->n_strings; i++) {
        num_stays[i] = 1;
        text_stays[i] = !pp_str_eq(p->strings[i], key);
        any |= !text_stays[i];
    }
    if (any) cut_labels(&view, text_stays, num_stays, arena);
    pp_arena_done(&scratch);
    *ret_view = view;
}

/* Copies the set with the label in its place among the sorted ones; returns how many labels. */
static uint32_t add_label(const struct pp_profile *p, struct pp_label_set set,
                          struct pp_label label, struct pp_label *to) {
    struct pp_str key = pp_string(p, label.key);
    uint32_t n = 0, i = 0;
    for (; i < set.n_text; i++) {
        struct pp_label old = p->labels[set.first + i];
        if (pp_str_cmp(pp_string(p, old.key), key) > 0) break;
        if (old.key != label.key) to[n++] = old;
    }
    to[n++] = label;
    for (; i < set.n_text + set.n_num; i++)
        to[n++] = p->labels[set.first + i];
    return n;
}

void view_set_label(const struct pp_profile *p, struct pp_str key, struct pp_str value,
                    struct pp_profile *ret_view, struct pp_arena *arena) {
    struct pp_profile view = *p;
    struct pp_label label = {.key = profile_string(&view, key, arena)};
    label.text = profile_string(&view, value, arena);
    size_t room = (size_t)view.n_labels + view.n_label_sets;
    struct pp_label *labels = PP_NEW(arena, struct pp_label, room);
    struct pp_label_set *sets = PP_NEW(arena, struct pp_label_set, (size_t)view.n_label_sets + 1);
    uint32_t n = 0;
    for (uint32_t i = 0; i < view.n_label_sets; i++) {
        struct pp_label_set old = view.label_sets[i];
        uint32_t added = add_label(&view, old, label, labels + n);
        sets[i + 1] = (struct pp_label_set){n, added - old.n_num, old.n_num};
        n += added;
    }
    uint32_t *column = PP_NEW(arena, uint32_t, view.n_samples);
    for (uint32_t i = 0; i < view.n_samples; i++)
        column[i] = pp_labels_of(&view, i) + 1;
    view.labels = labels;
    view.n_labels = n;
    view.label_sets = sets;
    view.n_label_sets++;
    view.sample_labels = column;
    *ret_view = view;
}
