#include "profile/source_mark.h"

#include "base/num.h"
#include "profile/base_mark.h"
#include "profile/view/view.h"

static const struct pp_str key = {"cpprof::source", 14};

/* The label's value: one letter a source. */
static struct pp_str value_of(uint32_t source) {
    static const char letters[] = "abcdefghijklmnop";
    _Static_assert(sizeof letters == MOST_MARKED_SOURCES + 1, "a letter each");
    return (struct pp_str){&letters[source], 1};
}

void source_mark_set(struct pp_profile *p, uint32_t source, struct pp_arena *arena) {
    view_set_label(p, key, value_of(source), p, arena);
}

static uint8_t source_of(const struct pp_profile *p, uint32_t label_set) {
    struct pp_label_set s = p->label_sets[label_set];
    for (uint32_t i = 0; i < s.n_text; i++) {
        const struct pp_label *l = &p->labels[s.first + i];
        if (!pp_str_eq(pp_string(p, l->key), key)) continue;
        for (uint32_t k = 0; k < MOST_MARKED_SOURCES; k++)
            if (pp_str_eq(pp_string(p, l->text), value_of(k))) return (uint8_t)k;
    }
    return 0;
}

uint8_t *source_mark_take(struct pp_profile *p, struct pp_arena *arena) {
    uint8_t *of_set = PP_NEW(arena, uint8_t, p->n_label_sets);
    uint8_t *of_sample = PP_NEW(arena, uint8_t, p->n_samples);
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        of_set[i] = source_of(p, i);
    for (uint32_t i = 0; i < p->n_samples; i++)
        of_sample[i] = of_set[pp_labels_of(p, i)];
    view_remove_label(p, key, p, arena);
    return of_sample;
}

/* The label sets as they are, and behind them once more, with the mark of a base. */
static void add_marked_sets(struct pp_profile *view, struct pp_profile *marked,
                            struct pp_arena *arena) {
    uint32_t n_labels = view->n_labels, n_sets = view->n_label_sets;
    struct pp_label *labels = PP_NEW(arena, struct pp_label, (size_t)n_labels + marked->n_labels);
    struct pp_label_set *sets =
        PP_NEW(arena, struct pp_label_set, (size_t)n_sets + marked->n_label_sets);
    if (n_labels) memcpy(labels, view->labels, n_labels * sizeof *labels);
    memcpy(labels + n_labels, marked->labels, marked->n_labels * sizeof *labels);
    memcpy(sets, view->label_sets, n_sets * sizeof *sets);
    for (uint32_t i = 0; i < marked->n_label_sets; i++) {
        sets[n_sets + i] = marked->label_sets[i];
        sets[n_sets + i].first += n_labels;
    }
    uint32_t *column = PP_NEW(arena, uint32_t, view->n_samples);
    for (uint32_t i = 0; i < view->n_samples; i++)
        column[i] = pp_labels_of(view, i);
    *view = *marked; /* its strings have the label's, too */
    view->sample_labels = column;
    view->labels = labels;
    view->label_sets = sets;
    view->n_labels = n_labels + marked->n_labels;
    view->n_label_sets = n_sets + marked->n_label_sets;
}

void source_mark_compare(const struct pp_profile *p, const uint8_t *of_sample, uint32_t base,
                         struct pp_profile *ret_view, struct pp_arena *arena) {
    struct pp_profile view = *p, marked = *p;
    base_mark_set(&marked, arena);
    add_marked_sets(&view, &marked, arena);
    size_t n = (size_t)p->n_samples * p->n_types;
    view.values = PP_NEW(arena, int64_t, n);
    if (n) memcpy(view.values, p->values, n * sizeof *view.values);
    for (uint32_t i = 0; i < p->n_samples; i++) {
        if (of_sample[i] != base) continue;
        view.sample_labels[i] = p->n_label_sets + pp_labels_of(&marked, i);
        for (uint32_t t = 0; t < p->n_types; t++) {
            int64_t *v = &view.values[(size_t)i * p->n_types + t];
            *v = num_neg(*v);
        }
    }
    *ret_view = view;
}

void source_mark_facts(const struct pp_profile *p, const struct source_marks *sources,
                       uint32_t base, struct profile_facts ret_sides[2]) {
    for (int side = 0; side < 2; side++) {
        ret_sides[side] = profile_facts(p, PP_STR(""));
        ret_sides[side].time_nanos = ret_sides[side].duration_nanos = 0; /* of all together */
        ret_sides[side].runs = 0;
    }
    for (uint32_t i = 0; i < sources->n; i++)
        ret_sides[i != base].runs += sources->runs[i];
    ret_sides[0].source = sources->names[base];
    if (sources->n == 2) ret_sides[1].source = sources->names[!base];
}
