/* -folded: "root;caller;leaf value" a line, as flame graph tools read it (Brendan Gregg's
 * FlameGraph, inferno, speedscope). Compared with -diff_base: two values, of the base and of what
 * is compared, as difffolded.pl writes. */
#include "report/flame_tree.h"
#include "report/report.h"

/* A frame must not hold what separates frames or lines. */
static void put_frame(struct out *o, struct pp_str name) {
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        out_char(o, c == ';' ? ':' : c == '\n' || c == '\r' ? ' ' : c);
    }
}

static void put_stack(struct flame_tree *t, const struct flame_walk *w, struct out *o) {
    for (uint32_t level = 0; level <= w->level; level++) {
        if (level) out_char(o, ';');
        put_frame(o, graph_printable_name(&t->g, flame_at(w, level)));
    }
    out_char(o, ' ');
    if (t->base) {
        out_i64(o, t->base[w->node].self);
        out_char(o, ' ');
    }
    out_i64(o, t->value[w->node].self);
    out_char(o, '\n');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct flame_tree t;
    if (!flame_open(&t, rc, FLAME_BY_NAME, err)) return false;
    struct flame_walk w = {0};
    while (!out_failed(o) && flame_next(&t, &w))
        if (t.value[w.node].self || (t.base && t.base[w.node].self)) put_stack(&t, &w, o);
    flame_walk_done(&w);
    flame_close(&t);
    return true;
}

const struct report_format folded_report = {
    .name = "folded",
    .help = "Stacks with their sums, for flame graph tools",
    .usage = "folded [focus_regex]* [-ignore_regex]* >f\n"
             "A line a stack: frames from the root joined by ';', a blank, the value.",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL,
    .suffix = "folded",
    .render = render,
};
