/* -folded: "root;caller;leaf value" a line, as flame graph tools read it (Brendan Gregg's
 * FlameGraph, inferno, speedscope). Compared with -diff_base: two values, of the base and of what
 * is compared, as difffolded.pl writes. */
#include "report/report.h"
#include "report/stack_list.h"

/* A frame must not hold what separates frames or lines; tools read UTF-8. */
static void put_frame(struct out *o, struct pp_str name) {
    for (size_t from = 0, at = 0; at <= name.len; at++) {
        char c = at < name.len ? name.data[at] : ';';
        if (c != ';' && c != '\n' && c != '\r') continue;
        out_utf8(o, pp_str_slice(name, from, at));
        if (at < name.len) out_char(o, c == ';' ? ':' : ' ');
        from = at + 1;
    }
}

static void put_stack(struct stack_list *l, const struct stack_walk *w, struct out *o) {
    if (!w->len) OUT_LIT(o, "[no stack]"); /* the sum is that of the other exports */
    for (uint32_t i = 0; i < w->len; i++) {
        if (i) out_char(o, ';');
        put_frame(o, graph_printable_name(&l->g, w->path[i]));
    }
    out_char(o, ' ');
    if (l->has_base) {
        out_i64(o, w->sum.base);
        out_char(o, ' ');
    }
    out_i64(o, w->sum.value);
    out_char(o, '\n');
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct stack_list l;
    if (!stack_list_open(&l, rc, err)) return false;
    struct stack_walk w = {0};
    while (!out_failed(o) && stack_next(&l, &w))
        if (w.sum.value || w.sum.base) put_stack(&l, &w, o);
    stack_walk_done(&w);
    stack_list_close(&l);
    return true;
}

const struct report_format folded_report = {
    .name = "folded",
    .help = "Stacks with their sums, for flame graph tools",
    .usage = "folded [focus_regex]* [-ignore_regex]* >f\n"
             "A line a stack: frames from the root joined by ';', a blank, the value.",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_BY_GRAPH | REPORT_NO_LABELS | REPORT_PAIRS,
    .suffix = "folded",
    .render = render,
};
