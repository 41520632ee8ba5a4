/* -callgrind: for KCachegrind and callgrind_annotate. Format: "Callgrind Format Specification" of
 * Valgrind, with name and subposition compression. */
#include "base/hash.h"
#include "graph/order.h"
#include "report/header.h"
#include "report/report.h"

#include <inttypes.h>
#include <stdio.h>

struct callgrind {
    const struct report_ctx *rc;
    struct out *out;
    struct graph g;
    struct pp_str unit;
    struct interner objects, files, functions; /* names that were written; the id is their number */
    struct pp_str *callee_names; /* by node; "" of one without value, as in the reference */
};

/* "(1) name" the first time, then "(1)". */
static void put_name(struct callgrind *c, const char *what, struct interner *seen,
                     struct pp_str name) {
    out_text0(c->out, what);
    if (name.len) {
        uint32_t before = seen->n, id = intern_static(seen, name);
        out_printf(c->out, "(%" PRIu32 ")", id);
        if (id == before) out_char(c->out, ' ');
        if (id == before) out_str(c->out, name);
    }
    out_char(c->out, '\n');
}

/* Relative to the node before, where that is shorter. */
static void put_address(struct callgrind *c, const struct graph_info *before, uint64_t address) {
    if (before && before->address == address) {
        out_char(c->out, '*');
        return;
    }
    char absolute[32], relative[32];
    int len = snprintf(absolute, sizeof absolute, "0x%" PRIx64, address);
    int64_t distance = (int64_t)(address - (before ? before->address : 0));
    int relative_len = snprintf(relative, sizeof relative, "%+" PRId64, distance);
    out_text0(c->out, before && relative_len < len ? relative : absolute);
}

static int64_t in_unit(const struct callgrind *c, int64_t value) {
    struct pp_str unit;
    return num_from_double(units_scale(value, c->rc->type_unit, c->unit, &unit));
}

static void put_node(struct callgrind *c, const struct graph_info *before, uint32_t node) {
    const struct graph_info info = graph_info_of(&c->g, node);
    struct out *o = c->out;
    uint32_t n;
    if (!before || before->objfile != info.objfile || before->file != info.file ||
        before->name != info.name) {
        out_char(o, '\n');
        put_name(c, "ob=", &c->objects, graph_objfile(&c->g, node));
        put_name(c, "fl=", &c->files, graph_file(&c->g, node));
        put_name(c, "fn=", &c->functions, graph_name(&c->g, node));
    }
    put_address(c, before, info.address);
    out_printf(o, " %" PRId64 " %" PRId64 "\n", info.line, in_unit(c, graph_flat(&c->g, node)));
    struct graph_edge **out = graph_edges_out(&c->g, node, &n);
    for (uint32_t i = 0; i < n; i++) {
        const struct graph_info callee = graph_info_of(&c->g, out[i]->dest);
        put_name(c, "cfl=", &c->files, graph_file(&c->g, out[i]->dest));
        put_name(c, "cfn=", &c->functions, c->callee_names[out[i]->dest]);
        OUT_LIT(o, "calls=0 ");
        put_address(c, before, callee.address);
        out_printf(o, " %" PRId64 "\n* * %" PRId64 "\n", callee.line, in_unit(c, out[i]->weight));
    }
}

/* ---- functions that bear one name in one file, but are several: "name [1/2]" ---- */

/* What makes a function, for those of one file and name: where it is called from, in a call tree,
 * its object file, and its first line. */
struct variant {
    uint32_t caller, objfile, of; /* of: a position in kinds */
    int64_t start_line, column;   /* column: only of a place that has neither address nor line */
    uint32_t number;              /* within its kind, from 1 */
};

struct kind {
    uint32_t name, file;
    uint32_t n_variants;
};

struct variants {
    struct callgrind *c;
    struct pp_arena scratch;
    struct kind *kinds;
    struct variant *at;
    uint32_t n_kinds, n;
    size_t cap_kinds, cap;
    struct hash_index kind_index, index;
};

static uint32_t find_kind(struct variants *v, const struct graph_info *info) {
    uint64_t hash = hash_word(hash_seed(), (uint64_t)info->name << 32 | info->file);
    for (struct index_probe i = index_probe(&v->kind_index, hash); index_next(&v->kind_index, &i);)
        if (v->kinds[i.position].name == info->name && v->kinds[i.position].file == info->file)
            return i.position;
    index_add(&v->kind_index, hash, v->n_kinds);
    struct kind kind = {info->name, info->file, 0};
    PP_PUSH(&v->scratch, v->kinds, v->n_kinds, v->cap_kinds, kind);
    return v->n_kinds - 1;
}

static uint32_t find_variant(struct variants *v, uint32_t node) {
    const struct graph *g = &v->c->g;
    const struct graph_info info = graph_info_of(g, node);
    struct variant want = {g->caller ? g->caller[node] : PP_NONE,
                           info.objfile,
                           find_kind(v, &info),
                           info.start_line,
                           0,
                           0};
    if (!info.address && !info.line) want.column = info.column;
    uint64_t hash = hash_word(hash_seed(), (uint64_t)want.caller << 32 | want.of);
    hash = hash_word(hash, (uint64_t)want.objfile << 32 ^ (uint64_t)want.start_line);
    for (struct index_probe i = index_probe(&v->index, hash); index_next(&v->index, &i);) {
        const struct variant *old = &v->at[i.position];
        if (old->of == want.of && old->caller == want.caller && old->objfile == want.objfile &&
            old->start_line == want.start_line && old->column == want.column)
            return i.position;
    }
    index_add(&v->index, hash, v->n);
    want.number = ++v->kinds[want.of].n_variants;
    PP_PUSH(&v->scratch, v->at, v->n, v->cap, want);
    return v->n - 1;
}

static void name_callees(struct callgrind *c) {
    struct variants v = {.c = c};
    uint32_t *variant = PP_NEW(&v.scratch, uint32_t, c->g.n_selected);
    c->callee_names = PP_NEW(c->rc->arena, struct pp_str, c->g.n_nodes);
    for (uint32_t i = 0; i < c->g.n_selected; i++)
        variant[i] = find_variant(&v, c->g.selected[i]);
    for (uint32_t i = 0; i < c->g.n_selected; i++) {
        uint32_t node = c->g.selected[i];
        const struct variant *own = &v.at[variant[i]];
        uint32_t n = v.kinds[own->of].n_variants;
        c->callee_names[node] = graph_name(&c->g, node);
        if (n < 2) continue;
        struct out o;
        out_open_memory(&o);
        out_str(&o, graph_name(&c->g, node));
        out_printf(&o, " [%" PRIu32 "/%" PRIu32 "]", own->number, n);
        c->callee_names[node] = pp_arena_copy(c->rc->arena, out_text(&o));
        out_close(&o, NULL);
    }
    index_done(&v.kind_index);
    index_done(&v.index);
    pp_arena_done(&v.scratch);
}

static bool render(const struct report_ctx *rc, struct out *o, struct pp_error *err) {
    (void)err;
    struct callgrind c = {.rc = rc, .out = o};
    struct trim_result trim;
    report_graph(rc, &c.g, &trim);
    c.unit = report_unit(rc, &c.g, true);
    interner_init(&c.objects, rc->arena);
    interner_init(&c.files, rc->arena);
    interner_init(&c.functions, rc->arena);
    name_callees(&c);
    OUT_LIT(o, "positions: instr line\nevents: ");
    out_str(o, rc->type_name);
    out_char(o, '(');
    out_str(o, c.unit);
    OUT_LIT(o, ")\n");
    struct graph_info before;
    for (uint32_t i = 0; i < c.g.n_selected && !out_failed(o); i++) {
        put_node(&c, i ? &before : NULL, c.g.selected[i]);
        before = graph_info_of(&c.g, c.g.selected[i]);
    }
    interner_done(&c.objects);
    interner_done(&c.files);
    interner_done(&c.functions);
    graph_done(&c.g);
    return true;
}

const struct report_format callgrind_report = {
    .name = "callgrind",
    .help = "For KCachegrind and callgrind_annotate",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_CALL_TREE | REPORT_FILE,
    .suffix = "callgraph.out",
    .render = render,
};

static const char *const kcachegrind[] = {"kcachegrind", NULL};

const struct report_format kcachegrind_report = {
    .name = "kcachegrind",
    .help = "The same, shown by KCachegrind",
    .granularity = "addresses",
    .node_count = 80,
    .traits = REPORT_KEEP_ALL | REPORT_OBJECT_NAMES | REPORT_CALL_TREE | REPORT_OUTSIDE,
    .suffix = "callgrind",
    .viewers = kcachegrind,
    .render = render,
};
