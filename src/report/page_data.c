#include "report/page_data.h"

#include "base/path.h"
#include "base/text.h"
#include "report/chance.h"
#include "report/encode/cells.h"
#include "report/header.h"
#include "report/places.h"
#include "report/shorten.h"

/* ---- the facts ---- */

static void put_legend(struct json *j, const struct report_ctx *rc) {
    struct out labels;
    out_open_memory(&labels);
    put_profile_labels(&labels, rc, rc->unit);
    struct pp_str rest = out_text(&labels), line;
    json_array(j);
    while (text_next_line(&rest, &line))
        json_str(j, line);
    for (size_t i = 0; i < rc->n_filters; i++)
        json_str(j, rc->filters[i]);
    json_array_end(j);
    out_close(&labels, NULL);
}

void page_steps(struct json *j, struct pp_str from, struct pp_str to, double ratio) {
    struct units_step steps[UNITS_STEPS];
    size_t n = units_steps(from, to, steps);
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_array(j);
        json_str(j, steps[i].name);
        json_double(j, steps[i].factor / ratio);
        json_array_end(j);
    }
    json_array_end(j);
}

/* What shares are of: in a comparison the base, of which a run is shown. */
static int64_t total_of(const struct report_ctx *rc) {
    bool is_sum = rc->comparison.len && !rc->mean && rc->means_of[0] > 1;
    return is_sum ? rc->total / rc->means_of[0] : rc->total;
}

struct pp_str page_title(const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    struct pp_str file = p->n_mappings ? pp_string(p, p->mappings[0].file) : PP_STR("");
    if (!file.len) file = rc->source;
    return file.len ? path_base(file) : PP_STR("unknown");
}

void page_begin(struct json *j, const struct report_ctx *rc) {
    const struct pp_profile *p = rc->profile;
    json_object(j);
    json_key(j, "schema");
    json_str(j, PP_STR("cpprof/page/1"));
    json_key(j, "program");
    json_str(j, PP_STR("cpprof " CPPROF_VERSION));
    json_key(j, "file");
    json_str(j, page_title(rc));
    json_key(j, "legend");
    put_legend(j, rc);
    json_key(j, "type");
    json_str(j, rc->type_name);
    json_key(j, "unit");
    json_str(j, rc->type_unit);
    json_key(j, "steps");
    page_steps(j, rc->type_unit, rc->unit, rc->ratio > 0 ? rc->ratio : 1);
    json_key(j, "total");
    json_i64(j, total_of(rc));
    json_key(j, "types");
    json_array(j);
    for (uint32_t i = 0; i < p->n_types; i++)
        json_str(j, pp_string(p, p->sample_types[i].type));
    json_array_end(j);
    json_key(j, "comparison");
    json_str(j, rc->comparison);
    json_key(j, "doc_url");
    json_str(j, pp_string(p, p->doc_url));
}

void page_sources(struct json *j, const struct pp_str *names, uint32_t n, uint32_t base) {
    json_key(j, "sources");
    json_array(j);
    for (uint32_t i = 0; i < n; i++)
        json_str(j, names[i]);
    json_array_end(j);
    json_key(j, "base");
    if (base == PP_NONE)
        json_null(j);
    else
        json_u64(j, (uint64_t)base + 1);
}

/* ---- boxes ---- */

struct boxes {
    struct json *j;
    struct flame_tree *t;
    const struct report_ctx *rc;
    uint32_t n, *node, *level;                        /* by box */
    uint32_t n_names, *place_of_name, *name_of_place; /* counted from 1 */
    struct interner texts;                            /* of files and binaries */
    int64_t *rest, *base_rest, scale;
};

static void gather(struct boxes *b) {
    struct flame_tree *t = b->t;
    struct pp_arena *arena = b->rc->arena;
    b->node = PP_NEW(arena, uint32_t, t->n);
    b->level = PP_NEW(arena, uint32_t, t->n);
    b->name_of_place = PP_NEW(arena, uint32_t, t->list.g.n_nodes);
    b->place_of_name = PP_NEW(arena, uint32_t, t->list.g.n_nodes);
    struct flame_walk w = {0};
    while (flame_next(t, &w)) {
        b->node[b->n] = w.node;
        b->level[b->n++] = w.level;
        uint32_t *name = &b->name_of_place[t->place[w.node]];
        if (*name) continue;
        b->place_of_name[b->n_names++] = t->place[w.node];
        *name = b->n_names;
    }
}

/* The function alone, with its line where lines are told apart; its file stands beside it. What has
 * no name is called as reports call it. */
static struct pp_str name_of(struct boxes *b, uint32_t name) {
    struct graph *g = &b->t->list.g;
    uint32_t place = b->place_of_name[name];
    const struct graph_info info = graph_info_of(g, place);
    struct pp_str function = graph_name(g, place);
    if (!function.len) return graph_printable_name(g, place);
    if (info.column)
        return pp_arena_printf(b->rc->arena, "%.*s:%lld:%lld", PP_STR_ARG(function),
                               (long long)info.line, (long long)info.column);
    if (info.line)
        return pp_arena_printf(b->rc->arena, "%.*s:%lld", PP_STR_ARG(function),
                               (long long)info.line);
    return function;
}

static void put_names(struct boxes *b) {
    struct json *j = b->j;
    json_key(j, "names");
    json_array(j);
    for (uint32_t i = 0; i < b->n_names; i++)
        json_str(j, name_of(b, i));
    json_array_end(j);
    json_key(j, "short"); /* null: the name itself */
    json_array(j);
    for (uint32_t i = 0; i < b->n_names; i++) {
        struct pp_str name = name_of(b, i);
        struct pp_str brief = shorten_function(name, b->rc->arena);
        if (pp_str_eq(name, brief))
            json_null(j);
        else
            json_str(j, brief);
    }
    json_array_end(j);
}

/* Where the functions are: "places" has the texts, 0 is unknown. */
static void put_places(struct boxes *b) {
    struct json *j = b->j;
    struct places places;
    places_init(&places, b->rc, &b->t->list.g);
    uint32_t *file = PP_NEW(b->rc->arena, uint32_t, b->n_names);
    uint32_t *mapping = PP_NEW(b->rc->arena, uint32_t, b->n_names);
    interner_init(&b->texts, b->rc->arena);
    intern(&b->texts, PP_STR(""));
    for (uint32_t i = 0; i < b->n_names; i++) {
        struct place place = place_of(&places, b->place_of_name[i]);
        file[i] = intern(&b->texts, place.file);
        mapping[i] = intern(&b->texts, place.mapping);
    }
    json_key(j, "places");
    json_array(j);
    for (uint32_t i = 0; i < b->texts.n; i++)
        json_str(j, b->texts.strings[i]);
    json_array_end(j);
    json_key(j, "file");
    json_array(j);
    for (uint32_t i = 0; i < b->n_names; i++)
        json_u64(j, file[i]);
    json_array_end(j);
    json_key(j, "mapping");
    json_array(j);
    for (uint32_t i = 0; i < b->n_names; i++)
        json_u64(j, mapping[i]);
    json_array_end(j);
    interner_done(&b->texts);
}

/* What a box has beyond itself and the boxes it calls: what is not shown below it. */
static int64_t *hidden_below(struct boxes *b, const struct flame_value *values) {
    int64_t *rest = PP_NEW(b->rc->arena, int64_t, b->t->n); /* by node */
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t node = b->node[i], caller = b->t->caller[node];
        rest[node] = num_add(rest[node], num_add(values[node].total, num_neg(values[node].self)));
        if (caller != PP_NONE) rest[caller] = num_add(rest[caller], num_neg(values[node].total));
    }
    return rest;
}

/* What all values are multiples of: time that was sampled is one of its period. */
static uint64_t scale_of(struct boxes *b, const struct flame_value *values, const int64_t *rest,
                         uint64_t scale) {
    for (uint32_t i = 0; values && i < b->n && scale != 1; i++) {
        uint32_t node = b->node[i];
        scale = num_gcd(scale, (uint64_t)num_abs(values[node].self));
        scale = num_gcd(scale, (uint64_t)num_abs(rest[node]));
    }
    return scale;
}

static void put_values(struct boxes *b, const char *key, const struct flame_value *values) {
    json_key(b->j, key);
    json_array(b->j);
    for (uint32_t i = 0; i < b->n; i++)
        json_i64(b->j, values[b->node[i]].self / b->scale);
    json_array_end(b->j);
}

/* Where a side is several runs its values are their sums, and the page shows means, as -diff. */
static void put_runs(struct json *j, const struct report_ctx *rc) {
    if (rc->mean || (rc->means_of[0] <= 1 && rc->means_of[1] <= 1)) return;
    json_key(j, "runs");
    json_array(j);
    for (int side = 0; side < 2; side++)
        json_u64(j, rc->means_of[side]);
    json_array_end(j);
}

static void put_sum(struct json *j, const char *key, const struct flame_value *sum) {
    json_key(j, key);
    json_array(j);
    json_i64(j, sum->total);
    json_i64(j, sum->self);
    json_array_end(j);
}

/* Boxes whose change is no chance, by position; where nothing can be said there is no list. */
static void put_sure(struct boxes *b) {
    const bool *sure = chance_ruled_out(b->t, b->rc);
    if (!sure) return;
    json_key(b->j, "sure");
    json_array(b->j);
    for (uint32_t i = 0; i < b->n; i++)
        if (sure[b->node[i]]) json_u64(b->j, i);
    json_array_end(b->j);
}

/* Boxes that call what is not shown: [position, a stack through it, how much of it, and of the
 * base]. */
static void put_cuts(struct boxes *b) {
    struct flame_tree *t = b->t;
    json_key(b->j, "cut");
    json_array(b->j);
    for (uint32_t i = 0; i < b->n; i++) {
        uint32_t last, node = b->node[i];
        if (t->n_callees[node] == flame_callees(t, node, &last)) continue;
        json_array(b->j);
        json_u64(b->j, i);
        json_u64(b->j, t->stack[node]);
        json_i64(b->j, b->rest[node] / b->scale);
        if (b->base_rest) json_i64(b->j, b->base_rest[node] / b->scale);
        json_array_end(b->j);
    }
    json_array_end(b->j);
}

static void put_boxes(struct boxes *b) {
    struct json *j = b->j;
    json_key(j, "level");
    json_array(j);
    for (uint32_t i = 0; i < b->n; i++)
        json_u64(j, b->level[i]);
    json_array_end(j);
    json_key(j, "name");
    json_array(j);
    for (uint32_t i = 0; i < b->n; i++)
        json_u64(j, b->name_of_place[b->t->place[b->node[i]]] - 1);
    json_array_end(j);
    put_values(b, "self", b->t->value);
    if (b->t->base) put_values(b, "base_self", b->t->base);
}

/* Totals are not written: they are the sums of what is. */
static void measure(struct boxes *b) {
    const struct flame_tree *t = b->t;
    b->rest = hidden_below(b, t->value);
    if (t->base) b->base_rest = hidden_below(b, t->base);
    uint64_t scale = scale_of(b, t->base, b->base_rest, scale_of(b, t->value, b->rest, 0));
    b->scale = scale && scale <= INT64_MAX ? (int64_t)scale : 1;
    json_key(b->j, "scale");
    json_i64(b->j, b->scale);
}

bool page_boxes(struct json *j, const struct report_ctx *rc, struct flame_cut cut, bool *ret_is_cut,
                struct pp_error *err) {
    struct flame_tree t;
    if (!flame_open(&t, rc, cut, err)) return false;
    struct boxes b = {.j = j, .t = &t, .rc = rc};
    gather(&b);
    json_object(j);
    json_key(j, "schema");
    json_str(j, PP_STR("cpprof/boxes/3"));
    json_key(j, "whole");
    json_u64(j, t.whole);
    json_key(j, "cutoff");
    json_u64(j, t.cutoff);
    json_key(j, "lightest"); /* null: all are here */
    if (t.is_cut)
        json_u64(j, flame_lightest(&t));
    else
        json_null(j);
    put_sum(j, "root", &t.sum);
    if (t.base) put_sum(j, "base_root", &t.base_sum);
    if (t.base) put_runs(j, rc);
    measure(&b);
    put_names(&b);
    put_places(&b);
    put_boxes(&b);
    put_sure(&b);
    put_cuts(&b);
    json_object_end(j);
    if (ret_is_cut) *ret_is_cut = t.is_cut;
    flame_close(&t);
    return true;
}

/* ---- tables ---- */

static void begin(struct row_sink *sink) {
    struct json *j = sink->state = table_json_begin(sink);
    for (size_t i = 0; i < sink->head->n_fields; i++) {
        const struct pp_field *f = &sink->head->fields[i];
        if (f->group) continue; /* facts about the profile: page_begin has them */
        json_key(j, f->name);
        cell_json(j, &f->value);
    }
    json_key(j, "columns");
    json_array(j);
    for (size_t i = 0; i < sink->head->n_columns; i++)
        json_str(j, pp_str_from(sink->head->columns[i]));
    json_array_end(j);
    json_key(j, "rows");
    json_array(j);
}

static void row(struct row_sink *sink, const struct pp_cell *cells) {
    struct json *j = sink->state;
    json_line(j);
    json_array(j);
    for (size_t i = 0; i < sink->head->n_columns; i++)
        cell_json(j, &cells[i]);
    json_array_end(j);
}

static void end(struct row_sink *sink) {
    struct json *j = sink->state;
    json_array_end(j);
    json_object_end(j);
    pp_free(j);
}

const struct encoder page_encoder = {.name = "page", .begin = begin, .row = row, .end = end};

/* ---- in a page ---- */

void page_put_script(struct out *o, struct pp_str json) {
    size_t plain = 0;
    for (size_t i = 0; i < json.len; i++) {
        if (json.data[i] != '<') continue;
        out_str(o, pp_str_slice(json, plain, i));
        OUT_LIT(o, "\\u003c");
        plain = i + 1;
    }
    out_str(o, pp_str_slice(json, plain, json.len));
}
