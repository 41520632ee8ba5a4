/* -speedscope: for https://www.speedscope.app, in its own JSON format (file-format-schema.json): a
 * "sampled" profile with a sample for each distinct stack. Compared with
 * -diff_base there are two, the base and what is compared; where values sank below zero, a second
 * one holds what was lost. */
#include "base/json.h"
#include "base/path.h"
#include "report/header.h"
#include "report/report.h"
#include "report/stack_list.h"

struct scope {
    struct stack_list l;
    struct json j;
    struct pp_str unit; /* one of those that speedscope knows */
    bool convert;       /* to bytes: a multiple of them is not known */
};

/* What one profile of the file shows of the tree. */
struct side {
    struct pp_str name;
    bool base; /* the base's values */
    bool lost; /* what is below zero */
};

static void choose_unit(struct scope *s, struct pp_str unit) {
    static const char *const known[][2] = {{"ns", "nanoseconds"},
                                           {"us", "microseconds"},
                                           {"ms", "milliseconds"},
                                           {"s", "seconds"},
                                           {"B", "bytes"}};
    struct pp_str canonical, ignored;
    units_scale(1, unit, unit, &canonical);
    s->unit = PP_STR("none");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (pp_str_eq(canonical, pp_str_from(known[i][0]))) s->unit = pp_str_from(known[i][1]);
    units_scale(1, unit, PP_STR("bytes"), &ignored);
    s->convert = pp_str_eq(s->unit, PP_STR("none")) && !pp_str_eq(unit, PP_STR("bytes")) &&
                 units_compatible(unit, PP_STR("bytes"));
    if (s->convert) s->unit = PP_STR("bytes");
}

static void put_frames(struct scope *s) {
    struct graph *g = &s->l.g;
    json_key(&s->j, "frames");
    json_array(&s->j);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        struct pp_str file = graph_file(g, i), name = graph_name(g, i);
        json_line(&s->j);
        json_object(&s->j);
        json_key(&s->j, "name");
        json_str(&s->j, name.len ? name : graph_printable_name(g, i));
        if (file.len) json_key(&s->j, "file");
        if (file.len) json_str(&s->j, file);
        int64_t line = graph_info_of(g, i).line;
        if (line > 0) {
            json_key(&s->j, "line");
            json_i64(&s->j, line);
        }
        json_object_end(&s->j);
    }
    json_array_end(&s->j);
}

static int64_t weight_of(const struct side *side, const struct stack_walk *w) {
    int64_t v = side->base ? w->sum.base : w->sum.value;
    v = side->lost ? num_neg(v) : v;
    return v > 0 ? v : 0;
}

static void put_weight(struct scope *s, const struct report_ctx *rc, int64_t weight) {
    struct pp_str ignored;
    if (!s->convert)
        json_i64(&s->j, weight);
    else
        json_double(&s->j, units_scale(weight, rc->type_unit, PP_STR("bytes"), &ignored));
}

static void put_stack(struct scope *s, const struct stack_walk *w) {
    json_array(&s->j);
    for (uint32_t i = 0; i < w->len; i++)
        json_i64(&s->j, w->path[i]);
    json_array_end(&s->j);
}

static void put_side(struct scope *s, const struct report_ctx *rc, const struct side *side) {
    struct stack_walk w = {0};
    uint64_t sum = 0;
    json_line(&s->j);
    json_object(&s->j);
    json_key(&s->j, "type");
    json_str(&s->j, PP_STR("sampled"));
    json_key(&s->j, "name");
    json_str(&s->j, side->name);
    json_key(&s->j, "unit");
    json_str(&s->j, s->unit);
    json_key(&s->j, "samples");
    json_array(&s->j);
    while (stack_next(&s->l, &w)) {
        int64_t weight = weight_of(side, &w);
        sum += (uint64_t)weight;
        if (!weight) continue;
        json_line(&s->j);
        put_stack(s, &w);
    }
    json_array_end(&s->j);
    json_key(&s->j, "weights");
    json_array(&s->j);
    while (stack_next(&s->l, &w)) {
        int64_t weight = weight_of(side, &w);
        if (weight) put_weight(s, rc, weight);
    }
    json_array_end(&s->j);
    json_key(&s->j, "startValue");
    json_i64(&s->j, 0);
    json_key(&s->j, "endValue");
    put_weight(s, rc, (int64_t)sum);
    json_object_end(&s->j);
}

static bool any_below_zero(const struct stack_list *l) {
    for (uint32_t i = 0; i < l->n; i++)
        if (l->values[l->order[i]].value < 0) return true;
    return false;
}

static void put_sides(struct scope *s, const struct report_ctx *rc) {
    struct pp_str type = rc->type_name;
    struct side sides[4];
    size_t n = 0;
    struct pp_str now = pp_arena_printf(rc->arena, "%.*s, new", PP_STR_ARG(type));
    struct pp_str base = pp_arena_printf(rc->arena, "%.*s, base", PP_STR_ARG(type));
    struct pp_str lost = pp_arena_printf(rc->arena, "%.*s, lost", PP_STR_ARG(type));
    sides[n++] = (struct side){s->l.has_base ? now : type, false, false};
    if (s->l.has_base) sides[n++] = (struct side){base, true, false};
    if (any_below_zero(&s->l)) sides[n++] = (struct side){lost, false, true};
    for (size_t i = 0; i < n; i++)
        put_side(s, rc, &sides[i]);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct scope s = {0};
    if (!stack_list_open(&s.l, rc, err)) return false;
    choose_unit(&s, rc->type_unit);
    json_begin(&s.j, o);
    json_object(&s.j);
    json_key(&s.j, "$schema");
    json_str(&s.j, PP_STR("https://www.speedscope.app/file-format-schema.json"));
    json_key(&s.j, "exporter");
    json_str(&s.j, PP_STR("cpprof"));
    json_key(&s.j, "name");
    json_str(&s.j, path_base(rc->source));
    json_key(&s.j, "shared");
    json_object(&s.j);
    put_frames(&s);
    json_object_end(&s.j);
    json_key(&s.j, "profiles");
    json_array(&s.j);
    put_sides(&s, rc);
    json_array_end(&s.j);
    json_object_end(&s.j);
    out_char(o, '\n');
    stack_list_close(&s.l);
    return true;
}

const struct report_format speedscope_report = {
    .name = "speedscope",
    .help = "For the viewer speedscope",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_BY_GRAPH | REPORT_NO_LABELS,
    .suffix = "speedscope.json",
    .render = render,
};
