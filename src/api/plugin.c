#include "api/plugin.h"

#include "api/builder.h"
#include "cpprof/plugin.h"
#include "report/header.h"
#include "report/places.h"

#include <dlfcn.h>
#include <link.h>
#include <sys/stat.h>

/* ---- rows of ours that stand for those of a plug-in; each begins with ours ---- */

struct added_report {
    struct report_format row;
    struct report_table table;
    struct pp_plugin_report theirs;
};

struct added_encoder {
    struct encoder row;
    struct pp_plugin_encoder theirs;
};

struct added_decoder {
    struct profile_decoder row;
    struct pp_plugin_decoder theirs;
};

struct pp_registry {
    struct catalog *catalog;
    bool (*is_taken)(const char *name);
};

static const struct pp_host host;

/* Who refuses ought to say why. */
static bool pass_on(struct pp_error *why, struct pp_error *err) {
    if (why->code == PP_E_NONE)
        pp_fail(why, PP_E_FORMAT, "the plug-in refuses, and does not say why");
    return pp_pass(err, why);
}

/* ---- a report ---- */

struct pp_question {
    const struct report_ctx *rc;
    struct report_graph *graph;
    struct places places;
    struct pp_str unit; /* for values */
};

static struct pp_question question_of(const struct report_ctx *rc) {
    struct report_graph *found = rc->found;
    struct pp_question q = {rc, found, {0}, report_unit(rc, &found->g, false)};
    places_init(&q.places, rc, &found->g);
    return q;
}

static bool render(const struct report_ctx *rc, struct out *out, struct pp_error *err) {
    const struct added_report *added = (const void *)rc->format;
    struct pp_question q = question_of(rc);
    struct pp_error why = {.code = PP_E_NONE};
    return added->theirs.text(&host, &q, (struct pp_output *)out, &why) || pass_on(&why, err);
}

static bool rows(const struct report_ctx *rc, struct row_sink *sink, struct pp_error *err) {
    const struct added_report *added = (const void *)rc->format;
    struct pp_question q = question_of(rc);
    struct pp_error why = {.code = PP_E_NONE};
    return added->theirs.rows(&host, &q, (struct pp_rows *)sink, &why) || pass_on(&why, err);
}

static bool node(struct pp_question *q, size_t at, struct pp_node *ret_node) {
    struct graph *g = &q->graph->g;
    if (at >= g->n_selected) return false;
    uint32_t n = g->selected[at];
    const struct pp_node node = {
        .size = ret_node->size,
        .name = graph_printable_name(g, n),
        .file = place_of(&q->places, n).file,
        .flat = graph_flat(g, n),
        .cum = graph_cum(g, n),
    };
    memcpy(ret_node, &node, node.size < sizeof node ? node.size : sizeof node);
    return true;
}

static int64_t total(struct pp_question *q) {
    return q->rc->total;
}

static struct pp_str sample_type(struct pp_question *q) {
    return q->rc->type_name;
}

static struct pp_str unit(struct pp_question *q) {
    return q->rc->type_unit;
}

static const struct pp_profile *profile(struct pp_question *q) {
    return q->rc->profile;
}

static void *alloc(struct pp_question *q, size_t n) {
    return pp_arena_alloc(q->rc->arena, 1, 16, n);
}

static void put(struct pp_output *out, const void *bytes, size_t n) {
    out_bytes((struct out *)out, bytes, n);
}

static void put_value_in_unit(struct pp_question *q, struct pp_output *out, int64_t value,
                              size_t width) {
    put_value((struct out *)out, q->rc, q->unit, value, width);
}

static void add_row(struct pp_rows *rows_, const struct pp_cell *cells) {
    rows_add((struct row_sink *)rows_, cells);
}

/* ---- an encoder ---- */

static const struct pp_plugin_encoder *their_encoder(const struct row_sink *sink) {
    return &((const struct added_encoder *)(const void *)sink->encoder)->theirs;
}

static void encoder_begin(struct row_sink *sink) {
    their_encoder(sink)->begin(&host, sink->head, (struct pp_output *)sink->out);
}

static void encoder_row(struct row_sink *sink, const struct pp_cell *cells) {
    their_encoder(sink)->row(&host, sink->head, cells, (struct pp_output *)sink->out);
}

static void encoder_end(struct row_sink *sink) {
    their_encoder(sink)->end(&host, sink->head, (struct pp_output *)sink->out);
}

/* ---- a decoder ---- */

enum { PROBED = 4096 };

static bool probe(struct input *in) {
    const struct added_decoder *added = (const void *)in->decoder;
    input_need(in, PROBED);
    return added->theirs.probe(in->data, in->avail < PROBED ? in->avail : PROBED);
}

static bool decode(struct input *in, struct pp_profile *ret_profile, struct pp_arena *arena,
                   struct pp_error *err) {
    const struct added_decoder *added = (const void *)in->decoder;
    struct pp_str all = input_all(in);
    struct pp_builder *b = builder_inside(arena);
    struct pp_error why = {.code = PP_E_NONE};
    bool ok = added->theirs.decode(&host, all.data, all.len, b, &why) || pass_on(&why, err);
    return builder_end_inside(b, ok, ret_profile, err);
}

/* ---- adding ---- */

/* A copy of what a plug-in gave, as far as both sides know it. */
#define READ_SIZED(ret, from)                                                                      \
    memcpy((ret), (from), (from)->size < sizeof *(ret) ? (from)->size : sizeof *(ret))

static bool check_taken(const struct pp_registry *r, const char *name, struct pp_error *err) {
    if (!name || !r->is_taken || !r->is_taken(name)) return true;
    return pp_fail(err, PP_E_FORMAT, "the name \"%s\" is taken", name);
}

static bool has_columns(const struct pp_plugin_report *r) {
    enum { MOST = 1000 };
    if (!r->n_columns || r->n_columns > MOST) return false;
    for (size_t i = 0; i < r->n_columns; i++)
        if (!r->columns[i]) return false;
    return true;
}

static bool add_report(struct pp_registry *r, const struct pp_plugin_report *report,
                       struct pp_error *err) {
    struct added_report *added = PP_NEW(r->catalog->arena, struct added_report, 1);
    READ_SIZED(&added->theirs, report);
    const struct pp_plugin_report *theirs = &added->theirs;
    if (!theirs->text || (theirs->columns && !theirs->rows))
        return pp_fail(err, PP_E_FORMAT, "the report has no function to show it");
    if (theirs->columns && !has_columns(theirs))
        return pp_fail(err, PP_E_FORMAT, "the report has no proper columns");
    added->table = (struct report_table){
        .version = theirs->version,
        .columns = theirs->columns,
        .n_columns = theirs->n_columns,
        .fields = fields_of_graph,
    };
    added->row = (struct report_format){
        .name = theirs->name,
        .help = theirs->help ? theirs->help : "",
        .traits = REPORT_SAFE,
        .collect = report_collect_graph,
        .close = report_close_graph,
        .render = render,
        .rows = theirs->columns ? rows : NULL,
        .table = &added->table,
    };
    return check_taken(r, theirs->name, err) && catalog_add_report(r->catalog, &added->row, err);
}

static bool add_encoder(struct pp_registry *r, const struct pp_plugin_encoder *encoder,
                        struct pp_error *err) {
    struct added_encoder *added = PP_NEW(r->catalog->arena, struct added_encoder, 1);
    READ_SIZED(&added->theirs, encoder);
    const struct pp_plugin_encoder *theirs = &added->theirs;
    if (!theirs->begin || !theirs->row || !theirs->end)
        return pp_fail(err, PP_E_FORMAT, "the encoder lacks a function");
    added->row = (struct encoder){
        .name = theirs->name,
        .help = theirs->help ? theirs->help : "",
        .begin = encoder_begin,
        .row = encoder_row,
        .end = encoder_end,
    };
    return check_taken(r, theirs->name, err) && catalog_add_encoder(r->catalog, &added->row, err);
}

static bool add_decoder(struct pp_registry *r, const struct pp_plugin_decoder *decoder,
                        struct pp_error *err) {
    struct added_decoder *added = PP_NEW(r->catalog->arena, struct added_decoder, 1);
    READ_SIZED(&added->theirs, decoder);
    if (!added->theirs.probe || !added->theirs.decode)
        return pp_fail(err, PP_E_FORMAT, "the decoder lacks a function");
    added->row =
        (struct profile_decoder){.name = added->theirs.name, .probe = probe, .decode = decode};
    return catalog_add_decoder(r->catalog, &added->row, err);
}

static bool fail(struct pp_error *err, enum pp_code code, const char *text) {
    return pp_fail(err, code, "%s", text);
}

static const struct pp_host host = {
    .size = sizeof host,
    .abi = PP_PLUGIN_ABI,
    .fail = fail,
    .add_report = add_report,
    .add_encoder = add_encoder,
    .add_decoder = add_decoder,
    .node = node,
    .total = total,
    .sample_type = sample_type,
    .unit = unit,
    .profile = profile,
    .alloc = alloc,
    .put = put,
    .put_value = put_value_in_unit,
    .row = add_row,
    .add_sample_type = pp_builder_add_sample_type,
    .set_info = pp_builder_set_info,
    .add_comment = pp_builder_add_comment,
    .add_mapping = pp_builder_add_mapping,
    .add_function = pp_builder_add_function,
    .add_location = pp_builder_add_location,
    .add_sample = pp_builder_add_sample,
};

/* ---- loading ---- */

typedef bool plugin_entry(const struct pp_host *host, struct pp_registry *registry,
                          struct pp_error *err);

/* Has it add its rows. */
static bool enter(plugin_entry *entry, struct pp_registry *r, struct pp_error *err) {
    struct pp_error why = {.code = PP_E_NONE};
    return entry(&host, r, &why) || pass_on(&why, err);
}

/* The loader would wait for a FIFO. That a file is missing it tells itself. */
static bool is_special(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* NULL where there is none: what else may bear the name, a variable, is not code to be entered. */
static plugin_entry *find_entry(void *library) {
    void *at = dlsym(library, "cpprof_plugin");
    plugin_entry *entry;
    void *found = NULL;
    Dl_info info;
    if (!at || !dladdr1(at, &info, &found, RTLD_DL_SYMENT) || !found) return NULL;
    const ElfW(Sym) *symbol = found;
    if (ELF64_ST_TYPE(symbol->st_info) != STT_FUNC) return NULL; /* 32 bits have the same types */
    memcpy(&entry, &at, sizeof at);
    return entry;
}

bool plugin_load(struct catalog *c, const char *file, bool (*is_taken)(const char *name),
                 struct pp_error *err) {
    struct pp_registry registry = {c, is_taken};
    const struct catalog before = *c;
    struct pp_arena scratch = {0};
    /* Without a slash the loader would search its own places. */
    const char *path = strchr(file, '/') ? file : pp_arena_printf(&scratch, "./%s", file).data;
    bool special = is_special(path);
    void *library = special ? NULL : dlopen(path, RTLD_NOW | RTLD_LOCAL);
    plugin_entry *entry = library ? find_entry(library) : NULL;
    bool ok = false;
    if (special)
        pp_fail(err, PP_E_FORMAT, "is no plug-in: not a regular file");
    else if (!library)
        pp_fail(err, PP_E_IO, "is no plug-in: %s", dlerror());
    else if (!entry)
        pp_fail(err, PP_E_FORMAT, "is no plug-in: it has no function cpprof_plugin");
    else
        ok = enter(entry, &registry, err);
    pp_arena_done(&scratch);
    if (ok) return true;
    c->n_reports = before.n_reports;
    c->n_encoders = before.n_encoders;
    c->n_decoders = before.n_decoders;
    if (library) dlclose(library);
    return pp_wrap(err, "%s", file);
}
