/* -traces: every sample with its labels and its stack, leaf first. */
#include "report/header.h"
#include "report/labels.h"
#include "report/screen.h"

static const char separator[] =
    "-----------+-------------------------------------------------------\n";

struct traces {
    const struct report_ctx *rc;
    struct graph g; /* for the names of places */
    struct screen_nodes nodes;
    struct pp_str *lines; /* by location */
    struct out making;    /* lines of one location */
    struct text_sorter sorter;
};

static void put_labels(struct traces *t, struct out *o, uint32_t set) {
    const struct pp_profile *p = t->rc->profile;
    struct out *line = &t->sorter.buffer;
    struct label_group group;
    bool in_texts = true;
    for (uint32_t at = 0; label_next_group(p, p->label_sets[set], &at, &group);) {
        if (group.is_num && in_texts) {
            text_sorter_put(&t->sorter, o, PP_STR(""));
            in_texts = false;
        }
        struct pp_str unit =
            group.is_num ? label_units_find(&t->rc->label_units, group.key) : PP_STR("");
        out_right(line, group.key, 10);
        OUT_LIT(line, ":  ");
        for (uint32_t i = 0; i < group.n; i++) {
            struct units_text text;
            if (i) out_char(line, ' ');
            if (group.is_num) {
                units_label(group.labels[i].num, unit, PP_STR("auto"), &text);
                out_str(line, units_str(&text));
            } else {
                out_str(line, pp_string(p, group.labels[i].text));
            }
        }
        out_char(line, '\n');
        text_sorter_add(&t->sorter);
    }
    text_sorter_put(&t->sorter, o, PP_STR(""));
}

enum { MARGIN = 10 }; /* where the value stands in a stack's first line */

/* The lines of a location behind the first one's margin. */
static void put_lines(struct traces *t, struct out *o, uint32_t location) {
    uint32_t first = t->g.first_node[location], end = t->g.first_node[location + 1];
    for (uint32_t j = first; j < end; j++) {
        uint32_t node = t->g.location_nodes[j];
        if (j > first) out_spaces(o, MARGIN);
        OUT_LIT(o, "   ");
        bool is_link = screen_node_link(o, &t->nodes, node);
        out_str(o, graph_printable_name(&t->g, node));
        screen_link_end(o, is_link);
        if (j + 1 < end) OUT_LIT(o, " (inline)");
        out_char(o, '\n');
    }
}

/* The same with that margin, made when they are first needed: links are for the terminal alone,
 * which is slow. */
static struct pp_str lines_of(struct traces *t, uint32_t location) {
    if (t->lines[location].data) return t->lines[location];
    t->making.used = 0;
    out_spaces(&t->making, MARGIN);
    put_lines(t, &t->making, location);
    t->lines[location] = pp_arena_copy(t->rc->arena, out_text(&t->making));
    return t->lines[location];
}

static void put_linked(struct traces *t, struct out *o, uint32_t location, bool is_first) {
    if (!is_first) out_spaces(o, MARGIN);
    put_lines(t, o, location);
}

static void put_stack(struct traces *t, struct out *o, struct pp_stack stack, int64_t value) {
    if (stack.len) put_value(o, t->rc, t->rc->unit, value, MARGIN);
    for (uint32_t i = 0; i < stack.len; i++) {
        uint32_t location = pp_frame(t->rc->profile, stack.first + i);
        if (t->rc->screen.links) {
            put_linked(t, o, location, i == 0);
            continue;
        }
        struct pp_str lines = lines_of(t, location);
        out_str(o, i ? lines : pp_str_slice(lines, MARGIN, lines.len));
    }
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    const struct pp_profile *p = rc->profile;
    uint64_t before = o->flushed + o->used;
    put_profile_labels(o, rc, rc->unit);
    if (o->flushed + o->used == before) out_char(o, '\n');
    struct traces t = {.rc = rc};
    struct graph_options plain = {.type = rc->type, .whole_paths = true};
    graph_init(&t.g, p, &plain, rc->arena);
    screen_nodes_init(&t.nodes, rc, &t.g);
    t.lines = PP_NEW(rc->arena, struct pp_str, p->n_locations);
    text_sorter_init(&t.sorter);
    out_open_memory(&t.making);
    for (uint32_t i = 0; i < p->n_samples && !out_failed(o); i++) {
        struct pp_stack stack = p->stacks[p->sample_stack[i]];
        if (stack.len == 0) continue;
        out_text0(o, separator);
        put_labels(&t, o, p->sample_labels[i]);
        int64_t divisor = rc->mean ? pp_value(p, i, 0) : 0;
        put_stack(&t, o, stack, graph_mean(pp_value(p, i, rc->type), divisor));
    }
    out_text0(o, separator);
    text_sorter_done(&t.sorter);
    out_close(&t.making, NULL);
    graph_done(&t.g);
    return true;
}

const struct report_format traces_report = {
    .name = "traces",
    .help = "Every sample with its stack",
    .node_count = 80,
    .render = render,
};
