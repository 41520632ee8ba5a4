/* -traces: every sample with its labels and its stack, leaf first. */
#include "base/parallel.h"
#include "graph/name.h"
#include "profile/sample_parts.h"
#include "report/header.h"
#include "report/labels.h"
#include "report/screen.h"

static const char separator[] =
    "-----------+-------------------------------------------------------\n";

struct traces {
    const struct report_ctx *rc;
    struct graph g; /* for the places */
    struct screen_nodes nodes;
    struct pp_str *lines; /* by location */
    struct label_texts labels;
};

static void put_key(struct out *o, struct pp_str key) {
    out_right(o, key, 10);
    OUT_LIT(o, ":  ");
}

static void put_label_values(const struct label_texts *texts, const struct label_group *group,
                             struct out *o) {
    const struct report_ctx *rc = texts->user;
    struct pp_str unit =
        group->is_num ? label_units_find(&rc->label_units, group->key) : PP_STR("");
    for (uint32_t i = 0; i < group->n; i++) {
        struct units_text text;
        if (i) out_char(o, ' ');
        if (group->is_num) {
            units_label(group->labels[i].num, unit, PP_STR("auto"), &text);
            out_str(o, units_str(&text));
        } else {
            out_str(o, pp_string(texts->p, group->labels[i].text));
        }
    }
    out_char(o, '\n');
}

enum { LINE_SHARES = 16, WORTH_IT = 1 << 12 /* locations that are worth threads */ };
enum { MARGIN = 10 }; /* where the value stands in a stack's first line */

/* The lines of a location behind the first one's margin. */
static void put_lines(struct traces *t, struct out *o, uint32_t location) {
    struct graph_nodes nodes = graph_nodes_of(&t->g, location);
    for (uint32_t j = 0; j < nodes.n; j++) {
        uint32_t node = nodes.at[j];
        if (j > 0) out_spaces(o, MARGIN);
        OUT_LIT(o, "   ");
        bool is_link = screen_node_link(o, &t->nodes, node);
        const struct graph_info info = graph_info_of(&t->g, node);
        name_put_printable(t->g.p, &info, graph_file(&t->g, node), o);
        screen_link_end(o, is_link);
        if (j + 1 < nodes.n) OUT_LIT(o, " (inline)");
        out_char(o, '\n');
    }
}

/* Some of the locations, and the memory of their lines. */
struct share {
    struct traces *t;
    const bool *used; /* by location */
    uint32_t first, end;
    struct pp_arena arena;
};

static void make_share(void *shares, unsigned worker, size_t task) {
    (void)worker;
    struct share *s = (struct share *)shares + task;
    struct out making;
    out_open_memory(&making);
    for (uint32_t i = s->first; i < s->end; i++) {
        if (!s->used[i]) continue;
        making.used = 0;
        out_spaces(&making, MARGIN);
        put_lines(s->t, &making, i);
        s->t->lines[i] = pp_arena_copy(&s->arena, out_text(&making));
    }
    out_close(&making, NULL);
}

/* The same with that margin, of each location that a stack has; in the arenas of the shares. */
static void make_lines(struct traces *t, struct share shares[LINE_SHARES]) {
    const struct pp_profile *p = t->rc->profile;
    struct pp_arena scratch = {0};
    bool *used = PP_NEW(&scratch, bool, p->n_locations);
    t->lines = PP_NEW(t->rc->arena, struct pp_str, p->n_locations);
    for (uint32_t i = 0; i < p->n_frames; i++)
        used[pp_frame(p, i)] = true;
    for (uint64_t i = 0; i < LINE_SHARES; i++)
        shares[i] = (struct share){.t = t,
                                   .used = used,
                                   .first = (uint32_t)(p->n_locations * i / LINE_SHARES),
                                   .end = (uint32_t)(p->n_locations * (i + 1) / LINE_SHARES)};
    unsigned width = p->n_locations < WORTH_IT ? 1 : parallel_width(LINE_SHARES, 0);
    parallel_run(width, LINE_SHARES, make_share, shares);
    pp_arena_done(&scratch);
}

static void put_linked(struct traces *t, struct out *o, uint32_t location, bool is_first) {
    if (!is_first) out_spaces(o, MARGIN);
    put_lines(t, o, location);
}

/* Has the lines of a later frame come from memory. */
static void expect_lines(const struct traces *t, struct pp_stack stack, uint32_t at) {
    enum { AHEAD = 4 };
    if (stack.len - at <= AHEAD) return;
    __builtin_prefetch(t->lines[pp_frame(t->rc->profile, stack.first + at + AHEAD)].data);
}

static void put_stack(struct traces *t, struct out *o, struct pp_stack stack, int64_t value) {
    if (stack.len) put_value(o, t->rc, t->rc->unit, value, MARGIN);
    for (uint32_t i = 0; i < stack.len; i++) {
        uint32_t location = pp_frame(t->rc->profile, stack.first + i);
        if (t->rc->screen.links) {
            put_linked(t, o, location, i == 0);
            continue;
        }
        expect_lines(t, stack, i);
        struct pp_str lines = t->lines[location];
        out_str(o, i ? lines : pp_str_slice(lines, MARGIN, lines.len));
    }
}

static void put_sample(void *traces, unsigned worker, uint32_t sample, struct out *o) {
    (void)worker;
    struct traces *t = traces;
    const struct report_ctx *rc = t->rc;
    const struct pp_profile *p = rc->profile;
    struct pp_stack stack = p->stacks[p->sample_stack[sample]];
    if (stack.len == 0) return;
    labels_expect(p, sample);
    out_text0(o, separator);
    struct pp_label_set set = p->label_sets[pp_labels_of(p, sample)];
    label_texts_put(&t->labels, set, false, o);
    label_texts_put(&t->labels, set, true, o);
    int64_t divisor = rc->mean ? pp_value(p, sample, 0) : 0;
    put_stack(t, o, stack, graph_mean(pp_value(p, sample, rc->type), divisor));
}

/* Links are for the terminal alone, which is slow. */
static void put_all_linked(struct traces *t, struct out *o) {
    for (uint32_t i = 0; i < t->rc->profile->n_samples && !out_failed(o); i++)
        put_sample(t, 0, i, o);
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
    t.labels = (struct label_texts){.p = p, .put_values = put_label_values, .user = rc};
    label_heads_init(&t.labels.heads, p, put_key, rc->arena);
    if (rc->screen.links) {
        put_all_linked(&t, o);
    } else {
        struct share shares[LINE_SHARES];
        make_lines(&t, shares);
        sample_parts_put(p, o, put_sample, &t);
        for (size_t i = 0; i < LINE_SHARES; i++)
            pp_arena_done(&shares[i].arena);
    }
    out_text0(o, separator);
    graph_done(&t.g);
    return true;
}

const struct report_format traces_report = {
    .name = "traces",
    .help = "Every sample with its stack",
    .node_count = 80,
    .render = render,
};
