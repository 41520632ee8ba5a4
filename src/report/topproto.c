/* -topproto: the nodes of -top as a profile: a location and a sample each, with cum and flat. */
#include "base/hash.h"
#include "profile/builder.h"
#include "profile/encode.h"
#include "report/header.h"
#include "report/report.h"

struct top_proto {
    const struct report_ctx *rc;
    struct graph g;
    struct profile_builder b;
    struct hash_index functions;
};

/* Nodes of one name, file and first line share a function. */
static uint32_t add_function(struct top_proto *t, uint32_t node) {
    struct pp_function f = {
        .name = builder_string(&t->b, graph_name(&t->g, node)),
        .filename = builder_string(&t->b, graph_file(&t->g, node)),
        .start_line = graph_info_of(&t->g, node).start_line,
    };
    uint64_t hash = hash_word(hash_seed(), (uint64_t)f.name << 32 | f.filename);
    for (struct index_probe i = index_probe(&t->functions, hash); index_next(&t->functions, &i);) {
        const struct pp_function *old = &t->b.p.functions[i.position];
        if (old->name == f.name && old->filename == f.filename && old->start_line == f.start_line)
            return i.position;
    }
    index_add(&t->functions, hash, t->b.p.n_functions);
    return builder_add_function(&t->b, &f);
}

static void add_node(struct top_proto *t, struct pp_str unit, uint32_t node) {
    const struct graph_info info = graph_info_of(&t->g, node);
    struct pp_str ignored;
    struct pp_line line = {add_function(t, node), info.line, info.column};
    struct pp_location l = {.address = info.address, .mapping = PP_NONE};
    uint32_t location = builder_add_location(&t->b, &l, &line, 1);
    double cum = units_scale(graph_cum(&t->g, node), t->rc->type_unit, unit, &ignored);
    double flat = units_scale(graph_flat(&t->g, node), t->rc->type_unit, unit, &ignored);
    const int64_t values[] = {num_from_double(cum), num_from_double(flat)};
    builder_add_sample(&t->b, builder_stack(&t->b, &location, 1), 0, values, 2);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    const struct pp_profile *p = rc->profile;
    struct top_proto t = {.rc = rc};
    struct trim_result trim;
    struct pp_profile made;
    report_graph(rc, &t.g, &trim);
    struct pp_str unit = report_unit(rc, &t.g, false);
    builder_init(&t.b, rc->arena);
    builder_add_type(&t.b, builder_string(&t.b, PP_STR("cum")), builder_string(&t.b, unit));
    builder_add_type(&t.b, builder_string(&t.b, PP_STR("flat")), builder_string(&t.b, unit));
    t.b.p.period_type.type = builder_string(&t.b, pp_string(p, p->period_type.type));
    t.b.p.period_type.unit = builder_string(&t.b, pp_string(p, p->period_type.unit));
    t.b.p.period = p->period;
    t.b.p.time_nanos = p->time_nanos;
    t.b.p.duration_nanos = p->duration_nanos;
    for (uint32_t i = 0; i < t.g.n_selected; i++)
        add_node(&t, unit, t.g.selected[i]);
    index_done(&t.functions);
    graph_done(&t.g);
    return builder_finish(&t.b, &made, err) && profile_write_gzip(&made, o, err);
}

const struct report_format topproto_report = {
    .name = "topproto",
    .help = "The functions of -top as a compressed protobuf",
    .node_count = 0,
    .traits = REPORT_FILE | REPORT_BY_GRAPH,
    .suffix = "pb.gz",
    .render = render,
};
