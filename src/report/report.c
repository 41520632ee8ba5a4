#include "report/report.h"

#include "base/num.h"
#include "report/labels.h"

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

bool report_write(const struct report_ctx *rc, const struct encoder *encoder, struct out *out,
                  struct pp_error *err) {
    if (!encoder) return rc->format->render(rc, out, err);
    if (!rc->format->rows)
        return pp_fail(err, PP_E_USAGE, "-%s has no rows, so -%s does not apply to it",
                       rc->format->name, encoder->name);
    struct row_sink sink = {.encoder = encoder, .out = out};
    return rc->format->rows(rc, &sink, err);
}

/* By node: whether the expression that the report was given matches its name. */
static bool *matching_nodes(const struct report_ctx *rc, struct graph *g) {
    bool *matches = PP_NEW(rc->arena, bool, g->n_nodes);
    for (uint32_t i = 0; i < g->n_nodes; i++)
        matches[i] = regex_matches(rc->param_regex, graph_printable_name(g, i));
    return matches;
}

void report_graph(const struct report_ctx *rc, struct graph *g, struct trim_result *ret_trim) {
    struct trim_options trim = rc->trim;
    trim.picture = rc->format->traits & REPORT_PICTURE;
    trim.call_tree = trim.call_tree && (rc->format->traits & REPORT_CALL_TREE);
    trim.tag_from = label_unit(rc, PP_STR("bytes"));
    trim.tag_to = rc->unit;
    graph_init(g, rc->profile, &rc->graph, rc->arena);
    if (rc->param_regex) g->edges_of = matching_nodes(rc, g);
    graph_trim(g, &trim, ret_trim);
}

int64_t report_total(const struct pp_profile *p, uint32_t type, bool mean) {
    struct pp_arena scratch = {0};
    bool *of_base = PP_NEW(&scratch, bool, p->n_label_sets);
    for (uint32_t i = 0; i < p->n_label_sets; i++)
        of_base[i] = label_is_base(p, i);
    int64_t total = 0, divisor = 0, base_total = 0, base_divisor = 0;
    for (uint32_t i = 0; i < p->n_samples; i++) {
        int64_t value = num_abs(pp_value(p, i, type));
        int64_t d = mean ? pp_value(p, i, 0) : 0;
        total = num_add(total, value);
        divisor = num_add(divisor, d);
        if (!of_base[p->sample_labels[i]]) continue;
        base_total = num_add(base_total, value);
        base_divisor = num_add(base_divisor, d);
    }
    pp_arena_done(&scratch);
    if (base_total > 0) return graph_mean(base_total, base_divisor);
    return graph_mean(total, divisor);
}
