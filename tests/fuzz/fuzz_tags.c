/* A tag filter, a label, its number and its unit, separated by NULs: filters of both kinds against
 * the label, and the number in every unit. */
#include "world.h"

#include "profile/units.h"
#include "profile/view/view.h"

#include <math.h>
#include <stdlib.h>

static void ask_units(int64_t v, struct pp_str from, struct pp_str to) {
    struct units_text text;
    struct pp_str unit;
    units_label(v, from, to, &text);
    if (text.len > sizeof text.text) abort();
    touch(units_str(&text));
    units_percentage(v, (int64_t)from.len - 3, &text);
    touch(units_str(&text));
    double scaled = units_scale(v, from, to, &unit);
    touch(unit);
    if (isnan(scaled)) abort();
    units_compatible(from, to);
}

static void ask_filter(struct pp_str filter, const struct pp_profile *p, struct pp_arena *arena) {
    struct tag_filter f;
    struct label_units units;
    struct tag_filter_matches matches;
    struct pp_profile view;
    struct pp_error err = {0};
    if (!tag_filter_compile("tagfocus", filter, &f, arena, &err)) return;
    view_label_units(p, &units, arena, NULL);
    view_filter_tags(p, &(struct tag_filters){&f, NULL, &units}, &view, &matches, arena);
    uint32_t focused = view.n_samples;
    view_filter_tags(p, &(struct tag_filters){NULL, &f, &units}, &view, &matches, arena);
    if (focused + view.n_samples != p->n_samples) abort(); /* each sample is on one side */
    tag_filter_done(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const units[] = {"auto", "minimum", "ms", "kb", "gcu", "", "hrs"};
    struct pp_arena arena = {0};
    struct pp_profile p;
    struct pp_str rest = {(const char *)data, size};
    struct pp_str filter = next_part(&rest), key = next_part(&rest), text = next_part(&rest),
                  unit = next_part(&rest);
    uint64_t v = 0;
    for (size_t i = 0; i < rest.len && i < 8; i++)
        v |= (uint64_t)(uint8_t)rest.data[i] << 8 * i;
    small_profile(&p, key, text, (int64_t)v, &arena);
    ask_filter(filter, &p, &arena);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        ask_units((int64_t)v, unit, pp_str_from(units[i]));
        ask_units((int64_t)v, pp_str_from(units[i]), unit);
    }
    pp_arena_done(&arena);
    return 0;
}
