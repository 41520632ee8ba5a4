/* -speedscope: for https://www.speedscope.app, in its own JSON format (file-format-schema.json): a
 * "sampled" profile with a sample for each distinct stack, heaviest callees first. Compared with
 * -diff_base there are two, the base and what is compared; where values sank below zero, a second
 * one holds what was lost. */
#include "base/json.h"
#include "base/path.h"
#include "report/flame_tree.h"
#include "report/header.h"
#include "report/report.h"

struct scope {
    struct flame_tree t;
    struct json j;
    uint32_t *frame; /* by place: one more than its number */
    uint32_t n_frames;
    struct pp_str unit; /* one of those that speedscope knows */
    bool convert;       /* to bytes: a multiple of them is not known */
};

/* What one profile of the file shows of the tree. */
struct side {
    struct pp_str name;
    const struct flame_value *values;
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
    struct graph *g = &s->t.g;
    json_key(&s->j, "frames");
    json_array(&s->j);
    for (uint32_t i = 0; i < g->n_nodes; i++) {
        uint32_t place = graph_place(g, i);
        if (s->frame[place]) continue;
        s->frame[place] = ++s->n_frames;
        struct pp_str file = graph_file(g, i), name = graph_name(g, i);
        json_line(&s->j);
        json_object(&s->j);
        json_key(&s->j, "name");
        json_str(&s->j, name.len ? name : graph_printable_name(g, i));
        if (file.len) json_key(&s->j, "file");
        if (file.len) json_str(&s->j, file);
        if (g->nodes[i].info.line > 0) {
            json_key(&s->j, "line");
            json_i64(&s->j, g->nodes[i].info.line);
        }
        json_object_end(&s->j);
    }
    json_array_end(&s->j);
}

static int64_t weight_of(const struct side *side, uint32_t node) {
    int64_t v = side->values[node].self;
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

static void put_stack(struct scope *s, const struct flame_walk *w) {
    json_array(&s->j);
    for (uint32_t level = 0; level <= w->level; level++)
        json_i64(&s->j, s->frame[graph_place(&s->t.g, flame_at(w, level))] - 1);
    json_array_end(&s->j);
}

static void put_side(struct scope *s, const struct report_ctx *rc, const struct side *side) {
    struct flame_walk w = {0};
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
    while (flame_next(&s->t, &w)) {
        int64_t weight = weight_of(side, w.node);
        sum += (uint64_t)weight;
        if (!weight) continue;
        json_line(&s->j);
        put_stack(s, &w);
    }
    json_array_end(&s->j);
    json_key(&s->j, "weights");
    json_array(&s->j);
    while (flame_next(&s->t, &w)) {
        int64_t weight = weight_of(side, w.node);
        if (weight) put_weight(s, rc, weight);
    }
    json_array_end(&s->j);
    json_key(&s->j, "startValue");
    json_i64(&s->j, 0);
    json_key(&s->j, "endValue");
    put_weight(s, rc, (int64_t)sum);
    json_object_end(&s->j);
}

static bool any_below_zero(const struct scope *s, const struct flame_value *values) {
    for (uint32_t i = 0; i < s->t.g.n_nodes; i++)
        if (values[i].self < 0) return true;
    return false;
}

static void put_sides(struct scope *s, const struct report_ctx *rc) {
    struct pp_str type = rc->type_name;
    struct side sides[4];
    size_t n = 0;
    if (s->t.base) {
        sides[n++] = (struct side){pp_arena_printf(rc->arena, "%.*s, new", PP_STR_ARG(type)),
                                   s->t.value, false};
        sides[n++] = (struct side){pp_arena_printf(rc->arena, "%.*s, base", PP_STR_ARG(type)),
                                   s->t.base, false};
    } else {
        sides[n++] = (struct side){type, s->t.value, false};
        if (any_below_zero(s, s->t.value))
            sides[n++] = (struct side){pp_arena_printf(rc->arena, "%.*s, lost", PP_STR_ARG(type)),
                                       s->t.value, true};
    }
    for (size_t i = 0; i < n; i++)
        put_side(s, rc, &sides[i]);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    struct scope s = {0};
    if (!flame_open(&s.t, rc, FLAME_BY_WEIGHT, err)) return false;
    s.frame = PP_NEW(rc->arena, uint32_t, s.t.g.n_places);
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
    flame_close(&s.t);
    return true;
}

const struct report_format speedscope_report = {
    .name = "speedscope",
    .help = "For the viewer speedscope",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL,
    .suffix = "speedscope.json",
    .render = render,
};
