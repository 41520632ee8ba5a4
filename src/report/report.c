#include "report/report.h"

#include "base/num.h"
#include "profile/base_mark.h"
#include "report/labels.h"
#include "report/series.h"

const struct report_format *const report_table[] = {
#define REPORT(id) &id##_report,
#include "report/formats.def"
#undef REPORT
    NULL,
};

const struct encoder *const encoder_table[] = {
#define ENCODER(id) &id##_encoder,
#include "report/encode/encoders.def"
#undef ENCODER
    NULL,
};

const struct report_format *report_find(struct pp_str name) {
    for (size_t i = 0; report_table[i]; i++) {
        const struct report_format *f = report_table[i];
        if (pp_str_eq(name, pp_str_from(f->name))) return f;
        if (f->alias && pp_str_eq(name, pp_str_from(f->alias))) return f;
    }
    return NULL;
}

void fields_add(struct report_fields *fields, const char *group, const char *name,
                struct pp_cell value) {
    if (fields->n < MAX_FIELDS) fields->at[fields->n++] = (struct pp_field){group, name, value};
}

bool report_write(const struct report_ctx *rc, const struct encoder *encoder, struct out *out,
                  int *ret_status, struct pp_error *err) {
    const struct report_format *f = rc->format;
    if (!encoder) encoder = f->encoder;
    const bool is_markdown = encoder && encoder->is_for_people && f->markdown;
    if (encoder && !is_markdown) {
        struct series s = {.encoder = encoder, .out = out};
        bool ok = series_add(&s, rc, ret_status, err);
        series_end(&s);
        return ok;
    }
    struct report_ctx own = *rc;
    if (f->collect && !f->collect(&own, &own.found, err)) return false;
    bool ok = is_markdown ? f->markdown(&own, out, err) : f->render(&own, out, err);
    if (ok && ret_status) *ret_status = f->status ? f->status(own.found) : 0;
    if (f->close) f->close(own.found);
    return ok;
}

/* By node: whether the expression that the report was given matches its name. */
static bool *matching_nodes(const struct report_ctx *rc, struct graph *g) {
    bool *matches = PP_NEW(rc->arena, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        matches[i] = regex_matches(rc->param_regex, graph_printable_name(g, i));
    return matches;
}

void report_graph(const struct report_ctx *rc, struct graph *g, struct trim_result *ret_trim) {
    graph_init(g, rc->profile, &rc->graph, rc->arena);
    if (rc->param_regex) g->edges_of = matching_nodes(rc, g);
    graph_trim(g, &rc->trim, ret_trim);
}

bool report_collect_graph(const struct report_ctx *rc, void **ret_found, struct pp_error *err) {
    (void)err;
    struct report_graph *found = PP_NEW(rc->arena, struct report_graph, 1);
    report_graph(rc, &found->g, &found->trim);
    if (!found->g.n_nodes && rc->profile->n_samples)
        pp_say(
            rc->diag,
            "No sample has a stack, so no report can say where they are; -traces shows what they "
            "cost");
    *ret_found = found;
    return true;
}

void report_close_graph(void *found) {
    struct report_graph *graph = found;
    graph_done(&graph->g);
}

int64_t report_total(const struct pp_profile *p, uint32_t type, bool mean) {
    struct pp_arena scratch = {0};
    const bool *of_base = base_mark_sets(p, &scratch);
    int64_t total = 0, divisor = 0, base_total = 0, base_divisor = 0;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t value = num_abs(pp_value(p, i, type));
        int64_t d = mean ? pp_value(p, i, 0) : 0;
        total = num_add(total, value);
        divisor = num_add(divisor, d);
        if (!of_base[pp_labels_of(p, i)]) continue;
        base_total = num_add(base_total, value);
        base_divisor = num_add(base_divisor, d);
    }
    pp_arena_done(&scratch);
    if (base_total > 0) return graph_mean(base_total, base_divisor);
    return graph_mean(total, divisor);
}
