#include "report/dot_tags.h"

#include "report/dot_text.h"
#include "report/header.h"

#include <inttypes.h>
#include <stdio.h>

enum { MAX_BOXES = 4 }; /* texts a node, and numbers a text */

struct box {
    const struct dot_tags *d;
    char from[40], name[60]; /* ids: of what it hangs on, its own */
};

static void put_box(const struct box *b, struct pp_str label, int64_t weight, const char *style) {
    struct out *o = b->d->out;
    struct units_text text;
    report_value(b->d->rc, b->d->unit, weight, &text);
    struct pp_str w = units_str(&text);
    out_printf(o, "%s [label = \"", b->name);
    put_dot_raw(o, label);
    out_printf(o, "\" id=\"%s\" fontsize=8 shape=box3d tooltip=\"", b->name);
    put_dot_raw(o, w);
    out_printf(o, "\"]\n%s -> %s [label=\" ", b->from, b->name);
    put_dot_raw(o, w);
    OUT_LIT(o, "\" weight=100 tooltip=\"");
    put_dot_raw(o, w);
    OUT_LIT(o, "\" labeltooltip=\"");
    put_dot_raw(o, w);
    out_printf(o, "\"%s]\n", style);
}

static double distance(const struct dot_tags *d, const struct graph_tag *t,
                       const struct graph_tag *u) {
    struct pp_str unit;
    double v = units_scale(u->value, d->from_unit, d->from_unit, &unit);
    return v < (double)t->value ? (double)t->value - v : v - (double)t->value;
}

static void add_to_range(const struct dot_tags *d, struct graph_tag *sum, int64_t *min,
                         int64_t *max, const struct graph_tag *t) {
    struct pp_str unit;
    int64_t v = num_from_double(units_scale(t->value, d->from_unit, d->from_unit, &unit));
    if (v < *min) *min = t->value;
    if (v > *max) *max = t->value;
    sum->flat = num_add(sum->flat, t->flat);
    sum->flat_div = num_add(sum->flat_div, t->flat_div);
    sum->cum = num_add(sum->cum, t->cum);
    sum->cum_div = num_add(sum->cum_div, t->cum_div);
}

/* "1MB..2MB", or the value when there is only one. */
static struct pp_str range_name(const struct dot_tags *d, int64_t min, int64_t max, bool single,
                                struct pp_arena *arena) {
    struct units_text low, high;
    units_label(min, d->from_unit, PP_STR("auto"), &low);
    units_label(max, d->from_unit, PP_STR("auto"), &high);
    if (single) return pp_arena_copy(arena, units_str(&low));
    return pp_arena_printf(arena, "%.*s..%.*s", PP_STR_ARG(units_str(&low)),
                           PP_STR_ARG(units_str(&high)));
}

/* Collapses sorted tags into MAX_BOXES ranges: each goes to the nearest of the heaviest ones. */
static uint32_t collapse(const struct dot_tags *d, const struct graph_tag *tags, uint32_t n,
                         struct graph_tag *ret_ranges, struct pp_arena *arena) {
    int64_t min[MAX_BOXES], max[MAX_BOXES];
    bool single[MAX_BOXES];
    for (uint32_t i = 0; i < MAX_BOXES; i++) {
        ret_ranges[i] = tags[i];
        min[i] = max[i] = tags[i].value;
        single[i] = true;
    }
    for (uint32_t i = MAX_BOXES; i < n; i++) {
        uint32_t near = 0;
        double best = distance(d, &tags[i], &tags[0]);
        for (uint32_t j = 1; j < MAX_BOXES; j++) {
            double to = distance(d, &tags[i], &tags[j]);
            if (!(to < best)) continue;
            near = j;
            best = to;
        }
        single[near] = false;
        add_to_range(d, &ret_ranges[near], &min[near], &max[near], &tags[i]);
    }
    for (uint32_t i = 0; i < MAX_BOXES; i++) {
        struct graph_tag *r = &ret_ranges[i];
        r->name = range_name(d, min[i], max[i], single[i], arena);
        r->flat = graph_mean(r->flat, r->flat_div);
        r->cum = graph_mean(r->cum, r->cum_div);
        r->flat_div = r->cum_div = 0;
    }
    return MAX_BOXES;
}

static bool put_numbers(const struct dot_tags *d, struct graph_tag *tags, uint32_t n,
                        const char *from, bool is_inner) {
    struct pp_arena scratch = {0};
    struct graph_tag ranges[MAX_BOXES];
    bool any = false;
    tags_sort(tags, n, is_inner);
    if (n > MAX_BOXES) {
        n = collapse(d, tags, n, ranges, &scratch);
        tags = ranges;
        tags_sort(tags, n, is_inner);
    }
    for (uint32_t i = 0; i < n; i++) {
        struct box b = {.d = d};
        int64_t flat = graph_mean(tags[i].flat, tags[i].flat_div);
        int64_t cum = graph_mean(tags[i].cum, tags[i].cum_div);
        bool own = is_inner || flat == cum;
        if ((own ? flat : cum) == 0) continue;
        snprintf(b.from, sizeof b.from, "%s", from);
        snprintf(b.name, sizeof b.name, "N%s_%" PRIu32, from, i);
        put_box(&b, tags[i].name, own ? flat : cum, own ? "" : " style=\"dotted\"");
        any = true;
    }
    pp_arena_done(&scratch);
    return any;
}

/* The numbers that came with a text; they stand together. */
static struct graph_tag *numbers_of(struct node_tags *tags, uint32_t group, uint32_t *ret_n) {
    uint32_t first = 0, end;
    while (first < tags->n_numbers && tags->numbers[first].group < group)
        first++;
    for (end = first; end < tags->n_numbers && tags->numbers[end].group == group;)
        end++;
    *ret_n = end - first;
    return tags->numbers + first;
}

bool put_dot_tags(const struct dot_tags *d, struct node_tags *tags, uint32_t id, bool is_inner) {
    bool any = false;
    uint32_t n;
    char node[40];
    snprintf(node, sizeof node, "N%" PRIu32, id);
    tags_sort(tags->texts, tags->n_texts, is_inner);
    for (uint32_t i = 0; i < tags->n_texts && i < MAX_BOXES; i++) {
        const struct graph_tag *t = &tags->texts[i];
        struct box b = {.d = d};
        int64_t weight =
            is_inner ? graph_mean(t->flat, t->flat_div) : graph_mean(t->cum, t->cum_div);
        if (weight == 0) continue;
        snprintf(b.from, sizeof b.from, "%s", node);
        snprintf(b.name, sizeof b.name, "%s_%" PRIu32, node, i);
        put_box(&b, t->name, weight, "");
        struct graph_tag *numbers = numbers_of(tags, t->group, &n);
        put_numbers(d, numbers, n, b.name, is_inner);
        any = true;
    }
    struct graph_tag *numbers = numbers_of(tags, 0, &n);
    return put_numbers(d, numbers, n, node, is_inner) || any;
}
