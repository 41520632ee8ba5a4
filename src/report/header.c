#include "report/header.h"

#include "base/num.h"
#include "base/path.h"
#include "base/timetext.h"

static int64_t times_ratio(const struct report_ctx *rc, int64_t value) {
    if (rc->ratio > 0 && rc->ratio != 1) return num_from_double((double)value * rc->ratio);
    return value;
}

static struct pp_str natural_unit(const struct report_ctx *rc, int64_t value) {
    struct pp_str unit;
    units_scale(value, rc->type_unit, PP_STR("minimum"), &unit);
    return unit;
}

struct pp_str report_unit(const struct report_ctx *rc, const struct graph *g, bool integers) {
    if (!pp_str_eq(rc->unit, PP_STR("minimum")) || g->n_selected == 0) return rc->unit;
    int64_t least = 0, most = rc->total;
    for (uint32_t i = 0; i < g->n_selected; i++) {
        int64_t value = num_abs(graph_flat(g, g->selected[i]));
        if (value == 0) value = num_abs(graph_cum(g, g->selected[i]));
        if (value > 0 && (least == 0 || value < least)) least = value;
    }
    if (least == 0) least = most;
    least = times_ratio(rc, least);
    most = times_ratio(rc, most);
    struct pp_str unit = natural_unit(rc, least);
    /* A larger unit, if the least value is still 0.01 in it. */
    int64_t hundredfold = (int64_t)((uint64_t)least * 100);
    if (!integers && !pp_str_eq(unit, natural_unit(rc, most)) && hundredfold < most)
        unit = natural_unit(rc, hundredfold);
    return unit.len ? unit : rc->type_unit;
}

void report_value(const struct report_ctx *rc, struct pp_str unit, int64_t value,
                  struct units_text *ret_text) {
    units_label(times_ratio(rc, value), rc->type_unit, unit, ret_text);
}

void put_value(struct out *o, const struct report_ctx *rc, struct pp_str unit, int64_t value,
               size_t width) {
    const struct units_rule rule = units_rule(rc->type_unit, unit);
    put_value_by(o, rc, &rule, value, width);
}

void put_value_by(struct out *o, const struct report_ctx *rc, const struct units_rule *rule,
                  int64_t value, size_t width) {
    struct units_text text;
    units_label_by(times_ratio(rc, value), rule, &text);
    out_right(o, units_str(&text), width);
}

void put_value_or_dot(struct out *o, const struct report_ctx *rc, struct pp_str unit, int64_t value,
                      size_t width) {
    if (value)
        put_value(o, rc, unit, value, width);
    else
        out_right(o, PP_STR("."), width);
}

void put_percentage(struct out *o, int64_t value, int64_t total) {
    struct units_text text;
    units_percentage(value, total, &text);
    out_str(o, units_str(&text));
}

static void put_line(struct out *o, const char *what, struct pp_str text) {
    out_text0(o, what);
    out_str(o, text);
    out_char(o, '\n');
}

static void put_duration(struct out *o, const struct report_ctx *rc, struct pp_str unit) {
    struct units_text text;
    struct pp_str nanoseconds = PP_STR("nanoseconds"), total_unit;
    int64_t duration = rc->profile->duration_nanos;
    units_label(duration, nanoseconds, PP_STR("auto"), &text);
    OUT_LIT(o, "Duration: ");
    out_str(o, units_str(&text));
    OUT_LIT(o, ", Total samples = ");
    put_value(o, rc, unit, rc->total, 0);
    out_char(o, ' ');
    double total = units_scale(rc->total, rc->type_unit, nanoseconds, &total_unit);
    if (pp_str_eq(total_unit, PP_STR("ns")) && total != 0) {
        out_char(o, '(');
        put_percentage(o, num_from_double(total), duration);
        out_char(o, ')');
    }
    out_char(o, '\n');
}

void put_profile_labels(struct out *o, const struct report_ctx *rc, struct pp_str unit) {
    const struct pp_profile *p = rc->profile;
    if (p->n_mappings) {
        struct pp_str file = pp_string(p, p->mappings[0].file);
        struct pp_str build_id = pp_string(p, p->mappings[0].build_id);
        if (file.len) put_line(o, "File: ", path_base(file));
        if (build_id.len) put_line(o, "Build ID: ", build_id);
    }
    for (uint32_t i = 0; i < p->n_comments; i++) {
        struct pp_str comment = pp_string(p, p->comments[i]);
        if (!pp_str_has_prefix(comment, PP_STR("#"))) put_line(o, "", comment);
    }
    if (rc->type_name.len) put_line(o, "Type: ", rc->type_name);
    if (p->doc_url) put_line(o, "Doc: ", pp_string(p, p->doc_url));
    if (p->time_nanos) {
        OUT_LIT(o, "Time: ");
        time_short(o, p->time_nanos);
        out_char(o, '\n');
    }
    if (p->duration_nanos) put_duration(o, rc, unit);
}

static void put_filters(struct out *o, const struct report_ctx *rc) {
    enum { LONGEST = 80 }; /* bytes; a character may be cut, as in the reference */
    OUT_LIT(o, "Active filters:\n");
    for (size_t i = 0; i < rc->n_filters; i++) {
        struct pp_str f = rc->filters[i];
        OUT_LIT(o, "   ");
        out_bytes(o, f.data, f.len < LONGEST ? f.len : LONGEST);
        if (f.len > LONGEST) OUT_LIT(o, "\xE2\x80\xA6");
        out_char(o, '\n');
    }
}

/* What was too small to be shown. */
struct dropped {
    uint32_t n;
    const char *what, *measure;
    double fraction; /* of the total, at most */
};

static void put_dropped(struct out *o, const struct report_ctx *rc, struct pp_str unit,
                        struct dropped d) {
    if (d.n == 0) return;
    out_printf(o, "Dropped %u %s%s (%s <= ", d.n, d.what, d.n > 1 ? "s" : "", d.measure);
    put_value(o, rc, unit, num_abs(num_from_double((double)rc->total * d.fraction)), 0);
    OUT_LIT(o, ")\n");
}

void put_report_labels(struct out *o, const struct report_ctx *rc, const struct report_legend *l) {
    if (l->full || !rc->compact_labels) put_profile_labels(o, rc, l->unit);
    if (rc->n_filters) put_filters(o, rc);
    struct units_text share;
    units_percentage(l->shown_total, rc->total, &share);
    struct pp_str trimmed = units_str(&share);
    while (trimmed.len && trimmed.data[0] == ' ')
        trimmed = pp_str_slice(trimmed, 1, trimmed.len);
    OUT_LIT(o, "Showing nodes accounting for ");
    put_value(o, rc, l->unit, l->shown_total, 0);
    OUT_LIT(o, ", ");
    out_str(o, trimmed);
    OUT_LIT(o, " of ");
    put_value(o, rc, l->unit, rc->total, 0);
    OUT_LIT(o, " total\n");
    if (rc->total != 0) {
        put_dropped(o, rc, l->unit,
                    (struct dropped){l->trim.dropped_nodes, "node", "cum", rc->trim.node_fraction});
        put_dropped(
            o, rc, l->unit,
            (struct dropped){l->trim.dropped_edges, "edge", "freq", rc->trim.edge_fraction});
        if (l->shown > 0 && l->shown < l->trim.n_nodes)
            out_printf(o, "Showing top %u nodes out of %u\n", l->shown, l->trim.n_nodes);
    }
    if (l->full) OUT_LIT(o, "\nSee https://git.io/JfYMW for how to read the graph\n");
}

int64_t graph_shown_total(const struct graph *g) {
    int64_t total = 0;
    for (uint32_t i = 0; i < g->n_selected; i++)
        total = num_add(total, graph_flat(g, g->selected[i]));
    return total;
}

struct pp_cell cell_value(const struct report_ctx *rc, struct pp_str unit, int64_t value) {
    struct units_text text;
    struct pp_cell c = cell_int(value);
    report_value(rc, unit, value, &text);
    c.text = pp_arena_copy(rc->arena, units_str(&text));
    return c;
}

struct pp_cell cell_time(int64_t nanos, struct pp_arena *arena) {
    struct out o;
    if (!nanos) return (struct pp_cell){.kind = PP_CELL_NULL};
    out_open_memory(&o);
    time_rfc3339(&o, nanos);
    struct pp_cell c = cell_text(pp_arena_copy(arena, out_text(&o)));
    out_close(&o, NULL);
    return c;
}

void fields_of_side(const struct report_ctx *rc, const struct profile_facts *facts,
                    const char *group, struct report_fields *ret_fields) {
    fields_add(ret_fields, group, "source", cell_known(facts->source));
    fields_add(ret_fields, group, "file", cell_known(facts->file));
    fields_add(ret_fields, group, "build_id", cell_known(facts->build_id));
    fields_add(ret_fields, group, "time_nanos", cell_int(facts->time_nanos));
    fields_add(ret_fields, group, "time", cell_time(facts->time_nanos, rc->arena));
    fields_add(ret_fields, group, "duration_nanos", cell_int(facts->duration_nanos));
}

void fields_of_profile(const struct report_ctx *rc, struct report_fields *ret_fields) {
    fields_of_side(rc, &rc->facts, "profile", ret_fields);
    fields_add(ret_fields, NULL, "sample_type", cell_text(rc->type_name));
    fields_add(ret_fields, NULL, "unit", cell_text(rc->type_unit));
    fields_add(ret_fields, NULL, "total", cell_value(rc, rc->unit, rc->total));
}

void fields_of_graph(const struct report_ctx *rc, struct report_fields *ret_fields) {
    const struct report_graph *found = rc->found;
    fields_of_profile(rc, ret_fields);
    fields_add(ret_fields, NULL, "dropped_nodes", cell_int(found->trim.dropped_nodes));
}

struct pp_profile report_scaled(const struct report_ctx *rc) {
    struct pp_profile p = *rc->profile;
    if (rc->ratio > 0 && rc->ratio != 1) {
        size_t n = (size_t)p.n_samples * p.n_types;
        int64_t *values = PP_NEW(rc->arena, int64_t, n);
        for (size_t i = 0; i < n; i++)
            values[i] = num_from_double((double)p.values[i] * rc->ratio);
        p.values = values;
    }
    return p;
}
